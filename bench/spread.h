/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spread.h - what repeated measurements come to.
 */
#ifndef NWB_SPREAD_H
#define NWB_SPREAD_H

#include <stddef.h>

struct nwb_spread {
	size_t n;
	double min, low, median, high, max;     /* low, high: quartiles */
};

/*
 * Order statistics of n values, in any order. Between two values the quantiles are interpolated linearly (R type 7).
 * n = 0 gives all zeros.
 */
struct nwb_spread nwb_spread_of(const double *value, size_t n);

#endif
