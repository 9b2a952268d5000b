/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-msr - RDMSR and WRMSR of any register with any value are done or #GP.
 *
 * Claim:    reading every MSR of the ranges in use, and writing random values to them (put back afterwards), ends in a
 *           value or in #GP, and nothing else. Left out: what takes the ground from under this code (APIC base, the
 *           write that starts a microcode update), and the interrupt command register in x2APIC mode.
 * Manual:   SDM Vol. 2, RDMSR and WRMSR: #GP(0) for reserved addresses and bits.
 * Expected: all claims hold in the simulator; refused elsewhere. Parameters seed=, rounds=.
 */
#include "random.h"

static const struct { uint32_t from, to; } ranges[] = {
	{ 0x0000, 0x1fff }, { 0xc0000000, 0xc0001fff }, { 0x40000000, 0x400000ff }, { 0xc0010000, 0xc00101ff },
};

#define MSR_APIC_BASE_NUMBER    0x1b
#define MSR_MICROCODE           0x79
#define MSR_X2APIC_ICR          0x830
#define MSR_X2APIC_SELF_IPI     0x83f

static bool writable(uint32_t msr)
{
	return msr != MSR_APIC_BASE_NUMBER && msr != MSR_MICROCODE && msr != MSR_X2APIC_ICR &&
	       msr != MSR_X2APIC_SELF_IPI && msr != MSR_EFER;
}

static uint32_t random_msr(struct random *r)
{
	unsigned i = (unsigned)random_below(r, ARRAY_SIZE(ranges));

	return (uint32_t)(ranges[i].from + random_below(r, ranges[i].to - ranges[i].from + 1ul));
}

/* Values as they were, so that the machine stays one: those that can be read are put back. */
static void try(struct random *r, uint32_t msr, uint64_t *done)
{
	uint64_t before = 0;
	bool known = rdmsr_try(msr, &before);
	uint64_t value = random_below(r, 2) ? random_value(r, 64) : before ^ 1ul << random_below(r, 64);

	if (!writable(msr))
		return;
	*done += wrmsr_try(msr, value);
	if (known)
		wrmsr_try(msr, before);
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 300000), value, readable = 0, done = 0;
	static uint32_t known[0x8000];
	struct random r;

	if (!in_simulator())
		skip_all("random writes to the registers of a real machine");
	random_init(&r, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++)
		for (uint64_t msr = ranges[i].from; msr <= ranges[i].to; msr++)
			if (rdmsr_try((uint32_t)msr, &value) && readable < ARRAY_SIZE(known))
				known[readable++] = (uint32_t)msr;
	note("%lu registers can be read", readable);
	check(readable > 100, "every register can be read or is #GP");
	for (uint64_t i = 0; i < rounds; i++)
		try(&r, random_below(&r, 8) ? known[random_below(&r, readable)] : random_msr(&r), &done);
	note("%lu of %lu writes were taken", done, rounds);
	check(done > 0, "random writes are done or #GP");
}
