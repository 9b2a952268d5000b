/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.c - what the measurements say, in the words of the model's parameters (`nwsim params`).
 *
 * Slope: distance of the largest window's interval and window 0's. Intercept: interval of window 0 less that of an entry
 * which L1 ends at once with VMCALL. Lowest and highest values come from the extremes of both series.
 */
#include "measure.h"

#define PUBLISHED       131072ul        /* "128k": X. Li of Intel on Sapphire Rapids, xen-devel, 2022-06-09 */
#define MILLION         1000000ul

const uint32_t measure_windows[WINDOWS] = { 0, 1, 10, 100, 1000, 10000, 100000, 1000000 };

asm(".section .l1, \"awx\"\n"
    ".globl measure_vmcall\n"
    "measure_vmcall: vmcall\n"
    ".text\n");

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t measure_threshold_min(const struct measure *m)
{
	return difference(series_min(&m->at[0]), series_max(&m->overhead));
}

uint64_t measure_threshold_max(const struct measure *m)
{
	return difference(series_max(&m->at[0]), series_min(&m->overhead));
}

static uint64_t threshold_median(const struct measure *m)
{
	return difference(series_median(&m->at[0]), series_median(&m->overhead));
}

/* In thousandths of a crystal clock. */
static uint64_t millicrystal(const struct measure *m, uint64_t tsc)
{
	return m->ratio.numerator ? mul_div(tsc, 1000ul * m->ratio.denominator, m->ratio.numerator) : 0;
}

static uint64_t crystal_to_tsc(const struct measure *m, uint64_t clocks)
{
	return mul_div(clocks, m->ratio.numerator, m->ratio.denominator) +
	       (clocks * m->ratio.numerator % m->ratio.denominator != 0);
}

static void report_slope(const struct measure *m)
{
	const struct series *first = &m->at[0], *last = &m->at[WINDOWS - 1];
	uint32_t w = measure_windows[WINDOWS - 1];
	uint64_t low = mul_div(difference(series_min(last), series_max(first)), MILLION, w);
	uint64_t mid = mul_div(difference(series_median(last), series_median(first)), MILLION, w);
	uint64_t high = mul_div(difference(series_max(last), series_min(first)), MILLION, w);

	note("report: slope %lu.%06lu (%lu.%06lu to %lu.%06lu) TSC per window unit", mid / MILLION, mid % MILLION,
	     low / MILLION, low % MILLION, high / MILLION, high % MILLION);
	if (m->ratio.numerator) {
		uint64_t want = mul_div(MILLION, m->ratio.numerator, m->ratio.denominator);

		note("report: ratio %u/%u = %lu.%06lu by CPUID.15H", m->ratio.numerator, m->ratio.denominator,
		     want / MILLION, want % MILLION);
	}
}

/* Within 2 %, and what entry and exit may add. */
static bool near(uint64_t value, uint64_t published)
{
	return value >= published - published / 50 && value <= published + published / 50;
}

enum phase { PHASE_UNDECIDED, PHASE_FREE, PHASE_EDGE };

/* The interval of window 0 varies by up to a crystal clock when the timeout waits for an edge of a free-running crystal. */
static enum phase phase(const struct measure *m)
{
	uint64_t num = m->ratio.numerator, den = m->ratio.denominator;
	uint64_t spread = series_max(&m->at[0]) - series_min(&m->at[0]);
	uint64_t noise = series_max(&m->overhead) - series_min(&m->overhead);

	if (!num || noise * den * 4 >= num)
		return PHASE_UNDECIDED;
	if (spread * den * 4 < num)
		return PHASE_FREE;
	return spread * den * 2 >= num && (spread - noise) * den <= num ? PHASE_EDGE : PHASE_UNDECIDED;
}

static void report_unit(const struct measure *m)
{
	uint64_t low = measure_threshold_min(m), high = measure_threshold_max(m), mid = threshold_median(m);
	/* An edge comes early, by less than a clock: the longest wait is the closest. */
	uint64_t clocks = (millicrystal(m, phase(m) == PHASE_EDGE ? high : mid) + 500) / 1000;

	if (phase(m) == PHASE_FREE) {
		uint64_t back = crystal_to_tsc(m, clocks);

		if (back >= low && back <= high) {
			note("report: threshold %lu crystal", clocks);
			note("report: threshold_unit crystal (a length in TSC ticks looks so 1 time in %u)",
			     m->ratio.numerator / m->ratio.denominator);
		} else {
			note("report: threshold %lu tsc", mid);
			note("report: threshold_unit tsc (not a whole number of crystal clocks)");
		}
	} else if (m->ratio.numerator && near(clocks, PUBLISHED)) {
		note("report: threshold %lu crystal", clocks);
		note("report: threshold_unit crystal (within 2 %% of 128k crystal clocks)");
	} else if (near(mid, PUBLISHED)) {
		note("report: threshold %lu tsc", mid);
		note("report: threshold_unit tsc (within 2 %% of 128k TSC ticks)");
	} else {
		note("report: threshold %lu tsc or %lu crystal", mid, clocks);
		note("report: threshold_unit undecided");
	}
}

static void report_threshold(const struct measure *m)
{
	uint64_t mid = millicrystal(m, threshold_median(m)), low = millicrystal(m, measure_threshold_min(m));
	uint64_t high = millicrystal(m, measure_threshold_max(m));

	note("report: intercept %lu (%lu to %lu) TSC", threshold_median(m), measure_threshold_min(m),
	     measure_threshold_max(m));
	note("report: intercept %lu.%03lu (%lu.%03lu to %lu.%03lu) crystal", mid / 1000, mid % 1000, low / 1000, low % 1000,
	     high / 1000, high % 1000);
	report_unit(m);
}

void measure_report(const struct measure *m)
{
	static const char *const phases[] = { "undecided", "free", "edge" };
	static const char *const halts[] = { "not measured", "open", "closed" };
	bool valid = m->vectoring_info & INFO_VALID;

	note("---- report: docs/real-silicon.md says what to do with it ----");
	note("report: CPU signature 0x%x, TSC %lu Hz", cpuid(1, 0).eax, m->tsc_hz);
	report_slope(m);
	report_threshold(m);
	note("report: vectoring %u (0x%x, error code 0x%x)", valid, m->vectoring_info, m->vectoring_error);
	note("report: vectoring of #AC and #NP in turn: #AC %u, #NP %u, none %u", m->mixed_ac, m->mixed_np, m->mixed_none);
	note("report: saved_rf %s", m->rflags & RFLAGS_RF ? "image" : "before");
	note("report: arm before-injection (interval %ld to a plain entry's)",
	     (int64_t)(series_median(&m->injected) - series_median(&m->at[0])));
	note("report: crystal_phase %s", phases[phase(m)]);
	note("report: inactive %s (HLT)", halts[m->halt]);
	if (m->longest)
		note("report: sum %s", m->longest > series_max(&m->at[WINDOWS - 1]) ? "64-bit" : "32-bit");
	else
		note("report: sum not measured (long=1 does)");
}
