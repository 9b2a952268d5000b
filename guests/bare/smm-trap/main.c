/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smm-trap - a debug trap that coincides with an SMI.
 *
 * Claim:    a single-stepped OUT that causes an SMI is followed by the SMI handler and then, once, by the single-step trap
 *           of the OUT.
 * Manual:   SDM Vol. 3C, "System management mode", "Entering SMM": an SMI has priority over debug exceptions; Vol. 3A,
 *           "Priority among concurrent events".
 * Expected: all claims hold on any PC with a 440FX.
 */
#include "smm.h"


extern const char after_out[];
static volatile unsigned traps, handled;
static volatile uint64_t rip;

static void on_debug(struct trap_frame *f)
{
	traps++;
	handled = smm_count();
	rip = f->rip;
	f->rflags &= ~RFLAGS_TF;
}

void guest_main(void)
{
	smm_need();
	smm_install(0, 0, 0);
	trap_set(VECTOR_DB, on_debug);
	smm_run();
	check_equal(smm_count(), 1, "the port causes an SMI");
	smm_install_stall(0);
	asm volatile("pushf; orl $0x100, (%%rsp); popf\n"
		     "	out %%al, $0xb2\n"
		     "after_out: nop\n" : : "a"(0) : "memory", "cc");
	check_equal(smm_count(), 1, "so does the OUT that is single-stepped");
	check_equal(traps, 1, "one single-step trap");
	check_equal(rip, (uint64_t)after_out, "behind the OUT");
	check_equal(handled, 1, "after the SMI");
	trap_set(VECTOR_DB, NULL);
}
