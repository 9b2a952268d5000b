/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcs-window - each VM entry takes control and window from the VMCS that is current, and nothing else does.
 *
 * Claim:    the window of an exit is that of its own entry, whatever it was before; a VMCS keeps window and control while
 *           another one is current, over VMCLEAR and VMPTRLD, and over a VM entry that fails; with the control 0, or with
 *           "activate secondary controls" 0, nothing is timed, and setting it again times again; nor is anything timed in
 *           VMX root operation, after an exit or after an entry that failed. The time is that of the crystal, whatever TSC L1
 *           sees: offset, multiplier and IA32_TSC_ADJUST change nothing.
 * Manual:   SDM Vol. 3C, "Secondary processor-based VM-execution controls" (bit 31), "Instruction-timeout control", "VM
 *           entries", VMCLEAR, VMPTRLD.
 * Expected: all claims hold; on silicon intervals are printed and not judged, and what needs a long instruction is skipped.
 */
#include "loop32.h"

#define LONG_CLOCKS     50000000ul      /* 2 s: longer than window and any internal threshold */

static uint8_t second_vmcs[4096] __attribute__((aligned(4096)));
static uint8_t long64_vmcs[4096] __attribute__((aligned(4096)));
static uint8_t stack[4096] __attribute__((aligned(16)));
static struct clock_ratio ratio;
static uint64_t base;                   /* interval at window 0 */

static void stall(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00; .long %c1" : : "a"(LONG_CLOCKS), "i"(NW_MAGIC_STALL) : "memory");
}

/* Runs the loop; the claim is that it is left W crystal clocks later than with window 0. */
static void timed(struct l1 *l1, uint32_t window, const char *how)
{
	uint64_t interval;

	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (!check_equal(l1->exit.reason, REASON_INSTRUCTION_TIMEOUT, "%s, window %u: instruction timeout", how, window)) {
		vmx_note_exit(l1);
		done();
	}
	interval = vmx_interval_tsc(l1);
	note("%s, window %u: interval %lu TSC ticks", how, window, interval);
	if (in_simulator())
		check_equal(interval - base, mul_div(window, ratio.numerator, ratio.denominator),
			    "%s, window %u: later than window 0 by W*EBX/EAX", how, window);
}

/* One VMCS, another window for each entry: shorter, longer, the same again. */
static void test_changes(struct l1 *l1)
{
	static const uint32_t windows[] = { 1000, 0, 1, 0, 1000000, 7001, 7001, 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++) {
		vmcs_write(INSTRUCTION_TIMEOUT, windows[i]);
		timed(l1, windows[i], "window changed between entries");
	}
}

/* Two VMCSs in turn; then VMCLEAR, another VMCS, VMPTRLD, VMLAUNCH. */
static void test_two(struct l1 *first, struct l1 *second)
{
	vmcs_write(INSTRUCTION_TIMEOUT, 3000);
	loop32_setup_in(second_vmcs, second, LOOP32_AC);
	timeout_enable(500);
	timed(second, 500, "another VMCS");
	vmcs_load(first);
	timed(first, 3000, "the first VMCS again");
	vmcs_load(second);
	timed(second, 500, "the other one again");
	vmcs_clear(first);
	vmcs_load(first);
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), 3000, "VMCLEAR and VMPTRLD keep the field");
	check(vmcs_read(PROC_BASED_CONTROLS2) & PROC2_INSTRUCTION_TIMEOUT, "VMCLEAR and VMPTRLD keep the control");
	timed(first, 3000, "after VMCLEAR, VMPTRLD, VMLAUNCH");
	vmcs_load(second);
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), 500, "the field of the other VMCS is as before");
	vmcs_load(first);
}

/* Neither an instruction that fails nor an entry that fails later changes what the next one times. */
static void test_failed(struct l1 *l1)
{
	uint64_t controls = vmcs_read(PIN_BASED_CONTROLS), rflags = vmcs_read(GUEST_RFLAGS);

	vmcs_write(INSTRUCTION_TIMEOUT, 2000);
	vmcs_write(PIN_BASED_CONTROLS, ~0u);
	check(!vmx_run(l1) && l1->entry_failure == VMERR_ENTRY_CONTROLS, "a VM entry that fails with error 7");
	if (in_simulator())
		stall();
	vmcs_write(PIN_BASED_CONTROLS, controls);
	timed(l1, 2000, "after it");
	vmcs_write(GUEST_RFLAGS, 0);
	check(vmx_run(l1) && l1->exit.reason == (REASON_ENTRY_FAILURE | REASON_INVALID_GUEST_STATE),
	      "a VM entry that fails because of the guest state");
	if (in_simulator())
		stall();
	vmcs_write(GUEST_RFLAGS, rflags);
	timed(l1, 2000, "after it");
	if (!in_simulator())
		return;
	stall();
	timed(l1, 2000, "after a long instruction in VMX root operation");
}

/* L1 sees another TSC, and the processor itself is given another one. */
static void test_tsc(struct l1 *l1)
{
	uint64_t primary = vmcs_read(PROC_BASED_CONTROLS), secondary = vmcs_read(PROC_BASED_CONTROLS2);

	vmcs_write(INSTRUCTION_TIMEOUT, 900);
	if (vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_TSC_OFFSETTING)) {
		vmcs_write(TSC_OFFSET, 0x123456789abcdef0);
		timed(l1, 900, "TSC offset");
		if (vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_TSC_SCALING)) {
			vmcs_write(TSC_MULTIPLIER, 5ul << 47);          /* 2.5 */
			timed(l1, 900, "TSC offset and multiplier");
		} else {
			skip("no TSC scaling", "TSC multiplier");
		}
	} else {
		skip("no TSC offsetting", "TSC offset");
	}
	vmcs_write(PROC_BASED_CONTROLS, primary);
	vmcs_write(PROC_BASED_CONTROLS2, secondary);
	if (!(cpuid(7, 0).ebx & CPUID_7_EBX_TSC_ADJUST)) {
		skip("no IA32_TSC_ADJUST", "IA32_TSC_ADJUST");
		return;
	}
	wrmsr(MSR_TSC_ADJUST, rdmsr(MSR_TSC_ADJUST) + 0x10000000000);
	timed(l1, 900, "IA32_TSC_ADJUST");
	wrmsr(MSR_TSC_ADJUST, rdmsr(MSR_TSC_ADJUST) - 0x10000000000);
	timed(l1, 900, "IA32_TSC_ADJUST as before");
}

static void long_in_l1(struct l1 *l1, uint32_t reason, const char *how)
{
	l1_restart(stall, stack + sizeof(stack));
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	check_equal(l1->exit.reason, reason, "%s: a long instruction of L1 %s", how,
		    reason == REASON_VMCALL ? "is completed" : "times out");
}

static void test_off(void)
{
	struct l1 l1;
	uint64_t primary;

	l1_setup_in(long64_vmcs, &l1, L1_LONG64, stall, stack + sizeof(stack), 0);
	primary = vmcs_read(PROC_BASED_CONTROLS);
	long_in_l1(&l1, REASON_VMCALL, "control never set");
	timeout_enable(100);
	long_in_l1(&l1, REASON_INSTRUCTION_TIMEOUT, "control set");
	timeout_disable();
	long_in_l1(&l1, REASON_VMCALL, "control cleared");
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), 100, "the field keeps its value without the control");
	timeout_enable(100);
	long_in_l1(&l1, REASON_INSTRUCTION_TIMEOUT, "control set again");
	/* L1 has paging: it needs neither EPT nor unrestricted guest. */
	vmcs_write(PROC_BASED_CONTROLS, primary & ~(uint64_t)PROC_SECONDARY);
	long_in_l1(&l1, REASON_VMCALL, "secondary controls not activated");
	vmcs_write(PROC_BASED_CONTROLS, primary);
	long_in_l1(&l1, REASON_INSTRUCTION_TIMEOUT, "secondary controls activated again");
}

void guest_main(void)
{
	struct l1 first, second;

	vmx_on();
	loop32_setup(&first, LOOP32_AC);
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	timeout_enable(0);
	if (!vmx_run(&first) || first.exit.reason != REASON_INSTRUCTION_TIMEOUT)
		bail("the loop is not left by an instruction timeout");
	base = vmx_interval_tsc(&first);
	test_changes(&first);
	test_two(&first, &second);
	test_failed(&first);
	test_tsc(&first);
	if (in_simulator())
		test_off();
	else
		skip("instructions of a given length are the simulator's", "control 0, secondary controls not activated");
}
