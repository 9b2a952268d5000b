/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* series.c - a few intervals, in order. */
#include "measure.h"

void series_init(struct series *s)
{
	s->n = 0;
}

void series_add(struct series *s, uint64_t value)
{
	if (s->n < REPEAT)
		s->v[s->n++] = value;
}

void series_sort(struct series *s)
{
	for (unsigned i = 1; i < s->n; i++) {
		uint64_t value = s->v[i];
		unsigned at = i;

		for (; at && s->v[at - 1] > value; at--)
			s->v[at] = s->v[at - 1];
		s->v[at] = value;
	}
}

uint64_t series_min(const struct series *s)
{
	return s->v[0];
}

uint64_t series_median(const struct series *s)
{
	return s->v[s->n / 2];
}

uint64_t series_max(const struct series *s)
{
	return s->v[s->n - 1];
}
