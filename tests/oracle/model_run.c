/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model_run.c - a schedule through the public functions of cpu/notify, used as the simulator's shim uses them.
 */
#include <string.h>

#include "nw_context.h"
#include "nw_flow.h"
#include "schedule.h"

/* Steps of one loop; a longer one is cut. */
#define STEPS_MAX 150

struct machine {
	const struct schedule *s;
	const struct oracle_event *e;
	struct nw_params params;
	struct nw_clock clk;
	struct nw_window w;
	struct nw_flow f;
	struct nw_context context;
	uint64_t now, last_window;
	struct oracle_result *result;
	size_t n;
	bool over, cut;
};

static void set_up(struct machine *m, const struct schedule *s)
{
	const struct oracle_rules *r = &s->rules;

	memset(m, 0, sizeof(*m));
	m->s = s;
	m->now = m->last_window = s->start;
	nw_params_init(&m->params);
	m->params.v[NW_P_THRESHOLD] = r->threshold;
	m->params.v[NW_P_THRESHOLD_UNIT] = r->threshold_in_ticks ? NW_UNIT_TSC : NW_UNIT_CRYSTAL;
	m->params.v[NW_P_DELIVERY_COST] = r->iteration_ticks;
	m->params.v[NW_P_START] = r->from_first_nested ? NW_START_RISK : NW_START_BOUNDARY;
	m->params.v[NW_P_CONTEXT_INVALID] = r->invalid_every;
	m->params.v[NW_P_SMM] = r->smm_counts ? NW_SMM_COUNT : NW_SMM_SUSPEND;
	m->params.v[NW_P_SUM] = r->wraps ? NW_SUM_32BIT : NW_SUM_64BIT;
	m->params.v[NW_P_CRYSTAL_PHASE] = r->on_edges ? NW_PHASE_EDGE : NW_PHASE_FREE;
	m->params.v[NW_P_HANG_LIMIT] = r->hang_us;
	m->params.v[NW_P_SKIP] = s->skip;
	nw_clock_init(&m->clk, r->num, r->den);
	nw_window_init(&m->w);
	nw_flow_init(&m->f);
	nw_context_init(&m->context, 1);
}

static struct oracle_result *add_result(struct machine *m, enum oracle_result_kind kind)
{
	struct oracle_result *res = &m->result[m->n++];

	*res = (struct oracle_result){ .kind = kind, .tick = m->now };
	if (kind >= ORACLE_HUNG)
		m->over = true;
	return res;
}

static void open_window(struct machine *m, uint64_t iterations)
{
	bool closed = m->w.closed;
	uint64_t length = nw_window_open(&m->w, m->now);

	if (closed) {
		struct oracle_result *res = add_result(m, ORACLE_GAP);

		res->length = length;
		res->iterations = iterations;
	}
	m->last_window = m->now;
}

static void notify_exit(struct machine *m, uint64_t iterations)
{
	struct oracle_result *res = add_result(m, ORACLE_NOTIFY);

	res->s = m->w.start_tsc;
	res->n = nw_window_n_crystal(&m->w, &m->params, &m->clk);
	res->d = nw_window_deadline(&m->w, &m->params, &m->clk);
	res->iterations = iterations;
	res->invalid = nw_context_decide(&m->context, &m->params, NW_STALL_BY_POLICY);
	res->length = nw_window_open(&m->w, m->now);
	nw_window_disarm(&m->w);
	m->last_window = m->now;
}

static void end_of_span(struct machine *m, uint64_t iterations)
{
	if (m->e->no_window)
		return;
	m->now = nw_time_add(m->now, 1);
	if (m->now == NW_TIME_MAX)
		add_result(m, ORACLE_FOREVER);
	else
		open_window(m, iterations);
}

/* `ticks` without a window. at_end: the model is asked about the window one tick after them. */
static void spend(struct machine *m, uint64_t ticks, bool at_end)
{
	uint64_t cost = at_end ? nw_time_add(ticks, 1) : ticks, begin = m->now;
	struct nw_charge c = nw_window_charge(&m->w, &m->params, &m->clk, m->s->rules.tsc_hz, m->now, cost, at_end);
	bool completes = m->e->kind == ORACLE_STALL && m->s->rules.completes && !m->e->in_delivery &&
			 ticks != ORACLE_NEVER;
	bool continues = m->e->no_window && !completes;

	if (c.outcome == NW_EXPIRE && completes)
		c.ticks = nw_time_add(m->now, cost) - m->now;
	m->now += c.ticks;
	if (c.outcome == NW_EXPIRE) {
		notify_exit(m, 0);
	} else if (c.outcome == NW_HUNG) {
		add_result(m, ORACLE_HUNG);
	} else if (m->now != nw_time_add(begin, cost)) {
		add_result(m, ORACLE_REFUSED)->length = c.ticks;
	} else if (nw_time_add(begin, continues ? ticks : cost) == NW_TIME_MAX) {
		add_result(m, ORACLE_FOREVER);
	} else if (continues) {
		m->now = begin + ticks;
	} else {
		open_window(m, 0);
	}
}

/* ---- Loops ---------------------------------------------------------------------------------------------- */

/* Number of the guest's state: only deliveries that were executed change it, so a skip has to be whole periods. */
static uint64_t state(const struct machine *m)
{
	const struct oracle_rules *r = &m->s->rules;
	uint64_t executed = m->f.iterations - m->f.skipped;

	if (m->e->end == ORACLE_COUNTED || executed < r->lead || !r->period)
		return executed;
	return r->lead + (executed - r->lead) % r->period;
}

static bool in_first_state(const struct machine *m)
{
	return !m->s->rules.period ? m->f.iterations >= m->s->rules.lead : state(m) == m->s->rules.lead;
}

static struct nw_flow_key key_of(uint64_t number)
{
	return (struct nw_flow_key){ .rip = 0x1000, .rsp = 0x8000 - 8 * number, .rflags = 2, .event = 17 };
}

static uint64_t next_timer(const struct machine *m)
{
	uint64_t ticks = m->s->rules.timer_ticks;

	if (!ticks || m->now / ticks >= NW_TIME_MAX / ticks)
		return NW_TIME_MAX;
	return (m->now / ticks + 1) * ticks;
}

/* The tick of the timer event that lets the delivery succeed. */
static uint64_t loop_breaks(const struct machine *m)
{
	uint64_t ticks = m->s->rules.timer_ticks, nth = m->e->amount ? m->e->amount : 1;
	unsigned __int128 tick = ((unsigned __int128)nth + (ticks ? m->now / ticks : 0)) * ticks;

	return m->e->end != ORACLE_TIMER || !ticks || tick > NW_TIME_MAX ? NW_TIME_MAX : (uint64_t)tick;
}

/* Is the step one that the header of nw_flow.h allows? */
static bool step_allowed(const struct machine *m, const struct nw_flow_step *step)
{
	if (step->skipped >= step->iterations || step->skipped > m->f.skipped)
		return false;
	return !step->skipped || (m->s->skip && m->s->may_skip && m->now + step->ticks <= next_timer(m));
}

static void loop(struct machine *m)
{
	uint64_t breaks = loop_breaks(m), count = m->e->amount ? m->e->amount : 1;
	struct nw_flow_step step;

	nw_flow_begin(&m->f, m->now);
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		struct nw_flow_key key = key_of(state(m));

		step = nw_flow_step(&m->f, &m->w, &m->params, &m->clk, m->s->rules.tsc_hz, &key, m->now, next_timer(m),
				    m->s->may_skip);
		if (!step_allowed(m, &step)) {
			add_result(m, ORACLE_REFUSED)->iterations = step.skipped;
			return;
		}
		m->now += step.ticks;
		if (step.outcome != NW_GO)
			break;
		if (m->now == NW_TIME_MAX) {
			add_result(m, ORACLE_FOREVER);
			return;
		}
		if (m->e->end == ORACLE_COUNTED ? m->f.iterations >= count : m->now >= breaks && in_first_state(m)) {
			nw_flow_end(&m->f);
			end_of_span(m, m->f.iterations);
			return;
		}
	}
	nw_flow_end(&m->f);
	if (step.outcome == NW_EXPIRE) {
		notify_exit(m, m->f.iterations);
	} else if (step.outcome == NW_HUNG) {
		add_result(m, ORACLE_HUNG)->iterations = m->f.iterations;
	} else {
		m->cut = true;
		add_result(m, ORACLE_END);
	}
}

/* ---- Schedules ------------------------------------------------------------------------------------------ */

static void vm_entry(struct machine *m)
{
	m->now = nw_time_add(m->now, 1);
	if (m->e->armed && m->e->late)
		nw_window_arm_at_window(&m->w, (uint32_t)m->e->amount);
	else if (m->e->armed)
		nw_window_arm(&m->w, (uint32_t)m->e->amount, m->now);
	else
		nw_window_disarm(&m->w);
}

static void smm(struct machine *m)
{
	open_window(m, 0);
	nw_window_suspend(&m->w, m->now);
	m->now = nw_time_add(m->now, m->e->amount);
	nw_window_resume(&m->w, &m->params, m->now);
	m->now = nw_time_add(m->now, 1);
	if (nw_window_deadline(&m->w, &m->params, &m->clk) < m->now)
		notify_exit(m, 0);
	else
		open_window(m, 0);
}

static void one_event(struct machine *m)
{
	switch (m->e->kind) {
	case ORACLE_RUN:
		open_window(m, 0);
		m->now = m->last_window = nw_time_add(m->now, m->e->amount);
		break;
	case ORACLE_ENTRY:
		vm_entry(m);
		break;
	case ORACLE_EXIT:
		open_window(m, 0);
		nw_window_disarm(&m->w);
		break;
	case ORACLE_SMM:
		smm(m);
		break;
	case ORACLE_QUIET:
		nw_window_close(&m->w, m->last_window);
		spend(m, m->e->amount, !m->e->no_window);
		break;
	case ORACLE_STALL:
		nw_window_close(&m->w, m->last_window);
		nw_window_risk(&m->w, &m->params, m->now);
		spend(m, m->e->amount, true);
		break;
	default:
		if (m->e->kind == ORACLE_TRAPS)
			m->now = nw_time_add(m->now, 1);
		nw_window_close(&m->w, m->last_window);
		nw_window_risk(&m->w, &m->params, m->now);
		loop(m);
		break;
	}
}

size_t schedule_run_model(const struct schedule *s, struct oracle_result result[ORACLE_RESULTS_MAX], bool *cut)
{
	struct machine m;

	set_up(&m, s);
	m.result = result;
	for (unsigned i = 0; i < s->n && !m.over; i++) {
		m.e = &s->event[i];
		one_event(&m);
	}
	if (!m.over)
		add_result(&m, ORACLE_END);
	*cut = m.cut;
	return m.n;
}
