/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db-root - #DB on the delivery of #DB in root operation hangs the processor, not the simulator.
 *
 * Claim:    #DB has an interrupt stack and a breakpoint on its frame; after the first #DB no instruction is executed any
 *           more, interrupts are enabled and one arrives, and the run ends by the hang limit.
 * Manual:   SDM Vol. 3B, "Debug registers"; CVE-2015-8104, XSA-156.
 * Expected: verdict "hung".
 */
#include "dbloop.h"
#include "timer.h"

#define TIMER_VECTOR    0x40

static void interrupted(struct trap_frame *frame)
{
	(void)frame;
	check(false, "an interrupt is taken");
	done();
}

static void reached(struct trap_frame *frame)
{
	(void)frame;
	check(false, "the handler is reached");
	done();
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("this would hang a real machine for good");
	dbloop_setup(true);
	trap_set(VECTOR_DB, reached);
	trap_set(TIMER_VECTOR, interrupted);
	apic_enable();
	apic_timer_start(TIMER_VECTOR, 100000);
	note("the run must end with the verdict \"hung\"");
	write_dr7(DR7_INIT | dbloop_breakpoint(0, BREAK_WRITE, (void *)dbloop_stack(), 8));
	asm volatile("sti; nop; .byte 0xf1" : : : "memory");
	check(false, "nothing is executed after INT1");
}
