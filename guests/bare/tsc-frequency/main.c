/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tsc-frequency - CPUID tells the frequency at which the TSC runs.
 *
 * Claim:    crystal frequency * EBX / EAX of CPUID.15H, and the base frequency of CPUID.16H where the
 *           crystal is not enumerated, is the frequency of the TSC against the PIT, within 0.1 %; the local
 *           APIC timer counts the crystal; leaf 16H agrees with leaf 15H to 2 %.
 * Manual:   SDM Vol. 2, CPUID (leaves 15H, 16H); Vol. 3A, "APIC timer"; Vol. 3B, "Determining the processor
 *           base frequency".
 * Expected: all claims hold, whatever frequency the machine was told to run at.
 */
#include "timer.h"

#define PIT_COUNTS      35796u          /* 30 ms */
#define PER_MILLE       1000

static bool close_to(uint64_t got, uint64_t want, uint64_t per_mille)
{
	uint64_t limit = want * per_mille / PER_MILLE + 1;

	return got + limit >= want && got <= want + limit;
}

/* TSC ticks and APIC timer counts while the PIT counts PIT_COUNTS, extended to one second. */
static void measure(uint64_t *tsc_hz, uint64_t *apic_hz)
{
	uint64_t tsc0, tsc1;
	uint32_t apic0, apic1;
	uint16_t first, now;

	apic_enable();
	apic_timer_start(0, 0xffffffff);
	pit2_start();
	first = pit2_read();
	tsc0 = rdtsc();
	apic0 = apic_timer_current();
	do {
		now = pit2_read();
	} while ((uint16_t)(first - now) < PIT_COUNTS);
	tsc1 = rdtsc();
	apic1 = apic_timer_current();
	*tsc_hz = mul_div(tsc1 - tsc0, PIT_HZ, (uint16_t)(first - now));
	*apic_hz = mul_div(apic0 - apic1, PIT_HZ, (uint16_t)(first - now));
}

void guest_main(void)
{
	struct clock_ratio r;
	uint64_t tsc_hz, apic_hz, base_hz, said_hz, crystal_hz;

	if (!clock_ratio(&r))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	base_hz = cpuid(0, 0).eax >= 0x16 ? (cpuid(0x16, 0).eax & 0xffff) * 1000000ul : 0;
	if (!r.crystal_hz && !base_hz)
		skip_all("neither CPUID.15H nor 16H gives a frequency");
	said_hz = r.crystal_hz ? mul_div(r.crystal_hz, r.numerator, r.denominator) : base_hz;
	crystal_hz = r.crystal_hz ? r.crystal_hz : mul_div(said_hz, r.denominator, r.numerator);
	measure(&tsc_hz, &apic_hz);
	note("announced: TSC %lu Hz, crystal %lu Hz, base %lu Hz; measured: TSC %lu Hz, APIC timer %lu Hz",
	     said_hz, crystal_hz, base_hz, tsc_hz, apic_hz);
	check(close_to(tsc_hz, said_hz, 1), "the TSC runs at the announced frequency");
	check(close_to(apic_hz, crystal_hz, 1), "the local APIC timer counts the announced crystal");
	if (base_hz)
		check(close_to(base_hz, said_hz, 20), "leaf 16H agrees with leaf 15H");
	else
		skip("no leaf 16H", "leaf 16H agrees with leaf 15H");
}
