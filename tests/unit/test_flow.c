/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_flow.c - iterations of nw_flow.h: charge, period, skip. A small machine with memory, timer events and frames
 * written by its iterations is run with and without skipping: nothing observable may differ.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "nw_flow.h"
#include "tap.h"

#define HZ 1000000 /* P22 counts ticks */

static struct nw_flow f;
static struct nw_window w;
static struct nw_params p;
static struct nw_clock clk;

static void setup(void)
{
	nw_flow_init(&f);
	nw_window_init(&w);
	nw_params_init(&p);
	nw_clock_init(&clk, 1, 1);
	p.v[NW_P_THRESHOLD] = 0;
}

/* An armed interval with s = 0 and the given D; a flow begins at 0. */
static void begin(uint32_t deadline_tsc)
{
	nw_window_arm(&w, deadline_tsc, 0);
	nw_window_close(&w, 0);
	nw_flow_begin(&f, 0);
}

static struct nw_flow_key key_of(uint64_t n)
{
	return (struct nw_flow_key){ .rip = n };
}

static struct nw_flow_step step(uint64_t state, uint64_t now, uint64_t timer)
{
	struct nw_flow_key key = key_of(state);

	return nw_flow_step(&f, &w, &p, &clk, HZ, &key, now, timer, true);
}

static void expect(struct nw_flow_step got, enum nw_outcome outcome, uint64_t ticks, uint64_t skipped)
{
	ck_assert_int_eq(got.outcome, outcome);
	ck_assert_uint_eq(got.ticks, ticks);
	ck_assert_uint_eq(got.skipped, skipped);
	ck_assert_uint_eq(got.iterations, skipped + 1);
}

/* ---- P5 ------------------------------------------------------------------------------------- */

START_TEST(which_loops_stall)
{
	static const struct { enum nw_stalling stalling; bool delivery, debug_trap; } row[] = {
		{ NW_STALLING_ALL, true, true },
		{ NW_STALLING_DELIVERY, true, false },
		{ NW_STALLING_DEBUG_TRAP, false, true },
		{ NW_STALLING_NONE, false, false },
	};

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		p.v[NW_P_STALLING] = row[i].stalling;
		ck_assert_int_eq(nw_flow_stalls(&p, NW_STALLING_DELIVERY), row[i].delivery);
		ck_assert_int_eq(nw_flow_stalls(&p, NW_STALLING_DEBUG_TRAP), row[i].debug_trap);
	}
}
END_TEST

/* With the window open there is neither deadline nor hang limit: a loop is skipped to the next timer event only. */
START_TEST(an_open_window_is_no_limit)
{
	p.v[NW_P_HANG_LIMIT] = 1000;
	nw_window_arm(&w, 10, 0);
	nw_flow_begin(&f, 0);
	expect(step(1, 0, 5000), NW_GO, 100, 0);
	expect(step(1, 100, 5000), NW_GO, 100, 0);
	expect(step(1, 200, 5000), NW_GO, 4800, 47);
	expect(step(1, 5000, NW_TIME_MAX), NW_GO, 100, 0);
}
END_TEST

/* ---- One iteration -------------------------------------------------------------------------- */

START_TEST(begin_and_end)
{
	ck_assert(!f.active);
	nw_flow_begin(&f, 77);
	ck_assert(f.active);
	ck_assert_uint_eq(f.begin_tsc, 77);
	step(1, 77, 1000);
	ck_assert_uint_eq(f.iterations, 1);
	nw_flow_end(&f);
	ck_assert(!f.active);
	ck_assert_uint_eq(f.iterations, 1);
	nw_flow_begin(&f, 99);
	ck_assert_uint_eq(f.iterations, 0);
	ck_assert_uint_eq(f.seen, 0);
}
END_TEST

START_TEST(an_iteration_costs_p4)
{
	begin(1000);
	expect(step(1, 0, NW_TIME_MAX), NW_GO, 100, 0);
	p.v[NW_P_DELIVERY_COST] = 7;
	expect(step(2, 100, NW_TIME_MAX), NW_GO, 7, 0);
	p.v[NW_P_DELIVERY_COST] = 0; /* no endless loop of the host */
	expect(step(3, 107, NW_TIME_MAX), NW_GO, 1, 0);
	ck_assert_uint_eq(f.iterations, 3);
}
END_TEST

START_TEST(an_iteration_is_cut_at_the_deadline)
{
	begin(250);
	expect(step(1, 0, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(2, 100, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(3, 200, NW_TIME_MAX), NW_EXPIRE, 50, 0);
	ck_assert_uint_eq(f.iterations, 3);
	expect(step(3, 300, NW_TIME_MAX), NW_EXPIRE, 0, 0);
}
END_TEST

START_TEST(an_iteration_that_ends_at_the_deadline_expires)
{
	begin(200);
	expect(step(1, 0, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(2, 100, NW_TIME_MAX), NW_EXPIRE, 100, 0);
}
END_TEST

START_TEST(without_an_armed_window_the_run_hangs)
{
	p.v[NW_P_HANG_LIMIT] = 150;
	nw_window_close(&w, 0);
	nw_flow_begin(&f, 0);
	expect(step(1, 0, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(2, 100, NW_TIME_MAX), NW_HUNG, 50, 0);
}
END_TEST

/* ---- Period --------------------------------------------------------------------------------- */

/* A ring of _i states is skipped after exactly two rounds from its first key, by a multiple of its length. */
START_TEST(two_periods_are_executed_first)
{
	uint64_t now = 0, period = (uint64_t)_i;
	struct nw_flow_step s;

	begin(1000000);
	for (uint64_t n = 0; n < 2 * period; n++) {
		s = step(n % period, now, 500050);
		expect(s, NW_GO, 100, 0);
		now += s.ticks;
	}
	s = step(0, now, 500050);
	if (period > NW_FLOW_PERIOD_MAX) {
		expect(s, NW_GO, 100, 0);
		return;
	}
	ck_assert_uint_gt(s.skipped, 0);
	ck_assert_uint_eq(s.skipped % period, 0);
	ck_assert_uint_eq(s.ticks, (1 + s.skipped) * 100);
	/* As far as possible: one period more would pass the timer event. */
	ck_assert_uint_le(now + s.ticks, 500050);
	ck_assert_uint_gt(now + s.ticks + 100 * period, 500050);
	ck_assert_uint_eq(f.iterations, 2 * period + s.iterations);
	ck_assert_uint_eq(f.skipped, s.skipped);
}
END_TEST

START_TEST(every_part_of_the_key_counts)
{
	struct nw_flow_key key = { 1, 2, 3, 4, 5, 6, 7 }, other = key;
	struct nw_flow_step s;

	((uint64_t *)&other)[_i] ^= UINT64_C(1) << 63;
	begin(1000000);
	nw_flow_step(&f, &w, &p, &clk, HZ, &key, 0, 900000, true);
	for (uint64_t now = 100; now < 300; now += 100) {
		s = nw_flow_step(&f, &w, &p, &clk, HZ, &other, now, 900000, true);
		expect(s, NW_GO, 100, 0);
	}
	s = nw_flow_step(&f, &w, &p, &clk, HZ, &other, 300, 900000, true);
	expect(s, NW_GO, 100 + 899600, 8996);
}
END_TEST

START_TEST(a_transient_does_not_disturb)
{
	begin(1000000);
	for (uint64_t n = 0; n < 40; n++)
		expect(step(100 + n, 100 * n, 900000), NW_GO, 100, 0);
	expect(step(1, 4000, 900000), NW_GO, 100, 0);
	expect(step(1, 4100, 900000), NW_GO, 100, 0);
	expect(step(1, 4200, 900000), NW_GO, 895800, 8957);
}
END_TEST

/* ---- Skip ----------------------------------------------------------------------------------- */

/* Equal keys at 0, 100 and 200: how far does the third step lead? */
START_TEST(skip_bounds)
{
	static const struct { uint32_t deadline; uint64_t timer, ticks; } row[] = {
		{ 100000, 200, 100 },           /* timer now */
		{ 100000, 150, 100 },           /* timer in the past (not yet served) */
		{ 100000, 250, 100 },           /* timer within the iteration */
		{ 100000, 300, 100 },
		{ 100000, 399, 100 },
		{ 100000, 400, 200 },           /* an iteration that starts with the timer's tick is real */
		{ 100000, 401, 200 },
		{ 100000, 1000, 800 },
		{ 301, NW_TIME_MAX, 100 },
		{ 400, NW_TIME_MAX, 100 },      /* the iteration that ends at D is real */
		{ 401, NW_TIME_MAX, 200 },
		{ 1000, NW_TIME_MAX, 700 },
		{ 1001, NW_TIME_MAX, 800 },
		{ 1000, 900, 700 },
		{ 1000, 1000, 700 },
		{ 1001, 1000, 800 },
		{ 1000, 700, 500 },
	};
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		setup();
		begin(row[i].deadline);
		expect(step(1, 0, row[i].timer), NW_GO, 100, 0);
		expect(step(1, 100, row[i].timer), NW_GO, 100, 0);
		expect(step(1, 200, row[i].timer), NW_GO, row[i].ticks, row[i].ticks / 100 - 1);
	}
}
END_TEST

START_TEST(skip_to_the_hang_limit)
{
	p.v[NW_P_HANG_LIMIT] = 1000;
	nw_window_close(&w, 0);
	nw_flow_begin(&f, 0);
	expect(step(1, 0, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(1, 100, NW_TIME_MAX), NW_GO, 100, 0);
	expect(step(1, 200, NW_TIME_MAX), NW_GO, 700, 6);
	expect(step(1, 900, NW_TIME_MAX), NW_HUNG, 100, 0);
	ck_assert_uint_eq(f.iterations, 10);
}
END_TEST

START_TEST(nothing_ahead_nothing_skipped)
{
	p.v[NW_P_HANG_LIMIT] = 0;
	nw_window_close(&w, 0);
	nw_flow_begin(&f, 0);
	for (uint64_t n = 0; n < 20; n++)
		expect(step(1, 100 * n, NW_TIME_MAX), NW_GO, 100, 0);
}
END_TEST

START_TEST(skip_can_be_refused)
{
	struct nw_flow_key key = key_of(1);

	begin(100000);
	p.v[NW_P_SKIP] = (uint64_t)_i;
	for (uint64_t n = 0; n < 20; n++)
		expect(nw_flow_step(&f, &w, &p, &clk, HZ, &key, 100 * n, 90000, !_i), NW_GO, 100, 0);
	/* Allowed again, the history is there. */
	p.v[NW_P_SKIP] = 1;
	expect(step(1, 2000, 90000), NW_GO, 88000, 879);
}
END_TEST

START_TEST(two_real_periods_after_a_timer_event)
{
	uint64_t period = (uint64_t)_i, now = 0;
	uint64_t timer = 10000;
	unsigned real = 0, events = 0;

	begin(1000000);
	for (uint64_t n = 0; now < 900000; n++) {
		struct nw_flow_step s = step(f.iterations % period, now, timer);

		real++;
		if (s.skipped) {
			/* The last key before the event is the first of the two periods. */
			ck_assert_uint_eq(real, 2 * period + (events == 0));
			/* then whole periods up to the next event: less than one of them is left */
			ck_assert_uint_gt(now + s.ticks + 100 * period, timer);
		}
		now += s.ticks;
		if (now >= timer) {
			timer += 10000;
			real = 0;
			events++;
		}
	}
	ck_assert_uint_gt(f.skipped, f.iterations / 2);
}
END_TEST

/* ---- With and without skipping -------------------------------------------------------------- */

#define STATES  12      /* more than NW_FLOW_PERIOD_MAX: some loops are never skipped */
#define DONE    STATES  /* the delivery completes */
#define CELLS   (2 * STATES)
#define TIMERS  24

/* Memory is a pointer per state, then what is pointed to: a frame may change the pointers of other states. */
struct machine {
	unsigned state, states;
	unsigned mem[CELLS];
	struct { unsigned cell, value; } frame[STATES];
};

struct timer { uint64_t at; unsigned cell, value; };

struct scenario {
	struct machine start;
	struct timer timer[TIMERS];
	unsigned timers;
	uint64_t start_tsc;
};

struct result {
	enum nw_outcome outcome;
	bool completed;
	uint64_t end_tsc, iterations;
	uint64_t log;           /* digest of what each timer event saw */
	struct machine machine;
	uint64_t executed;      /* may differ */
};

static uint64_t seed;

static uint64_t below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % n;
}

static void iterate(struct machine *m)
{
	unsigned target = m->mem[m->state] % m->states;
	unsigned next = m->mem[STATES + target];

	m->mem[m->frame[m->state].cell] = m->frame[m->state].value;
	m->state = next;
}

static void log_event(struct result *r, uint64_t v)
{
	r->log = (r->log ^ v) * UINT64_C(0x100000001b3);
}

static struct result run(const struct scenario *sc, bool skip)
{
	struct result r = { .machine = sc->start };
	struct machine *m = &r.machine;
	uint64_t now = sc->start_tsc;
	unsigned next = 0;

	nw_flow_begin(&f, now);
	for (;;) {
		struct nw_flow_key key;
		struct nw_flow_step s;

		iterate(m);
		r.executed++;
		if (m->state == DONE) {
			r.completed = true;
			break;
		}
		key = key_of(m->state);
		s = nw_flow_step(&f, &w, &p, &clk, HZ, &key, now,
				 next < sc->timers ? sc->timer[next].at : NW_TIME_MAX, skip);
		now += s.ticks;
		for (; next < sc->timers && sc->timer[next].at <= now; next++) {
			log_event(&r, m->state);
			log_event(&r, f.iterations);
			m->mem[sc->timer[next].cell] = sc->timer[next].value;
		}
		r.outcome = s.outcome;
		if (s.outcome != NW_GO)
			break;
	}
	r.end_tsc = now;
	r.iterations = f.iterations;
	ck_assert_uint_eq(f.iterations, f.skipped + r.executed - r.completed);
	return r;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = ((const struct timer *)a)->at, y = ((const struct timer *)b)->at;

	return (x > y) - (x < y);
}

static void random_machine(struct scenario *sc)
{
	struct machine *m = &sc->start;

	m->states = 1 + (unsigned)below(STATES);
	m->state = (unsigned)below(m->states);
	for (unsigned i = 0; i < STATES; i++) {
		m->mem[i] = (unsigned)below(m->states);
		/* Half of the machines are rings, so that long periods occur. */
		m->mem[STATES + i] = (unsigned)below(m->states);
		m->frame[i].cell = (unsigned)below(CELLS);
		m->frame[i].value = (unsigned)below(m->states);
	}
	if (below(2))
		return;
	for (unsigned i = 0; i < STATES; i++) {
		m->mem[i] = i % m->states;
		m->mem[STATES + i] = (i + 1) % m->states;
		m->frame[i].cell = i;
		m->frame[i].value = m->mem[i];
	}
}

/* Returns false when no limit would ever end the loop. */
static void random_scenario(struct scenario *sc)
{
	uint64_t span = 2 + below(20000), cost = 1 + below(below(2) ? 10 : 300);

	setup();
	memset(sc, 0, sizeof(*sc));
	random_machine(sc);
	p.v[NW_P_DELIVERY_COST] = cost;
	p.v[NW_P_CRYSTAL_PHASE] = below(2);
	nw_clock_init(&clk, 1 + (uint32_t)below(9), 1 + (uint32_t)below(4));
	sc->start_tsc = below(2) ? below(1000) : NW_TIME_MAX - 10 * span - 5000;
	if (below(4)) {
		nw_window_arm(&w, (uint32_t)(nw_clock_tsc_to_crystal(&clk, span)), 0);
		nw_window_close(&w, sc->start_tsc - below(sc->start_tsc < 300 ? 1 : 300));
	} else {
		p.v[NW_P_HANG_LIMIT] = span;
		nw_window_close(&w, sc->start_tsc);
	}
	sc->timers = (unsigned)below(TIMERS + 1);
	for (unsigned i = 0; i < sc->timers; i++) {
		struct timer *t = &sc->timer[i];

		t->at = sc->start_tsc + 1 + below(span);
		if (below(3) == 0) /* exactly when an iteration ends */
			t->at = sc->start_tsc + cost * (1 + (t->at - sc->start_tsc) / cost);
		t->cell = (unsigned)below(CELLS);
		t->value = (unsigned)below(sc->start.states);
		if (t->cell >= STATES && below(40) == 0)
			t->value = DONE;
	}
	qsort(sc->timer, sc->timers, sizeof(sc->timer[0]), by_time);
}

static void compare(const struct scenario *sc, uint64_t *executed, uint64_t *all)
{
	struct result slow = run(sc, false), fast = run(sc, true);

	ck_assert_int_eq(fast.outcome, slow.outcome);
	ck_assert_int_eq(fast.completed, slow.completed);
	ck_assert_uint_eq(fast.end_tsc, slow.end_tsc);
	ck_assert_uint_eq(fast.iterations, slow.iterations);
	ck_assert_uint_eq(fast.log, slow.log);
	ck_assert_mem_eq(&fast.machine, &slow.machine, sizeof(slow.machine));
	ck_assert_uint_le(fast.executed, slow.executed);
	*executed += fast.executed;
	*all += slow.executed;
}

START_TEST(skipping_changes_nothing)
{
	uint64_t executed = 0, all = 0;

	seed = UINT64_C(0x9d39247e33776d41) + (uint64_t)_i;
	for (int n = 0; n < 1000; n++) {
		struct scenario sc;

		random_scenario(&sc);
		compare(&sc, &executed, &all);
	}
	/* The property would hold trivially if nothing were skipped. */
	ck_assert_uint_lt(executed, all / 2);
}
END_TEST

/*
 * Why the key before the two periods counts. The first iteration from state 0 ends in state 0, as the one before it did
 * from state 1, but its frame turns the pointer: the next one leaves.
 */
START_TEST(a_frame_may_act_one_period_later)
{
	struct scenario sc = {
		.start = { .states = 2, .state = 1, .frame = { { 0, 1 }, { 1, 0 } } },
	};
	struct result r;
	uint64_t executed = 0, all = 0;

	sc.start.mem[STATES + 1] = DONE;
	begin(100000);
	compare(&sc, &executed, &all);
	r = run(&sc, true);
	ck_assert(r.completed);
	ck_assert_uint_eq(r.end_tsc, 200);
	ck_assert_uint_eq(r.executed, 3);
}
END_TEST

/*
 * Why one real period after a timer event is not enough. State 0 loops through pointer cell 0, which its frame also
 * writes. The event turns the pointer to another cell that leads to 0 as well, and prepares the way out behind the
 * usual pointer. The next iteration goes the other way, ends in the same key, and its frame restores the pointer: only
 * the iteration after that leaves.
 */
START_TEST(an_event_may_act_one_period_later)
{
	struct scenario sc = {
		.start = { .states = 2, .frame = { { 0, 0 } } },
		.timer = { { 1000, 0, 1 }, { 1000, STATES, DONE } },
		.timers = 2,
	};
	struct result r;
	uint64_t executed = 0, all = 0;

	begin(100000);
	compare(&sc, &executed, &all);
	r = run(&sc, true);
	ck_assert(r.completed);
	ck_assert_uint_eq(r.end_tsc, 1100);
	ck_assert_uint_eq(r.iterations, 11);
	ck_assert_uint_eq(r.executed, 3 + 2);
}
END_TEST

/* The largest window at 2.2 GHz under a 4 kHz timer: 171.8 s of simulated time, to the tick. */
START_TEST(largest_window)
{
	const uint64_t s = 1234567, d = s + UINT64_C(4295098367) * 88;
	uint64_t now = s + 11, timer = 550000, period = (uint64_t)_i, calls = 0;
	struct nw_flow_step st;

	nw_clock_init(&clk, 88, 1);
	p.v[NW_P_THRESHOLD] = 131072;
	nw_window_arm(&w, UINT32_MAX, 0);
	nw_window_close(&w, s);
	nw_flow_begin(&f, now);
	do {
		while (timer <= now)
			timer += 550000;
		st = step(f.iterations % period, now, timer);
		now += st.ticks;
		calls++;
	} while (st.outcome == NW_GO);
	ck_assert_int_eq(st.outcome, NW_EXPIRE);
	ck_assert_uint_eq(now, d);
	ck_assert_uint_eq(f.iterations, (d - (s + 11) + 99) / 100);
	ck_assert_uint_lt(calls, (d / 550000 + 2) * (3 * period + 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow");
	TCase *one = tcase_create("iteration"), *skip = tcase_create("skip");
	TCase *property = tcase_create("property");

	tcase_add_checked_fixture(one, setup, NULL);
	tcase_add_test(one, which_loops_stall);
	tcase_add_test(one, begin_and_end);
	tcase_add_test(one, an_iteration_costs_p4);
	tcase_add_test(one, an_iteration_is_cut_at_the_deadline);
	tcase_add_test(one, an_iteration_that_ends_at_the_deadline_expires);
	tcase_add_test(one, without_an_armed_window_the_run_hangs);
	suite_add_tcase(suite, one);

	tcase_add_checked_fixture(skip, setup, NULL);
	tcase_add_loop_test(skip, two_periods_are_executed_first, 1, NW_FLOW_PERIOD_MAX + 3);
	tcase_add_loop_test(skip, every_part_of_the_key_counts, 0, 7);
	tcase_add_test(skip, a_transient_does_not_disturb);
	tcase_add_test(skip, skip_bounds);
	tcase_add_test(skip, skip_to_the_hang_limit);
	tcase_add_test(skip, nothing_ahead_nothing_skipped);
	tcase_add_test(skip, an_open_window_is_no_limit);
	tcase_add_loop_test(skip, skip_can_be_refused, 0, 2);
	tcase_add_loop_test(skip, two_real_periods_after_a_timer_event, 1, NW_FLOW_PERIOD_MAX + 1);
	suite_add_tcase(suite, skip);

	tcase_add_checked_fixture(property, setup, NULL);
	tcase_set_timeout(property, 120);
	tcase_add_loop_test(property, skipping_changes_nothing, 0, 20);
	tcase_add_test(property, a_frame_may_act_one_period_later);
	tcase_add_test(property, an_event_may_act_one_period_later);
	tcase_add_loop_test(property, largest_window, 1, 3);
	suite_add_tcase(suite, property);

	return tap_run(suite);
}
