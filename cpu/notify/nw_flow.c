/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_flow.c - one iteration of a delivery that does not complete, and the arithmetic skip of equal ones.
 */
#include <string.h>

#include "nw_flow.h"

bool nw_flow_stalls(const struct nw_params *p, enum nw_stalling kind)
{
	return p->v[NW_P_STALLING] == NW_STALLING_ALL || p->v[NW_P_STALLING] == kind;
}

void nw_flow_init(struct nw_flow *f)
{
	*f = (struct nw_flow){ 0 };
}

void nw_flow_begin(struct nw_flow *f, uint64_t now_tsc)
{
	nw_flow_init(f);
	f->active = true;
	f->begin_tsc = now_tsc;
}

static struct nw_flow_key *slot(struct nw_flow *f, uint64_t executed)
{
	return &f->history[executed % NW_FLOW_HISTORY];
}

/*
 * A timer event has been reached since the previous step: older keys belong to other memory. The last
 * one stays, as what the first iteration after the event started from.
 */
static void remember(struct nw_flow *f, const struct nw_flow_key *key, uint64_t next_timer_tsc)
{
	if (f->timer_tsc != next_timer_tsc && f->seen > 1)
		f->seen = 1;
	f->timer_tsc = next_timer_tsc;
	*slot(f, f->iterations - f->skipped) = *key;
	if (f->seen < NW_FLOW_HISTORY)
		f->seen++;
}

/* Do the last two periods start, run and end with the same keys? newest: number of the last key. */
static bool repeats(struct nw_flow *f, uint64_t newest, uint32_t period)
{
	for (uint32_t back = 0; back <= period; back++)
		if (memcmp(slot(f, newest - back), slot(f, newest - back - period),
			   sizeof(struct nw_flow_key)))
			return false;
	return true;
}

/* Smallest period that two whole real periods have shown, or 0. */
static uint32_t find_period(struct nw_flow *f)
{
	uint64_t newest = f->iterations - f->skipped;

	for (uint32_t period = 1; 2 * period < f->seen; period++)
		if (repeats(f, newest, period))
			return period;
	return 0;
}

/*
 * How many iterations may be skipped after the one that was executed: the largest multiple of
 * period for which the time stays before the deadline (the iteration that is cut there is a real
 * one) and does not pass the timer event (an iteration that starts at its tick starts after it).
 */
static uint64_t skippable(uint64_t now_tsc, uint64_t cost, uint32_t period, uint64_t limit_tsc,
			  uint64_t next_timer_tsc)
{
	uint64_t last = limit_tsc == NW_TIME_MAX ? NW_TIME_MAX : limit_tsc - 1;
	uint64_t further;

	if (next_timer_tsc < last)
		last = next_timer_tsc;
	/* Nothing to skip towards, or not even time for the iteration itself (then it is cut, or a timer is due). */
	if (last == NW_TIME_MAX || last <= now_tsc || last - now_tsc < cost)
		return 0;
	further = (last - now_tsc) / cost - 1;
	return further - further % period;
}

struct nw_flow_step nw_flow_step(struct nw_flow *f, const struct nw_window *w, const struct nw_params *p,
				 const struct nw_clock *clk, uint64_t tsc_hz,
				 const struct nw_flow_key *key, uint64_t now_tsc,
				 uint64_t next_timer_tsc, bool may_skip)
{
	uint64_t cost = p->v[NW_P_DELIVERY_COST] > 0 ? p->v[NW_P_DELIVERY_COST] : 1;
	struct nw_charge charge = nw_window_charge(w, p, clk, tsc_hz, now_tsc, cost, false);
	struct nw_flow_step step = {
		.outcome = charge.outcome, .ticks = charge.ticks, .iterations = 1, .skipped = 0,
	};
	uint32_t period;

	remember(f, key, next_timer_tsc);
	period = find_period(f);
	if (may_skip && p->v[NW_P_SKIP] && period) {
		uint64_t deadline = nw_window_deadline(w, p, clk);
		uint64_t hang = nw_window_hang(w, p, tsc_hz);

		step.skipped = skippable(now_tsc, cost, period, deadline < hang ? deadline : hang,
					 next_timer_tsc);
		step.iterations += step.skipped;
		step.ticks += step.skipped * cost;
	}
	f->iterations += step.iterations;
	f->skipped += step.skipped;
	return step;
}

void nw_flow_end(struct nw_flow *f)
{
	f->active = false;
}
