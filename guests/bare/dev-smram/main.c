/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-smram - the SMRAM control register of the 440FX takes any value.
 *
 * Claim:    every value but those with the lock bit can be written to register 72h of the host bridge, D_OPEN with
 *           D_CLS too, which is not allowed but possible; memory and VGA work afterwards.
 * Manual:   82441FX data sheet, SMRAM control register.
 * Expected: all claims hold on a 440FX; skipped on other host bridges.
 */
#include "kit.h"

#define ADDRESS         0xcf8
#define DATA            0xcfc
#define HOST_440FX      0x12378086u
#define SMRAM           0x72
#define LOCK            0x10

static uint8_t get(void)
{
	outl(ADDRESS, 0x80000000u | (SMRAM & 0xfc));
	return inb(DATA + (SMRAM & 3));
}

static void set(uint8_t value)
{
	outl(ADDRESS, 0x80000000u | (SMRAM & 0xfc));
	outb(DATA + (SMRAM & 3), value);
}

void guest_main(void)
{
	volatile uint16_t *text = (volatile uint16_t *)0xb8000ul;
	struct tally t = { .what = "enable, open and close bits read back" };
	uint8_t before;

	outl(ADDRESS, 0x80000000u);
	if (inl(DATA) != HOST_440FX)
		skip_all("host bridge is not a 440FX");
	before = get();
	if (before & LOCK)
		skip_all("SMRAM control is locked");
	for (unsigned v = 0; v < 256; v++) {
		if (v & LOCK)
			continue;
		set((uint8_t)v);
		tally_equal(&t, get() & 0x68, v & 0x68);
	}
	set(before);
	tally_check(&t, "register 72h");
	text[0] = 0x0741;
	check_equal(text[0], 0x0741, "VGA memory is back");
}
