/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_clock.c - exact conversions between TSC ticks, crystal clocks and microseconds.
 */
#include "nw_clock.h"

__extension__ typedef unsigned __int128 u128;

static uint64_t saturate(u128 v)
{
	return v > NW_TIME_MAX ? NW_TIME_MAX : (uint64_t)v;
}

void nw_clock_init(struct nw_clock *clk, uint32_t num, uint32_t den)
{
	if (num == 0 || den == 0)
		num = den = 1;
	clk->num = num;
	clk->den = den;
}

uint64_t nw_clock_crystal_to_tsc(const struct nw_clock *clk, uint64_t n_crystal)
{
	return saturate(((u128)n_crystal * clk->num + (clk->den - 1)) / clk->den);
}

uint64_t nw_clock_tsc_to_crystal(const struct nw_clock *clk, uint64_t t_tsc)
{
	return saturate((u128)t_tsc * clk->den / clk->num);
}

uint64_t nw_clock_edge_tsc(const struct nw_clock *clk, uint64_t s_tsc, uint64_t n)
{
	/* With den > num the number of the edge may need 96 bits; its product with num still fits in 128. */
	u128 edge = (u128)s_tsc * clk->den / clk->num + n;

	return saturate((edge * clk->num + (clk->den - 1)) / clk->den);
}

uint64_t nw_clock_us_to_tsc(uint64_t us, uint64_t tsc_hz)
{
	u128 product = (u128)us * tsc_hz;

	/* No + 999999 before the division: the product may be close to 2^128. */
	return saturate(product / 1000000 + (product % 1000000 != 0));
}

uint64_t nw_time_add(uint64_t a, uint64_t b)
{
	return a > NW_TIME_MAX - b ? NW_TIME_MAX : a + b;
}
