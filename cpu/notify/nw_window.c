/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_window.c - the event window, the notify deadline D and what may be spent before it.
 */
#include "nw_window.h"

static uint64_t max64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void nw_window_init(struct nw_window *w)
{
	*w = (struct nw_window){ 0 };
}

static void begin_interval(struct nw_window *w, uint64_t s)
{
	w->closed = true;
	w->risk_seen = false;
	w->boundary_tsc = s;
	w->start_tsc = s;
}

void nw_window_arm(struct nw_window *w, uint32_t window_crystal, uint64_t now_tsc)
{
	w->armed = true;
	w->arm_at_window = false;
	w->window_crystal = window_crystal;
	w->entry_tsc = now_tsc;
	if (w->closed)
		begin_interval(w, now_tsc);
}

void nw_window_disarm(struct nw_window *w)
{
	w->armed = false;
	w->arm_at_window = false;
	w->closed = false;
}

void nw_window_arm_at_window(struct nw_window *w, uint32_t window_crystal)
{
	nw_window_disarm(w);
	w->arm_at_window = true;
	w->window_crystal = window_crystal;
}

void nw_window_suspend(struct nw_window *w, uint64_t now_tsc)
{
	w->suspended = w->armed;
	w->suspended_tsc = now_tsc;
	w->armed = false;
}

void nw_window_resume(struct nw_window *w, const struct nw_params *p, uint64_t now_tsc)
{
	if (!w->suspended)
		return;
	w->suspended = false;
	nw_window_arm(w, (uint32_t)w->window_crystal, now_tsc);
	if (p->v[NW_P_SMM] != NW_SMM_COUNT)
		return;
	begin_interval(w, w->suspended_tsc);
	w->risk_seen = true;
}

void nw_window_close(struct nw_window *w, uint64_t boundary_tsc)
{
	if (w->closed)
		return;
	begin_interval(w, w->armed ? max64(boundary_tsc, w->entry_tsc) : boundary_tsc);
}

/* P6 = risk and nothing observed yet: the counter stands still. */
static bool waits_for_risk(const struct nw_window *w, const struct nw_params *p)
{
	return p->v[NW_P_START] == NW_START_RISK && !w->risk_seen;
}

void nw_window_risk(struct nw_window *w, const struct nw_params *p, uint64_t now_tsc)
{
	if (!w->armed || !w->closed || !waits_for_risk(w, p))
		return;
	w->risk_seen = true;
	w->start_tsc = max64(w->start_tsc, now_tsc);
}

uint64_t nw_window_open(struct nw_window *w, uint64_t now_tsc)
{
	if (w->arm_at_window) {
		w->arm_at_window = false;
		w->armed = true;
		w->entry_tsc = now_tsc;
	}
	if (!w->closed)
		return 0;
	w->closed = false;
	return now_tsc > w->boundary_tsc ? now_tsc - w->boundary_tsc : 0;
}

/* The part of N that is counted in crystal clocks (P2), in the width of the counter (P17). */
static uint64_t counted_crystal(const struct nw_window *w, const struct nw_params *p)
{
	uint64_t n = w->window_crystal;

	if (p->v[NW_P_THRESHOLD_UNIT] == NW_UNIT_CRYSTAL)
		n = nw_time_add(n, p->v[NW_P_THRESHOLD]);
	return p->v[NW_P_SUM] == NW_SUM_32BIT ? (uint32_t)n : n;
}

/* The part of N that is counted in TSC ticks. */
static uint64_t counted_tsc(const struct nw_params *p)
{
	return p->v[NW_P_THRESHOLD_UNIT] == NW_UNIT_TSC ? p->v[NW_P_THRESHOLD] : 0;
}

uint64_t nw_window_n_crystal(const struct nw_window *w, const struct nw_params *p,
			     const struct nw_clock *clk)
{
	return nw_time_add(counted_crystal(w, p), nw_clock_tsc_to_crystal(clk, counted_tsc(p)));
}

uint64_t nw_window_deadline(const struct nw_window *w, const struct nw_params *p,
			    const struct nw_clock *clk)
{
	uint64_t s = w->start_tsc;
	uint64_t n_crystal = counted_crystal(w, p);
	uint64_t d;

	if (!w->armed || !w->closed || waits_for_risk(w, p))
		return NW_TIME_MAX;

	if (p->v[NW_P_CRYSTAL_PHASE] == NW_PHASE_EDGE)
		d = nw_clock_edge_tsc(clk, s, n_crystal);
	else
		d = nw_time_add(s, nw_clock_crystal_to_tsc(clk, n_crystal));

	/* N = 0, or an edge at or before s: one tick, the shortest time there is. */
	return max64(nw_time_add(d, counted_tsc(p)), nw_time_add(s, 1));
}

uint64_t nw_window_hang(const struct nw_window *w, const struct nw_params *p, uint64_t tsc_hz)
{
	if (!w->closed || p->v[NW_P_HANG_LIMIT] == 0)
		return NW_TIME_MAX;
	if (w->armed && !waits_for_risk(w, p))
		return NW_TIME_MAX;
	return nw_time_add(w->boundary_tsc,
			   max64(1, nw_clock_us_to_tsc(p->v[NW_P_HANG_LIMIT], tsc_hz)));
}

struct nw_charge nw_window_charge(const struct nw_window *w, const struct nw_params *p,
				  const struct nw_clock *clk, uint64_t tsc_hz, uint64_t now_tsc,
				  uint64_t cost, bool opens_after)
{
	uint64_t deadline = nw_window_deadline(w, p, clk);
	uint64_t limit = min64(deadline, nw_window_hang(w, p, tsc_hz));
	uint64_t end = nw_time_add(now_tsc, cost);

	if (limit == NW_TIME_MAX || end < limit || (opens_after && end == limit))
		return (struct nw_charge){ NW_GO, end - now_tsc };
	return (struct nw_charge){
		.outcome = deadline == limit ? NW_EXPIRE : NW_HUNG,
		.ticks = limit > now_tsc ? limit - now_tsc : 0,
	};
}
