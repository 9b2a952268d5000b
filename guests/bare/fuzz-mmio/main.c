/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-mmio - no access to a device's memory ends the machine.
 *
 * Claim:    random reads and writes of 1 to 16 bytes, aligned or not, at the local APIC, the I/O APIC, the HPET, VGA
 *           memory, ROM and addresses where nothing is, leave a machine that runs on. Left out: the interrupt command
 *           register, which can send this processor an INIT.
 * Manual:   none: accesses to devices have no exceptions.
 * Expected: all claims hold in the simulator; refused elsewhere. Parameters seed=, rounds=.
 */
#include "random.h"

#define CR4_OSFXSR      (1ul << 9)
#define ICR             0xfee00300ul
#define ICR_END         0xfee00320ul

static const struct { uint64_t from, to; const char *name; } regions[] = {
	{ 0x000a0000, 0x000bffff, "VGA" },
	{ 0x000c0000, 0x000fffff, "ROM" },
	{ 0xfee00000, 0xfee00fff, "local APIC" },
	{ 0xfec00000, 0xfec00fff, "I/O APIC" },
	{ 0xfed00000, 0xfed003ff, "HPET" },
	{ 0xfff80000, 0xffffffff, "firmware" },
	{ 0xc0000000, 0xfebfffff, "PCI hole" },
};

static void sse(void *address, bool write)
{
	if (write)
		asm volatile("movups %%xmm0, (%0)" : : "r"(address) : "memory");
	else
		asm volatile("movups (%0), %%xmm0" : : "r"(address) : "memory");
}

static void access(uint64_t address, unsigned log2, bool write, uint64_t value)
{
	volatile void *p = (volatile void *)address;

	switch (log2) {
	case 0:
		write ? (void)(*(volatile uint8_t *)p = (uint8_t)value) : (void)*(volatile uint8_t *)p;
		break;
	case 1:
		write ? (void)(*(volatile uint16_t *)p = (uint16_t)value) : (void)*(volatile uint16_t *)p;
		break;
	case 2:
		write ? (void)(*(volatile uint32_t *)p = (uint32_t)value) : (void)*(volatile uint32_t *)p;
		break;
	case 3:
		write ? (void)(*(volatile uint64_t *)p = value) : (void)*(volatile uint64_t *)p;
		break;
	default:
		sse((void *)address, write);
		break;
	}
}

/* VGA registers decide what its memory does. */
static void vga_mode(struct random *r)
{
	static const uint16_t index[] = { 0x3c4, 0x3ce, 0x3d4 };
	uint16_t port = index[random_below(r, ARRAY_SIZE(index))];

	outb(port, (uint8_t)random_below(r, 0x20));
	outb(port + 1, (uint8_t)random_value(r, 8));
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 400000);
	struct random r;

	if (!in_simulator())
		skip_all("random writes to the devices of a real machine");
	random_init(&r, 1);
	write_cr4(read_cr4() | CR4_OSFXSR);
	for (uint64_t i = 0; i < rounds; i++) {
		unsigned n = (unsigned)random_below(&r, ARRAY_SIZE(regions)), log2 = (unsigned)random_below(&r, 5);
		uint64_t address = regions[n].from + random_below(&r, regions[n].to - regions[n].from + 1);
		bool write = random_below(&r, 2);

		if (random_below(&r, 2))
			address &= ~((1ul << log2) - 1);
		if (address + 16 > 0x100000000ul)
			continue;
		if (n == 0 && random_below(&r, 4) == 0)
			vga_mode(&r);
		if (write && address < ICR_END && address + 16 > ICR)
			continue;
		access(address, log2, write, random_value(&r, 64));
	}
	check(true, "%lu accesses are survived", rounds);
	check(!wrmsr_try(MSR_FS_BASE, 1ul << 63), "exceptions are taken");
}
