/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spread.c - order statistics.
 */
#include <stdlib.h>
#include <string.h>

#include "nws.h"
#include "spread.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

struct nwb_spread nwb_spread_of(const double *value, size_t n)
{
	struct nwb_spread s = { .n = n };
	double *sorted;

	if (!n)
		return s;
	sorted = nws_realloc(NULL, n * sizeof(*sorted));
	memcpy(sorted, value, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare);
	s.min = sorted[0];
	s.low = quantile(sorted, n, 0.25);
	s.median = quantile(sorted, n, 0.5);
	s.high = quantile(sorted, n, 0.75);
	s.max = sorted[n - 1];
	free(sorted);
	return s;
}
