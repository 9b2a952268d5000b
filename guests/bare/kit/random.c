/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* random.c - repeatable random numbers. */
#include "random.h"

void random_init(struct random *r, uint64_t fallback)
{
	r->state = param_number("seed", fallback);
	note("random numbers: seed=0x%lx", r->state);
}

uint64_t random_bits(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ul;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ul;
	z = (z ^ z >> 27) * 0x94d049bb133111ebul;
	return z ^ z >> 31;
}

uint64_t random_below(struct random *r, uint64_t n)
{
	return random_bits(r) % n;
}

uint64_t random_value(struct random *r, unsigned width)
{
	uint64_t mask = width < 64 ? (1ul << width) - 1 : ~0ul, value;

	switch (random_below(r, 6)) {
	case 0:
		value = 0;
		break;
	case 1:
		value = ~0ul;
		break;
	case 2:
		value = 1ul << random_below(r, width);
		break;
	case 3:
		value = ~(1ul << random_below(r, width));
		break;
	case 4:
		value = random_below(r, 256);
		break;
	default:
		value = random_bits(r);
		break;
	}
	return value & mask;
}
