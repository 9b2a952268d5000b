/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log-flood - a guest that makes a simulator write messages as fast as it can.
 *
 * Claim:    unknown MSRs and commands at the wrong time: a million of them, of several
 *           kinds, end in no more than what the guest itself observes.
 * Manual:   SDM Vol. 2, RDMSR: a reserved MSR is #GP(0).
 * Expected: all claims hold. tests/guest/log.sh looks at the simulator's log: it stays small.
 *           Parameter rounds=N: messages of each kind.
 */
#include "kit.h"

#define UNKNOWN_MSR     0x5e57          /* not assigned */
#define KEYBOARD_DATA   0x60
#define KEYBOARD        0x64

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 350000), value, bad = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		rdmsr_try(UNKNOWN_MSR + (uint32_t)(i & 7), &value);
		outb(KEYBOARD, 0xaa);   /* self test; the second one meets a full output buffer */
		outb(KEYBOARD, 0xaa);
		bad += inb(KEYBOARD_DATA) != 0x55;
		wrmsr_try(UNKNOWN_MSR, i);
	}
	check_equal(bad, 0, "%lu self tests of the keyboard controller", rounds);
}
