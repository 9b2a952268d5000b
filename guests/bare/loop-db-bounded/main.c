/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db-bounded - #DB on the delivery of #DB comes to an end when the stack moves on.
 *
 * Claim:    without an interrupt stack each #DB pushes its frame below the last one. Breakpoints on four frames in a row give
 *           five deliveries, then the handler runs; a window longer than that sees no instruction timeout.
 * Manual:   SDM Vol. 3A, "64-bit mode stack frame"; Vol. 3B, "Debug registers"; Vol. 3C, "Instruction-timeout control".
 * Expected: all claims hold. timeout=1: deliveries take longer than the window, and the loop is left before it ends.
 */
#include "dbloop.h"

#define BREAKPOINTS     4

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;

/* RSP after the delivery of an event that happens at rsp. */
static uint64_t after(uint64_t rsp)
{
	return (rsp & ~15ul) - DBLOOP_FRAME;
}

void guest_main(void)
{
	uint64_t dr7 = DR7_INIT, rsp;

	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	dbloop_setup(false);
	timeout_enable(0);
	rsp = vmcs_read(GUEST_RSP);
	for (unsigned n = 0; n < BREAKPOINTS; n++) {
		rsp = after(rsp);
		dr7 |= dbloop_breakpoint(n, BREAK_WRITE, (void *)rsp, 8);
	}
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	vmcs_write(GUEST_DR7, dr7);
	write_dr6(DR6_INIT);
	if (param_number("timeout", 0)) {
		if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "a delivery that is long enough is timed out"))
			check_equal(l1.exit.idt_vectoring_info, DBLOOP_INFO, "it is that of #DB");
		return;
	}
	if (!l1_run_to(&l1, REASON_VMCALL, "the loop ends by itself"))
		return;
	check_equal(l1.gpr[RAX], DBLOOP_HANDLER, "the handler runs");
	check_equal(dbloop_frame(), after(rsp), "after five deliveries, on the stack below their frames");
	check_equal(read_dr6() & 15, DR6_B(3), "DR6: the last of them was raised by breakpoint 3");
}
