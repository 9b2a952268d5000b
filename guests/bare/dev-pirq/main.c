/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-pirq - PCI interrupts can be routed anywhere.
 *
 * Claim:    every value can be written to the four PIRQ route control registers of a PIIX3; those that name an IRQ in
 *           use by an ISA device share it.
 * Manual:   82371SB (PIIX3) data sheet, PIRQx route control registers 60h to 63h.
 * Expected: all claims hold on a PIIX3; skipped elsewhere.
 */
#include "kit.h"

#define ADDRESS         0xcf8
#define DATA            0xcfc
#define PIIX3           0x70008086u
#define DISABLED        0x80

static void select(uint8_t reg)
{
	outl(ADDRESS, 0x80000000u | 1u << 11 | (reg & 0xfcu));
}

void guest_main(void)
{
	struct tally t = { .what = "IRQs that may be routed to read back" };

	select(0);
	if (inl(DATA) != PIIX3)
		skip_all("no PIIX3 at 00:01.0");
	for (uint8_t pirq = 0; pirq < 4; pirq++) {
		uint8_t before;

		select(0x60);
		before = inb(DATA + pirq);
		for (unsigned v = 0; v < 256; v++) {
			outb(DATA + pirq, (uint8_t)v);
			if (!(v & DISABLED) && 0xdef8u >> (v & 15) & 1)
				tally_equal(&t, inb(DATA + pirq) & 15, v & 15);
		}
		outb(DATA + pirq, before);
	}
	tally_check(&t, "PIRQA to PIRQD");
}
