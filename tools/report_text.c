/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report_text.c - the report for people.
 */
#include <inttypes.h>
#include <string.h>

#include "nw_abi.h"
#include "nw_clock.h"
#include "nw_dump.h"
#include "nw_exit_names.h"
#include "report.h"

#define SHOW_FIRST 6
#define SHOW_LAST  3

static const char *crystal(const struct nws_trace_report *t, uint64_t tsc, char buf[40])
{
	struct nw_dump d = { .reader = NULL, .num = t->num, .den = t->den };

	if (!t->num || !t->den)
		return "?";
	nw_dump_crystal(&d, tsc, buf, 40);
	return buf;
}

static void time_line(FILE *f, const struct nws_trace_report *t)
{
	uint64_t tsc = t->sum->has_verdict ? t->sum->verdict_tsc : t->sum->last_tsc;
	char c[40];

	fprintf(f, "  simulated time  %" PRIu64 " TSC ticks, %s crystal clocks", tsc, crystal(t, tsc, c));
	if (t->tsc_hz)
		fprintf(f, ", %.6f s", (double)tsc / (double)t->tsc_hz);
	if (t->sum->has_verdict)
		fprintf(f, "; %" PRIu64 " instructions", t->sum->verdict_icount);
	fputc('\n', f);
}

static void exit_lines(FILE *f, const struct nw_summary *s)
{
	fprintf(f, "  VM entries      %" PRIu64 ", %" PRIu64 " with notify exiting\n", s->entries,
		s->entries_armed);
	fprintf(f, "  VM exits        %" PRIu64 "\n", s->exits);
	for (unsigned i = 0; i < NW_SUMMARY_REASONS; i++)
		if (s->exits_by_reason[i])
			fprintf(f, "    %12" PRIu64 "  reason %u, %s\n", s->exits_by_reason[i], i,
				nw_exit_name(i) ? nw_exit_name(i) : "unknown");
	if (s->exits_other)
		fprintf(f, "    %12" PRIu64 "  reasons from %d on\n", s->exits_other, NW_SUMMARY_REASONS);
}

/* A column of its own where there is a choice. */
static const char *cpu_column(const struct nws_trace_report *t, unsigned cpu, char buf[16])
{
	buf[0] = 0;
	if (t->cpus > 1)
		snprintf(buf, 16, " %4u", cpu);
	return buf;
}

static const char *cpu_heading(const struct nws_trace_report *t)
{
	return t->cpus > 1 ? "  CPU" : "";
}

static void notify_line(FILE *f, const struct nws_trace_report *t, size_t i)
{
	const struct nw_summary_notify *n = &t->sum->notify[i];
	char s[40], d[40], late[32], cause[NWS_NAME], cpu[16];

	if (n->exited)
		snprintf(late, sizeof(late), "%+" PRId64, (int64_t)(n->exit_tsc - n->d_tsc));
	else
		strcpy(late, "no exit");
	fprintf(f,
		"    %5zu%s %16" PRIu64 " %15s %11" PRIu64 " %16" PRIu64 " %15s %7s  0x%03" PRIx64
		"  0x%08" PRIx64 "  %s\n",
		i + 1, cpu_column(t, n->cpu, cpu), n->s_tsc, crystal(t, n->s_tsc, s), n->n_crystal, n->d_tsc, crystal(t, n->d_tsc, d),
		late, n->qualification, n->idt_vectoring, nws_cause_name(n->cause, cause));
}

static void notify_lines(FILE *f, const struct nws_trace_report *t)
{
	const struct nw_summary *s = t->sum;

	fprintf(f, "  notify VM exits %" PRIu64, s->notify_total);
	if (s->notify_total)
		fprintf(f, ", taken exactly at D: %" PRIu64, s->notify_at_deadline);
	if (s->notify_unpaired)
		fprintf(f, ", WITHOUT an expiry record: %" PRIu64, s->notify_unpaired);
	fputc('\n', f);
	if (!s->n_notify)
		return;
	fprintf(f, "    %5s%s %16s %15s %11s %16s %15s %7s  %5s  %10s  %s\n", "#", cpu_heading(t), "s [TSC]", "s [crystal]",
		"N [crystal]", "D [TSC]", "D [crystal]", "tick-D", "qual.", "IDT-vect.", "cause");
	for (size_t i = 0; i < s->n_notify; i++) {
		if (i == SHOW_FIRST && s->n_notify > SHOW_FIRST + SHOW_LAST) {
			i = s->n_notify - SHOW_LAST;
			fprintf(f, "    %5s (%zu more)\n", "...", i - SHOW_FIRST);
		}
		notify_line(f, t, i);
	}
}

static void gap_lines(FILE *f, const struct nws_trace_report *t)
{
	const struct nw_summary *s = t->sum;
	char c[40], cause[NWS_NAME], cpu[16];

	if (!s->n_gap)
		return;
	fprintf(f, "  largest event-window gaps\n   %s %16s %15s  %-11s %6s  %-8s %s\n", cpu_heading(t), "length [TSC]",
		"[crystal]", "cause", "detail", "mode", "RIP");
	for (size_t i = 0; i < s->n_gap; i++)
		fprintf(f, "   %s %16" PRIu64 " %15s  %-11s %6" PRIu64 "  %-8s 0x%" PRIx64 "\n",
			cpu_column(t, s->gap[i].cpu, cpu), s->gap[i].length_tsc, crystal(t, s->gap[i].length_tsc, c),
			nws_cause_name(s->gap[i].cause, cause), s->gap[i].detail,
			s->gap[i].nonroot ? "non-root" : "root", s->gap[i].rip);
}

static void flow_lines(FILE *f, const struct nw_summary *s)
{
	if (s->flows_begun)
		fprintf(f,
			"  delivery loops  %" PRIu64 ", %" PRIu64 " iterations, %" PRIu64
			" of them skipped arithmetically\n",
			s->flows_begun, s->flow_iterations, s->flow_skipped);
	if (s->stalls)
		fprintf(f, "  stalls          %" PRIu64 ", %" PRIu64 " by the magic NOP\n", s->stalls,
			s->stalls_magic);
}

void nws_trace_text(FILE *f, const struct nws_trace_report *t)
{
	time_line(f, t);
	exit_lines(f, t->sum);
	flow_lines(f, t->sum);
	notify_lines(f, t);
	gap_lines(f, t);
}

static void guest_line(FILE *f, const struct nws_report *r)
{
	char tap[128], end[NWS_NAME];

	fprintf(f, "  ended by        %s", nws_end_name(r->outcome.kind, end));
	if (nws_has_code(&r->outcome))
		fprintf(f, ", exit code %" PRIu64, r->outcome.code);
	fprintf(f, "; %s\n", nws_tap_describe(&r->outcome.tap, tap));
	if (r->kernel_panic)
		fprintf(f, "  kernel panic    %s\n", r->kernel_panic);
}

void nws_report_text(FILE *f, const struct nws_report *r)
{
	fprintf(f, "\nnwsim: %s: %s", r->guest, nws_verdict_name(r->verdict));
	if (r->verdict != r->o->expect)
		fprintf(f, " (expected %s)", nws_verdict_name(r->o->expect));
	else if (r->verdict != NWS_PASS)
		fprintf(f, " (as expected)");
	fputc('\n', f);
	if (r->message)
		fprintf(f, "  simulator       %s\n", r->message);
	if (r->outcome.simulator_ok)
		guest_line(f, r);
	if (r->has_trace)
		nws_trace_text(f, &r->trace);
	fprintf(f, "  host time       %.2f s\n", r->host_seconds);
	if (r->table)
		nws_table_text(f, r->table, r->has_trace ? r->trace.sum : NULL, r->trace.num, r->trace.den);
}
