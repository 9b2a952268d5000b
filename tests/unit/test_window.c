/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_window.c - s, N, D, the hang limit and the charge of nw_window.h, against counting tick by tick.
 */
#include <check.h>
#include <stdlib.h>

#include "nw_window.h"
#include "tap.h"

#define HZ 1000000 /* one tick is one microsecond: P22 counts ticks */

static struct nw_window w;
static struct nw_params p;
static struct nw_clock clk;

static const struct { uint32_t num, den; } ratios[] = {
	{ 88, 1 }, { 176, 2 }, { 1, 1 }, { 219, 2 }, { 3, 7 },
};
#define RATIOS ((int)(sizeof(ratios) / sizeof(ratios[0])))

static void setup(void)
{
	nw_window_init(&w);
	nw_params_init(&p);
	nw_clock_init(&clk, 88, 1);
}

static uint64_t deadline(void)
{
	return nw_window_deadline(&w, &p, &clk);
}

static uint64_t hang(void)
{
	return nw_window_hang(&w, &p, HZ);
}

static struct nw_charge charge(uint64_t now, uint64_t cost, bool opens_after)
{
	return nw_window_charge(&w, &p, &clk, HZ, now, cost, opens_after);
}

/* An armed, closed interval with the given s, threshold in crystal clocks. */
static void timed(uint64_t s, uint32_t window, uint64_t threshold)
{
	nw_window_init(&w);
	nw_window_arm(&w, window, 0);
	nw_window_close(&w, s);
	p.v[NW_P_THRESHOLD] = threshold;
}

/* ---- State ---------------------------------------------------------------------------------- */

START_TEST(powers_up_open_and_disarmed)
{
	ck_assert(!w.armed && !w.closed && !w.risk_seen);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_eq(hang(), NW_TIME_MAX);
	ck_assert_uint_eq(nw_window_open(&w, 1000), 0);
}
END_TEST

START_TEST(open_window_has_no_deadline)
{
	nw_window_arm(&w, 0, 500);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_eq(hang(), NW_TIME_MAX);
}
END_TEST

START_TEST(s_is_the_last_window)
{
	nw_window_arm(&w, 0, 500);
	nw_window_close(&w, 700);
	ck_assert_uint_eq(w.start_tsc, 700);
	ck_assert_uint_eq(deadline(), 700 + 11534336);
}
END_TEST

START_TEST(s_is_the_entry_when_that_is_later)
{
	nw_window_arm(&w, 0, 500);
	nw_window_close(&w, 499);
	ck_assert_uint_eq(w.start_tsc, 500);
	ck_assert_uint_eq(w.boundary_tsc, 500);
}
END_TEST

START_TEST(entry_of_an_earlier_guest_does_not_count)
{
	nw_window_arm(&w, 0, 500);
	nw_window_disarm(&w);
	nw_window_close(&w, 400);
	ck_assert_uint_eq(w.start_tsc, 400);
}
END_TEST

START_TEST(close_is_ignored_while_timed)
{
	timed(100, 0, 1);
	nw_window_close(&w, 150);
	ck_assert_uint_eq(w.start_tsc, 100);
	ck_assert_uint_eq(nw_window_open(&w, 160), 60);
}
END_TEST

START_TEST(each_interval_has_its_own_s)
{
	timed(100, 0, 1);
	ck_assert_uint_eq(nw_window_open(&w, 120), 20);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_eq(nw_window_open(&w, 121), 0);
	nw_window_close(&w, 130);
	ck_assert_uint_eq(deadline(), 130 + 88);
}
END_TEST

START_TEST(entry_while_closed_starts_anew)
{
	nw_window_close(&w, 100);
	nw_window_arm(&w, 0, 300);
	p.v[NW_P_THRESHOLD] = 1;
	ck_assert_uint_eq(deadline(), 388);
	ck_assert_uint_eq(nw_window_open(&w, 310), 10);
}
END_TEST

START_TEST(disarm_ends_the_interval)
{
	timed(100, 0, 1);
	nw_window_disarm(&w);
	ck_assert(!w.closed);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_eq(hang(), NW_TIME_MAX);
	ck_assert_uint_eq(nw_window_open(&w, 200), 0);
}
END_TEST

START_TEST(gap_is_never_negative)
{
	timed(100, 0, 1);
	ck_assert_uint_eq(nw_window_open(&w, 99), 0);
	ck_assert(!w.closed);
}
END_TEST

/* ---- P7 ----------------------------------------------------------------------------------------- */

START_TEST(the_first_window_arms)
{
	p.v[NW_P_THRESHOLD] = 1;
	nw_window_close(&w, 50); /* the entry instruction itself has stalled */
	nw_window_arm_at_window(&w, 3);
	ck_assert(!w.armed && !w.closed);
	nw_window_close(&w, 100); /* the delivery of the injected event */
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_ne(hang(), NW_TIME_MAX);
	ck_assert_uint_eq(nw_window_open(&w, 700), 600);
	ck_assert(w.armed);
	nw_window_close(&w, 650);
	ck_assert_uint_eq(deadline(), 700 + 4 * 88);
	nw_window_open(&w, 800);
	nw_window_suspend(&w, 800);
	nw_window_open(&w, 900); /* not again: this one is in SMM */
	ck_assert(!w.armed);
}
END_TEST

START_TEST(what_waits_for_a_window_is_forgotten)
{
	nw_window_arm_at_window(&w, 3);
	nw_window_disarm(&w);
	nw_window_open(&w, 10);
	ck_assert(!w.armed);
	nw_window_arm_at_window(&w, 3);
	nw_window_arm(&w, 5, 20);
	nw_window_open(&w, 30);
	ck_assert_uint_eq(w.entry_tsc, 20);
	ck_assert_uint_eq(w.window_crystal, 5);
}
END_TEST

/* ---- P16 ---------------------------------------------------------------------------------------- */

START_TEST(nothing_is_armed_in_smm)
{
	nw_window_arm(&w, 3, 100);
	nw_window_suspend(&w, 200);
	nw_window_close(&w, 250);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	ck_assert_uint_ne(hang(), NW_TIME_MAX);
}
END_TEST

START_TEST(after_smm_counting_begins_anew)
{
	p.v[NW_P_THRESHOLD] = 1;
	nw_window_arm(&w, 3, 100);
	nw_window_suspend(&w, 200);
	nw_window_close(&w, 250); /* RSM itself stalls */
	nw_window_resume(&w, &p, 1000);
	ck_assert_uint_eq(deadline(), 1000 + 4 * 88);
	ck_assert_uint_eq(nw_window_open(&w, 1001), 1);
	nw_window_close(&w, 300);
	ck_assert_uint_eq(deadline(), 1000 + 4 * 88);
}
END_TEST

START_TEST(time_in_smm_counts)
{
	p.v[NW_P_SMM] = NW_SMM_COUNT;
	p.v[NW_P_START] = (uint64_t)_i; /* P6 makes no difference */
	p.v[NW_P_THRESHOLD] = 1;
	nw_window_arm(&w, 3, 100);
	nw_window_suspend(&w, 200);
	nw_window_resume(&w, &p, 1000);
	ck_assert(w.closed);
	ck_assert_uint_eq(deadline(), 200 + 4 * 88);
	ck_assert_uint_eq(nw_window_open(&w, 1001), 801);
	nw_window_resume(&w, &p, 1100); /* not from SMM: nothing */
	ck_assert(!w.closed);
}
END_TEST

START_TEST(smm_does_not_arm)
{
	p.v[NW_P_SMM] = (uint64_t)_i;
	nw_window_suspend(&w, 200);
	nw_window_resume(&w, &p, 1000);
	ck_assert(!w.armed && !w.closed);
}
END_TEST

/* ---- P6 ------------------------------------------------------------------------------------- */

START_TEST(risk_moves_s_once)
{
	p.v[NW_P_START] = NW_START_RISK;
	timed(100, 0, 1);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	nw_window_risk(&w, &p, 140);
	ck_assert_uint_eq(deadline(), 140 + 88);
	nw_window_risk(&w, &p, 160);
	ck_assert_uint_eq(deadline(), 140 + 88);
	/* The gap is a fact about windows, not about the counter. */
	ck_assert_uint_eq(nw_window_open(&w, 200), 100);
}
END_TEST

START_TEST(risk_is_forgotten_by_the_next_interval)
{
	p.v[NW_P_START] = NW_START_RISK;
	timed(100, 0, 1);
	nw_window_risk(&w, &p, 140);
	nw_window_open(&w, 150);
	nw_window_close(&w, 160);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
	nw_window_risk(&w, &p, 150); /* lags behind s: s stays */
	ck_assert_uint_eq(deadline(), 160 + 88);
	nw_window_arm(&w, 0, 170);
	ck_assert_uint_eq(deadline(), NW_TIME_MAX);
}
END_TEST

START_TEST(risk_does_nothing_with_boundary)
{
	timed(100, 0, 1);
	nw_window_risk(&w, &p, 140);
	ck_assert_uint_eq(deadline(), 188);
	ck_assert(!w.risk_seen);
}
END_TEST

START_TEST(risk_needs_an_armed_closed_interval)
{
	p.v[NW_P_START] = NW_START_RISK;
	nw_window_close(&w, 10);
	nw_window_risk(&w, &p, 20);
	ck_assert(!w.risk_seen);
	nw_window_open(&w, 30);
	nw_window_arm(&w, 0, 40);
	nw_window_risk(&w, &p, 50);
	ck_assert(!w.risk_seen);
}
END_TEST

/* ---- N and D -------------------------------------------------------------------------------- */

START_TEST(n_in_crystal_clocks)
{
	timed(0, 1000, 131072);
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), 132072);
	p.v[NW_P_THRESHOLD_UNIT] = NW_UNIT_TSC;
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), 1000 + 1489);
	p.v[NW_P_THRESHOLD] = 87;
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), 1000);
}
END_TEST

START_TEST(largest_window)
{
	timed(12345, UINT32_MAX, 131072);
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), UINT64_C(4295098367));
	ck_assert_uint_eq(deadline(), UINT64_C(12345) + UINT64_C(4295098367) * 88);
}
END_TEST

START_TEST(nothing_to_count_is_one_tick)
{
	for (int phase = 0; phase < 2; phase++) {
		for (int unit = 0; unit < 2; unit++) {
			nw_clock_init(&clk, ratios[_i].num, ratios[_i].den);
			p.v[NW_P_CRYSTAL_PHASE] = (uint64_t)phase;
			p.v[NW_P_THRESHOLD_UNIT] = (uint64_t)unit;
			for (uint64_t s = 0; s < 300; s++) {
				timed(s, 0, 0);
				ck_assert_uint_eq(deadline(), s + 1);
			}
		}
	}
}
END_TEST

/* P17: what the sum is made of decides whether it wraps. */
START_TEST(sum_of_32_bits)
{
	p.v[NW_P_SUM] = NW_SUM_32BIT;
	timed(0, UINT32_MAX, 9);
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), 8);
	ck_assert_uint_eq(deadline(), 8 * 88);
	timed(0, UINT32_MAX, 1);
	ck_assert_uint_eq(deadline(), 1);
	timed(0, UINT32_MAX, 0);
	ck_assert_uint_eq(deadline(), UINT64_C(88) * UINT32_MAX);
	timed(0, 5, (UINT64_C(1) << 40) + 7);
	ck_assert_uint_eq(deadline(), 12 * 88);
	p.v[NW_P_THRESHOLD_UNIT] = NW_UNIT_TSC;
	timed(0, UINT32_MAX, 880);
	ck_assert_uint_eq(nw_window_n_crystal(&w, &p, &clk), UINT64_C(10) + UINT32_MAX);
	ck_assert_uint_eq(deadline(), UINT64_C(88) * UINT32_MAX + 880);
}
END_TEST

/* D by walking: count what P19 counts until `window` (+ threshold) clocks are seen. */
static uint64_t walked_deadline(uint64_t s, uint64_t clocks, uint64_t extra_ticks)
{
	uint64_t t = s, edge = 0;

	if (p.v[NW_P_CRYSTAL_PHASE] == NW_PHASE_FREE) {
		while ((t - s) * clk.den < clocks * clk.num)
			t++;
	} else {
		while ((edge * clk.num + clk.den - 1) / clk.den <= s)
			edge++; /* the first edge after s */
		for (; clocks > 0; clocks--, edge++)
			t = (edge * clk.num + clk.den - 1) / clk.den;
	}
	t += extra_ticks;
	return t > s ? t : s + 1;
}

/* With no clock at all, P19 = edge counts the ticks of the threshold from the last edge on. */
static uint64_t last_edge(uint64_t s)
{
	uint64_t edge = 0;

	while (((edge + 1) * clk.num + clk.den - 1) / clk.den <= s)
		edge++;
	return (edge * clk.num + clk.den - 1) / clk.den;
}

START_TEST(deadline_by_walking)
{
	nw_clock_init(&clk, ratios[_i].num, ratios[_i].den);
	for (int variant = 0; variant < 4; variant++) {
		p.v[NW_P_CRYSTAL_PHASE] = variant & 1 ? NW_PHASE_EDGE : NW_PHASE_FREE;
		p.v[NW_P_THRESHOLD_UNIT] = variant & 2 ? NW_UNIT_TSC : NW_UNIT_CRYSTAL;
		for (uint64_t s = 0; s < 250; s++) {
			for (uint32_t window = 0; window < 8; window++) {
				for (uint64_t threshold = 0; threshold < 8; threshold++) {
					uint64_t d;

					timed(s, window, threshold);
					if (!(variant & 2))
						d = walked_deadline(s, window + threshold, 0);
					else if (window == 0 && variant & 1)
						d = last_edge(s) + threshold;
					else
						d = walked_deadline(s, window, threshold);
					if (d <= s)
						d = s + 1;
					if (deadline() != d)
						ck_abort_msg("s %d window %u threshold %d: D %d, not %d",
							     (int)s, window, (int)threshold,
							     (int)deadline(), (int)d);
				}
			}
		}
	}
}
END_TEST

/* P19 = edge expires at most one crystal clock earlier than free, and never later. */
START_TEST(edge_is_at_most_a_clock_earlier)
{
	uint64_t clock_ticks;

	nw_clock_init(&clk, ratios[_i].num, ratios[_i].den);
	clock_ticks = nw_clock_crystal_to_tsc(&clk, 1);
	for (uint64_t s = UINT64_C(1) << 40; s < (UINT64_C(1) << 40) + 400; s++) {
		uint64_t d_free, d_edge;

		timed(s, UINT32_MAX - (uint32_t)(s % 7), 131072);
		p.v[NW_P_CRYSTAL_PHASE] = NW_PHASE_FREE;
		d_free = deadline();
		p.v[NW_P_CRYSTAL_PHASE] = NW_PHASE_EDGE;
		d_edge = deadline();
		ck_assert_uint_le(d_edge, d_free);
		ck_assert_uint_le(d_free - d_edge, clock_ticks);
	}
}
END_TEST

START_TEST(deadline_at_the_end_of_time)
{
	for (int phase = 0; phase < 2; phase++) {
		p.v[NW_P_CRYSTAL_PHASE] = (uint64_t)phase;
		nw_clock_init(&clk, 1, 1);
		timed(NW_TIME_MAX - 10, 4, 5);
		ck_assert_uint_eq(deadline(), NW_TIME_MAX - 1);
		timed(NW_TIME_MAX - 10, 4, 6);
		ck_assert_uint_eq(deadline(), NW_TIME_MAX);
		timed(NW_TIME_MAX - 10, 4, 1000);
		ck_assert_uint_eq(deadline(), NW_TIME_MAX);
		timed(NW_TIME_MAX, 0, 0);
		ck_assert_uint_eq(deadline(), NW_TIME_MAX);
		p.v[NW_P_THRESHOLD_UNIT] = NW_UNIT_TSC;
		timed(NW_TIME_MAX - 10, 4, 1000);
		ck_assert_uint_eq(deadline(), NW_TIME_MAX);
		p.v[NW_P_THRESHOLD_UNIT] = NW_UNIT_CRYSTAL;
		nw_clock_init(&clk, UINT32_MAX, 1);
		timed(0, UINT32_MAX, UINT64_C(1) << 40); /* about 2^72 ticks */
		ck_assert_uint_eq(deadline(), NW_TIME_MAX);
		timed(0, UINT32_MAX, 0);
		ck_assert_uint_eq(deadline(), UINT64_C(0xfffffffe00000001));
	}
}
END_TEST

/* ---- P22 ------------------------------------------------------------------------------------ */

START_TEST(hang_limit_counts_from_the_last_window)
{
	nw_window_close(&w, 100);
	ck_assert_uint_eq(hang(), 100 + 10000000);
	ck_assert_uint_eq(nw_window_hang(&w, &p, UINT64_C(2200000000)), UINT64_C(100) + 22000000000);
	p.v[NW_P_HANG_LIMIT] = 0;
	ck_assert_uint_eq(hang(), NW_TIME_MAX);
	p.v[NW_P_HANG_LIMIT] = 1;
	ck_assert_uint_eq(nw_window_hang(&w, &p, 3), 101); /* 3 Hz: less than one tick is one */
	ck_assert_uint_eq(nw_window_hang(&w, &p, 0), 101);
	w.boundary_tsc = NW_TIME_MAX;
	ck_assert_uint_eq(hang(), NW_TIME_MAX);
}
END_TEST

START_TEST(either_a_deadline_or_a_hang_limit)
{
	p.v[NW_P_START] = _i & 1 ? NW_START_RISK : NW_START_BOUNDARY;
	if (_i & 2)
		nw_window_arm(&w, 5, 50);
	nw_window_close(&w, 100);
	if (_i & 4)
		nw_window_risk(&w, &p, 150);
	ck_assert_int_eq((deadline() == NW_TIME_MAX) + (hang() == NW_TIME_MAX), 1);
	/* No deadline: not armed, or P6 = risk and no risk yet. */
	ck_assert_int_eq(deadline() == NW_TIME_MAX, !(_i & 2) || ((_i & 1) && !(_i & 4)));
}
END_TEST

/* ---- Charge --------------------------------------------------------------------------------- */

START_TEST(a_window_at_the_deadline_wins)
{
	struct nw_charge c;

	timed(100, 0, 1); /* D = 188 */
	c = charge(100, 88, true);
	ck_assert(c.outcome == NW_GO && c.ticks == 88);
	c = charge(100, 89, true);
	ck_assert(c.outcome == NW_EXPIRE && c.ticks == 88);
}
END_TEST

START_TEST(a_loop_iteration_at_the_deadline_does_not)
{
	struct nw_charge c;

	timed(100, 0, 1);
	c = charge(100, 87, false);
	ck_assert(c.outcome == NW_GO && c.ticks == 87);
	c = charge(100, 88, false);
	ck_assert(c.outcome == NW_EXPIRE && c.ticks == 88);
	c = charge(150, 1000, false);
	ck_assert(c.outcome == NW_EXPIRE && c.ticks == 38);
}
END_TEST

START_TEST(past_the_deadline_expires_at_once)
{
	for (uint64_t cost = 0; cost < 3; cost++) {
		struct nw_charge c;

		timed(100, 0, 1);
		c = charge(189, cost, _i);
		ck_assert(c.outcome == NW_EXPIRE && c.ticks == 0);
		c = charge(NW_TIME_MAX, cost, _i);
		ck_assert(c.outcome == NW_EXPIRE && c.ticks == 0);
	}
}
END_TEST

START_TEST(a_stall_for_ever_ends)
{
	struct nw_charge c;

	timed(100, UINT32_MAX, 131072);
	c = charge(150, UINT64_MAX, _i);
	ck_assert_int_eq(c.outcome, NW_EXPIRE);
	ck_assert_uint_eq(c.ticks, UINT64_C(4295098367) * 88 - 50);

	nw_window_disarm(&w);
	nw_window_close(&w, 100);
	c = charge(150, UINT64_MAX, _i);
	ck_assert_int_eq(c.outcome, NW_HUNG);
	ck_assert_uint_eq(c.ticks, 10000000 - 50);
}
END_TEST

START_TEST(without_limit_time_stops_at_its_end)
{
	struct nw_charge c;

	p.v[NW_P_HANG_LIMIT] = 0;
	nw_window_close(&w, 100);
	c = charge(150, UINT64_MAX, _i);
	ck_assert(c.outcome == NW_GO && c.ticks == NW_TIME_MAX - 150);
	c = charge(150, 7, _i);
	ck_assert(c.outcome == NW_GO && c.ticks == 7);
	c = charge(NW_TIME_MAX, 7, _i);
	ck_assert(c.outcome == NW_GO && c.ticks == 0);
}
END_TEST

START_TEST(an_open_window_costs_what_it_costs)
{
	struct nw_charge c;

	nw_window_arm(&w, 0, 0);
	c = charge(UINT64_C(1) << 50, 123456, _i);
	ck_assert(c.outcome == NW_GO && c.ticks == 123456);
}
END_TEST

/* The rule in words, one tick after the other: a window at D wins, time inside the interval ends at D. */
static struct nw_charge walked_charge(uint64_t d, enum nw_outcome at_d, uint64_t now, uint64_t cost,
				      bool opens_after)
{
	uint64_t t = now;

	if (t > d)
		return (struct nw_charge){ at_d, 0 };
	for (;; t++, cost--) {
		if (cost == 0 && opens_after)
			return (struct nw_charge){ NW_GO, t - now };
		if (t == d)
			return (struct nw_charge){ at_d, t - now };
		if (cost == 0)
			return (struct nw_charge){ NW_GO, t - now };
	}
}

static void compare_charges(uint64_t s, uint64_t d, enum nw_outcome at_d)
{
	for (uint64_t now = s; now < d + 4; now++) {
		for (uint64_t cost = 0; cost < 24; cost++) {
			for (int opens = 0; opens < 2; opens++) {
				struct nw_charge c = charge(now, cost, opens);
				struct nw_charge ref = walked_charge(d, at_d, now, cost, opens);

				/* An assertion that holds takes check a microsecond: too long here. */
				if (c.outcome != ref.outcome || c.ticks != ref.ticks)
					ck_abort_msg("now %d cost %d opens %d D %d: outcome %d ticks %d",
						     (int)now, (int)cost, opens, (int)d, c.outcome,
						     (int)c.ticks);
			}
		}
	}
}

/* Every combination of a small domain: notify deadline (P6, P19, units) and hang limit. */
START_TEST(charge_by_walking)
{
	nw_clock_init(&clk, _i % 2 ? 3 : 5, _i % 3 ? 2 : 7);
	for (uint64_t s = 0; s < 9; s++) {
		for (uint32_t window = 0; window < 5; window++) {
			for (uint64_t threshold = 0; threshold < 5; threshold++) {
				p.v[NW_P_CRYSTAL_PHASE] = _i & 1 ? NW_PHASE_EDGE : NW_PHASE_FREE;
				p.v[NW_P_THRESHOLD_UNIT] = _i & 2 ? NW_UNIT_TSC : NW_UNIT_CRYSTAL;
				p.v[NW_P_START] = _i & 4 ? NW_START_RISK : NW_START_BOUNDARY;
				timed(s, window, threshold);
				nw_window_risk(&w, &p, s + 2);
				compare_charges(s, deadline(), NW_EXPIRE);
			}
		}
		for (uint64_t limit = 1; limit < 20; limit++) {
			nw_window_init(&w);
			nw_window_close(&w, s);
			p.v[NW_P_HANG_LIMIT] = limit;
			compare_charges(s, s + limit, NW_HUNG);
		}
	}
}
END_TEST

/* Spending an interval in pieces ends at the same tick as in one go. */
START_TEST(pieces_add_up)
{
	uint64_t piece = (uint64_t)_i + 1, now = 1000;
	struct nw_charge c;

	timed(1000, 3, 7);
	for (;;) {
		c = charge(now, piece, false);
		now += c.ticks;
		if (c.outcome != NW_GO)
			break;
	}
	ck_assert_int_eq(c.outcome, NW_EXPIRE);
	ck_assert_uint_eq(now, 1880);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("window");
	TCase *state = tcase_create("state"), *n_and_d = tcase_create("deadline");
	TCase *spend = tcase_create("charge");

	tcase_add_checked_fixture(state, setup, NULL);
	tcase_add_test(state, powers_up_open_and_disarmed);
	tcase_add_test(state, open_window_has_no_deadline);
	tcase_add_test(state, s_is_the_last_window);
	tcase_add_test(state, s_is_the_entry_when_that_is_later);
	tcase_add_test(state, entry_of_an_earlier_guest_does_not_count);
	tcase_add_test(state, close_is_ignored_while_timed);
	tcase_add_test(state, each_interval_has_its_own_s);
	tcase_add_test(state, entry_while_closed_starts_anew);
	tcase_add_test(state, disarm_ends_the_interval);
	tcase_add_test(state, gap_is_never_negative);
	tcase_add_test(state, risk_moves_s_once);
	tcase_add_test(state, risk_is_forgotten_by_the_next_interval);
	tcase_add_test(state, risk_does_nothing_with_boundary);
	tcase_add_test(state, risk_needs_an_armed_closed_interval);
	tcase_add_test(state, the_first_window_arms);
	tcase_add_test(state, what_waits_for_a_window_is_forgotten);
	tcase_add_test(state, nothing_is_armed_in_smm);
	tcase_add_test(state, after_smm_counting_begins_anew);
	tcase_add_loop_test(state, time_in_smm_counts, 0, 2);
	tcase_add_loop_test(state, smm_does_not_arm, 0, 2);
	suite_add_tcase(suite, state);

	tcase_add_checked_fixture(n_and_d, setup, NULL);
	tcase_add_test(n_and_d, n_in_crystal_clocks);
	tcase_add_test(n_and_d, largest_window);
	tcase_add_test(n_and_d, sum_of_32_bits);
	tcase_add_loop_test(n_and_d, nothing_to_count_is_one_tick, 0, RATIOS);
	tcase_add_loop_test(n_and_d, deadline_by_walking, 0, RATIOS);
	tcase_add_loop_test(n_and_d, edge_is_at_most_a_clock_earlier, 0, RATIOS);
	tcase_add_test(n_and_d, deadline_at_the_end_of_time);
	tcase_add_test(n_and_d, hang_limit_counts_from_the_last_window);
	tcase_add_loop_test(n_and_d, either_a_deadline_or_a_hang_limit, 0, 8);
	suite_add_tcase(suite, n_and_d);

	tcase_add_checked_fixture(spend, setup, NULL);
	tcase_set_timeout(spend, 60);
	tcase_add_test(spend, a_window_at_the_deadline_wins);
	tcase_add_test(spend, a_loop_iteration_at_the_deadline_does_not);
	tcase_add_loop_test(spend, past_the_deadline_expires_at_once, 0, 2);
	tcase_add_loop_test(spend, a_stall_for_ever_ends, 0, 2);
	tcase_add_loop_test(spend, without_limit_time_stops_at_its_end, 0, 2);
	tcase_add_loop_test(spend, an_open_window_costs_what_it_costs, 0, 2);
	tcase_add_loop_test(spend, charge_by_walking, 0, 12);
	tcase_add_loop_test(spend, pieces_add_up, 0, 20);
	suite_add_tcase(suite, spend);

	return tap_run(suite);
}
