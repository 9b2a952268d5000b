/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare.c - oracle against model on one schedule; schedules and results as text; shrinking.
 */
#include <inttypes.h>
#include <string.h>

#include "nw_clock.h"
#include "nw_window.h"
#include "schedule.h"

static char line[512];

/* ---- Conversions ---------------------------------------------------------------------------------------- */

static bool differs(const char *what, uint64_t model, uint64_t oracle)
{
	if (model == oracle)
		return false;
	snprintf(line, sizeof(line), "%s: model %" PRIu64 ", oracle %" PRIu64, what, model, oracle);
	return true;
}

static bool conversions_differ(const struct schedule *s)
{
	const struct oracle_rules *r = &s->rules;
	unsigned __int128 sum = (unsigned __int128)s->x + s->y;
	struct nw_clock clk;

	nw_clock_init(&clk, r->num, r->den);
	return differs("nw_clock_crystal_to_tsc(x)", nw_clock_crystal_to_tsc(&clk, s->x), oracle_crystal_to_tsc(r, s->x)) ||
	       differs("nw_clock_tsc_to_crystal(x)", nw_clock_tsc_to_crystal(&clk, s->x), oracle_tsc_to_crystal(r, s->x)) ||
	       differs("nw_clock_edge_tsc(x, y)", nw_clock_edge_tsc(&clk, s->x, s->y), oracle_edge(r, s->x, s->y)) ||
	       differs("nw_clock_edge_tsc(x, 0)", nw_clock_edge_tsc(&clk, s->x, 0), oracle_edge(r, s->x, 0)) ||
	       differs("nw_clock_us_to_tsc(x, y)", nw_clock_us_to_tsc(s->x, s->y), oracle_us_to_tsc(s->x, s->y)) ||
	       differs("nw_time_add(x, y)", nw_time_add(s->x, s->y),
		       sum > ORACLE_NEVER ? ORACLE_NEVER : (uint64_t)sum);
}

/* ---- Schedules ------------------------------------------------------------------------------------------ */

static bool same(const struct oracle_result *a, const struct oracle_result *b)
{
	return a->kind == b->kind && a->tick == b->tick && a->length == b->length && a->s == b->s && a->n == b->n &&
	       a->d == b->d && a->iterations == b->iterations && a->invalid == b->invalid;
}

static const char *result_differs(size_t i, const struct oracle_result *model, const struct oracle_result *oracle)
{
	FILE *f = fmemopen(line, sizeof(line), "w");

	if (!f)
		return "results differ";
	fprintf(f, "result %zu: model ", i + 1);
	result_print(f, model);
	fputs(", oracle ", f);
	result_print(f, oracle);
	fclose(f);
	return line;
}

const char *schedule_compare(const struct schedule *s)
{
	struct oracle_result model[ORACLE_RESULTS_MAX], oracle[ORACLE_RESULTS_MAX];
	size_t n_model, n_oracle;
	bool cut;

	if (conversions_differ(s))
		return line;
	n_oracle = oracle_run(&s->rules, s->start, s->event, s->n, oracle);
	n_model = schedule_run_model(s, model, &cut);
	for (size_t i = 0; i < n_model && i < n_oracle; i++) {
		if (cut && i + 1 == n_model) {
			if (oracle[i].tick < model[i].tick)
				return result_differs(i, &model[i], &oracle[i]);
		} else if (!same(&model[i], &oracle[i])) {
			return result_differs(i, &model[i], &oracle[i]);
		}
	}
	if (!cut && n_model != n_oracle)
		return differs("number of results", n_model, n_oracle) ? line : NULL;
	return NULL;
}

/* ---- Text ----------------------------------------------------------------------------------------------- */

void result_print(FILE *f, const struct oracle_result *r)
{
	static const char *const name[] = { "gap", "notify exit", "hung", "for ever", "end", "refused" };

	fprintf(f, "%s at %" PRIu64, name[r->kind], r->tick);
	if (r->length)
		fprintf(f, " length=%" PRIu64, r->length);
	if (r->kind == ORACLE_NOTIFY)
		fprintf(f, " s=%" PRIu64 " N=%" PRIu64 " D=%" PRIu64 "%s", r->s, r->n, r->d,
			r->invalid ? " context-invalid" : "");
	if (r->iterations)
		fprintf(f, " iterations=%" PRIu64, r->iterations);
}

static void event_print(FILE *f, const struct oracle_event *e)
{
	static const char *const name[] = { "run", "VM entry", "VM exit", "SMM", "quiet", "stall", "loop", "debug traps" };
	static const char *const end[] = { "deliveries", "timer events", "endless" };

	fprintf(f, "  %s", name[e->kind]);
	if (e->kind == ORACLE_ENTRY)
		fprintf(f, " %s", !e->armed ? "control clear" : e->late ? "armed at the next window, window" : "armed, window");
	if (e->kind == ORACLE_STALL)
		fputs(e->in_delivery ? " of a delivery" : " of an instruction", f);
	if (e->kind >= ORACLE_QUIET && e->kind < ORACLE_LOOP && e->amount == ORACLE_NEVER)
		fputs(" for ever", f);
	else if (e->kind != ORACLE_EXIT && !(e->kind == ORACLE_ENTRY && !e->armed) &&
		 !(e->kind >= ORACLE_LOOP && e->end == ORACLE_ENDLESS))
		fprintf(f, " %" PRIu64, e->amount);
	if (e->kind >= ORACLE_LOOP)
		fprintf(f, " %s", end[e->end]);
	fprintf(f, "%s\n", e->no_window ? ", no window after it" : "");
}

void schedule_print(FILE *f, const struct schedule *s)
{
	const struct oracle_rules *r = &s->rules;

	fprintf(f, "  clocks %" PRIu32 "/%" PRIu32 ", %" PRIu64 " Hz, threshold %" PRIu64 " %s, start %s, phase %s, atomic %s, smm %s, sum %s,\n"
		"  delivery cost %" PRIu64 ", hang limit %" PRIu64 " us, timer every %" PRIu64 ", context invalid every %" PRIu64
		",\n  skip %d, may skip %d, lead %u, period %u, x %" PRIu64 ", y %" PRIu64 "\n  from tick %" PRIu64 ":\n",
		r->num, r->den, r->tsc_hz, r->threshold, r->threshold_in_ticks ? "tsc" : "crystal",
		r->from_first_nested ? "risk" : "boundary", r->on_edges ? "edge" : "free",
		r->completes ? "complete" : "fault-before", r->smm_counts ? "count" : "suspend",
		r->wraps ? "32-bit" : "64-bit", r->iteration_ticks, r->hang_us, r->timer_ticks,
		r->invalid_every, s->skip, s->may_skip, r->lead, r->period, s->x, s->y, s->start);
	for (unsigned i = 0; i < s->n; i++)
		event_print(f, &s->event[i]);
}

/* ---- Shrinking ------------------------------------------------------------------------------------------ */

static bool keep_if_differs(struct schedule *s, const struct schedule *smaller)
{
	if (!memcmp(s, smaller, sizeof(*s)) || !schedule_compare(smaller))
		return false;
	*s = *smaller;
	return true;
}

static bool drop_events(struct schedule *s)
{
	bool shrunk = false;

	for (unsigned i = s->n; i-- > 0;) {
		struct schedule t = *s;

		memmove(&t.event[i], &t.event[i + 1], (t.n - i - 1) * sizeof(t.event[0]));
		t.n--;
		memset(&t.event[t.n], 0, sizeof(t.event[0]));
		shrunk |= keep_if_differs(s, &t);
	}
	return shrunk;
}

/* Tries 0, 1, then halves and predecessors of the number at this place of the schedule. */
static bool shrink_number(struct schedule *s, size_t offset)
{
	bool shrunk = false;

	for (unsigned step = 0; step < 200; step++) {
		struct schedule t = *s;
		uint64_t *v = (uint64_t *)((char *)&t + offset), now = *v;
		const uint64_t less[] = { 0, 1, now / 2, now - now / 8, now - 1 };
		bool found = false;

		for (unsigned i = 0; i < sizeof(less) / sizeof(less[0]) && !found; i++) {
			*v = less[i];
			found = less[i] < now && keep_if_differs(s, &t);
		}
		if (!found)
			break;
		shrunk = true;
	}
	return shrunk;
}

static bool simplify_rules(struct schedule *s)
{
	bool shrunk = false;
	struct schedule t;

#define TRY(field, value) (t = *s, t.field = (value), shrunk |= keep_if_differs(s, &t))
	TRY(rules.from_first_nested, false);
	TRY(rules.on_edges, false);
	TRY(rules.completes, false);
	TRY(rules.smm_counts, false);
	TRY(rules.wraps, false);
	TRY(rules.threshold_in_ticks, false);
	TRY(skip, true);
	TRY(may_skip, true);
	TRY(rules.lead, 0);
	TRY(rules.period, 1);
	if (s->rules.tsc_hz != 1000000)
		TRY(rules.tsc_hz, 1000000);
	t = *s;
	t.rules.num = t.rules.den = 1;
	shrunk |= keep_if_differs(s, &t);
	for (unsigned i = 0; i < s->n; i++) {
		TRY(event[i].no_window, false);
		TRY(event[i].in_delivery, false);
		TRY(event[i].late, false);
	}
#undef TRY
	return shrunk;
}

void schedule_shrink(struct schedule *s)
{
	static const size_t number[] = {
		offsetof(struct schedule, rules.threshold), offsetof(struct schedule, rules.hang_us),
		offsetof(struct schedule, rules.timer_ticks), offsetof(struct schedule, rules.iteration_ticks),
		offsetof(struct schedule, rules.invalid_every), offsetof(struct schedule, start),
		offsetof(struct schedule, x), offsetof(struct schedule, y),
	};
	bool shrunk = true;

	for (unsigned round = 0; shrunk && round < 50; round++) {
		shrunk = drop_events(s);
		shrunk |= simplify_rules(s);
		for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
			shrunk |= shrink_number(s, number[i]);
		for (unsigned i = 0; i < s->n; i++)
			shrunk |= shrink_number(s, offsetof(struct schedule, event[0].amount) + i * sizeof(s->event[0]));
	}
}
