/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bios-panic - a panic of the simulator ends the run with a verdict of its own.
 *
 * Claim:    the port through which Bochs's BIOS reports that it cannot go on is the one panic that a guest is meant to
 *           cause: the run ends there, with the verdict fault and the guest's message as the reason.
 * Manual:   none; Bochs ports 401h and 402h.
 * Expected: the verdict is fault (exit status 4 of nwsim when it is not expected); skipped elsewhere.
 */
#include "kit.h"

#define PANIC_NEXT      0x401           /* 0: the next line is a panic */
#define LINE            0x402

void guest_main(void)
{
	if (!in_simulator())
		skip_all("no such port");
	note("now");
	outb(PANIC_NEXT, 0);
	for (const char *p = "bios-panic: the guest gives up\n"; *p; p++)
		outb(LINE, (uint8_t)*p);
	check(false, "nothing comes after a panic");
}
