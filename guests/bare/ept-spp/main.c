/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-spp - sub-page write permissions.
 *
 * Claim:    a write to a page that EPT maps readable, not writable and sub-page protected is
 *           permitted or an EPT violation by the bit of its 128-byte sub-page; a missing entry of
 *           the sub-page permission table exits as an SPPT miss, a reserved bit as a
 *           misconfiguration; reads need no entry.
 * Manual:   SDM Vol. 3C, "Sub-page write permissions", "Basic VM-exit information" (SPP-related events),
 *           "Saving RIP, RSP, RFLAGS, and SSP".
 * Expected: all claims hold on any CPU that has the control.
 */
#include "l1.h"
#include "walk.h"

#define PROC2_SPP       (1u << 23)
#define SPPT_POINTER    0x2030u
#define EPT_SPP         (1ul << 61)
#define REASON_SPP      66
#define SPPT_MISS       (1ul << 11)
#define SPPT_VALID      1ul
#define SUB_PAGE(n)     (1ul << 2 * (n))        /* write permission in the lowest table */
#define ALLOWED         3u
#define REFUSED         4u

static uint64_t sppt[4][512] __attribute__((aligned(4096)));    /* lowest level first */
static uint8_t stack[8192] __attribute__((aligned(16)));
static volatile uint64_t *target;
static struct l1 l1;

static void l1_write(void)
{
	*target = 0x1122334455667788ul;
}

static void l1_read(void)
{
	(void)*target;
}

static void l1_write_both(void)
{
	*(volatile uint64_t *)(WALK_LINEAR + ALLOWED * 128) = 1;
	*(volatile uint64_t *)(WALK_LINEAR + REFUSED * 128) = 1;
}

static uint64_t *entry(unsigned level)
{
	return &sppt[level][walk_page(0) >> (12 + 9 * level) & 511];
}

static void begin(void (*code)(void), unsigned sub_page)
{
	walk_setup();
	walk_set_flags();
	target = (volatile uint64_t *)(WALK_LINEAR + sub_page * 128);
	l1_restart(code, stack + sizeof(stack));
	ept_flush();
}

static void make_tables(void)
{
	for (unsigned level = 1; level < 4; level++)
		*entry(level) = (uint64_t)sppt[level - 1] | SPPT_VALID;
	*entry(0) = SUB_PAGE(ALLOWED);
}

static void test_permissions(void)
{
	begin(l1_write, ALLOWED);
	l1_run_to(&l1, REASON_VMCALL, "a write to a sub-page with permission");
	check_equal(*(uint64_t *)(walk_page(0) + ALLOWED * 128), 0x1122334455667788ul, "is made");
	begin(l1_write, REFUSED);
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "a write to one without"))
		check_equal(l1.exit.qualification & 0x1bf,
			    EPTV_WRITE | EPTV_MAY_READ | EPTV_MAY_FETCH | EPTV_LINEAR_VALID |
				    EPTV_TRANSLATED,
			    "without: exit qualification");
	begin(l1_write_both, 0);
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "a permitted write does not permit the next"))
		check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS), walk_page(0) + REFUSED * 128,
			    "the next: guest-physical address");
	begin(l1_read, REFUSED);
	l1_run_to(&l1, REASON_VMCALL, "a read");
}

static void expect_spp(const char *what, uint64_t qualification)
{
	if (!l1_run_to(&l1, REASON_SPP, "%s exits", what))
		return;
	check_equal(l1.exit.qualification & (SPPT_MISS | EPTV_NMI_UNBLOCKED), qualification,
		    "%s: exit qualification", what);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), WALK_LINEAR + ALLOWED * 128,
		    "%s: guest-linear address", what);
	check_equal(l1.exit.rflags & RFLAGS_RF, RFLAGS_RF, "%s: RF = 1", what);
}

static void test_walk(void)
{
	for (unsigned level = 1; level < 4; level++) {
		uint64_t saved = *entry(level);

		*entry(level) = 0;
		begin(l1_write, ALLOWED);
		expect_spp("an entry that is not valid", SPPT_MISS);
		*entry(level) = saved | 1ul << 3;
		begin(l1_write, ALLOWED);
		expect_spp("a reserved bit", 0);
		*entry(level) = saved;
	}
	*entry(0) = SUB_PAGE(ALLOWED) | 2;
	begin(l1_write, ALLOWED);
	expect_spp("an odd bit of the lowest table", 0);
	*entry(0) = SUB_PAGE(ALLOWED);
	*entry(3) = 0;
	begin(l1_read, REFUSED);
	l1_run_to(&l1, REASON_VMCALL, "a read without a table");
	*ept_entry(walk_page(0), 1) &= ~EPT_SPP;
	begin(l1_write, ALLOWED);
	l1_run_to(&l1, REASON_EPT_VIOLATION, "a write without the SPP bit in the EPT entry");
}

void guest_main(void)
{
	uint64_t *pte;

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_write, stack + sizeof(stack), 0);
	if (!vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_SPP))
		skip_all("CPU lacks sub-page write permissions");
	make_tables();
	vmcs_write(SPPT_POINTER, (uint64_t)sppt[3]);
	pte = ept_entry(walk_page(0), 1);
	*pte = (*pte & ~EPT_W) | EPT_SPP;
	test_permissions();
	test_walk();
}
