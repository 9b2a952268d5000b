/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main.c - first C code of a guest: bring the machine into a known state, read the command line,
 * run the guest.
 */
#include "kit.h"

#define MULTIBOOT_INFO_CMDLINE          (1u << 2)
#define MULTIBOOT_INFO_FRAMEBUFFER      (1u << 12)
#define MULTIBOOT_FRAMEBUFFER_TEXT      2

struct multiboot_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
	uint32_t not_used[17];
	uint64_t framebuffer_address;
	uint32_t framebuffer_pitch, framebuffer_width, framebuffer_height;
	uint8_t framebuffer_bits, framebuffer_type;
} __attribute__((packed));

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

/* A loader that has set a graphics mode says so; one that says nothing has left the text mode of a PC. */
static bool text_screen(const struct multiboot_info *info)
{
	return !(info->flags & MULTIBOOT_INFO_FRAMEBUFFER) || info->framebuffer_type == MULTIBOOT_FRAMEBUFFER_TEXT;
}

void kit_main(const struct multiboot_info *info);

void kit_main(const struct multiboot_info *info)
{
	bool fits = true;

	/* Both PICs masked: only what a guest programs may interrupt it. */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	serial_init();
	desc_init();
	if (info->flags & MULTIBOOT_INFO_CMDLINE)
		fits = param_init((const char *)(uintptr_t)info->cmdline);
	/* Nothing on a PC has this port, unless the firmware gave it to a PCI device. */
	if (!param_given("hardware"))
		simulator = inl(NW_PORT_SIGNATURE) == NW_SIGNATURE;
	if (!simulator && text_screen(info))
		screen_init();
	if (!fits)
		bail("the command line is too long");
	guest_main();
	done();
}
