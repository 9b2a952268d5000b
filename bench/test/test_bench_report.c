/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_bench_report.c - order statistics, limits, what the two simulators are told.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "nws.h"
#include "bench_report.h"

static const struct nwb_options options = {
	.cpu = "corei7_skylake_x", .ips = 2200000000u, .memory_mib = 256, .append = "", .marker = "mark"
};

/* ---- Order statistics -------------------------------------------------------------------------------- */

static void expect_spread(struct nwb_spread s, double min, double low, double median, double high, double max)
{
	ck_assert_double_eq_tol(s.min, min, 1e-12);
	ck_assert_double_eq_tol(s.low, low, 1e-12);
	ck_assert_double_eq_tol(s.median, median, 1e-12);
	ck_assert_double_eq_tol(s.high, high, 1e-12);
	ck_assert_double_eq_tol(s.max, max, 1e-12);
}

START_TEST(spread)
{
	static const double odd[] = { 5, 1, 4, 2, 3 }, even[] = { 40, 10, 30, 20 }, one[] = { 7 };

	expect_spread(nwb_spread_of(odd, 5), 1, 2, 3, 4, 5);
	expect_spread(nwb_spread_of(even, 4), 10, 17.5, 25, 32.5, 40);
	expect_spread(nwb_spread_of(one, 1), 7, 7, 7, 7, 7);
	expect_spread(nwb_spread_of(one, 0), 0, 0, 0, 0, 0);
	ck_assert_double_eq(odd[0], 5);         /* the values stay in their order */
}
END_TEST

/* ---- Limits ------------------------------------------------------------------------------------------ */

static struct nwb_linux linux_result(double stock_wall, double nwsim_wall, double stock_cpu, double nwsim_cpu)
{
	static char cmdline[] = "quiet";
	struct nwb_linux l = { .cmdline = cmdline };

	for (unsigned i = 0; i < NWB_ROWS; i++)
		l.wall_s[i].median = l.cpu_s[i].median = 1;
	l.wall_s[NWB_ROW_STOCK].median = stock_wall;
	l.wall_s[NWB_ROW_NWSIM].median = nwsim_wall;
	l.cpu_s[NWB_ROW_STOCK].median = stock_cpu;
	l.cpu_s[NWB_ROW_NWSIM].median = nwsim_cpu;
	return l;
}

static bool linux_passes(double stock_wall, double nwsim_wall, double stock_cpu, double nwsim_cpu)
{
	struct nwb_linux l = linux_result(stock_wall, nwsim_wall, stock_cpu, nwsim_cpu);
	struct nwb_results r = { .o = &options, .linux_boot = &l };
	json_t *report = nwb_report_json(&r);
	bool pass;

	ck_assert_ptr_nonnull(report);
	ck_assert(json_is_null(json_object_get(report, "cpu_bound")));
	ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(report, "linux"), "rows")), NWB_ROWS);
	pass = json_is_true(json_object_get(json_object_get(report, "linux"), "pass"));
	json_decref(report);
	return pass;
}

START_TEST(linux_limit)
{
	ck_assert(linux_passes(10, 4, 10, 4));
	ck_assert(!linux_passes(10, 4.01, 10, 4));
	ck_assert(!linux_passes(10, 4, 10, 4.01));
	ck_assert(linux_passes(10, 1, 5, 2));
}
END_TEST

static bool cpu_bound_passes(double ratio)
{
	struct nwb_cpu_bound c = { .ticks = 10, .ratio = { .median = ratio }, .stock_s = { .median = 1 },
				   .nwsim_s = { .median = 1 } };
	struct nwb_results r = { .o = &options, .cpu_bound = &c };
	json_t *report = nwb_report_json(&r), *part;
	bool pass;

	ck_assert_ptr_nonnull(report);
	part = json_object_get(report, "cpu_bound");
	ck_assert(json_is_null(json_object_get(part, "host_instruction_ratio")));
	pass = json_is_true(json_object_get(part, "pass"));
	json_decref(report);
	return pass;
}

START_TEST(cpu_bound_limit)
{
	ck_assert(cpu_bound_passes(0.9));
	ck_assert(cpu_bound_passes(1.02));
	ck_assert(!cpu_bound_passes(1.021));
}
END_TEST

static void text_of(const struct nwb_results *r, char *text, size_t size)
{
	FILE *f = fmemopen(text, size, "w");

	ck_assert_ptr_nonnull(f);
	nwb_report_text(f, r);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(text_report)
{
	static char text[16384];
	struct nwb_linux l = linux_result(20, 3, 19, 3);
	struct nwb_cpu_bound c = { .ticks = 10000000, .round_pairs = 99, .ratio = { .median = 1.05 },
				   .stock_s = { .median = 0.1 }, .nwsim_s = { .median = 0.2 },
				   .instruction_ratio = 1.01 };
	struct nwb_results r = { .o = &options, .linux_boot = &l, .cpu_bound = &c };

	text_of(&r, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "nwsim / stock: wall time 0.150, CPU time 0.158; limit 0.40: PASS\n"));
	ck_assert_ptr_nonnull(strstr(text, "nwsim / stock: 1.0500 (median); limit 1.02: FAIL\n"));
	ck_assert_ptr_nonnull(strstr(text, "stock 100.0, nwsim 50.0"));
	ck_assert_ptr_nonnull(strstr(text, "host instructions: nwsim / stock = 1.0100\n"));
	for (unsigned i = 0; i < NWB_ROWS; i++)
		ck_assert_ptr_nonnull(strstr(text, nwb_row_text((enum nwb_row)i)));
}
END_TEST

/* ---- Configuration files ------------------------------------------------------------------------------ */

static struct nwb_guest guest;

static void set_up(void)
{
	memset(&guest, 0, sizeof(guest));
	guest.o = &options;
	guest.plan.memory_mib = 256;
	ck_assert_int_eq(nws_workdir_create(&guest.dir, NULL), 0);
}

static void tear_down(void)
{
	nwb_guest_remove(&guest);
}

/* The caller frees it. */
static char *bochsrc(bool nwsim, enum nwb_boot boot, bool uart_fast, bool idle_jump)
{
	const struct nwb_machine m = { "id", nwsim, boot, uart_fast, idle_jump };
	char *path = nws_workdir_path(&guest.dir, "rc"), *text = calloc(1, 8192);
	FILE *f;

	ck_assert_int_eq(nwb_machine_write(&guest, &m, "rc", "log-id"), 0);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(text, 1, 8191, f), 0);
	fclose(f);
	free(path);
	return text;
}

START_TEST(both_simulators_are_told_the_same)
{
	enum nwb_boot boot = (enum nwb_boot)_i;
	char *stock = bochsrc(false, boot, false, false), *nwsim = bochsrc(true, boot, true, false);

	ck_assert_ptr_null(strstr(stock, "nwsim:"));
	ck_assert_int_eq(strncmp(stock, nwsim, strlen(stock)), 0);
	ck_assert_str_eq(nwsim + strlen(stock), "nwsim: trace=trace-id.nwt\nnwsim: uart=fast\nnwsim: idle=step\n");
	ck_assert_ptr_nonnull(strstr(stock, "model=corei7_skylake_x, ips=2200000000,"));
	ck_assert_ptr_nonnull(strstr(stock, "log: log-id\n"));
	free(stock);
	free(nwsim);
}
END_TEST

START_TEST(ways_of_booting)
{
	char *iso = bochsrc(false, NWB_BOOT_ISO, false, false);
	char *fastboot = bochsrc(false, NWB_BOOT_ISO_FASTBOOT, false, false);
	char *direct = bochsrc(true, NWB_BOOT_DIRECT, false, true);

	ck_assert_ptr_null(strstr(iso, "fastboot"));
	ck_assert_ptr_nonnull(strstr(iso, "boot: cdrom\n"));
	ck_assert_ptr_nonnull(strstr(fastboot, "options=fastboot\n"));
	ck_assert_ptr_nonnull(strstr(fastboot, "boot: cdrom\n"));
	ck_assert_ptr_null(strstr(direct, "cdrom"));
	ck_assert_ptr_nonnull(strstr(direct, "optromimage1:"));
	ck_assert_ptr_nonnull(strstr(direct, "nwsim: uart=baud\nnwsim: idle=jump\n"));
	free(iso);
	free(fastboot);
	free(direct);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bench_report");
	TCase *t = tcase_create("numbers"), *m = tcase_create("machine");
	SRunner *r;
	int failed;

	tcase_add_test(t, spread);
	tcase_add_test(t, linux_limit);
	tcase_add_test(t, cpu_bound_limit);
	tcase_add_test(t, text_report);
	tcase_add_checked_fixture(m, set_up, tear_down);
	tcase_add_loop_test(m, both_simulators_are_told_the_same, NWB_BOOT_ISO, NWB_BOOT_DIRECT + 1);
	tcase_add_test(m, ways_of_booting);
	suite_add_tcase(s, t);
	suite_add_tcase(s, m);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
