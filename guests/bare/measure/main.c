/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * measure - what is not public about the instruction timeout of a processor, measured.
 *
 * Claim:    windows 0 to 1000000 end the endless #AC of an L1 at intervals that lie on a line; in the simulator the line's
 *           slope is CPUID.15H's ratio to the tick, and its intercept the internal threshold to the tick. What the exits
 *           record, and how long they take, is printed, as lines "measure: ..." and once more in short at the end: slope,
 *           threshold (P1) and what speaks for its unit (P2), event injected by the entry (P7), HLT (P8), IDT-vectoring
 *           information (P9), saved RF (P10), crystal phase (P19), sum of window and threshold near 2^32 (P17, with long=1 only: it can take three
 *           minutes).
 * Manual:   SDM Vol. 3C, "Instruction-timeout control", "VM exits"; Vol. 2, CPUID leaf 15H.
 * Expected: all claims hold. docs/real-silicon.md says how to run it on a machine, and what to send back.
 */
#include "measure.h"
#include "random.h"

#define DELAY_TICKS     1000    /* several crystal clocks */

static struct measure m;
static struct random delays = { .state = 1 };

/* ---- The loop of #AC ------------------------------------------------------------------------- */

/*
 * An entry comes at any phase of the crystal clock: without the delay each would come the same few instructions after the
 * exit before it, which may have been at an edge.
 */
static void enter(struct l1 *l1)
{
	for (uint64_t end = rdtsc() + random_below(&delays, DELAY_TICKS); rdtsc() < end;)
		;
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
}

static void timeout_or_bail(const struct l1 *l1)
{
	if (l1->exit.reason == REASON_INSTRUCTION_TIMEOUT)
		return;
	vmx_note_exit(l1);
	bail("exit reason %u instead of an instruction timeout", l1->exit.reason);
}

static void measure_window(struct l1 *l1, uint32_t window, struct series *s)
{
	vmcs_write(INSTRUCTION_TIMEOUT, window);
	series_init(s);
	for (unsigned i = 0; i < REPEAT; i++) {
		vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
		enter(l1);
		timeout_or_bail(l1);
		series_add(s, vmx_interval_tsc(l1));
	}
	series_sort(s);
	note("measure: window %u, interval %lu %lu %lu", window, series_min(s), series_median(s), series_max(s));
}

/* VM entry and exit alone: L1 is one VMCALL. Everything else of the interval is the wait. */
static void measure_overhead(struct l1 *l1)
{
	series_init(&m.overhead);
	for (unsigned i = 0; i < REPEAT; i++) {
		vmcs_write(GUEST_RIP, (uint64_t)measure_vmcall);
		enter(l1);
		if (l1->exit.reason != REASON_VMCALL)
			bail("exit reason %u instead of VMCALL", l1->exit.reason);
		series_add(&m.overhead, vmx_interval_tsc(l1));
	}
	series_sort(&m.overhead);
	vmcs_write(GUEST_RIP, (uint64_t)loop32_load);
	note("measure: entry and exit with VMCALL, interval %lu %lu %lu", series_min(&m.overhead),
	     series_median(&m.overhead), series_max(&m.overhead));
}

static void measure_record(struct l1 *l1)
{
	const struct l1_exit *e = &l1->exit;

	vmcs_write(INSTRUCTION_TIMEOUT, 0);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
	enter(l1);
	timeout_or_bail(l1);
	m.vectoring_info = e->idt_vectoring_info;
	m.vectoring_error = e->idt_vectoring_error;
	m.rflags = e->rflags;
	note("measure: record of a plain entry: vectoring 0x%x, error code 0x%x, RFLAGS 0x%lx, qualification 0x%lx",
	     e->idt_vectoring_info, e->idt_vectoring_error, e->rflags, e->qualification);
	note("measure: length %u, pending debug 0x%lx, interruptibility 0x%x, activity %u, linear address 0x%lx",
	     e->instruction_length, e->pending_debug, e->interruptibility, e->activity, vmcs_read(GUEST_LINEAR_ADDRESS));
}

/* Which of two alternating exceptions is reported; not on a CPU that reports none. */
static void measure_mixed(void)
{
	struct l1 l1;

	loop32_setup(&l1, LOOP32_NP);
	timeout_enable(0);
	for (unsigned i = 0; i < MIXED; i++) {
		vmcs_write(INSTRUCTION_TIMEOUT, i);
		vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
		enter(&l1);
		timeout_or_bail(&l1);
		if (!(l1.exit.idt_vectoring_info & INFO_VALID))
			m.mixed_none++;
		else if ((l1.exit.idt_vectoring_info & 0xff) == VECTOR_AC)
			m.mixed_ac++;
		else
			m.mixed_np++;
	}
	note("measure: #AC and #NP in turn, %u exits: vectoring #AC %u, #NP %u, none %u", MIXED, m.mixed_ac, m.mixed_np,
	     m.mixed_none);
}

/* A CPU that is not armed before the event would stay in its loop: the last measurement but one. */
static void measure_injected(struct l1 *l1)
{
	vmcs_write(INSTRUCTION_TIMEOUT, 0);
	series_init(&m.injected);
	note("measure: entries that deliver the event; if this is the last line, they are never left (P7)");
	for (unsigned i = 0; i < REPEAT; i++) {
		vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
		vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC);
		vmcs_write(ENTRY_ERROR_CODE, 0);
		enter(l1);
		timeout_or_bail(l1);
		series_add(&m.injected, vmx_interval_tsc(l1));
	}
	series_sort(&m.injected);
	note("measure: window 0, event delivered by the entry, interval %lu %lu %lu", series_min(&m.injected),
	     series_median(&m.injected), series_max(&m.injected));
}

static void measure_long(struct l1 *l1)
{
	note("measure: window 4294967295; up to three minutes");
	vmcs_write(INSTRUCTION_TIMEOUT, UINT32_MAX);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
	enter(l1);
	timeout_or_bail(l1);
	m.longest = vmx_interval_tsc(l1);
	note("measure: window 4294967295, interval %lu", m.longest);
}

/* ---- Claims ---------------------------------------------------------------------------------- */

/* Intervals that do not vary have to be right to the tick, others by as much as they vary. */
static void check_line(void)
{
	struct tally on_line = { .what = "intervals on the line" };
	uint64_t spread0 = series_max(&m.at[0]) - series_min(&m.at[0]);

	for (unsigned i = 1; i < WINDOWS; i++) {
		uint64_t distance = series_median(&m.at[i]) - series_median(&m.at[0]);
		uint64_t want = mul_div(measure_windows[i], m.ratio.numerator, m.ratio.denominator);
		uint64_t spread = spread0 + series_max(&m.at[i]) - series_min(&m.at[i]);

		tally_equal(&on_line, distance + spread >= want && distance <= want + spread ? want : distance, want);
	}
	check(series_median(&m.at[WINDOWS - 1]) > series_median(&m.at[0]), "a larger window takes longer");
	if (in_simulator() && m.ratio.numerator)
		tally_check(&on_line, "slope of CPUID.15H");
}

static void measure_field(void)
{
	uint64_t kept, high;
	int error;

	vmcs_write(INSTRUCTION_TIMEOUT, 0xffffffffffffffff);
	kept = vmcs_read(INSTRUCTION_TIMEOUT);
	error = vmread(INSTRUCTION_TIMEOUT + 1, &high);
	note("measure: field 0x4024 keeps 0x%lx of 64 ones; VMREAD of 0x4025: error %d; capability 0x%lx", kept, error,
	     rdmsr(MSR_VMX_PROC_CTLS2));
}

void guest_main(void)
{
	struct l1 l1;

	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	measure_machine(&m);
	timeout_need();
	measure_field();
	timeout_enable(0);
	measure_overhead(&l1);
	for (unsigned i = 0; i < WINDOWS; i++)
		measure_window(&l1, measure_windows[i], &m.at[i]);
	check_line();
	measure_record(&l1);
	measure_injected(&l1);
	if (param_number("long", 0))
		measure_long(&l1);
	measure_mixed();
	measure_halt(&m);
	measure_report(&m);
}
