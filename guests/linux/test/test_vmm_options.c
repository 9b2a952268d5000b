/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Options of the VMM: every accepted value arrives, every other one is refused with its reason.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "guests/linux/vmm/options.h"

static struct options o;
static char error[256];

static void setup(void)
{
	options_default(&o);
	memset(error, 0, sizeof(error));
}

static int parse(const char *text)
{
	char line[256];

	ck_assert_uint_lt(strlen(text), sizeof(line));
	strcpy(line, text);
	return options_line(&o, line, error, sizeof(error));
}

START_TEST(defaults)
{
	ck_assert_uint_eq(o.window_crystal, 0);
	ck_assert(o.user);
	ck_assert_uint_eq(o.exits, 5);
	ck_assert_uint_eq(o.time_ms, 0);
	ck_assert(!o.invalid && !o.strict);
	ck_assert_str_eq(o.guest, "");
	ck_assert_str_eq(o.scenarios, "");
}
END_TEST

START_TEST(whole_command_line)
{
	ck_assert_int_eq(parse("BOOT_IMAGE=/bz console=ttyS0,115200 nw.window=4294967295 quiet "
			       "nw.flags=kernel\tnw.exits=64 nw.time_ms=250 nw.context=invalid "
			       "nw.strict=1 nw.guest=stall nw.scenario=caps,ac-loop\n"), 0);
	ck_assert_uint_eq(o.window_crystal, UINT32_MAX);
	ck_assert(!o.user && o.invalid && o.strict);
	ck_assert_uint_eq(o.exits, 64);
	ck_assert_uint_eq(o.time_ms, 250);
	ck_assert_str_eq(o.guest, "stall");
	ck_assert_str_eq(o.scenarios, "caps,ac-loop");
}
END_TEST

START_TEST(later_word_wins)
{
	ck_assert_int_eq(parse("nw.window=7 nw.window=0x10"), 0);
	ck_assert_uint_eq(o.window_crystal, 16);
}
END_TEST

static const char *const refused[] = {
	"nw.window=", "nw.window", "nw.window=-1", "nw.window=4294967296", "nw.window=1x",
	"nw.window= 1", "nw.window=+1", "nw.window=99999999999999999999999",
	"nw.flags=", "nw.flags=users", "nw.flags=0", "nw.exits=0", "nw.exits=65", "nw.time_ms=0",
	"nw.time_ms=3600001", "nw.context=bad", "nw.strict=2", "nw.strict=yes", "nw.guest=",
	"nw.guest=a-name-which-is-too-long-for-any-guest", "nw.scenario=", "nw.windows=1", "nw.=1",
	"nw.", "nw.win=1",
};

START_TEST(bad_word)
{
	const char *word = refused[_i];

	ck_assert_int_eq(options_word(&o, word, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, word));
	ck_assert_ptr_nonnull(strstr(error, "accepted: "));
}
END_TEST

START_TEST(bad_word_ends_the_line)
{
	ck_assert_int_eq(parse("nw.window=1 nw.flags=maybe nw.window=2"), -1);
	ck_assert_ptr_nonnull(strstr(error, "nw.flags=maybe"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vmm_options");
	TCase *tc = tcase_create("options");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, defaults);
	tcase_add_test(tc, whole_command_line);
	tcase_add_test(tc, later_word_wins);
	tcase_add_loop_test(tc, bad_word, 0, (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tc, bad_word_ends_the_line);
	suite_add_tcase(suite, tc);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
