/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main.c - first C code of a guest: bring the machine into a known state, read the command line,
 * run the guest.
 */
#include "kit.h"

#define MULTIBOOT_INFO_CMDLINE  (1u << 2)

struct multiboot_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
};

static bool simulator;

bool in_simulator(void)
{
	return simulator;
}

void mark(uint32_t value)
{
	if (simulator)
		outl(NW_PORT_SIGNATURE, value);
}

bool clock_ratio(struct clock_ratio *r)
{
	struct cpuid c;

	*r = (struct clock_ratio){ 0 };
	if (cpuid(0, 0).eax < 0x15)
		return false;
	c = cpuid(0x15, 0);
	if (!c.eax || !c.ebx)
		return false;
	*r = (struct clock_ratio){ .numerator = c.ebx, .denominator = c.eax, .crystal_hz = c.ecx };
	return true;
}

void kit_main(const struct multiboot_info *info);

void kit_main(const struct multiboot_info *info)
{
	/* Both PICs masked: only what a guest programs may interrupt it. */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	simulator = inl(NW_PORT_SIGNATURE) == NW_SIGNATURE;
	serial_init();
	desc_init();
	if (info->flags & MULTIBOOT_INFO_CMDLINE)
		param_init((const char *)(uintptr_t)info->cmdline);
	guest_main();
	done();
}
