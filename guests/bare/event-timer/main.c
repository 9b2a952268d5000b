/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-timer - the VMX-preemption timer.
 *
 * Claim:    a timer value of 0 exits before the first instruction, blocking by STI and MOV SS or
 *           not, after an injected event and after a pending debug exception, and before the
 *           interrupt and NMI windows; the value saved is 0 after expiry, else what is left.
 * Manual:   SDM Vol. 3C, "VMX-preemption timer" (operation and VM entry), "Saving non-register state".
 * Expected: all claims hold on any CPU with the control.
 */
#include "l1.h"

#define VECTOR          0x53

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void begin(uint32_t timer, uint32_t interruptibility, uint64_t rflags)
{
	l1_restart(nops, stack + sizeof(stack));
	vmcs_write(GUEST_PREEMPTION_TIMER, timer);
	vmcs_write(GUEST_INTERRUPTIBILITY, interruptibility);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
}

static void expect_expiry(const char *what, uint64_t rip)
{
	if (l1_run_to(&l1, REASON_PREEMPTION_TIMER, "%s", what))
		check_equal(l1.exit.rip, rip, "%s: RIP", what);
}

static void test_blocking(void)
{
	begin(0, 0, RFLAGS_IF);
	expect_expiry("timer 0", (uint64_t)nops);
	begin(0, INTERRUPTIBILITY_STI, RFLAGS_IF);
	expect_expiry("timer 0, blocking by STI", (uint64_t)nops);
	check_equal(l1.exit.interruptibility & 3, INTERRUPTIBILITY_STI,
		    "timer 0, blocking by STI: saved");
	begin(0, INTERRUPTIBILITY_MOV_SS, 0);
	expect_expiry("timer 0, blocking by MOV SS", (uint64_t)nops);
	check_equal(l1.exit.interruptibility & 3, INTERRUPTIBILITY_MOV_SS,
		    "timer 0, blocking by MOV SS: saved");
}

static void test_priority(void)
{
	begin(0, 0, RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	expect_expiry("timer 0 after an injected event", desc_idt_target(VECTOR));

	begin(0, 0, RFLAGS_TF);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_DEBUG_BS);
	expect_expiry("timer 0 after a pending debug exception", desc_idt_target(VECTOR_DB));

	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_INTERRUPT_WINDOW);
	if (vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS))
		vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW);
	begin(0, 0, RFLAGS_IF);
	expect_expiry("timer 0 before the windows", (uint64_t)nops);
	if (vmcs_read(PROC_BASED_CONTROLS) & PROC_NMI_WINDOW) {
		begin(1000000, 0, RFLAGS_IF);
		l1_run_to(&l1, REASON_NMI_WINDOW, "NMI window before the interrupt window");
		vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
	}
	begin(1000000, 0, RFLAGS_IF);
	l1_run_to(&l1, REASON_INTERRUPT_WINDOW, "interrupt window");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_INTERRUPT_WINDOW);
}

static void test_saved_value(void)
{
	if (!vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_PREEMPTION_TIMER)) {
		skip("not announced", "saving the timer value");
		return;
	}
	begin(1u << 30, 0, 0);
	l1_run_to(&l1, REASON_VMCALL, "a timer that does not expire");
	check(vmcs_read(GUEST_PREEMPTION_TIMER) > 1u << 29, "what is left is saved");
	begin(0, 0, 0);
	expect_expiry("a timer of 0", (uint64_t)nops);
	check_equal(vmcs_read(GUEST_PREEMPTION_TIMER), 0, "0 is saved");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("CPU lacks the VMX-preemption timer");
	test_blocking();
	test_priority();
	test_saved_value();
}
