/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oracle.c - the oracle itself, against numbers that were worked out by hand from the specification.
 */
#include <stdlib.h>

#include "nw_oracle.h"
#include "tap.h"

/* Sapphire Rapids: 176/2 TSC ticks per crystal clock, 2.2 GHz, threshold 131072 crystal clocks. */
static struct oracle_rules spr;

static void setup(void)
{
	spr = (struct oracle_rules){ .num = 176, .den = 2, .tsc_hz = 2200000000, .threshold = 131072,
				     .iteration_ticks = 100, .hang_us = 10000000 };
}

static size_t run(const struct oracle_event *e, size_t n, struct oracle_result res[ORACLE_RESULTS_MAX])
{
	return oracle_run(&spr, 0, e, n, res);
}

START_TEST(conversions)
{
	struct oracle_rules odd = { .num = 7, .den = 3 };

	ck_assert_uint_eq(oracle_crystal_to_tsc(&spr, 131072), 11534336);
	ck_assert_uint_eq(oracle_crystal_to_tsc(&spr, UINT32_MAX), 377957122048 - 88);
	ck_assert_uint_eq(oracle_tsc_to_crystal(&spr, 87), 0);
	ck_assert_uint_eq(oracle_tsc_to_crystal(&spr, 88), 1);
	/* edges at 0, 2 1/3, 4 2/3, 7 */
	ck_assert_uint_eq(oracle_crystal_to_tsc(&odd, 1), 3);
	ck_assert_uint_eq(oracle_crystal_to_tsc(&odd, 3), 7);
	ck_assert_uint_eq(oracle_edge(&odd, 2, 1), 3);
	ck_assert_uint_eq(oracle_edge(&odd, 3, 1), 5);
	ck_assert_uint_eq(oracle_edge(&odd, 6, 0), 5);
	ck_assert_uint_eq(oracle_edge(&odd, 7, 0), 7);
	ck_assert_uint_eq(oracle_us_to_tsc(1, 1500001), 2);
	ck_assert_uint_eq(oracle_us_to_tsc(UINT64_MAX, UINT64_MAX), ORACLE_NEVER);
}
END_TEST

START_TEST(deadlines)
{
	ck_assert_uint_eq(oracle_deadline(&spr, 0, 1000), 1000 + 11534336);
	ck_assert_uint_eq(oracle_n(&spr, 5), 131077);
	spr.threshold = 0;
	ck_assert_uint_eq(oracle_deadline(&spr, 0, 1000), 1001);
	ck_assert_uint_eq(oracle_deadline(&spr, 1, 1000), 1088);
	spr.on_edges = true; /* the last edge up to 1000 is 968 */
	ck_assert_uint_eq(oracle_deadline(&spr, 1, 1000), 1056);
	ck_assert_uint_eq(oracle_deadline(&spr, 0, 1000), 1001);
	spr.on_edges = false;
	spr.threshold = 5000;
	spr.threshold_in_ticks = true;
	ck_assert_uint_eq(oracle_deadline(&spr, 1, 1000), 6088);
	ck_assert_uint_eq(oracle_n(&spr, 1), 57);
	ck_assert_uint_eq(oracle_deadline(&spr, 1, UINT64_MAX - 1), ORACLE_NEVER);
}
END_TEST

/* 11534336 ticks of 100 each: 115343 iterations and a part of one, as every run of guest ac-loop shows. */
START_TEST(a_loop_expires_at_d)
{
	static const struct oracle_event loop[] = {
		{ .kind = ORACLE_ENTRY, .armed = true }, { .kind = ORACLE_RUN, .amount = 1 },
		{ .kind = ORACLE_LOOP, .end = ORACLE_ENDLESS },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	ck_assert_uint_eq(run(loop, 3, res), 2);
	ck_assert_int_eq(res[0].kind, ORACLE_NOTIFY);
	ck_assert_uint_eq(res[0].s, 2);
	ck_assert_uint_eq(res[0].d, 2 + 11534336);
	ck_assert_uint_eq(res[0].tick, res[0].d);
	ck_assert_uint_eq(res[0].iterations, 115344);
}
END_TEST

/* A stall of 7 clocks ends in time when N is 8, one of 9 does not: guest normal-work. */
START_TEST(a_window_at_d_wins)
{
	struct oracle_event stall[] = {
		{ .kind = ORACLE_ENTRY, .armed = true, .amount = 8 }, { .kind = ORACLE_STALL, .amount = 8 * 88 - 1 },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	spr.threshold = 0;
	ck_assert_uint_eq(run(stall, 2, res), 2);
	ck_assert_int_eq(res[0].kind, ORACLE_GAP);
	ck_assert_uint_eq(res[0].tick, 1 + 8 * 88);
	stall[1].amount++;
	ck_assert_uint_eq(run(stall, 2, res), 2);
	ck_assert_int_eq(res[0].kind, ORACLE_NOTIFY);
	ck_assert_uint_eq(res[0].tick, 1 + 8 * 88);
	spr.completes = true;
	run(stall, 2, res);
	ck_assert_uint_eq(res[0].tick, 2 + 8 * 88);
	ck_assert_uint_eq(res[0].d, 1 + 8 * 88);
}
END_TEST

START_TEST(control_clear_hangs)
{
	static const struct oracle_event loop[] = {
		{ .kind = ORACLE_ENTRY }, { .kind = ORACLE_RUN, .amount = 9 }, { .kind = ORACLE_LOOP, .end = ORACLE_ENDLESS },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	ck_assert_uint_eq(run(loop, 3, res), 1);
	ck_assert_int_eq(res[0].kind, ORACLE_HUNG);
	ck_assert_uint_eq(res[0].tick, 10 + 22000000000);
	ck_assert_uint_eq(res[0].iterations, 220000000);
}
END_TEST

/* P6: quiet time before the first nested delivery counts, or it does not. */
START_TEST(start_of_the_count)
{
	static const struct oracle_event loop[] = {
		{ .kind = ORACLE_ENTRY, .armed = true }, { .kind = ORACLE_QUIET, .amount = 500, .no_window = true },
		{ .kind = ORACLE_LOOP, .end = ORACLE_ENDLESS },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	run(loop, 3, res);
	ck_assert_uint_eq(res[0].s, 1);
	spr.from_first_nested = true;
	run(loop, 3, res);
	ck_assert_uint_eq(res[0].s, 501);
	ck_assert_uint_eq(res[0].length, 500 + 11534336);
}
END_TEST

/* P7: nothing expires before the first window after the entry. */
START_TEST(late_arming)
{
	static const struct oracle_event late[] = {
		{ .kind = ORACLE_ENTRY, .armed = true, .late = true }, { .kind = ORACLE_STALL, .amount = 20000000 },
		{ .kind = ORACLE_STALL, .amount = 20000000 },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	ck_assert_uint_eq(run(late, 3, res), 3);
	ck_assert_int_eq(res[0].kind, ORACLE_GAP);
	ck_assert_uint_eq(res[0].length, 20000002); /* from tick 0 */
	ck_assert_int_eq(res[1].kind, ORACLE_NOTIFY);
	ck_assert_uint_eq(res[1].s, 20000002);
}
END_TEST

/* P16: the tick in RSM's boundary decides. */
START_TEST(system_management_mode)
{
	struct oracle_event smi[] = {
		{ .kind = ORACLE_ENTRY, .armed = true }, { .kind = ORACLE_RUN, .amount = 9 },
		{ .kind = ORACLE_SMM, .amount = 11534335 }, { .kind = ORACLE_STALL, .amount = ORACLE_NEVER },
	};
	struct oracle_result res[ORACLE_RESULTS_MAX];

	run(smi, 4, res);
	ck_assert_int_eq(res[0].kind, ORACLE_NOTIFY);
	ck_assert_uint_eq(res[0].s, 10 + 11534336);
	spr.smm_counts = true;
	run(smi, 4, res);
	ck_assert_int_eq(res[0].kind, ORACLE_GAP); /* the window at D wins */
	ck_assert_uint_eq(res[0].length, 11534336);
	smi[2].amount++;
	run(smi, 4, res);
	ck_assert_int_eq(res[0].kind, ORACLE_NOTIFY);
	ck_assert_uint_eq(res[0].s, 10);
	ck_assert_uint_eq(res[0].d, 10 + 11534336);
	ck_assert_uint_eq(res[0].tick, 10 + 11534337);
}
END_TEST

/* P17 */
START_TEST(sum_wraps)
{
	ck_assert_uint_eq(oracle_n(&spr, UINT32_MAX), UINT64_C(4295098367));
	spr.wraps = true;
	ck_assert_uint_eq(oracle_n(&spr, UINT32_MAX), 131071);
	ck_assert_uint_eq(oracle_deadline(&spr, UINT32_MAX, 0), 131071 * 88);
	spr.threshold_in_ticks = true;
	ck_assert_uint_eq(oracle_deadline(&spr, UINT32_MAX, 0), UINT64_C(88) * UINT32_MAX + 131072);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("oracle");
	TCase *tc = tcase_create("by hand");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, conversions);
	tcase_add_test(tc, deadlines);
	tcase_add_test(tc, a_loop_expires_at_d);
	tcase_add_test(tc, a_window_at_d_wins);
	tcase_add_test(tc, control_clear_hangs);
	tcase_add_test(tc, start_of_the_count);
	tcase_add_test(tc, late_arming);
	tcase_add_test(tc, system_management_mode);
	tcase_add_test(tc, sum_wraps);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
