/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_oracle.c - the rules as arithmetic on exact instants, and a processor as a list of marks.
 */
#include "nw_oracle.h"

typedef unsigned __int128 wide;

/* ---- Instants ------------------------------------------------------------------------------------------- */

/* Both clocks from tick 0 in units of which a tick has `tick` and a crystal clock `crystal`. */
struct units {
	wide tick, crystal;
};

static struct units units_of(const struct oracle_rules *r)
{
	bool enumerated = r->num && r->den;

	return (struct units){ enumerated ? r->den : 1, enumerated ? r->num : 1 };
}

static uint64_t saturate(wide v)
{
	return v > ORACLE_NEVER ? ORACLE_NEVER : (uint64_t)v;
}

static wide up(wide a, wide b)
{
	return a / b + (a % b != 0);
}

uint64_t oracle_crystal_to_tsc(const struct oracle_rules *r, uint64_t n)
{
	struct units u = units_of(r);

	return saturate(up(n * u.crystal, u.tick));
}

uint64_t oracle_tsc_to_crystal(const struct oracle_rules *r, uint64_t tick)
{
	struct units u = units_of(r);

	return saturate(tick * u.tick / u.crystal);
}

uint64_t oracle_edge(const struct oracle_rules *r, uint64_t s, uint64_t n)
{
	struct units u = units_of(r);
	wide now = s * u.tick, last_edge = now - now % u.crystal;

	return saturate(up(last_edge + n * u.crystal, u.tick));
}

uint64_t oracle_us_to_tsc(uint64_t us, uint64_t tsc_hz)
{
	return saturate(up((wide)us * tsc_hz, 1000000));
}

/* Length of N, as exact as an instant. */
static wide length_of_n(const struct oracle_rules *r, uint32_t window)
{
	struct units u = units_of(r);
	wide clocks = (wide)window + (r->threshold_in_ticks ? 0 : r->threshold);

	if (r->wraps)
		clocks %= (wide)1 << 32;
	return clocks * u.crystal + (r->threshold_in_ticks ? r->threshold * u.tick : 0);
}

uint64_t oracle_n(const struct oracle_rules *r, uint32_t window)
{
	return saturate(length_of_n(r, window) / units_of(r).crystal);
}

uint64_t oracle_deadline(const struct oracle_rules *r, uint32_t window, uint64_t s)
{
	struct units u = units_of(r);
	wide from = s * u.tick, d;

	if (r->on_edges)
		from -= from % u.crystal; /* the Nth edge after s is N clocks after the last one up to s */
	d = up(from + length_of_n(r, window), u.tick);
	if (d <= s)
		d = (wide)s + 1;
	return saturate(d);
}

static uint64_t iteration_ticks(const struct oracle_rules *r)
{
	return r->iteration_ticks ? r->iteration_ticks : 1;
}

uint64_t oracle_iterations(const struct oracle_rules *r, uint64_t ticks)
{
	return ticks ? (uint64_t)up(ticks, iteration_ticks(r)) : 1;
}

/* ---- History -------------------------------------------------------------------------------------------- */

enum mark_kind {
	MARK_WINDOW,            /* an event window, in any mode */
	MARK_ARMED,             /* end of guest-state loading, the control set; value = window */
	MARK_LATE,              /* the next window arms; value = window */
	MARK_DISARMED,          /* VM exit, SMI, or VM entry with the control clear or not yet in force */
	MARK_CLOSED,            /* the processor did not reach the window that was due */
	MARK_OBSERVED           /* something that P6 = risk counts from */
};

struct mark {
	enum mark_kind kind;
	uint64_t tick, value;
};

struct history {
	const struct oracle_rules *rules;
	struct mark mark[8 * ORACLE_EVENTS_MAX + 2];
	size_t n;
	uint64_t now;
	uint64_t notify_exits;
	struct oracle_result *result;
	size_t n_results;
	bool over;
};

static void add_mark(struct history *h, enum mark_kind kind, uint64_t value)
{
	h->mark[h->n++] = (struct mark){ kind, h->now, value };
}

/* Position of the last such mark, counted from 1; 0 = none. */
static size_t last(const struct history *h, enum mark_kind kind)
{
	size_t i = h->n;

	while (i && h->mark[i - 1].kind != kind)
		i--;
	return i;
}

/* Position of the VM entry whose control is in force, or 0. */
static size_t armed(const struct history *h)
{
	size_t entry = last(h, MARK_ARMED);

	return entry > last(h, MARK_DISARMED) ? entry : 0;
}

static bool is_closed(const struct history *h)
{
	size_t closed = last(h, MARK_CLOSED);

	return closed > last(h, MARK_WINDOW) && closed > last(h, MARK_DISARMED);
}

/* The last window, or the VM entry that is in force, whichever is later. */
static size_t interval_begin(const struct history *h)
{
	size_t window = last(h, MARK_WINDOW), entry = armed(h);

	return entry > window ? entry : window;
}

static uint64_t gap_begin(const struct history *h)
{
	return h->mark[interval_begin(h) - 1].tick;
}

/* s, or ORACLE_NEVER while nothing is counted. */
static uint64_t count_start(const struct history *h)
{
	if (!armed(h))
		return ORACLE_NEVER;
	if (!h->rules->from_first_nested)
		return gap_begin(h);
	for (size_t i = interval_begin(h); i < h->n; i++)
		if (h->mark[i].kind == MARK_OBSERVED)
			return h->mark[i].tick;
	return ORACLE_NEVER;
}

static uint32_t armed_window(const struct history *h)
{
	return (uint32_t)h->mark[armed(h) - 1].value;
}

static struct oracle_result *add_result(struct history *h, enum oracle_result_kind kind)
{
	struct oracle_result *res = &h->result[h->n_results++];

	*res = (struct oracle_result){ .kind = kind, .tick = h->now };
	if (kind >= ORACLE_HUNG)
		h->over = true;
	return res;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return saturate((wide)a + b);
}

/* A window opens now. iterations: of the loop that led here. */
static void window(struct history *h, uint64_t iterations)
{
	size_t late = last(h, MARK_LATE);

	if (is_closed(h)) {
		uint64_t begin = gap_begin(h);
		struct oracle_result *res = add_result(h, ORACLE_GAP);

		res->length = h->now - begin;
		res->iterations = iterations;
	}
	add_mark(h, MARK_WINDOW, 0);
	if (late > last(h, MARK_DISARMED) && late > last(h, MARK_ARMED))
		add_mark(h, MARK_ARMED, h->mark[late - 1].value);
}

static void notify_exit(struct history *h, uint64_t d, uint64_t iterations)
{
	const struct oracle_rules *r = h->rules;
	struct oracle_result *res = add_result(h, ORACLE_NOTIFY);

	h->notify_exits++;
	res->length = h->now - gap_begin(h);
	res->s = count_start(h);
	res->n = oracle_n(r, armed_window(h));
	res->d = d;
	res->iterations = iterations;
	res->invalid = r->invalid_every && h->notify_exits % r->invalid_every == 0;
	add_mark(h, MARK_WINDOW, 0);
	add_mark(h, MARK_DISARMED, 0);
}

/* ---- Closed intervals ----------------------------------------------------------------------------------- */

/* What may end a span; at the same tick the first in this order comes first. */
enum coming { COMING_WINDOW, COMING_DEADLINE, COMING_HANG, COMING_NEXT, COMING_KINDS };

struct span {
	uint64_t until;         /* what happens then by itself, ORACLE_NEVER = it does not */
	bool next;              /* it is the next span of the same interval, not a window one tick later */
	bool completes;         /* cannot be cut by the deadline */
	bool loop;
};

static uint64_t hang_limit(const struct history *h)
{
	uint64_t ticks = oracle_us_to_tsc(h->rules->hang_us, h->rules->tsc_hz);

	return h->rules->hang_us ? later(gap_begin(h), ticks ? ticks : 1) : ORACLE_NEVER;
}

static void span(struct history *h, const struct span *s)
{
	uint64_t at[COMING_KINDS] = { ORACLE_NEVER, ORACLE_NEVER, ORACLE_NEVER, ORACLE_NEVER };
	uint64_t begin = h->now, start = count_start(h), iterations;
	enum coming first = COMING_WINDOW;

	at[s->next ? COMING_NEXT : COMING_WINDOW] = s->next ? s->until : later(s->until, 1);
	if (start != ORACLE_NEVER)
		at[COMING_DEADLINE] = oracle_deadline(h->rules, armed_window(h), start);
	else
		at[COMING_HANG] = hang_limit(h);
	for (enum coming c = COMING_WINDOW; c < COMING_KINDS; c++)
		if (at[c] < at[first])
			first = c;
	if (at[first] == ORACLE_NEVER) {
		h->now = ORACLE_NEVER;
		add_result(h, ORACLE_FOREVER);
		return;
	}
	h->now = at[first] < begin ? begin : at[first]; /* what was due earlier is noticed here */
	iterations = s->loop ? oracle_iterations(h->rules, h->now - begin - (first == COMING_WINDOW)) : 0;
	switch (first) {
	case COMING_WINDOW:
		window(h, iterations);
		break;
	case COMING_DEADLINE:
		if (s->completes)
			h->now = later(s->until, 1);
		notify_exit(h, at[COMING_DEADLINE], iterations);
		break;
	case COMING_HANG:
		add_result(h, ORACLE_HUNG)->iterations = iterations;
		break;
	default:
		break;
	}
}

static void close_window(struct history *h, bool observed)
{
	if (!is_closed(h))
		add_mark(h, MARK_CLOSED, 0);
	if (observed)
		add_mark(h, MARK_OBSERVED, 0);
}

/* The next iteration, from this one on, after which the loop is in the first state of its period. */
static wide first_state(const struct oracle_rules *r, wide iteration)
{
	wide past;

	if (iteration < r->lead)
		return r->lead;
	past = r->period ? (iteration - r->lead) % r->period : 0;
	return past ? iteration + r->period - past : iteration;
}

/* When the delivery succeeds. */
static uint64_t loop_until(const struct history *h, const struct oracle_event *e)
{
	const struct oracle_rules *r = h->rules;
	uint64_t cost = iteration_ticks(r);
	wide iterations;

	if (e->end == ORACLE_COUNTED) {
		iterations = e->amount ? e->amount : 1;
	} else if (e->end == ORACLE_TIMER && r->timer_ticks) {
		wide nth = e->amount ? e->amount : 1;
		uint64_t event = saturate((h->now / r->timer_ticks + nth) * r->timer_ticks);

		if (event == ORACLE_NEVER)
			return ORACLE_NEVER;
		iterations = first_state(r, up(event - h->now, cost));
	} else {
		return ORACLE_NEVER;
	}
	return saturate(h->now + iterations * cost);
}

static void run_loop(struct history *h, const struct oracle_event *e)
{
	if (e->kind == ORACLE_TRAPS)
		h->now = later(h->now, 1);
	close_window(h, true);
	span(h, &(struct span){ .until = loop_until(h, e), .next = e->no_window, .loop = true });
}

static void vm_entry(struct history *h, const struct oracle_event *e)
{
	h->now = later(h->now, 1);
	add_mark(h, e->armed && !e->late ? MARK_ARMED : MARK_DISARMED, (uint32_t)e->amount);
	if (e->armed && e->late)
		add_mark(h, MARK_LATE, (uint32_t)e->amount);
}

/* The boundary after RSM is the first at which the exit can be taken. */
static void smm(struct history *h, const struct oracle_event *e)
{
	uint32_t value;
	uint64_t d;

	window(h, 0);
	if (!armed(h)) {
		h->now = later(h->now, later(e->amount, 1));
		window(h, 0);
		return;
	}
	value = armed_window(h);
	d = oracle_deadline(h->rules, value, h->now);
	if (h->rules->smm_counts) {
		close_window(h, true);
	} else {
		add_mark(h, MARK_DISARMED, 0);
	}
	h->now = later(h->now, e->amount);
	if (!h->rules->smm_counts)
		add_mark(h, MARK_ARMED, value);
	h->now = later(h->now, 1);
	if (h->rules->smm_counts && d < h->now)
		notify_exit(h, d, 0);
	else
		window(h, 0);
}

static void one_event(struct history *h, const struct oracle_event *e)
{
	bool completes = e->kind == ORACLE_STALL && h->rules->completes && !e->in_delivery && e->amount != ORACLE_NEVER;

	switch (e->kind) {
	case ORACLE_RUN:
		window(h, 0);
		h->now = later(h->now, e->amount);
		window(h, 0);
		break;
	case ORACLE_ENTRY:
		vm_entry(h, e);
		break;
	case ORACLE_EXIT:
		window(h, 0);
		add_mark(h, MARK_DISARMED, 0);
		break;
	case ORACLE_SMM:
		smm(h, e);
		break;
	case ORACLE_QUIET:
	case ORACLE_STALL:
		close_window(h, e->kind == ORACLE_STALL);
		span(h, &(struct span){ .until = later(h->now, e->amount), .completes = completes,
					.next = e->no_window && !completes });
		break;
	default:
		run_loop(h, e);
		break;
	}
}

size_t oracle_run(const struct oracle_rules *r, uint64_t start, const struct oracle_event *event, size_t n_events,
		  struct oracle_result result[ORACLE_RESULTS_MAX])
{
	struct history h = { .rules = r, .now = start, .result = result };

	add_mark(&h, MARK_WINDOW, 0);
	for (size_t i = 0; i < n_events && !h.over; i++)
		one_event(&h, &event[i]);
	if (!h.over)
		add_result(&h, ORACLE_END);
	return h.n_results;
}
