/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-port - no access to an I/O port ends the machine.
 *
 * Claim:    random reads and writes of 1, 2 and 4 bytes, at random ports and, more often, at those of a PC's devices,
 *           leave a machine that runs on, prints and takes exceptions. Left out: what ends a run by design (exit, reset,
 *           power off), the serial port of the report, the A20 gate of the memory this code is in, and the address
 *           registers that would move one of these somewhere else.
 * Manual:   none: port I/O has no exceptions at CPL 0.
 * Expected: all claims hold in the simulator; refused elsewhere, where it could damage firmware settings.
 *           Parameters seed=, rounds=.
 */
#include "random.h"

#define CONFIG_ADDRESS  0xcf8

struct range { uint16_t from, to; };

static const struct range devices[] = {
	{ 0x000, 0x00f }, { 0x020, 0x021 }, { 0x040, 0x043 }, { 0x060, 0x064 }, { 0x070, 0x073 }, { 0x080, 0x08f },
	{ 0x0a0, 0x0a1 }, { 0x0b2, 0x0b3 }, { 0x0c0, 0x0df }, { 0x0f0, 0x0f1 }, { 0x1ce, 0x1d0 }, { 0x1f0, 0x1f7 },
	{ 0x170, 0x177 }, { 0x278, 0x27f }, { 0x378, 0x37f }, { 0x3b0, 0x3df }, { 0x3f0, 0x3f7 }, { 0x4d0, 0x4d1 },
	{ 0xcf8, 0xcff }, { 0xb000, 0xb03f }, { 0xb100, 0xb10f },
};

/* Writes that must not happen. */
static const struct range forbidden[] = {
	{ 0x009, 0x009 },       /* DMA to anywhere in memory: dev-dma does this */
	{ 0x0b2, 0x0b2 },       /* SMI: what the firmware does then is its own */
	{ 0x0d2, 0x0d3 },
	{ 0x0f4, 0x0f7 },       /* exit of the run */
	{ 0x3f8, 0x3ff },       /* COM1 */
	{ 0x400, 0x403 },       /* a panic on demand, */
	{ 0x500, 0x503 },       /* from either firmware */
	{ 0xcf9, 0xcf9 },       /* reset */
	{ 0x4e57, 0x4e5a },     /* signature */
	{ 0x8900, 0x8900 },     /* shutdown */
	{ 0xb004, 0xb005 },     /* ACPI power management control: sleep */
};

static bool touches(uint16_t port, unsigned size, const struct range *r)
{
	return port <= r->to && port + size > r->from;
}

static bool allowed(uint16_t port, unsigned size)
{
	for (unsigned i = 0; i < ARRAY_SIZE(forbidden); i++)
		if (touches(port, size, &forbidden[i]))
			return false;
	return true;
}

/* Configuration registers that move the power management ports, or lock SMRAM. */
static bool moves_ports(uint32_t address)
{
	uint32_t reg = address & 0xfc;

	return (address >> 8 & 0xff) == 0x0b ? reg == 0x40 || reg == 0x80 || reg == 0x90 || reg == 0xd0 : reg == 0x70;
}

static uint32_t config_address(struct random *r)
{
	uint32_t address;

	do
		address = 0x80000000u | (uint32_t)random_below(r, 5) << 11 | (uint32_t)random_below(r, 4) << 8 |
			  ((uint32_t)random_bits(r) & 0xfc);
	while (moves_ports(address));
	return address;
}

/* What the value may not be at ports with bits for reset and the A20 gate; an SMI for the firmware is fine. */
static uint32_t harmless(struct random *r, uint16_t port, uint32_t value)
{
	static uint8_t last_command;

	switch (port) {
	case 0x92:
		return (value & ~1u) | 2;
	case 0x60:
		return last_command == 0xd1 ? (value | 3) : value;
	case 0x64:
		value &= 0xff;
		if (value >= 0xf0 || value == 0xdd)
			value = 0xd1;
		last_command = (uint8_t)value;
		return value;
	case CONFIG_ADDRESS:
		return config_address(r);
	default:
		return value;
	}
}

static void access(uint16_t port, unsigned size, bool write, uint32_t value)
{
	switch (size) {
	case 1:
		write ? outb(port, (uint8_t)value) : (void)inb(port);
		break;
	case 2:
		write ? outw(port, (uint16_t)value) : (void)inw(port);
		break;
	default:
		write ? outl(port, value) : (void)inl(port);
		break;
	}
}

static uint16_t random_port(struct random *r)
{
	const struct range *d = &devices[random_below(r, ARRAY_SIZE(devices))];

	if (random_below(r, 8) == 0)
		return (uint16_t)random_bits(r);
	return (uint16_t)(d->from + random_below(r, d->to - d->from + 1u));
}

/* Ports whose bits are checked above are accessed byte by byte, the others in any size. */
static unsigned random_size(struct random *r, uint16_t port)
{
	if (port == CONFIG_ADDRESS)
		return 4;
	return (port >= 0x5d && port <= 0x64) || (port >= 0x8f && port <= 0x92) ? 1 : 1u << random_below(r, 3);
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 300000);
	struct random r;
	uint32_t value;

	if (!in_simulator())
		skip_all("random writes to the ports of a real machine");
	random_init(&r, 1);
	for (uint32_t port = 0; port < 0x10000; port++)
		if (port != 0x4e57)
			(void)inb((uint16_t)port);
	check(true, "every port can be read");
	for (uint64_t i = 0; i < rounds; i++) {
		uint16_t port = random_port(&r);
		unsigned size = random_size(&r, port);
		bool write = random_below(&r, 2);

		if (write && port != CONFIG_ADDRESS && !allowed(port, size))
			continue;
		value = (uint32_t)random_value(&r, 32);
		access(port, size, write, write ? harmless(&r, port, value) : 0);
	}
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	check(true, "%lu accesses are survived", rounds);
	check(!wrmsr_try(MSR_FS_BASE, 1ul << 63), "exceptions are taken");
}
