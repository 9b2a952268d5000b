/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-topology - CPUID tells each CPU where it is, and all leaves tell the same.
 *
 * Claim:    leaf 0BH (and 1FH where it exists) lists the levels with shift widths that grow, the
 *           last of which separates packages; EDX is the APIC ID of the MADT and of leaf 1; from the
 *           shifts follow distinct cores; leaf 4 gives L1 and L2 to the threads of one core and the
 *           last cache to the package, with room for its cores; the number of logical processors
 *           in a package in leaf 1 and in leaf 0BH is the number of CPUs that share its ID.
 * Manual:   SDM Vol. 2, CPUID leaves 01H, 04H, 0BH, 1FH; Vol. 3A, "Detecting hardware multi-threading
 *           support and topology".
 * Expected: all claims hold; the simulated package has as many cores as CPUs, of one thread.
 */
#include "smp.h"

#define LEVEL_SMT       1
#define LEVEL_CORE      2
#define SUBLEAVES       4
#define CACHES          8

static struct seen {
	struct cpuid one, topology[2][SUBLEAVES], cache[CACHES];
} seen[SMP_MAX];
static unsigned cpus, leaves;
static const uint32_t leaf_number[2] = { 0x0b, 0x1f };

static void look(void *argument)
{
	struct seen *s = &seen[(uintptr_t)argument];

	s->one = cpuid(1, 0);
	for (unsigned leaf = 0; leaf < leaves; leaf++)
		for (unsigned sub = 0; sub < SUBLEAVES; sub++)
			s->topology[leaf][sub] = cpuid(leaf_number[leaf], sub);
	for (unsigned i = 0; i < CACHES; i++)
		s->cache[i] = cpuid(4, i);
}

static unsigned level(const struct cpuid *c)
{
	return c->ecx >> 8 & 0xff;
}

/* Shift width of a level of CPU 0, or -1. */
static int shift_of(unsigned leaf, unsigned type)
{
	for (unsigned sub = 0; sub < SUBLEAVES; sub++)
		if (level(&seen[0].topology[leaf][sub]) == type)
			return seen[0].topology[leaf][sub].eax & 0x1f;
	return -1;
}

static void test_levels(unsigned leaf)
{
	const char *name = leaf ? "leaf 1FH" : "leaf 0BH";
	unsigned last_shift = 0, levels = 0, in_package = 0, sharing = 0;
	bool grows = true, ended = false;

	for (unsigned sub = 0; sub < SUBLEAVES; sub++) {
		const struct cpuid *c = &seen[0].topology[leaf][sub];

		check_equal(c->ecx & 0xff, sub, "%s.%u: ECX[7:0] is the sub-leaf", name, sub);
		if (!level(c)) {
			ended = true;
			check(!c->eax && !c->ebx, "%s.%u: no level, EAX and EBX are 0", name, sub);
			continue;
		}
		grows = grows && !ended && (c->eax & 0x1f) >= last_shift;
		last_shift = c->eax & 0x1f;
		in_package = c->ebx & 0xffff;
		levels++;
	}
	check(levels >= 2 && level(&seen[0].topology[leaf][0]) == LEVEL_SMT &&
		      level(&seen[0].topology[leaf][1]) == LEVEL_CORE,
	      "%s: the levels begin with SMT and core", name);
	check(grows, "%s: shift widths grow from level to level", name);
	for (unsigned i = 0; i < cpus; i++)
		sharing += seen[i].topology[leaf][0].edx >> last_shift ==
			   seen[0].topology[leaf][0].edx >> last_shift;
	check_equal(in_package, sharing, "%s: logical processors of the package of CPU 0", name);
}

static void test_ids(void)
{
	struct tally edx = { .what = "EDX of leaf 0BH is the APIC ID of the MADT" };
	struct tally one = { .what = "EBX[31:24] of leaf 1 is the APIC ID" };
	int smt = shift_of(0, LEVEL_SMT);
	unsigned same_core = 0;

	for (unsigned i = 0; i < cpus; i++) {
		tally_equal(&edx, seen[i].topology[0][0].edx, smp_apic_id(i));
		tally_equal(&one, seen[i].one.ebx >> 24, smp_apic_id(i) & 0xff);
		for (unsigned j = 0; j < i; j++)
			same_core += smp_apic_id(i) >> smt == smp_apic_id(j) >> smt;
	}
	tally_check(&edx, "all CPUs");
	tally_check(&one, "all CPUs");
	if (seen[0].topology[0][0].ebx == 1)
		check(!same_core, "one thread per core: no two CPUs are in the same core (%u pairs)",
		      same_core);
}

static unsigned width(unsigned n)
{
	unsigned w = 0;

	while ((1u << w) < n)
		w++;
	return w;
}

static void test_caches(void)
{
	int smt = shift_of(0, LEVEL_SMT), core = shift_of(0, LEVEL_CORE);

	for (unsigned i = 0; i < CACHES; i++) {
		uint32_t eax = seen[0].cache[i].eax;
		unsigned sharing = (eax >> 14 & 0xfff) + 1, cores = (eax >> 26) + 1;
		unsigned number = eax >> 5 & 7;

		if (!(eax & 0x1f))
			break;
		if (!in_simulator()) {
			note("L%u: %u IDs share it, %u cores", number, sharing, cores);
			continue;
		}
		check_equal(width(sharing), number < 3 ? smt : core, "L%u is shared by the right level",
			    number);
		check_equal(width(cores), core - smt, "L%u: room for the cores of the package", number);
	}
}

void guest_main(void)
{
	uint32_t max = cpuid(0, 0).eax;

	if (max < 0x0b)
		skip_all("CPU lacks leaf 0BH");
	cpus = smp_need(2);
	leaves = max >= 0x1f ? 2 : 1;
	for (unsigned i = 1; i < cpus; i++) {
		smp_run(i, look, (void *)(uintptr_t)i);
		smp_wait(i);
	}
	look((void *)0);
	if (leaves == 2 && !seen[0].topology[1][0].ebx) {
		skip("leaf 1FH is empty", "leaf 1FH");
		leaves = 1;
	}
	for (unsigned leaf = 0; leaf < leaves; leaf++)
		test_levels(leaf);
	test_ids();
	test_caches();
	if (in_simulator())
		check_equal(seen[0].one.ebx >> 16 & 0xff, cpus, "leaf 1: logical processors of the package");
}
