/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-breakpoint - #DB whose handler begins with an instruction breakpoint: an endless loop with event windows.
 *
 * Claim:    a breakpoint on the first instruction of the #DB handler raises #DB at each delivery of #DB. Each of them is
 *           a fault before an instruction that was about to begin, at a boundary where events are recognised: however
 *           long the loop lasts, there is no instruction timeout, and the VMX-preemption timer ends it.
 * Manual:   SDM Vol. 3A, "Priority among simultaneous events"; Vol. 3B, "Instruction-breakpoint exception condition";
 *           Vol. 3C, "Instruction-timeout control".
 * Expected: all claims hold on any CPU with the control and the timer.
 */
#include "dbloop.h"

#define TICKS           (1ul << 19)     /* more than the window and the threshold that the options give */
#define TICKS_HARDWARE  (1ul << 26)     /* ... and that is known of silicon */

void step(void);

asm(".text\n"
    "step: nop; nop; vmcall\n");

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;

static void run(const char *what, uint64_t rflags, uint64_t dr7)
{
	uint64_t ticks = in_simulator() ? TICKS : TICKS_HARDWARE, interval;

	l1_restart(step, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_DR7, dr7);
	vmcs_write(GUEST_PREEMPTION_TIMER, ticks >> (rdmsr(MSR_VMX_MISC) & 31));
	write_dr6(DR6_INIT);
	if (!l1_run_to(&l1, REASON_PREEMPTION_TIMER, "%s: no timeout, the VMX-preemption timer exits", what))
		return;
	interval = vmx_interval_tsc(&l1);
	check(interval >= ticks / 2, "%s: not before it expires (%lu TSC ticks)", what, interval);
	check_equal(l1.exit.rip, desc_idt_target(VECTOR_DB), "%s: RIP is the handler's first instruction", what);
	check_equal(l1.exit.rsp, dbloop_stack(), "%s: RSP is that of the frame", what);
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: no event is being delivered", what);
	check_equal(l1.exit.pending_debug, 0, "%s: no debug exception is pending", what);
	check_equal(read_dr6() & 15, DR6_B(0), "%s: DR6 has breakpoint 0", what);
}

void guest_main(void)
{
	uint64_t handler, dr7;

	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, step, stack + sizeof(stack), 0);
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("no VMX-preemption timer");
	dbloop_setup(true);
	timeout_enable(0);
	handler = desc_idt_target(VECTOR_DB);
	dr7 = DR7_INIT | dbloop_breakpoint(0, BREAK_EXECUTE, (void *)handler, 1);
	run("begun by a single-step trap", RFLAGS_TF, dr7);
	run("begun by an instruction breakpoint", 0, dr7 | dbloop_breakpoint(1, BREAK_EXECUTE, step, 1));
}
