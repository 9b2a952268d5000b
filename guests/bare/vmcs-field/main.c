/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcs-field - the instruction-timeout field and control exist exactly where the capability MSR
 * says so.
 *
 * Claim:    with MSR 0x48B bit 63 = 1, field 0x4024 can be read and written and the control can be
 *           set; with 0, VMREAD and VMWRITE fail with error 12 and a VM entry with the control set
 *           fails with error 7. Either way bit 31 of the MSR (allowed-0) is 0, and without
 *           "activate secondary controls" the bit is ignored, and with it no other control is needed.
 * Manual:   SDM Vol. 3D, appendices A.3.3 and B.3.1; Vol. 3C, "Checks on VM-execution control
 *           fields", "VM-instruction error numbers".
 * Expected: all claims that apply to the CPU hold; the others are skipped.
 */
#include "l1.h"

static uint8_t stack[4096] __attribute__((aligned(16)));

static void l1_main(void)
{
	/* returning is its VMCALL */
}

static bool enter(struct l1 *l1)
{
	l1_restart(l1_main, stack + sizeof(stack));
	return vmx_run(l1);
}

/* L1 is 64-bit with paging, so it needs neither EPT nor unrestricted guest. */
static void test_alone(struct l1 *l1)
{
	uint64_t controls = vmcs_read(PROC_BASED_CONTROLS2);

	vmcs_write(PROC_BASED_CONTROLS2, PROC2_INSTRUCTION_TIMEOUT);
	check(enter(l1) && l1->exit.reason == REASON_VMCALL,
	      "VM entry with no other secondary control: it depends on none");
	vmcs_write(PROC_BASED_CONTROLS2, controls);
}

static void with_feature(struct l1 *l1)
{
	static const uint32_t values[] = { 0, 1, 1000, 0x80000000, 0xffffffff };
	uint64_t got;

	for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
		check_equal((uint64_t)vmwrite(INSTRUCTION_TIMEOUT, values[i]), 0, "VMWRITE of 0x%x",
			    values[i]);
		check(!vmread(INSTRUCTION_TIMEOUT, &got) && got == values[i],
		      "VMREAD gives it back");
	}
	check_equal((uint64_t)vmwrite(INSTRUCTION_TIMEOUT, 0x123456789abcdef0), 0,
		    "VMWRITE of 64 bits");
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), 0x9abcdef0, "VMREAD gives the low 32");
	check_equal((uint64_t)vmread(INSTRUCTION_TIMEOUT + 1, &got), VMERR_UNSUPPORTED_FIELD,
		    "a 32-bit field has no high part: error 12");
	for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
		timeout_enable(values[i]);
		check(enter(l1) && l1->exit.reason == REASON_VMCALL,
		      "VM entry with the control set, window 0x%x", values[i]);
	}
	test_alone(l1);
	skip("the CPU has the feature", "without it: VMREAD, VMWRITE: error 12; VM entry: error 7");
}

static void without_feature(struct l1 *l1)
{
	uint64_t got, controls = vmcs_read(PROC_BASED_CONTROLS2);

	check_equal((uint64_t)vmread(INSTRUCTION_TIMEOUT, &got), VMERR_UNSUPPORTED_FIELD,
		    "VMREAD: error 12");
	check_equal((uint64_t)vmwrite(INSTRUCTION_TIMEOUT, 0), VMERR_UNSUPPORTED_FIELD,
		    "VMWRITE: error 12");
	vmcs_write(PROC_BASED_CONTROLS2, controls | PROC2_INSTRUCTION_TIMEOUT);
	check(!enter(l1), "VM entry with the control set fails");
	check_equal(l1->entry_failure, VMERR_ENTRY_CONTROLS, "with error 7");
	vmcs_write(PROC_BASED_CONTROLS2, controls);
	check(enter(l1) && l1->exit.reason == REASON_VMCALL, "and without it succeeds");
	skip("the CPU lacks the feature", "with it: field 0x4024 keeps every value");
}

/* L1 is 64-bit with paging, so it needs neither EPT nor unrestricted guest. */
static void without_secondary(struct l1 *l1)
{
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) & ~(uint64_t)PROC_SECONDARY);
	vmcs_write(PROC_BASED_CONTROLS2, PROC2_INSTRUCTION_TIMEOUT);
	check(enter(l1) && l1->exit.reason == REASON_VMCALL,
	      "without \"activate secondary controls\" the bit is ignored by VM entry");
}

void guest_main(void)
{
	struct l1 l1;

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	check(enter(&l1) && l1.exit.reason == REASON_VMCALL, "VM entry with the control clear");
	check_equal(rdmsr(MSR_VMX_PROC_CTLS2) & PROC2_INSTRUCTION_TIMEOUT, 0,
		    "MSR 0x48B bit 31 is 0");
	note("MSR 0x48B bit 63: %u", timeout_available());
	if (timeout_available())
		with_feature(&l1);
	else
		without_feature(&l1);
	without_secondary(&l1);
}
