/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host-state - nothing of the host reaches a guest.
 *
 * Claim:    memory that nobody has written is zero, RDRAND and RDSEED deliver, and what they deliver, the clock and
 *           the TSC are printed: tests/guest/log.sh compares two runs byte for byte.
 * Manual:   SDM Vol. 2, RDRAND and RDSEED. Memory after power-on: none, a simulation has to repeat.
 * Expected: all claims hold in the simulator; skipped elsewhere, where nothing of this repeats.
 */
#include "kit.h"

#define CPUID_1_ECX_RDRAND      (1u << 30)
#define CPUID_7_EBX_RDSEED      (1u << 18)
#define UNUSED_FROM     0x600000ul      /* between the guest and the end of the smallest memory */
#define UNUSED_TO       0x700000ul

static uint8_t cmos(uint8_t index)
{
	outb(0x70, index);
	return inb(0x71);
}

static bool rdrand(uint64_t *value)
{
	bool good;

	asm volatile("rdrand %0; setc %1" : "=r"(*value), "=q"(good) : : "cc");
	return good;
}

static bool rdseed(uint64_t *value)
{
	bool good;

	asm volatile("rdseed %0; setc %1" : "=r"(*value), "=q"(good) : : "cc");
	return good;
}

static void random_numbers(const char *name, bool (*get)(uint64_t *))
{
	uint64_t value[8], alike = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(value); i++) {
		while (!get(&value[i]))
			;
		alike += i && value[i] == value[i - 1];
	}
	note("%s: %016lx %016lx %016lx %016lx", name, value[0], value[1], value[2], value[3]);
	check_equal(alike, 0, "%s does not repeat within a run", name);
}

void guest_main(void)
{
	uint64_t sum = 0;

	if (!in_simulator())
		skip_all("only a simulation repeats");
	for (uint64_t *p = (uint64_t *)UNUSED_FROM; p < (uint64_t *)UNUSED_TO; p++)
		sum |= *p;
	check_equal(sum, 0, "memory that nobody has written is zero");
	if (cpuid(1, 0).ecx & CPUID_1_ECX_RDRAND)
		random_numbers("RDRAND", rdrand);
	else
		skip("CPU lacks it", "RDRAND");
	if (cpuid(7, 0).ebx & CPUID_7_EBX_RDSEED)
		random_numbers("RDSEED", rdseed);
	else
		skip("CPU lacks it", "RDSEED");
	note("clock %02x:%02x:%02x %02x%02x-%02x-%02x", cmos(4), cmos(2), cmos(0), cmos(0x32), cmos(9), cmos(8), cmos(7));
	note("TSC %lu", rdtsc());
	for (uint32_t leaf = 0; leaf < 0x20; leaf++) {
		struct cpuid c = cpuid(leaf, 0);

		sum = sum * 31 + c.eax + c.ebx + c.ecx + c.edx;
	}
	note("CPUID %016lx", sum);
}
