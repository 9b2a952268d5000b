/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-tsc - no CPU ever reads a time-stamp counter that another one has already passed.
 *
 * Claim:    a CPU that takes a baton over memory, reads its TSC and passes the baton on, never reads
 *           less than the CPU before it, over many thousand hand-overs among all CPUs, with RDTSC,
 *           with RDTSCP and with RDMSR of IA32_TIME_STAMP_COUNTER; what all CPUs race for under a
 *           lock (the check an operating system makes) never goes back either; all CPUs start with
 *           the same IA32_TSC_ADJUST; a CPU that adds to its own TSC sees the sum there and in
 *           IA32_TSC_ADJUST, and the others do not see it.
 * Manual:   SDM Vol. 3B, "Time-stamp counter", "Invariant TSC", "Time-stamp counter adjustment".
 * Expected: all claims hold, in the simulator for every --quantum.
 */
#include "smp.h"

#define HAND_OVERS              1000    /* of each CPU and each way of reading */
#define RACE_ROUNDS             1000
#define MSR_TSC                 0x10
#define CPUID_80000001_EDX_RDTSCP (1u << 27)
#define SHIFT                   1000000000ul

enum way { RDTSC, RDTSCP, RDMSR, WAYS };
static const char *const way_name[WAYS] = { "RDTSC", "RDTSCP", "RDMSR" };

static unsigned cpus;
static enum way way;
static volatile unsigned baton;         /* the CPU whose turn it is */
static volatile uint64_t last_tsc;
static volatile unsigned warps;
static volatile uint64_t worst;
static volatile uint32_t lock;
static struct smp_barrier barrier;

static uint64_t read_tsc(void)
{
	uint32_t low, high, aux;

	if (way == RDMSR)
		return rdmsr(MSR_TSC);
	if (way == RDTSC)
		return rdtsc();
	asm volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void compare(uint64_t now)
{
	if (now < last_tsc) {
		warps++;
		if (last_tsc - now > worst)
			worst = last_tsc - now;
	}
	last_tsc = now;
}

static void pass_baton(void *argument)
{
	unsigned self = (unsigned)(uintptr_t)argument;

	smp_barrier(&barrier, cpus);
	for (unsigned i = 0; i < HAND_OVERS; i++) {
		while (baton != self)
			;
		compare(read_tsc());
		baton = (self + 1) % cpus;
	}
}

static void race(void *argument)
{
	(void)argument;
	smp_barrier(&barrier, cpus);
	for (unsigned i = 0; i < RACE_ROUNDS; i++) {
		while (__atomic_exchange_n(&lock, 1, __ATOMIC_SEQ_CST))
			pause_cpu();
		compare(rdtsc());
		__atomic_store_n(&lock, 0, __ATOMIC_SEQ_CST);
	}
}

static void on_all(smp_job *job)
{
	baton = 0;
	last_tsc = 0;
	warps = 0;
	worst = 0;
	for (unsigned i = 1; i < cpus; i++)
		smp_run(i, job, (void *)(uintptr_t)i);
	job((void *)0);
	for (unsigned i = 1; i < cpus; i++)
		smp_wait(i);
}

/* ---- IA32_TSC_ADJUST --------------------------------------------------------------------------- */

static struct { uint64_t adjust, before, after, adjusted, restored; } seen[SMP_MAX];

static void read_adjust(void *argument)
{
	seen[(uintptr_t)argument].adjust = rdmsr(MSR_TSC_ADJUST);
}

/* WRMSR of the TSC adds the same to IA32_TSC_ADJUST; taken back through IA32_TSC_ADJUST. */
static void shift(void *argument)
{
	unsigned self = (unsigned)(uintptr_t)argument;

	seen[self].before = rdtsc();
	wrmsr(MSR_TSC, rdtsc() + SHIFT);
	seen[self].after = rdtsc();
	seen[self].adjusted = rdmsr(MSR_TSC_ADJUST);
	wrmsr(MSR_TSC_ADJUST, seen[self].adjust);
	seen[self].restored = rdtsc();
}

static void test_adjust(void)
{
	uint64_t before, after;

	if (cpuid(0, 0).eax < 7 || !(cpuid(7, 0).ebx & CPUID_7_EBX_TSC_ADJUST)) {
		skip("no IA32_TSC_ADJUST", "a TSC that is written");
		return;
	}
	on_all(read_adjust);
	for (unsigned i = 1; i < cpus; i++)
		check_equal(seen[i].adjust, seen[0].adjust, "CPU %u: IA32_TSC_ADJUST as on CPU 0", i);
	before = rdtsc();
	smp_run(1, shift, (void *)1);
	smp_wait(1);
	after = rdtsc();
	check(seen[1].after - seen[1].before >= SHIFT && seen[1].after - seen[1].before < 2 * SHIFT,
	      "a TSC that is written goes on from there (%lu later)", seen[1].after - seen[1].before);
	check(seen[1].adjusted - seen[1].adjust >= SHIFT - 10000 &&
		      seen[1].adjusted - seen[1].adjust <= SHIFT,
	      "IA32_TSC_ADJUST has taken up the difference (%lu)", seen[1].adjusted - seen[1].adjust);
	check(seen[1].restored - seen[1].before < SHIFT / 10, "writing IA32_TSC_ADJUST takes it back");
	check(after - before < SHIFT / 2, "the TSC of CPU 0 has not moved");
}

void guest_main(void)
{
	cpus = smp_need(2);
	note("%u CPUs", cpus);
	for (way = RDTSC; way < WAYS; way++) {
		if (way == RDTSCP && !(cpuid(0x80000001, 0).edx & CPUID_80000001_EDX_RDTSCP)) {
			skip("no RDTSCP", "RDTSCP over hand-overs");
			continue;
		}
		on_all(pass_baton);
		check(!warps, "%s: not one of %u hand-overs goes back in time (%u, at most by %lu)",
		      way_name[way], HAND_OVERS * cpus, warps, worst);
	}
	way = RDTSC;
	on_all(race);
	check(!warps, "RDTSC under a lock never goes back (%u of %u, at most by %lu)", warps,
	      RACE_ROUNDS * cpus, worst);
	test_adjust();
}
