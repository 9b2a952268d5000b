/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-page-walk - guest page walks under EPT: permissions and accessed and dirty flags.
 *
 * Claim:    without EPT accessed and dirty flags a page walk reads the guest's entries, and setting
 *           an accessed or dirty flag in one of them is a write, reported as read and write; with
 *           them every access to a guest paging structure counts as a write and sets the dirty flag
 *           of the EPT entry; data pages get theirs by data writes.
 * Manual:   SDM Vol. 3C, "EPT violations", "Accessed and dirty flags for EPT", "Basic VM-exit
 *           information".
 * Expected: all claims hold on any CPU with EPT; the flags are skipped when not announced.
 */
#include "l1.h"
#include "walk.h"

#define DEFINED (0x3ful | EPTV_LINEAR_VALID | EPTV_TRANSLATED | EPTV_NMI_UNBLOCKED)

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void l1_read(void)
{
	(void)*(volatile uint64_t *)WALK_LINEAR;
}

static void l1_write(void)
{
	*(volatile uint64_t *)WALK_LINEAR = 0;
}

static void begin(void (*code)(void))
{
	walk_setup();
	l1_restart(code, stack + sizeof(stack));
}

static void permit(unsigned level, uint64_t rights)
{
	uint64_t *entry = ept_entry(walk_page(level), 1);

	*entry = (*entry & ~EPT_RWX) | rights;
	ept_flush();
}

static void expect_violation(unsigned level, uint64_t access, uint64_t rights, const char *how)
{
	if (!l1_run_to(&l1, REASON_EPT_VIOLATION, "level %u, %s: EPT violation", level, how))
		return;
	check_equal(l1.exit.qualification & DEFINED, access | rights << 3 | EPTV_LINEAR_VALID,
		    "level %u, %s: exit qualification", level, how);
	/* the PML4 table serves the fetch of L1's code first, through another entry */
	check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS) & ~0xffful, walk_page(level),
		    "level %u, %s: guest-physical address is in the table", level, how);
	if (level == 4)
		return;
	check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS), (uint64_t)walk_entry(level),
		    "level %u, %s: guest-physical address is the entry's", level, how);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), WALK_LINEAR, "level %u, %s: guest-linear address",
		    level, how);
}

static void test_without_flags(unsigned level)
{
	begin(l1_read);
	permit(level, 0);
	expect_violation(level, EPTV_READ, 0, "not present");

	begin(l1_read);
	permit(level, EPT_R);
	expect_violation(level, EPTV_READ | EPTV_WRITE, EPT_R, "read-only, accessed flag to be set");
	check_equal(*walk_entry(level) & (PTE_A | PTE_D), 0, "level %u: the flag is not set", level);

	begin(l1_read);
	walk_set_flags();
	l1_run_to(&l1, REASON_VMCALL, "level %u, read-only, flags set: permitted", level);
	permit(level, EPT_RWX);
}

static void test_dirty_without_flags(void)
{
	begin(l1_write);
	walk_set_flags();
	*walk_entry(1) &= ~PTE_D;
	permit(1, EPT_R);
	expect_violation(1, EPTV_READ | EPTV_WRITE, EPT_R, "read-only, dirty flag to be set");
	permit(1, EPT_RWX);
	l1_run_to(&l1, REASON_VMCALL, "the write is repeated");
	check_equal(*walk_entry(1) & PTE_D, PTE_D, "and sets the dirty flag");
}

static uint64_t flags(unsigned level)
{
	return *ept_entry(walk_page(level), 1) & (EPT_ACCESSED | EPT_DIRTY);
}

static void clear_flags(void)
{
	for (unsigned level = 0; level <= 4; level++)
		*ept_entry(walk_page(level), 1) &= ~(EPT_ACCESSED | EPT_DIRTY);
	ept_flush();
}

static void test_with_flags(void)
{
	if (!(rdmsr(MSR_VMX_EPT_VPID_CAP) & EPT_CAP_ACCESSED_DIRTY)) {
		skip("not announced", "accessed and dirty flags for EPT");
		return;
	}
	vmcs_write(EPT_POINTER, vmcs_read(EPT_POINTER) | EPTP_ACCESSED_DIRTY);
	for (unsigned level = 1; level <= 4; level++) {
		begin(l1_read);
		walk_set_flags();
		permit(level, EPT_R);
		expect_violation(level, EPTV_READ | EPTV_WRITE, EPT_R, "EPT flags on, read-only");
		permit(level, 0);
		expect_violation(level, EPTV_READ | EPTV_WRITE, 0, "EPT flags on, not present");
		permit(level, EPT_RWX);
	}
	begin(l1_read);
	walk_set_flags();
	clear_flags();
	l1_run_to(&l1, REASON_VMCALL, "EPT flags on: a read");
	for (unsigned level = 1; level <= 4; level++)
		check_equal(flags(level), EPT_ACCESSED | EPT_DIRTY, "level %u: accessed and dirty", level);
	check_equal(flags(0), EPT_ACCESSED, "data page: accessed");
	begin(l1_write);
	clear_flags();
	l1_run_to(&l1, REASON_VMCALL, "EPT flags on: a write");
	check_equal(flags(0), EPT_ACCESSED | EPT_DIRTY, "data page: accessed and dirty");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_read, stack + sizeof(stack), 0);
	for (unsigned level = 1; level <= 4; level++)
		test_without_flags(level);
	test_dirty_without_flags();
	test_with_flags();
}
