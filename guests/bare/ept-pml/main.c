/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-pml - the page-modification log.
 *
 * Claim:    a write that sets the dirty flag of an EPT entry stores the page's guest-physical
 *           address at the PML index and decrements the index; with the index outside 0 to 511 an
 *           access that has to set an accessed or dirty flag for EPT exits before setting it, and an
 *           access with nothing to set does not.
 * Manual:   SDM Vol. 3C, "Page-modification logging".
 * Expected: all claims hold on any CPU that has the control.
 */
#include "l1.h"
#include "walk.h"

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint64_t log[512] __attribute__((aligned(4096)));
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
	walk_set_flags();
	l1_restart(code, stack + sizeof(stack));
}

/* Runs L1 once with room in the log, so that every flag is set that its code needs. */
static void warm_up(void)
{
	vmcs_write(GUEST_PML_INDEX, 511);
	begin(l1_write);
	l1_run_to(&l1, REASON_VMCALL, "every flag set");
	begin(l1_read);
	l1_run_to(&l1, REASON_VMCALL, "and again for a read");
}

static void test_log(void)
{
	uint64_t *entry = ept_entry(walk_page(0), 1), index;

	*entry &= ~EPT_DIRTY;
	ept_flush();
	vmcs_write(GUEST_PML_INDEX, 5);
	begin(l1_write);
	l1_run_to(&l1, REASON_VMCALL, "a write with room in the log");
	index = vmcs_read(GUEST_PML_INDEX);
	check_equal(index, 4, "one entry is logged");
	check_equal(log[5], walk_page(0), "it is the page's guest-physical address");
	check_equal(*entry & EPT_DIRTY, EPT_DIRTY, "the dirty flag is set");
	begin(l1_write);
	l1_run_to(&l1, REASON_VMCALL, "another write to the page");
	check_equal(vmcs_read(GUEST_PML_INDEX), 4, "is not logged");
}

static void test_full(void)
{
	uint64_t *entry = ept_entry(walk_page(0), 1);

	vmcs_write(GUEST_PML_INDEX, 0xffff);
	begin(l1_read);
	l1_run_to(&l1, REASON_VMCALL, "log full: a read with nothing to set");
	begin(l1_write);
	l1_run_to(&l1, REASON_VMCALL, "log full: a write with nothing to set");
	*entry &= ~EPT_DIRTY;
	ept_flush();
	begin(l1_read);
	l1_run_to(&l1, REASON_VMCALL, "log full: a read of a clean page");
	begin(l1_write);
	if (l1_run_to(&l1, REASON_PML_FULL, "log full: a write to a clean page exits")) {
		check_equal(*entry & EPT_DIRTY, 0, "the dirty flag is not set");
		check_equal(vmcs_read(GUEST_PML_INDEX), 0xffff, "the index is unchanged");
	}
	vmcs_write(GUEST_PML_INDEX, 511);
	l1_run_to(&l1, REASON_VMCALL, "with room the write is completed");
	*entry &= ~(EPT_ACCESSED | EPT_DIRTY);
	ept_flush();
	vmcs_write(GUEST_PML_INDEX, 512);
	begin(l1_read);
	l1_run_to(&l1, REASON_PML_FULL, "log full: a read that has to set the accessed flag exits");
}

void guest_main(void)
{
	vmx_on();
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_PML))
		skip_all("CPU lacks page-modification logging");
	l1_setup(&l1, L1_LONG64, l1_read, stack + sizeof(stack), 0);
	vmcs_write(EPT_POINTER, vmcs_read(EPT_POINTER) | EPTP_ACCESSED_DIRTY);
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_PML);
	vmcs_write(PML_ADDRESS, (uint64_t)log);
	ept_entry(walk_page(0), 1);
	warm_up();
	test_log();
	test_full();
}
