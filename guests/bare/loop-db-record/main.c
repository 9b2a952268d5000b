/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db-record - a #DB whose delivery has begun has updated DR6 and DR7 when its instruction timeout is recorded.
 *
 * Claim:    the VM exit comes when the second #DB is being delivered, and is the first thing that could show it: DR6 has
 *           the bit of the breakpoint that raised it, single-stepping that raised the first one is still in DR6, DR7.GD is
 *           clear in the guest-state area, and nothing is pending.
 * Manual:   SDM Vol. 3C, "Architectural state before a VM exit" (debug exceptions), "Saving control registers, debug
 *           registers, and MSRs", "Saving non-register state"; Vol. 3B, "Debug status register (DR6)".
 * Expected: all claims hold. The internal threshold is 0, so that the exit is the earliest possible.
 */
#include "dbloop.h"

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;

void guest_main(void)
{
	uint64_t dr6;

	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	dbloop_setup(true);
	timeout_enable(0);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	vmcs_write(GUEST_DR7, DR7_INIT | DR7_GD | dbloop_breakpoint(2, BREAK_WRITE, (void *)dbloop_stack(), 8));
	write_dr6(DR6_INIT);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "the second #DB is left by an instruction timeout"))
		return;
	dr6 = read_dr6();
	check_equal(dr6 & DR6_B(2), DR6_B(2), "DR6: breakpoint 2, which the first frame hit");
	check_equal(dr6 & DR6_BS, DR6_BS, "DR6: the single step before it");
	check_equal(dr6 & (DR6_B(0) | DR6_B(1) | DR6_B(3)), 0, "DR6: no other breakpoint");
	check_equal(vmcs_read(GUEST_DR7) & DR7_GD, 0, "DR7.GD is clear");
	check_equal(l1.exit.pending_debug, 0, "no debug exception is pending");
}
