/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-breakpoint - an instruction breakpoint and what else is due before the same instruction.
 *
 * Claim:    an instruction breakpoint is a fault of the instruction that it is on: the VMX-preemption timer, NMIs, the NMI
 *           window, external interrupts and the interrupt window come before it, a debug trap of the instruction before
 *           it is an exception of its own, and the #DB of the breakpoint follows when nothing else is due.
 * Manual:   SDM Vol. 3A, "Priority among simultaneous events"; Vol. 3B, "Instruction-breakpoint exception condition";
 *           Vol. 3C, "Other causes of VM exits".
 * Expected: all claims hold on any CPU.
 */
#include "dbloop.h"
#include "timer.h"

#define VECTOR          0x54

void nops(void);
extern const char after_nop[];

asm(".text\n"
    "nops: nop\n"
    "after_nop: nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static unsigned interrupts;

static void begin(const void *breakpoint, uint64_t rflags)
{
	l1_restart(nops, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_DR7, DR7_INIT | dbloop_breakpoint(0, BREAK_EXECUTE, breakpoint, 1));
	write_dr6(DR6_INIT);
}

static void expect_db(const char *what, const void *rip, uint64_t qualification)
{
	if (!l1_run_to(&l1, REASON_EXCEPTION_NMI, "%s: #DB", what))
		return;
	check_equal(l1.exit.interruption_info, DBLOOP_INFO, "%s: interruption information", what);
	check_equal(l1.exit.qualification, qualification, "%s: exit qualification", what);
	check_equal(l1.exit.rip, (uint64_t)rip, "%s: RIP", what);
}

/* What is due exits at the breakpoint's instruction; without it the breakpoint comes. */
static void expect_before(const char *what, uint32_t reason)
{
	if (!l1_run_to(&l1, reason, "%s before the breakpoint", what))
		return;
	check_equal(l1.exit.rip, (uint64_t)nops, "%s: RIP", what);
	check_equal(l1.exit.pending_debug, 0, "%s: no debug exception is pending", what);
}

static void test_timer(void)
{
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER)) {
		skip("no VMX-preemption timer", "VMX-preemption timer before the breakpoint");
		return;
	}
	begin(nops, 0);
	vmcs_write(GUEST_PREEMPTION_TIMER, 0);
	expect_before("VMX-preemption timer", REASON_PREEMPTION_TIMER);
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_PREEMPTION_TIMER);
	expect_db("then", nops, DR6_B(0));
}

static void test_windows(void)
{
	if (vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_INTERRUPT_WINDOW)) {
		begin(nops, RFLAGS_IF);
		expect_before("interrupt window", REASON_INTERRUPT_WINDOW);
		vmx_control_clear(PROC_BASED_CONTROLS, PROC_INTERRUPT_WINDOW);
		expect_db("then", nops, DR6_B(0));
	}
	if (vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS) &&
	    vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW)) {
		begin(nops, 0);
		expect_before("NMI window", REASON_NMI_WINDOW);
		vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
		expect_db("then", nops, DR6_B(0));
	}
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
}

static void test_interrupt(void)
{
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	apic_ipi_self(VECTOR);
	begin(nops, RFLAGS_IF);
	expect_before("external interrupt", REASON_EXTERNAL_INTERRUPT);
	asm volatile("sti; nop; cli");
	check_equal(interrupts, 1, "external interrupt: L0 takes it");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
	expect_db("then", nops, DR6_B(0));
}

/* The single-step trap of the first NOP and the breakpoint on the second one. */
static void test_trap(void)
{
	begin(after_nop, RFLAGS_TF);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "a single-step trap before the breakpoint: #DB"))
		/* B0 may be set, since the condition of the breakpoint is met */
		check_equal(l1.exit.qualification & ~DR6_B(0), DR6_BS, "single-step trap: exit qualification");
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED);
	expect_db("then", after_nop, DR6_B(0));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_RF);
	l1_run_to(&l1, REASON_VMCALL, "RF = 1 passes it");
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	trap_set(VECTOR, on_interrupt);
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	test_timer();
	test_windows();
	test_interrupt();
	test_trap();
}
