/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-timer - the timers of two CPUs run by the time of each, whatever the other one does.
 *
 * Claim:    the local APIC timer of each CPU, periodic with a period of its own, interrupts when the
 *           crystal clock says so, while CPU 1 waits in HLT between interrupts and CPU 0 counts;
 *           the TSC-deadline timer of a CPU follows its own TSC, also after IA32_TSC_ADJUST was
 *           written, and while it is armed; IA32_TSC_DEADLINE is 0 after the interrupt.
 * Manual:   SDM Vol. 3A, "APIC timer", "TSC-deadline mode"; Vol. 3B, "Time-stamp counter adjustment".
 * Expected: all claims hold: an interrupt is not early, and at most LATE ticks late (simulator).
 */
#include "smp.h"

#define VECTOR0                 0x50
#define VECTOR1                 0x51
#define PERIODIC                (1u << 17)
#define TSC_DEADLINE            (2u << 17)
#define MSR_TSC_DEADLINE        0x6e0
#define CPUID_1_ECX_DEADLINE    (1u << 24)
#define DIVIDE_BY_1             0x0b
#define INTERRUPTS              50
#define LATE                    200     /* ticks: entry of the handler, and what was being executed */
#define WAIT                    40000ul
#define SHIFT                   1000000000ul

static struct clock {
	uint8_t vector;
	uint32_t period;                /* crystal clocks */
	uint64_t start_tsc;
	volatile unsigned count;
	volatile uint64_t tsc[INTERRUPTS];
} clocks[2] = { { VECTOR0, 1009, 0, 0, { 0 } }, { VECTOR1, 1777, 0, 0, { 0 } } };

static void tick(struct clock *c)
{
	uint64_t now = rdtsc();

	if (c->count < INTERRUPTS)
		c->tsc[c->count] = now;
	c->count++;
	if (c->count == INTERRUPTS)
		apic_write(APIC_TIMER_INITIAL, 0);
	apic_eoi();
}

static void tick0(struct trap_frame *frame)
{
	(void)frame;
	tick(&clocks[0]);
}

static void tick1(struct trap_frame *frame)
{
	(void)frame;
	tick(&clocks[1]);
}

static void start(struct clock *c)
{
	c->count = 0;
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, PERIODIC | c->vector);
	c->start_tsc = rdtsc();
	apic_write(APIC_TIMER_INITIAL, c->period);
}

static void run_halted(void *argument)
{
	struct clock *c = argument;

	start(c);
	while (c->count < INTERRUPTS)
		asm volatile("sti; hlt; cli" : : : "memory");
}

static void run_counting(struct clock *c)
{
	start(c);
	asm volatile("sti" : : : "memory");
	while (c->count < INTERRUPTS)
		;
	asm volatile("cli" : : : "memory");
}

static void test_clock(const char *name, const struct clock *c, const struct clock_ratio *r)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (unsigned i = 0; i < INTERRUPTS; i++) {
		uint64_t want = c->start_tsc + mul_div((uint64_t)(i + 1) * c->period, r->numerator,
						       r->denominator);
		int64_t late = (int64_t)(c->tsc[i] - want);

		low = late < low ? late : low;
		high = late > high ? late : high;
	}
	note("%s: interrupts %ld to %ld ticks after their time", name, low, high);
	check(low >= 0, "%s: none is early (%ld ticks)", name, low);
	if (in_simulator())
		check(high <= LATE, "%s: none is more than %u ticks late (%ld)", name, LATE, high);
}

/* ---- TSC deadline ------------------------------------------------------------------------------ */

static volatile uint64_t fired_tsc;

static void fire(struct trap_frame *frame)
{
	(void)frame;
	fired_tsc = rdtsc();
	apic_eoi();
}

static struct { uint64_t late, after; } plain, shifted, moved;
static uint64_t adjust;

static void wait_fire(uint64_t deadline, uint64_t *late)
{
	uint64_t begin = rdtsc();

	asm volatile("sti" : : : "memory");
	while (!fired_tsc && rdtsc() - begin < 10 * WAIT)
		;
	asm volatile("cli" : : : "memory");
	*late = fired_tsc - deadline;
	fired_tsc = 0;
}

static void arm(uint64_t deadline)
{
	fired_tsc = 0;
	apic_write(APIC_LVT_TIMER, TSC_DEADLINE | VECTOR1);
	asm volatile("mfence" : : : "memory");
	wrmsr(MSR_TSC_DEADLINE, deadline);
}

static void deadlines(void *argument)
{
	uint64_t deadline = rdtsc() + WAIT;

	(void)argument;
	arm(deadline);
	wait_fire(deadline, &plain.late);
	plain.after = rdmsr(MSR_TSC_DEADLINE);
	adjust = rdmsr(MSR_TSC_ADJUST);
	wrmsr(MSR_TSC_ADJUST, adjust + SHIFT);
	deadline = rdtsc() + WAIT;
	arm(deadline);
	wait_fire(deadline, &shifted.late);
	/* Armed, then the TSC goes back by SHIFT: the deadline is now the same time of the new TSC. */
	deadline = rdtsc() - SHIFT + WAIT;
	arm(deadline + SHIFT);
	wrmsr(MSR_TSC_DEADLINE, deadline + 10 * SHIFT);
	wrmsr(MSR_TSC_ADJUST, adjust);
	wrmsr(MSR_TSC_ADJUST, adjust + 10 * SHIFT);
	wait_fire(deadline + 10 * SHIFT, &moved.late);
	wrmsr(MSR_TSC_DEADLINE, 0);
	wrmsr(MSR_TSC_ADJUST, adjust);
}

static void check_deadline(const char *name, uint64_t late)
{
	note("%s: %ld ticks late", name, (int64_t)late);
	check(in_simulator() ? late <= LATE : (int64_t)late >= 0, "%s: at its time", name);
}

static void test_deadline(void)
{
	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_DEADLINE)) {
		skip("no TSC-deadline mode", "TSC deadline");
		return;
	}
	trap_set(VECTOR1, fire);
	smp_run(1, deadlines, NULL);
	smp_wait(1);
	check_deadline("TSC deadline of CPU 1", plain.late);
	check_equal(plain.after, 0, "IA32_TSC_DEADLINE is 0 after the interrupt");
	check_deadline("TSC deadline with IA32_TSC_ADJUST", shifted.late);
	check_deadline("TSC deadline, IA32_TSC_ADJUST written while it is armed", moved.late);
}

void guest_main(void)
{
	struct clock_ratio r;

	if (!clock_ratio(&r))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	smp_need(2);
	trap_set(VECTOR0, tick0);
	trap_set(VECTOR1, tick1);
	smp_run(1, run_halted, &clocks[1]);
	run_counting(&clocks[0]);
	smp_wait(1);
	test_clock("CPU 0, counting", &clocks[0], &r);
	test_clock("CPU 1, in HLT", &clocks[1], &r);
	test_deadline();
}
