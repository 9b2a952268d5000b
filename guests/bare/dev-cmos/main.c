/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-cmos - RTC register A takes any value.
 *
 * Claim:    every divider and rate value can be written and reads back, and the RAM is still said to be valid.
 * Manual:   MC146818A data sheet, registers A (DV2-DV0: 3 to 5 are test modes, RS3-RS0) and D.
 * Expected: all claims hold on a PC.
 */
#include "cmos.h"

#define REGISTER_A      0x0a
#define REGISTER_D      0x0d
#define VALID           0x80
#define UPDATE          0x80
#define NORMAL          0x26

void guest_main(void)
{
	struct tally t = { .what = "the value reads back" };

	for (unsigned v = 0; v < 0x80; v++) {
		cmos_write(REGISTER_A, (uint8_t)v);
		tally_equal(&t, cmos_read(REGISTER_A) & ~(unsigned)UPDATE, v);
	}
	cmos_write(REGISTER_A, NORMAL);
	tally_check(&t, "register A");
	check_equal(cmos_read(REGISTER_D) & VALID, VALID, "register D: valid RAM and time");
}
