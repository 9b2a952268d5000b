/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * generate.c - schedules from a seed, most of them aimed at the ticks around the deadline and the hang limit.
 */
#include <string.h>

#include "schedule.h"

struct random {
	uint64_t state;
};

/* SplitMix64: any state is a good one, so seed and number are simply mixed. */
static uint64_t draw(struct random *rnd)
{
	uint64_t z = rnd->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t below(struct random *rnd, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)draw(rnd) * n) >> 64);
}

static bool one_in(struct random *rnd, unsigned n)
{
	return below(rnd, n) == 0;
}

/* Up to this many bits, each length equally likely. */
static uint64_t bits(struct random *rnd, unsigned most)
{
	unsigned n = (unsigned)below(rnd, most + 1);

	return n ? draw(rnd) >> (64 - n) : 0;
}

static void ratio(struct random *rnd, struct oracle_rules *r)
{
	static const struct { uint32_t num, den; } known[] = {
		{ 88, 1 }, { 176, 2 }, { 219, 2 }, { 1, 1 }, { 3, 7 }, { 0, 2 }, { 176, 0 }, { UINT32_MAX, 1 },
		{ 1, UINT32_MAX }, { UINT32_MAX, UINT32_MAX - 1 },
	};
	size_t i = below(rnd, 2 * sizeof(known) / sizeof(known[0]));

	if (i < sizeof(known) / sizeof(known[0])) {
		r->num = known[i].num;
		r->den = known[i].den;
	} else {
		unsigned size = one_in(rnd, 4) ? 32 : 5;

		r->num = (uint32_t)bits(rnd, size);
		r->den = (uint32_t)bits(rnd, size);
	}
}

/* scale: about how many bits the times have. */
static void rules(struct random *rnd, struct oracle_rules *r, unsigned scale)
{
	static const uint64_t frequency[] = { 1000000, 2200000000, 1, 999999937, 3500000000 };

	ratio(rnd, r);
	r->tsc_hz = frequency[below(rnd, sizeof(frequency) / sizeof(frequency[0]))];
	r->threshold = one_in(rnd, 3) ? 0 : one_in(rnd, 8) ? 131072 : bits(rnd, scale);
	r->threshold_in_ticks = one_in(rnd, 3);
	r->iteration_ticks = one_in(rnd, 8) ? 100 : bits(rnd, scale > 6 ? scale - 4 : 3);
	r->from_first_nested = one_in(rnd, 3);
	r->invalid_every = below(rnd, 4);
	r->smm_counts = one_in(rnd, 2);
	r->wraps = one_in(rnd, 4);
	r->on_edges = one_in(rnd, 3);
	r->completes = one_in(rnd, 3);
	r->hang_us = one_in(rnd, 4) ? 0 : bits(rnd, scale);
	r->timer_ticks = one_in(rnd, 2) ? 0 : 1 + bits(rnd, scale);
}

/* A length that ends near the deadline or the hang limit, so that ties are common. */
static uint64_t length(struct random *rnd, const struct schedule *s, uint32_t window, unsigned scale)
{
	uint64_t aim;

	switch (below(rnd, 4)) {
	case 0:
		return bits(rnd, scale);
	case 1:
		return below(rnd, 4);
	case 2:
		aim = oracle_us_to_tsc(s->rules.hang_us, s->rules.tsc_hz);
		break;
	default:
		aim = oracle_deadline(&s->rules, window, s->start) - s->start;
		break;
	}
	aim += below(rnd, 8) - 5;
	return aim == ORACLE_NEVER ? 0 : aim;
}

static void event(struct random *rnd, struct schedule *s, struct oracle_event *e, uint32_t *window, unsigned scale)
{
	static const uint8_t often[] = {
		ORACLE_RUN, ORACLE_RUN, ORACLE_ENTRY, ORACLE_ENTRY, ORACLE_ENTRY, ORACLE_EXIT, ORACLE_SMM,
		ORACLE_QUIET, ORACLE_QUIET, ORACLE_STALL, ORACLE_STALL, ORACLE_STALL, ORACLE_LOOP, ORACLE_LOOP, ORACLE_TRAPS,
	};

	e->kind = often[below(rnd, sizeof(often))];
	e->no_window = e->kind >= ORACLE_QUIET && one_in(rnd, 4);
	switch (e->kind) {
	case ORACLE_RUN:
		e->amount = bits(rnd, scale);
		break;
	case ORACLE_ENTRY:
		e->armed = !one_in(rnd, 6);
		e->late = one_in(rnd, 4);
		e->amount = *window = one_in(rnd, 8) ? UINT32_MAX : (uint32_t)bits(rnd, scale > 32 ? 32 : scale);
		break;
	case ORACLE_SMM:
		e->amount = length(rnd, s, *window, scale);
		break;
	case ORACLE_QUIET:
	case ORACLE_STALL:
		e->in_delivery = one_in(rnd, 3);
		e->amount = one_in(rnd, 12) ? ORACLE_NEVER : length(rnd, s, *window, scale);
		break;
	case ORACLE_LOOP:
	case ORACLE_TRAPS:
		e->end = (enum oracle_loop_end)below(rnd, 3);
		e->amount = e->end == ORACLE_COUNTED ? below(rnd, 20) : below(rnd, 3);
		break;
	default:
		break;
	}
}

void schedule_generate(struct schedule *s, uint64_t seed, uint64_t number)
{
	static const uint8_t scales[] = { 3, 4, 5, 6, 8, 12, 20, 34, 48, 63 };
	struct random rnd = { seed * 0xd1342543de82ef95 + number };
	uint32_t window = 0;
	unsigned scale;

	memset(s, 0, sizeof(*s));
	scale = scales[below(&rnd, sizeof(scales))];
	rules(&rnd, &s->rules, scale);
	s->start = one_in(&rnd, 20) ? UINT64_MAX - bits(&rnd, scale) : bits(&rnd, scale);
	s->skip = !one_in(&rnd, 4);
	s->may_skip = !one_in(&rnd, 8);
	s->rules.lead = (uint8_t)below(&rnd, 4);
	s->rules.period = (uint8_t)(1 + below(&rnd, one_in(&rnd, 4) ? 10 : 3));
	s->x = bits(&rnd, 64);
	s->y = bits(&rnd, 64);
	s->n = 2 + (unsigned)below(&rnd, 7);
	for (unsigned i = 0; i < s->n; i++)
		event(&rnd, s, &s->event[i], &window, scale);
	if (one_in(&rnd, 2))
		s->event[0] = (struct oracle_event){ .kind = ORACLE_ENTRY, .armed = true, .amount = s->event[0].amount };
}
