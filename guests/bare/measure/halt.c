/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * halt.c - does HLT, with interrupts enabled, time out? L1 halts for several times the threshold, until its timer wakes it.
 */
#include "measure.h"
#include "timer.h"

#define VECTOR          0x40
#define APIC_BASE_EN    (1ul << 11)

static uint8_t stack[4096] __attribute__((aligned(16)));
static uint32_t count;

static void on_timer(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void halt(void)
{
	apic_timer_start(VECTOR, count);
	asm volatile("sti; hlt; cli" : : : "memory");
}

/* Four times the threshold in counts of the APIC timer, which counts crystal clocks or something slower. */
static bool choose_count(const struct measure *m)
{
	uint64_t clocks;

	if (!m->ratio.numerator)
		return false;
	clocks = 4 * mul_div(measure_threshold_max(m), m->ratio.denominator, m->ratio.numerator) + 10000;
	count = (uint32_t)clocks;
	return clocks <= UINT32_MAX;
}

void measure_halt(struct measure *m)
{
	struct l1 l1;

	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EN) || !choose_count(m))
		return;
	apic_enable();
	trap_set(VECTOR, on_timer);
	l1_setup(&l1, L1_LONG64, halt, stack + sizeof(stack), 0);
	timeout_enable(0);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	apic_timer_start(0, 0);
	note("measure: HLT of %u APIC timer counts: exit reason %u, interval %lu", count, l1.exit.reason,
	     vmx_interval_tsc(&l1));
	if (l1.exit.reason == REASON_INSTRUCTION_TIMEOUT)
		m->halt = HALT_COUNTED;
	else if (l1.exit.reason == REASON_VMCALL && vmx_interval_tsc(&l1) > 2 * measure_threshold_max(m))
		m->halt = HALT_OPEN;
}
