/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_clock.c - conversions of nw_clock.h against counting, and at the ends of the number range.
 */
#include <check.h>
#include <stdlib.h>

#include "nw_clock.h"
#include "tap.h"

static const struct { uint32_t num, den; } ratios[] = {
	{ 88, 1 }, { 176, 2 }, { 1, 1 }, { 219, 2 }, { 3, 7 }, { 1, 5 }, { 7, 3 },
	{ UINT32_MAX, 1 }, { 1, UINT32_MAX }, { UINT32_MAX, UINT32_MAX - 1 },
};
#define RATIOS ((int)(sizeof(ratios) / sizeof(ratios[0])))

static struct nw_clock ratio(int i)
{
	struct nw_clock clk;

	nw_clock_init(&clk, ratios[i].num, ratios[i].den);
	return clk;
}

START_TEST(init_keeps_the_ratio)
{
	struct nw_clock clk = ratio(0);

	ck_assert_uint_eq(clk.num, 88);
	ck_assert_uint_eq(clk.den, 1);
}
END_TEST

START_TEST(init_without_leaf_15h_is_one_to_one)
{
	static const uint32_t leaf[][2] = { { 0, 0 }, { 0, 2 }, { 88, 0 } };
	struct nw_clock clk;

	nw_clock_init(&clk, leaf[_i][0], leaf[_i][1]);
	ck_assert_uint_eq(clk.num, 1);
	ck_assert_uint_eq(clk.den, 1);
}
END_TEST

/* ticks is the smallest t with t * den >= n * num: found by walking. */
START_TEST(crystal_to_tsc_counts)
{
	struct nw_clock clk = ratio(_i);
	uint64_t t = 0;

	if (clk.num == UINT32_MAX)
		return;
	for (uint64_t n = 0; n < 3000; n++) {
		while (t * clk.den < n * clk.num)
			t++;
		ck_assert_uint_eq(nw_clock_crystal_to_tsc(&clk, n), t);
	}
}
END_TEST

START_TEST(tsc_to_crystal_counts)
{
	struct nw_clock clk = ratio(_i);
	uint64_t n = 0;

	if (clk.den >= UINT32_MAX - 1)
		return;
	for (uint64_t t = 0; t < 3000; t++) {
		while ((n + 1) * clk.num <= t * clk.den)
			n++;
		ck_assert_uint_eq(nw_clock_tsc_to_crystal(&clk, t), n);
	}
}
END_TEST

/* The tick of n clocks holds n clocks, the tick before it does not. */
START_TEST(conversions_invert_each_other)
{
	static const uint64_t clocks[] = {
		1, 2, 131072, UINT32_MAX, UINT64_C(1) << 32, (UINT64_C(1) << 40) - 1,
	};
	struct nw_clock clk = ratio(_i);

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		uint64_t t = nw_clock_crystal_to_tsc(&clk, clocks[i]);

		if (t == NW_TIME_MAX)
			continue;
		ck_assert_uint_ge(nw_clock_tsc_to_crystal(&clk, t), clocks[i]);
		ck_assert_uint_lt(nw_clock_tsc_to_crystal(&clk, t - 1), clocks[i]);
	}
}
END_TEST

START_TEST(sapphire_rapids_figures)
{
	struct nw_clock clk = ratio(0), halves = ratio(1), mhz219 = ratio(3);

	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&clk, 131072), 11534336);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&halves, 131072), 11534336);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&clk, UINT32_MAX), UINT64_C(377957121960));
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&mhz219, 1), 110);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&mhz219, 2), 219);
	ck_assert_uint_eq(nw_clock_tsc_to_crystal(&mhz219, 218), 1);
}
END_TEST

START_TEST(conversions_saturate)
{
	struct nw_clock up = ratio(7), down = ratio(8), one = ratio(2), spr = ratio(0);

	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&up, UINT64_C(1) << 33), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&up, NW_TIME_MAX), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_tsc_to_crystal(&down, NW_TIME_MAX), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&one, NW_TIME_MAX), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&one, NW_TIME_MAX - 1), NW_TIME_MAX - 1);
	/* 2^64 - 1 = 88 * 209622091746699450 + 15 */
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&spr, UINT64_C(209622091746699450)),
			  NW_TIME_MAX - 15);
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&spr, UINT64_C(209622091746699451)), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_tsc_to_crystal(&spr, NW_TIME_MAX), UINT64_C(209622091746699450));
	/* The largest argument meets the smallest result without a loss on the way. */
	ck_assert_uint_eq(nw_clock_crystal_to_tsc(&down, NW_TIME_MAX), UINT64_C(4294967297));
	ck_assert_uint_eq(nw_clock_tsc_to_crystal(&up, NW_TIME_MAX), UINT64_C(4294967297));
}
END_TEST

/* The nth edge after s, found by walking tick by tick and edge by edge. */
START_TEST(edges_are_counted)
{
	struct nw_clock clk = ratio(_i);

	if (clk.num == UINT32_MAX || clk.den == UINT32_MAX)
		return;
	for (uint64_t s = 0; s < 300; s++) {
		uint64_t edge = 0; /* number of the last edge at or before s */

		while (((edge + 1) * clk.num + clk.den - 1) / clk.den <= s)
			edge++;
		for (uint64_t n = 0; n < 20; n++) {
			uint64_t tick = ((edge + n) * clk.num + clk.den - 1) / clk.den;

			ck_assert_uint_eq(nw_clock_edge_tsc(&clk, s, n), tick);
		}
	}
}
END_TEST

START_TEST(edges_at_the_end_of_time)
{
	struct nw_clock spr = ratio(0), down = ratio(8), up = ratio(7), near_one = ratio(9);

	ck_assert_uint_eq(nw_clock_edge_tsc(&spr, NW_TIME_MAX, 0), NW_TIME_MAX - 15);
	ck_assert_uint_eq(nw_clock_edge_tsc(&spr, NW_TIME_MAX, 1), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_edge_tsc(&spr, 0, NW_TIME_MAX), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_edge_tsc(&up, NW_TIME_MAX, NW_TIME_MAX), NW_TIME_MAX);
	/* 2^32 - 1 edges in each tick: edge numbers need 96 bits. */
	ck_assert_uint_eq(nw_clock_edge_tsc(&down, NW_TIME_MAX - 1, 0), NW_TIME_MAX - 1);
	ck_assert_uint_eq(nw_clock_edge_tsc(&down, NW_TIME_MAX - 1, 1), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_edge_tsc(&down, 5, UINT32_MAX), 6);
	ck_assert_uint_le(nw_clock_edge_tsc(&near_one, NW_TIME_MAX - 9, 0), NW_TIME_MAX - 9);
	ck_assert_uint_gt(nw_clock_edge_tsc(&near_one, NW_TIME_MAX - 9, 1), NW_TIME_MAX - 9);
}
END_TEST

START_TEST(microseconds)
{
	ck_assert_uint_eq(nw_clock_us_to_tsc(10000000, UINT64_C(2200000000)), UINT64_C(22000000000));
	ck_assert_uint_eq(nw_clock_us_to_tsc(0, UINT64_C(2200000000)), 0);
	ck_assert_uint_eq(nw_clock_us_to_tsc(1, 1000000), 1);
	ck_assert_uint_eq(nw_clock_us_to_tsc(1, 1), 1);
	ck_assert_uint_eq(nw_clock_us_to_tsc(1000000, 1), 1);
	ck_assert_uint_eq(nw_clock_us_to_tsc(1000001, 1), 2);
	ck_assert_uint_eq(nw_clock_us_to_tsc(3, 1497600000), 4493);
	ck_assert_uint_eq(nw_clock_us_to_tsc(NW_TIME_MAX, 1000000), NW_TIME_MAX);
	ck_assert_uint_eq(nw_clock_us_to_tsc(NW_TIME_MAX, 999999), UINT64_C(18446725626965477906));
	ck_assert_uint_eq(nw_clock_us_to_tsc(NW_TIME_MAX, NW_TIME_MAX), NW_TIME_MAX);
}
END_TEST

START_TEST(addition_saturates)
{
	ck_assert_uint_eq(nw_time_add(2, 3), 5);
	ck_assert_uint_eq(nw_time_add(NW_TIME_MAX - 3, 3), NW_TIME_MAX);
	ck_assert_uint_eq(nw_time_add(NW_TIME_MAX - 3, 2), NW_TIME_MAX - 1);
	ck_assert_uint_eq(nw_time_add(NW_TIME_MAX - 3, 4), NW_TIME_MAX);
	ck_assert_uint_eq(nw_time_add(NW_TIME_MAX, NW_TIME_MAX), NW_TIME_MAX);
	ck_assert_uint_eq(nw_time_add(0, NW_TIME_MAX), NW_TIME_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, init_keeps_the_ratio);
	tcase_add_loop_test(tc, init_without_leaf_15h_is_one_to_one, 0, 3);
	tcase_add_loop_test(tc, crystal_to_tsc_counts, 0, RATIOS);
	tcase_add_loop_test(tc, tsc_to_crystal_counts, 0, RATIOS);
	tcase_add_loop_test(tc, conversions_invert_each_other, 0, RATIOS);
	tcase_add_test(tc, sapphire_rapids_figures);
	tcase_add_test(tc, conversions_saturate);
	tcase_add_loop_test(tc, edges_are_counted, 0, RATIOS);
	tcase_add_test(tc, edges_at_the_end_of_time);
	tcase_add_test(tc, microseconds);
	tcase_add_test(tc, addition_saturates);

	return tap_run(suite);
}
