/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.c - which processor it is, and how fast its TSC runs: CPUID.15H, and the PIT as a check.
 */
#include "measure.h"
#include "timer.h"

#define MSR_MICROCODE           0x8b
#define PIT_COUNTS              (PIT_HZ / 100)  /* 10 ms: to 0.01 % */
#define GIVE_UP_READS           100000u         /* without a change: some machines stop its clock */

/* The revision is in the upper half after CPUID leaf 1 (SDM Vol. 3A, "Microcode update facilities"). */
static uint32_t microcode(void)
{
	uint64_t value = 0;

	if (!wrmsr_try(MSR_MICROCODE, 0))
		return 0;
	cpuid(1, 0);
	return rdmsr_try(MSR_MICROCODE, &value) ? (uint32_t)(value >> 32) : 0;
}

static void show_cpu(void)
{
	char name[49] = "";

	if (cpuid(0x80000000, 0).eax >= 0x80000004)
		for (uint32_t i = 0; i < 3; i++) {
			struct cpuid c = cpuid(0x80000002 + i, 0);

			memcpy(name + 16 * i, &c, 16);
		}
	note("measure: CPU %s, signature 0x%x, microcode 0x%x", name, cpuid(1, 0).eax, microcode());
}

/* 0 when the PIT does not count. */
static uint64_t tsc_hz_by_pit(void)
{
	uint32_t counted = 0, same = 0;
	uint16_t last, now;
	uint64_t begin;

	pit2_start();
	last = pit2_read();
	begin = rdtsc();
	while (counted < PIT_COUNTS) {
		now = pit2_read();
		same = now == last ? same + 1 : 0;
		if (same > GIVE_UP_READS)
			return 0;
		counted += (uint16_t)(last - now);
		last = now;
	}
	return mul_div(rdtsc() - begin, PIT_HZ, counted);
}

void measure_machine(struct measure *m)
{
	uint64_t pit = tsc_hz_by_pit();

	show_cpu();
	if (clock_ratio(&m->ratio) && m->ratio.crystal_hz)
		m->tsc_hz = mul_div(m->ratio.crystal_hz, m->ratio.numerator, m->ratio.denominator);
	note("measure: CPUID.15H: ratio %u/%u, crystal %u Hz, TSC %lu Hz; PIT: TSC %lu Hz", m->ratio.numerator,
	     m->ratio.denominator, m->ratio.crystal_hz, m->tsc_hz, pit);
	if (!m->tsc_hz)
		m->tsc_hz = pit;
}
