/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nwsim_options.c - options of `nwsim run` and `nwsim linux`, numbers, and the text they are recorded as.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpumodel.h"
#include "guests.h"
#include "nws.h"
#include "options.h"
#include "tap.h"

static struct nws_options o;

static void setup(void)
{
	nws_options_init(&o, false);
}

static void teardown(void)
{
	nws_options_free(&o);
}

/* The words stay allocated: *o points into them. */
static int parse(struct nws_options *to, const char *text, bool operands)
{
	int argc;
	char **argv = nws_words(text, &argc);

	argv[0] = (char *)"nwsim run";
	return nws_options_parse(to, argc, argv, operands);
}

START_TEST(defaults)
{
	ck_assert_int_eq(parse(&o, "guest", true), 0);
	ck_assert_str_eq(o.guest, "guest");
	ck_assert_str_eq(o.cpu, NWS_CPU_DEFAULT);
	ck_assert(!o.window_set);
	ck_assert_uint_eq(o.ips, 0);
	ck_assert_uint_eq(o.cpus, 1);
	ck_assert_uint_eq(o.memory_mib, NWS_MEMORY_BARE);
	ck_assert_uint_eq(o.time_limit_us, NWS_TIME_LIMIT_US);
	ck_assert_int_eq(o.expect, NWS_PASS);
	ck_assert(!o.json && !o.guest_status && !o.uart_baud && !o.idle_step);
	ck_assert_uint_eq(o.params.v[NW_P_THRESHOLD], 131072);
	ck_assert_ptr_null(o.append);
}
END_TEST

START_TEST(all_options)
{
	ck_assert_int_eq(
		parse(&o,
		      "--window 4294967295 --threshold 0x10tsc --param saved_rf=before "
		      "--stall phase=delivery,vector=17,clocks=9 --json --trace t --cpu tigerlake --ips 1000000 "
		      "--memory 65536 --cpus 8 g --append a --append b=1 --time-limit 0.5 --uart baud --idle step "
		      "--expect hung --exit-status guest --log l --simulator s --keep k",
		      true),
		0);
	ck_assert(o.window_set && o.window == UINT32_MAX);
	ck_assert_uint_eq(o.params.v[NW_P_THRESHOLD], 16);
	ck_assert_uint_eq(o.params.v[NW_P_THRESHOLD_UNIT], NW_UNIT_TSC);
	ck_assert_uint_eq(o.params.v[NW_P_SAVED_RF], NW_RF_BEFORE);
	ck_assert_uint_eq(o.stall_set.count, 1);
	ck_assert_str_eq(o.stall[0], "phase=delivery,vector=17,clocks=9");
	ck_assert(o.json && o.guest_status && o.uart_baud && o.idle_step);
	ck_assert_str_eq(o.trace, "t");
	ck_assert_str_eq(o.cpu, "tigerlake");
	ck_assert_uint_eq(o.ips, 1000000);
	ck_assert_uint_eq(o.memory_mib, 65536);
	ck_assert_uint_eq(o.cpus, 8);
	ck_assert_str_eq(o.append, "a b=1");
	ck_assert_uint_eq(o.time_limit_us, 500000);
	ck_assert_int_eq(o.expect, NWS_HUNG);
	ck_assert_str_eq(o.log, "l");
	ck_assert_str_eq(o.simulator, "s");
	ck_assert_str_eq(o.keep, "k");
}
END_TEST

START_TEST(later_options_win)
{
	ck_assert_int_eq(
		parse(&o, "--window 1 --threshold 8crystal --expect hung --append one --json", false), 0);
	ck_assert_int_eq(
		parse(&o,
		      "--window 2 g --expect pass --threshold 9tsc --append two --uart baud --uart fast",
		      true),
		0);
	ck_assert_uint_eq(o.window, 2);
	ck_assert_uint_eq(o.params.v[NW_P_THRESHOLD], 9);
	ck_assert_uint_eq(o.params.v[NW_P_THRESHOLD_UNIT], NW_UNIT_TSC);
	ck_assert_int_eq(o.expect, NWS_PASS);
	ck_assert_str_eq(o.append, "one two");
	ck_assert(o.json && !o.uart_baud);
}
END_TEST

START_TEST(several_guests)
{
	ck_assert_int_eq(parse(&o, "one", true), 0);
	ck_assert(!nws_options_several(&o));
	ck_assert_int_eq(parse(&o, "two --jobs 3 --group a --group b", true), 0);
	ck_assert(nws_options_several(&o));
	ck_assert_uint_eq(o.n_names, 2);
	ck_assert_str_eq(o.names[1], "two");
	ck_assert_str_eq(o.guest, "one");
	ck_assert_uint_eq(o.n_groups, 2);
	ck_assert_str_eq(o.group[1], "b");
	ck_assert_uint_eq(o.jobs, 3);
	ck_assert(!o.all && !o.tap && !o.results);
	teardown();
	setup();
	ck_assert_uint_eq(o.jobs, 1);
	ck_assert_int_eq(parse(&o, "--all -j0 --tap --results d", true), 0);
	ck_assert(o.all && o.tap && nws_options_several(&o));
	ck_assert_str_eq(o.results, "d");
	ck_assert_uint_eq(o.jobs, 0);
	ck_assert_uint_eq(o.n_names, 0);
}
END_TEST

START_TEST(linux_words)
{
	nws_options_init(&o, true);
	ck_assert_int_eq(
		parse(&o, "--window 5 --kernel k --initrd i --append first -- nw.exits=3 --not-an-option",
		      true),
		0);
	ck_assert_str_eq(o.append, "first nw.exits=3 --not-an-option");
	ck_assert_str_eq(o.kernel, "k");
	ck_assert_str_eq(o.initrd, "i");
	ck_assert_uint_eq(o.memory_mib, NWS_MEMORY_LINUX);
}
END_TEST

START_TEST(saved_runs)
{
	ck_assert_int_eq(parse(&o, "g --save d --save-at 1.5 --window 3 --save-then go --append x --json", true), 0);
	ck_assert_str_eq(o.save, "d");
	ck_assert(o.save_at_set && !o.save_in_ticks && o.save_go_on);
	ck_assert_uint_eq(o.save_at, 1500000);
	/* What defines the run is remembered, what is done with it is not. */
	ck_assert_uint_eq(o.n_words, 3);
	ck_assert_str_eq(o.word[0], "--window=3");
	ck_assert_str_eq(o.word[1], "--append=x");
	ck_assert_str_eq(o.word[2], "g");
	ck_assert_ptr_null(o.word[3]);
	nws_options_free(&o);
	nws_options_init(&o, false);
	ck_assert_int_eq(parse(&o, "g --save d --save-at 9223372036854775807tsc", true), 0);
	ck_assert(o.save_at_set && o.save_in_ticks && !o.save_go_on);
	ck_assert_uint_eq(o.save_at, INT64_MAX);
	nws_options_free(&o);
	nws_options_init(&o, false);
	ck_assert_int_eq(parse(&o, "--restore d --trace t", true), 0);
	ck_assert_str_eq(o.restore, "d");
	ck_assert_uint_eq(o.n_words, 0);
}
END_TEST

START_TEST(files_of_foreign_guests)
{
	ck_assert_int_eq(parse(&o, "./g --initrd a,x=1 --initrd b --disk d --disk-write --platform test", true), 0);
	ck_assert_uint_eq(o.n_modules, 2);
	ck_assert_str_eq(o.module[0], "a,x=1");
	ck_assert_str_eq(o.module[1], "b");
	ck_assert_str_eq(o.disk, "d");
	ck_assert(o.disk_write);
	ck_assert_int_eq(o.platform, NWS_PLATFORM_TEST);
	nws_options_init(&o, false);
	ck_assert_int_eq(parse(&o, "--disk d --platform pc", true), 0);
	ck_assert_ptr_null(o.guest);
	ck_assert_int_eq(o.platform, NWS_PLATFORM_PC);
}
END_TEST

/* What is recorded in the trace, given as options again, is the same run. */
START_TEST(canonical_text_repeats_the_run)
{
	static const char *const samples[] = {
		"g",
		"--window 0 g",
		"--threshold 5tsc --param context_invalid=always --param crystal_num=88 g",
		"--cpus 3 --memory 5000 --platform test g",
		"--ips 123456789 --cpu arrow_lake --memory 9 --time-limit 12.000001 --uart baud --idle step g",
	};
	struct nws_options again;
	char *text, *text_again;

	ck_assert_int_eq(parse(&o, samples[_i], true), 0);
	text = nws_options_canonical(&o);
	nws_options_init(&again, false);
	ck_assert_int_eq(parse(&again, text, false), 0);
	text_again = nws_options_canonical(&again);
	ck_assert_str_eq(text, text_again);
	ck_assert_mem_eq(&o.params, &again.params, sizeof(o.params));
	ck_assert_uint_eq(o.window, again.window);
	ck_assert(o.window_set == again.window_set);
	ck_assert_uint_eq(o.ips, again.ips);
	ck_assert_str_eq(o.cpu, again.cpu);
	ck_assert_uint_eq(o.memory_mib, again.memory_mib);
	ck_assert_uint_eq(o.time_limit_us, again.time_limit_us);
	ck_assert(o.uart_baud == again.uart_baud && o.idle_step == again.idle_step);
	free(text);
	free(text_again);
}
END_TEST

START_TEST(canonical_text_has_no_files)
{
	char *text;

	ck_assert_int_eq(
		parse(&o, "--trace /x/t --log /x/l --keep /x/k --simulator /x/s --json /x/g", true), 0);
	text = nws_options_canonical(&o);
	ck_assert_ptr_null(strstr(text, "/x"));
	free(text);
}
END_TEST

/* Options of the guests' list may not name a guest; wrong ones end the program with status 2. */
START_TEST(refused)
{
	static const char *const wrong[] = {
		"another",     "--window 4294967296",    "--window +1",
		"--memory 7",  "--memory 65537",         "--ips 4294967296",
		"--param x=1", "--param threshold",      "--time-limit -1",
		"--uart",      "--stall phase=delivery", "--save-at 1",
		"--save d",    "--save-at 1x --save d",  "--save-then later",
	};

	ck_assert_int_lt(_i, (int)(sizeof(wrong) / sizeof(wrong[0])));
	fclose(stderr);
	parse(&o, wrong[_i], false);
}
END_TEST

START_TEST(numbers)
{
	uint64_t v = 77;

	ck_assert(nws_parse_u64("0", 0, 10, &v) && v == 0);
	ck_assert(nws_parse_u64("0x10", 0, 16, &v) && v == 16);
	ck_assert(nws_parse_u64("18446744073709551615", 0, UINT64_MAX, &v) && v == UINT64_MAX);
	ck_assert(nws_parse_u64("0010", 0, 10, &v) && v == 10);
	v = 77;
	ck_assert(!nws_parse_u64("18446744073709551616", 0, UINT64_MAX, &v));
	ck_assert(!nws_parse_u64("", 0, 10, &v));
	ck_assert(!nws_parse_u64("0x", 0, 10, &v));
	ck_assert(!nws_parse_u64(" 1", 0, 10, &v));
	ck_assert(!nws_parse_u64("1 ", 0, 10, &v));
	ck_assert(!nws_parse_u64("-1", 0, UINT64_MAX, &v));
	ck_assert(!nws_parse_u64("+1", 0, 10, &v));
	ck_assert(!nws_parse_u64("a", 0, 10, &v));
	ck_assert(!nws_parse_u64("0x0x1", 0, 10, &v));
	ck_assert(!nws_parse_u64("11", 0, 10, &v));
	ck_assert(!nws_parse_u64("1", 2, 10, &v));
	ck_assert_uint_eq(v, 77);
}
END_TEST

START_TEST(seconds)
{
	uint64_t v = 77;

	ck_assert(nws_parse_seconds("0", 100, &v) && v == 0);
	ck_assert(nws_parse_seconds("1", 1000000, &v) && v == 1000000);
	ck_assert(nws_parse_seconds("0.000001", 10, &v) && v == 1);
	ck_assert(nws_parse_seconds("3.25", 4000000, &v) && v == 3250000);
	v = 77;
	ck_assert(!nws_parse_seconds("1.000001", 1000000, &v));
	ck_assert(!nws_parse_seconds("1.", 2000000, &v));
	ck_assert(!nws_parse_seconds(".5", 2000000, &v));
	ck_assert(!nws_parse_seconds("", 2000000, &v));
	ck_assert(!nws_parse_seconds("0.0000001", 2000000, &v));
	ck_assert(!nws_parse_seconds("0x1", 2000000, &v));
	ck_assert(!nws_parse_seconds("1e3", UINT64_MAX, &v));
	ck_assert(!nws_parse_seconds("1.2.3", UINT64_MAX, &v));
	ck_assert(!nws_parse_seconds("123456789012345678901234567890", UINT64_MAX, &v));
	ck_assert_uint_eq(v, 77);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nwsim options");
	TCase *t = tcase_create("options");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, defaults);
	tcase_add_test(t, all_options);
	tcase_add_test(t, later_options_win);
	tcase_add_test(t, several_guests);
	tcase_add_test(t, linux_words);
	tcase_add_test(t, saved_runs);
	tcase_add_test(t, files_of_foreign_guests);
	tcase_add_loop_test(t, canonical_text_repeats_the_run, 0, 5);
	tcase_add_test(t, canonical_text_has_no_files);
	tcase_add_loop_exit_test(t, refused, NWS_EXIT_USAGE, 0, 15);
	tcase_add_test(t, numbers);
	tcase_add_test(t, seconds);
	suite_add_tcase(s, t);
	return tap_run(s);
}
