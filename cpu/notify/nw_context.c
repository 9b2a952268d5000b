/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_context.c - which notify VM exits have an invalid context, and what the VMCS then holds.
 */
#include "nw_context.h"

#define POISON 0x5a5a5a5a5a5a5a5aull

void nw_context_init(struct nw_context *c, uint64_t seed)
{
	c->exits = 0;
	c->seed = seed;
}

bool nw_context_decide(struct nw_context *c, const struct nw_params *p, enum nw_stall_context stall)
{
	uint64_t every = p->v[NW_P_CONTEXT_INVALID];

	c->exits++;
	if (stall != NW_STALL_BY_POLICY)
		return stall == NW_STALL_INVALID;
	return every != 0 && c->exits % every == 0;
}

static uint64_t scramble(uint64_t x)
{
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	return x ^ (x >> 32);
}

/* A counter with an odd step (period 2^64), scrambled by multiplications and shifts. */
static uint64_t next_random(struct nw_context *c)
{
	return scramble(c->seed += 0x9e3779b97f4a7c15ull);
}

uint64_t nw_context_damage(struct nw_context *c, const struct nw_params *p, unsigned bits, bool msr,
			   uint64_t before, uint64_t now)
{
	uint64_t mask = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
	uint64_t value;

	switch (p->v[NW_P_CONTEXT_DAMAGE]) {
	case NW_DAMAGE_STALE:
		return before & mask;
	case NW_DAMAGE_RANDOM:
		value = next_random(c);
		break;
	case NW_DAMAGE_MSRS:
		if (!msr)
			return now & mask;
		value = POISON;
		break;
	default:
		value = POISON;
		break;
	}
	/* A field that is reported undamaged by chance would let a VMM off. */
	if (((value ^ now) & mask) == 0)
		value = ~value;
	return value & mask;
}

uint64_t nw_context_undefined(const struct nw_context *c, const struct nw_params *p, uint64_t seed,
			      unsigned field, uint64_t mask)
{
	uint64_t junk = scramble(scramble(scramble(seed + 1) + c->exits) + field) & mask;

	if (p->v[NW_P_UNDEFINED] == NW_UNDEFINED_ZERO)
		return 0;
	return junk ? junk : mask;
}
