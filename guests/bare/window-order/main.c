/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-order - what arrives while no event window is open stays pending, and is taken in its order.
 *
 * Claim:    L1 stalls for N - 1 crystal clocks, N being notify window and internal threshold; meanwhile an external
 *           interrupt arrives, the VMX-preemption timer expires, an MTF exit, an interrupt window, an NMI window or a
 *           single-step trap becomes due. There is no instruction timeout: at the boundary after the stall each is taken
 *           in the order of the manual, one VM exit after the other. When the stall lasts N + 1 clocks there is an
 *           instruction timeout instead, at the stalled instruction: the interrupt is still pending, a timer that has
 *           expired exits from the next entry at once, the rest follows the next instruction.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits", "VMX-preemption timer", "Monitor trap flag"; Vol. 3A, "Priority among
 *           concurrent events".
 * Expected: all claims hold in the simulator, which alone has stalls of a given length; threshold= is the internal
 *           threshold in crystal clocks.
 */
#include "l1.h"
#include "lapic.h"
#include "timer.h"

#define VECTOR          0x57
#define STR2(x) #x
#define STR(x)  STR2(x)

void code(void);
extern const char code_stall[], code_next[];

/* L0 says how many clocks in RAX; the boundary before the stall and the one after it are code_stall and code_next. */
asm(".text\n"
    "code: vmcall\n"
    "code_stall: .byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL) "\n"
    "code_next: nop; nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t limit;                  /* N */
static volatile unsigned interrupts;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

/* The next entry executes the stall. */
static void begin(uint64_t clocks, uint64_t rflags, uint32_t timer)
{
	l1_restart(code_stall, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_PREEMPTION_TIMER, timer);
	l1.gpr[RAX] = clocks;
}

static bool expect(uint32_t reason, const char *rip, const char *what)
{
	return l1_run_to(&l1, reason, "%s", what) && check_equal(l1.exit.rip, (uint64_t)rip, "%s: RIP", what);
}

static void timeout(const char *what)
{
	expect(REASON_INSTRUCTION_TIMEOUT, code_stall, what);
	l1_skip_instruction(&l1, NW_MAGIC_NOP_LENGTH);
}

/* The interrupt arrives by the local APIC's timer within the stall. */
static void arm_interrupt(void)
{
	apic_timer_start(VECTOR, 2);
}

static void take_in_l0(void)
{
	asm volatile("sti; nop; cli" : : : "memory");
}

static void test_interrupt(void)
{
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(limit - 1, 0, 0);
	arm_interrupt();
	expect(REASON_EXTERNAL_INTERRUPT, code_next, "interrupt during a stall of N - 1");
	take_in_l0();
	check_equal(interrupts, 1, "interrupt during a stall of N - 1: still pending in L0");

	begin(limit + 1, 0, 0);
	arm_interrupt();
	timeout("interrupt during a stall of N + 1: timeout");
	check(apic_vector_bit(APIC_IRR, VECTOR), "interrupt during a stall of N + 1: pending");
	expect(REASON_EXTERNAL_INTERRUPT, code_next, "interrupt during a stall of N + 1: exits from the next entry");
	take_in_l0();
	check_equal(interrupts, 2, "interrupt during a stall of N + 1: taken once");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
}

static void test_windows(void)
{
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_INTERRUPT_WINDOW);
	begin(limit - 1, RFLAGS_IF, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_STI);
	expect(REASON_INTERRUPT_WINDOW, code_next, "interrupt window after a stall of N - 1");
	begin(limit + 1, RFLAGS_IF, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_STI);
	timeout("interrupt window, stall of N + 1: timeout");
	check_equal(l1.exit.interruptibility & 3, INTERRUPTIBILITY_STI, "interrupt window, stall of N + 1: blocking is saved");
	expect(REASON_INTERRUPT_WINDOW, code_next + 1, "interrupt window at the end of the blocking");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_INTERRUPT_WINDOW);

	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS)) {
		skip("no virtual NMIs", "NMI window");
		return;
	}
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW);
	begin(limit - 1, 0, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_MOV_SS);
	expect(REASON_NMI_WINDOW, code_next, "NMI window after a stall of N - 1");
	begin(limit + 1, 0, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_MOV_SS);
	timeout("NMI window, stall of N + 1: timeout");
	expect(REASON_NMI_WINDOW, code_next + 1, "NMI window at the end of the blocking");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
}

static void test_monitor_trap(void)
{
	if (!vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG)) {
		skip("not announced", "monitor trap flag");
		return;
	}
	begin(limit - 1, 0, 0);
	expect(REASON_MONITOR_TRAP_FLAG, code_next, "MTF exit after a stall of N - 1");
	begin(limit + 1, 0, 0);
	timeout("MTF, stall of N + 1: timeout, the instruction has not completed");
	expect(REASON_MONITOR_TRAP_FLAG, code_next + 1, "MTF exit after the next instruction");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_MONITOR_TRAP_FLAG);
}

static void test_single_step(void)
{
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	begin(limit - 1, RFLAGS_TF, 0);
	expect(REASON_EXCEPTION_NMI, code_next, "single-step trap after a stall of N - 1");
	begin(limit + 1, RFLAGS_TF, 0);
	timeout("single-step, stall of N + 1: timeout");
	check_equal(l1.exit.pending_debug, 0, "single-step, stall of N + 1: no debug exception is pending");
	expect(REASON_EXCEPTION_NMI, code_next + 1, "single-step trap after the next instruction");
	vmcs_write(EXCEPTION_BITMAP, 0);
}

static void test_preemption_timer(void)
{
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER) ||
	    !vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_PREEMPTION_TIMER)) {
		skip("not announced", "VMX-preemption timer");
		return;
	}
	begin(limit - 1, 0, 1);
	expect(REASON_PREEMPTION_TIMER, code_next, "timer that expires in a stall of N - 1");
	begin(limit + 1, 0, 1);
	timeout("timer that expires in a stall of N + 1: timeout");
	check_equal(vmcs_read(GUEST_PREEMPTION_TIMER), 0, "timer that expires in a stall of N + 1: 0 is saved");
	expect(REASON_PREEMPTION_TIMER, code_next, "and the next entry exits at once");
}

/* With everything at once: MTF, then the timer, then the interrupt. */
static void test_all(void)
{
	if (!(vmcs_read(PIN_BASED_CONTROLS) & PIN_PREEMPTION_TIMER) ||
	    !vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG)) {
		skip("not announced", "all at once");
		return;
	}
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(limit - 1, 0, 1);
	arm_interrupt();
	expect(REASON_MONITOR_TRAP_FLAG, code_next, "all at once: MTF first");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_MONITOR_TRAP_FLAG);
	expect(REASON_PREEMPTION_TIMER, code_next, "all at once: then the timer");
	vmx_control_clear(EXIT_CONTROLS, EXIT_SAVE_PREEMPTION_TIMER);
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_PREEMPTION_TIMER);
	expect(REASON_EXTERNAL_INTERRUPT, code_next, "all at once: then the interrupt");
	take_in_l0();
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
	expect(REASON_VMCALL, code_next + 2, "all at once: nothing is left");
	check_equal(interrupts, 3, "all at once: one interrupt");
}

void guest_main(void)
{
	limit = param_number("window", 0) + param_number("threshold", 0);
	vmx_on();
	timeout_need();
	if (!in_simulator() || !param_given("threshold"))
		skip_all("needs the simulator's stalls and threshold= of the command line");
	apic_enable();
	trap_set(VECTOR, on_interrupt);
	l1_setup(&l1, L1_LONG64, code, stack + sizeof(stack), 0);
	timeout_enable((uint32_t)param_number("window", 0));
	test_interrupt();
	test_windows();
	test_monitor_trap();
	test_single_step();
	test_preemption_timer();
	test_all();
}
