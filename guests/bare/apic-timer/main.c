/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-timer - modes of the local APIC timer.
 *
 * Claim:    one-shot, periodic and TSC-deadline mode fire as often as they should, masked or not;
 *           an initial count of 0 and a change to or from TSC-deadline mode disarm; the divide
 *           configuration counts from reset on; IA32_TSC_DEADLINE reads 0 when it is not armed, and
 *           is compared with IA32_TIME_STAMP_COUNTER, whatever was written there.
 * Manual:   SDM Vol. 3A, "APIC timer", "TSC-deadline mode"; Vol. 3B, "IA32_TSC_ADJUST MSR".
 * Expected: all claims hold; TSC-deadline mode is skipped where CPUID lacks it.
 */
#include "lapic.h"

#define VECTOR                  0x40
#define CPUID_1_ECX_DEADLINE    (1u << 24)
#define MSR_TSC                 0x10
#define DIVIDE_BY_1             0x0b
#define FAR                     1000000000ul    /* TSC ticks: not within this run */
#define NEAR                    20000ul

static struct clock_ratio ratio;

static void wait_tsc(uint64_t ticks)
{
	uint64_t start = rdtsc();

	while (rdtsc() - start < ticks)
		interrupts_open();
}

/* First of all, nobody has written the register since reset, if it reads 0. */
static void test_divide_at_reset(void)
{
	uint64_t start, counts, crystal;

	if (apic_read(APIC_TIMER_DIVIDE) != 0) {
		skip("the firmware has written it", "divide configuration after reset");
		return;
	}
	apic_write(APIC_LVT_TIMER, LVT_MASK_BIT | VECTOR);
	apic_write(APIC_TIMER_INITIAL, 0xffffffff);
	start = rdtsc();
	while (rdtsc() - start < 2000000)
		;
	counts = 0xffffffff - apic_timer_current();
	crystal = mul_div(rdtsc() - start, ratio.denominator, ratio.numerator);
	check(counts * 2 > crystal * 9 / 10 && counts * 2 < crystal * 11 / 10,
	      "a divide configuration of 0 divides by 2 (%lu counts in %lu crystal clocks)", counts,
	      crystal);
	apic_write(APIC_TIMER_INITIAL, 0);
}

static void test_counting_modes(void)
{
	uint64_t tick = mul_div(1, ratio.numerator, ratio.denominator);

	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR);
	arrived_clear();
	apic_write(APIC_TIMER_INITIAL, 1000);
	wait_tsc(3000 * tick);
	check_equal(arrived.count, 1, "one-shot: one interrupt");
	check_equal(apic_timer_current(), 0, "one-shot: the current count stays 0");

	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR);
	arrived_clear();
	wait_tsc(2000 * tick);
	check_equal(arrived.count, 0, "periodic after a one-shot is done: not started");
	apic_write(APIC_TIMER_INITIAL, 1000);
	wait_tsc(3500 * tick);
	check(arrived.count >= 3 && arrived.count <= 4, "periodic: %u interrupts in 3.5 periods",
	      arrived.count);
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | LVT_MASK_BIT | VECTOR);
	arrived_clear();
	wait_tsc(2000 * tick);
	check_equal(arrived.count, 0, "masked: no interrupt");
	check(apic_timer_current() != 0, "masked: it counts on");
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR);
	arrived_clear();
	apic_write(APIC_TIMER_INITIAL, 0);
	wait_tsc(2000 * tick);
	check_equal(arrived.count, 0, "an initial count of 0 stops it");
}

static uint64_t deadline(void)
{
	return rdmsr(MSR_TSC_DEADLINE);
}

static void test_deadline(void)
{
	uint64_t when;

	apic_write(APIC_LVT_TIMER, VECTOR);
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + FAR);
	check_equal(deadline(), 0, "one-shot mode: the deadline cannot be written");

	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR);
	check_equal(deadline(), 0, "TSC-deadline mode: not armed at first");
	when = rdtsc() + NEAR;
	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, when);
	check_equal(deadline(), when, "armed: the deadline reads back");
	apic_write(APIC_TIMER_INITIAL, 100);
	check_equal(apic_timer_current(), 0, "armed: the current count reads 0");
	while (!arrived.count && rdtsc() < when + FAR)
		interrupts_open();
	check_equal(arrived.count, 1, "it fires");
	check(rdtsc() >= when, "not before the deadline");
	check_equal(deadline(), 0, "fired: the deadline reads 0");
	wait_tsc(2 * NEAR);
	check_equal(arrived.count, 1, "it fires once");

	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() - NEAR);
	wait_tsc(NEAR);
	check_equal(arrived.count, 1, "a deadline in the past fires at once");

	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + NEAR);
	wrmsr(MSR_TSC_DEADLINE, 0);
	wait_tsc(2 * NEAR);
	check_equal(arrived.count, 0, "writing 0 disarms");

	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | LVT_MASK_BIT | VECTOR);
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + NEAR);
	wait_tsc(2 * NEAR);
	check_equal(arrived.count, 0, "masked: no interrupt");
	check_equal(deadline(), 0, "masked: the deadline passes all the same");
}

static void test_mode_change(void)
{
	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR);
	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + NEAR);
	apic_write(APIC_LVT_TIMER, VECTOR);
	wait_tsc(2 * NEAR);
	check_equal(arrived.count, 0, "to one-shot mode: disarmed");
	check_equal(deadline(), 0, "to one-shot mode: the deadline reads 0");
	apic_write(APIC_TIMER_INITIAL, 0xffffff);
	apic_timer_current();
	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR);
	apic_write(APIC_LVT_TIMER, VECTOR);
	check_equal(apic_timer_current(), 0, "to TSC-deadline mode and back: the count is gone");
	check_equal(deadline(), 0, "to TSC-deadline mode and back: no deadline");
}

static void test_adjusted(void)
{
	uint64_t adjust;

	if (!(cpuid(7, 0).ebx & CPUID_7_EBX_TSC_ADJUST)) {
		skip("CPU lacks IA32_TSC_ADJUST", "deadline and TSC adjustment");
		return;
	}
	adjust = rdmsr(MSR_TSC_ADJUST);
	apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR);
	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + FAR);
	wrmsr(MSR_TSC_ADJUST, adjust + 2 * FAR);
	wait_tsc(NEAR);
	check_equal(arrived.count, 1, "TSC adjusted past the deadline: it fires");
	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + NEAR);
	wait_tsc(2 * NEAR);
	check_equal(arrived.count, 1, "TSC adjusted forwards: a deadline ahead of it fires in time");
	wrmsr(MSR_TSC_ADJUST, adjust);

	arrived_clear();
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + FAR);
	wrmsr(MSR_TSC, rdtsc() + 2 * FAR);
	wait_tsc(NEAR);
	check_equal(arrived.count, 1, "TSC written past the deadline: it fires");
	wrmsr(MSR_TSC_ADJUST, adjust);
}

void guest_main(void)
{
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	apic_enable();
	test_divide_at_reset();
	arrived_start(true);
	test_counting_modes();
	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_DEADLINE)) {
		skip("CPU lacks it", "TSC-deadline mode");
		return;
	}
	test_deadline();
	test_mode_change();
	test_adjusted();
}
