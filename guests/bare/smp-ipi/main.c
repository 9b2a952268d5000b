/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-ipi - a CPU that waits is woken at the time of the event that wakes it.
 *
 * Claim:    a CPU in HLT or MWAIT takes a fixed interrupt from another CPU no earlier than it was
 *           sent and at once: in the simulator the handler's first RDTSC comes the same few ticks
 *           after the sender's, however long the wait was; a store to the monitored line ends MWAIT
 *           likewise, through whatever linear address and to whichever byte of the line, a store to
 *           another line does not; waiting CPUs cost the others no time and leave their own TSC in
 *           step; the interrupt of each of several waiting CPUs arrives once.
 * Manual:   SDM Vol. 3A, "Issuing interprocessor interrupts", "Interrupt command register"; Vol. 2,
 *           HLT, MONITOR, MWAIT.
 * Expected: all claims hold; on silicon latencies are printed and not judged.
 */
#include "lapic.h"
#include "smp.h"

#define VECTOR          0x60
#define ROUNDS          64
#define LINE            64
#define ALIAS           0x100000000ul   /* 4 GiB: maps what is below once more */
#define GIVE_UP         2000000ul       /* ticks */
#define LATENCY_MAX     100
#define CPUID_1_ECX_MONITOR (1u << 3)

enum waiting { IN_HLT, IN_MWAIT, WAYS };
static const char *const way_name[WAYS] = { "HLT", "MWAIT" };

static unsigned cpus;
static volatile enum waiting way;
static volatile uint64_t handler_tsc, woken_tsc, halt_tsc;
static volatile unsigned interrupts[SMP_MAX], ready;
static struct { volatile uint8_t byte[LINE]; } lines[3] __attribute__((aligned(4096)));

extern uint64_t boot_pml4[];

static unsigned self(void)
{
	for (unsigned i = 1; i < cpus; i++)
		if (smp_apic_id(i) == apic_id())
			return i;
	return 0;
}

static void handler(struct trap_frame *frame)
{
	(void)frame;
	handler_tsc = rdtsc();
	interrupts[self()]++;
	apic_eoi();
}

static void monitor(const volatile void *address)
{
	asm volatile("monitor" : : "a"(address), "c"(0), "d"(0) : "memory");
}

/* Waits once, for the interrupt. */
static void wait_interrupt(void *argument)
{
	(void)argument;
	halt_tsc = rdtsc();
	if (way == IN_MWAIT) {
		monitor(&lines[0]);
		ready = 1;
		asm volatile("sti; mwait; cli" : : "a"(0), "c"(0) : "memory");
	} else {
		ready = 1;
		asm volatile("sti; hlt; cli" : : : "memory");
	}
	woken_tsc = rdtsc();
}

/* Waits for a store. */
static void wait_store(void *argument)
{
	(void)argument;
	monitor(&lines[1]);
	ready = 1;
	asm volatile("mwait; nop" : : "a"(0), "c"(0) : "memory");
	woken_tsc = rdtsc();
}

static void pass(uint64_t ticks)
{
	uint64_t begin = rdtsc();

	while (rdtsc() - begin < ticks)
		pause_cpu();
}

static void begin_wait(smp_job *job)
{
	ready = 0;
	smp_run(1, job, NULL);
	while (!ready)
		pause_cpu();
}

static void test_interrupt(enum waiting w)
{
	uint64_t first = 0, sent, latency, low = ~0ul, high = 0;
	unsigned early = 0, differ = 0;

	way = w;
	interrupts[1] = 0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		begin_wait(wait_interrupt);
		pass(1000 + 777 * i);
		sent = rdtsc();
		smp_ipi(1, VECTOR);
		smp_wait(1);
		latency = handler_tsc - sent;
		early += handler_tsc < sent || woken_tsc < handler_tsc || sent < halt_tsc;
		if (!i)
			first = latency;
		differ += latency != first;
		low = latency < low ? latency : low;
		high = latency > high ? latency : high;
	}
	note("%s: RDTSC, IPI to RDTSC of the handler: %lu to %lu ticks", way_name[w], low, high);
	check(!early, "%s: no interrupt arrives before it was sent (%u of %u)", way_name[w], early,
	      ROUNDS);
	check_equal(interrupts[1], ROUNDS, "%s: every interrupt arrives once", way_name[w]);
	if (!in_simulator())
		return;
	check(!differ, "%s: always after the same time (%u of %u differ)", way_name[w], differ, ROUNDS);
	check(high <= LATENCY_MAX, "%s: at once (%lu ticks)", way_name[w], high);
}

/* Does the store end MWAIT of CPU 1? latency: until its next RDTSC. */
static bool store_wakes(volatile uint8_t *byte, uint64_t *latency)
{
	uint64_t begin;
	bool woken;

	*byte = 1;              /* the translation to write to it is now cached */
	woken_tsc = 0;
	begin_wait(wait_store);
	pass(5000);
	begin = rdtsc();
	*byte = 2;
	while (!woken_tsc && rdtsc() - begin < GIVE_UP)
		pause_cpu();
	woken = woken_tsc != 0;
	*latency = woken_tsc - begin;
	return woken;
}

static void test_store(const char *name, volatile uint8_t *byte, bool want)
{
	uint64_t latency = 0;
	bool woken = store_wakes(byte, &latency);

	check(woken == want, "a store %s %s MWAIT", name, want ? "ends" : "does not end");
	if (woken && want) {
		note("store %s: %lu ticks", name, latency);
		if (in_simulator())
			check(latency <= LATENCY_MAX, "a store %s: at once (%lu ticks)", name, latency);
	}
	if (!woken)     /* with IF = 0 an interrupt need not end it, and would be left over: a store to the line does */
		lines[1].byte[0] = 3;
	smp_wait(1);
}

static void test_monitor(void)
{
	volatile uint8_t *alias;
	uint64_t *pdpt = (uint64_t *)(boot_pml4[0] & ~0xffful);

	pdpt[4] = pdpt[0];
	alias = (volatile uint8_t *)((uintptr_t)&lines[1] + ALIAS);
	test_store("to its first byte", &lines[1].byte[0], true);
	test_store("to its last byte", &lines[1].byte[LINE - 1], true);
	test_store("through another linear address", alias, true);
	if (in_simulator())     /* silicon may end MWAIT for reasons of its own */
		test_store("to the line before", &lines[0].byte[LINE - 1], false);
}

static void wait_hlt(void *argument)
{
	(void)argument;
	ready = 1;
	asm volatile("sti; hlt; cli" : : : "memory");
}

/* CPU 0 counts alone: the others wait, and take no time from it. */
static void test_all(void)
{
	uint64_t begin, loops = 100000, ticks;

	for (unsigned i = 1; i < cpus; i++) {
		interrupts[i] = 0;
		ready = 0;
		smp_run(i, wait_hlt, NULL);
		while (!ready)
			pause_cpu();
	}
	pass(5000);
	begin = rdtsc();
	asm volatile("1: dec %0; jnz 1b" : "+r"(loops) : : "cc");
	ticks = rdtsc() - begin;
	if (in_simulator())
		check(ticks >= 200000 && ticks < 200010, "200000 instructions take as many ticks (%lu)",
		      ticks);
	for (unsigned i = 1; i < cpus; i++)
		smp_ipi(i, VECTOR);
	for (unsigned i = 1; i < cpus; i++) {
		smp_wait(i);
		check_equal(interrupts[i], 1, "CPU %u: one interrupt", i);
	}
}

void guest_main(void)
{
	cpus = smp_need(2);
	trap_set(VECTOR, handler);
	test_interrupt(IN_HLT);
	if (cpuid(1, 0).ecx & CPUID_1_ECX_MONITOR) {
		test_interrupt(IN_MWAIT);
		test_monitor();
	} else {
		skip("no MONITOR", "MWAIT");
	}
	test_all();
}
