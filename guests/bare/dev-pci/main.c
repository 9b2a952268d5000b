/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-pci - the PCI configuration data port is one doubleword.
 *
 * Claim:    an access that begins at port CFDh, CFEh or CFFh and is longer than what is left reads ones there, does not
 *           run into the next register, and its writes change nothing behind the selected register.
 * Manual:   PCI local bus specification 2.1, 3.7.4.1: CONFIG_DATA is at CFCh to CFFh.
 * Expected: all claims hold on a 440FX with a PIIX3; skipped elsewhere: port D00h may have a device.
 */
#include "kit.h"

#define ADDRESS         0xcf8
#define DATA            0xcfc
#define HOST_440FX      0x12378086u
#define PIRQ_REGISTERS  (1u << 11 | 0x60)       /* 00:01.0 */

static void select(uint32_t address)
{
	outl(ADDRESS, 0x80000000u | address);
}

void guest_main(void)
{
	uint32_t before;

	select(0);
	if (inl(DATA) != HOST_440FX)
		skip_all("host bridge is not a 440FX");
	check_equal(inw(DATA + 3), 0xff00u | HOST_440FX >> 24, "2 bytes at CFFh: the second is not data");
	check_equal(inl(DATA + 2), 0xffff0000u | HOST_440FX >> 16, "4 bytes at CFEh: two are not data");
	select(PIRQ_REGISTERS);
	before = inl(DATA);
	select(PIRQ_REGISTERS - 4);
	outl(DATA + 3, 0x0a0a0a0a);
	select(PIRQ_REGISTERS);
	check_equal(inl(DATA), before, "4 bytes written at CFFh do not reach the next register");
	outl(DATA, before);
	select(0xfc);
	outl(DATA + 3, ~0u);
	check(true, "nor anything behind the last one");
}
