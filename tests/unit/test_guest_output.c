/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_guest_output.c - lines of the guest, its test results, and the verdict and exit status that follow.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nw_abi.h"
#include "nws.h"
#include "serial.h"
#include "tap.h"
#include "verdict.h"
#include "tap.h"

/* ---- Test lines -------------------------------------------------------------------------------------- */

static enum nws_tap_result tap(const char *text)
{
	char *copy = strdup(text), *save, *line;
	struct nws_tap t = { 0 };
	enum nws_tap_result result;

	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		nws_tap_line(&t, line);
	result = nws_tap_result(&t);
	free(copy);
	return result;
}

START_TEST(tap_results)
{
	static const struct {
		const char *text;
		enum nws_tap_result result;
	} cases[] = {
		{ "hello\nokay\nnot okay\n 1..2", NWS_TAP_NONE },
		{ "1..2\nok 1 - a\nok 2 - b", NWS_TAP_OK },
		{ "ok 1\nok 2\n1..2", NWS_TAP_OK },
		{ "TAP version 13\n1..1\nok", NWS_TAP_OK },
		{ "1..1\n# a comment\nok 1 - a # SKIP why", NWS_TAP_OK },
		{ "1..2\nok 1\nnot ok 2 - b # TODO later", NWS_TAP_OK },
		{ "1..2\nok 1\nnot ok 2 - b # todo later", NWS_TAP_OK },
		{ "1..2\nok 1\nnot ok 2 - TODO is no directive here", NWS_TAP_FAILED },
		{ "1..2\nok 1\nnot ok 2", NWS_TAP_FAILED },
		{ "not ok 1", NWS_TAP_FAILED },
		{ "1..2\nok 1", NWS_TAP_INCOMPLETE },
		{ "1..1\nok 1\nok 2", NWS_TAP_INCOMPLETE },
		{ "ok 1\nok 2", NWS_TAP_INCOMPLETE },
		{ "1..2\nok 2\nok 1", NWS_TAP_INCOMPLETE },
		{ "1..2\nok 1\nok 1", NWS_TAP_INCOMPLETE },
		{ "1..2\n1..2\nok 1\nok 2", NWS_TAP_INCOMPLETE },
		{ "1..2\nok 1\nok 2\nBail out! no memory", NWS_TAP_INCOMPLETE },
		{ "Bail out!", NWS_TAP_INCOMPLETE },
		{ "1..0", NWS_TAP_SKIPPED },
		{ "1..0 # SKIP no VMX", NWS_TAP_SKIPPED },
		{ "1..0\nok 1", NWS_TAP_INCOMPLETE },
		{ "1..2x\nok 1\nok 2", NWS_TAP_INCOMPLETE },
		{ "1..", NWS_TAP_NONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(tap(cases[i].text) == cases[i].result, "case %zu: %s", i, cases[i].text);
}
END_TEST

/* ---- Lines ------------------------------------------------------------------------------------------- */

static unsigned long lines_seen;
static char last_seen[NWS_LINE_MAX + 1];

static void see(void *ctx, const char *line)
{
	ck_assert_ptr_eq(ctx, &lines_seen);
	lines_seen++;
	strcpy(last_seen, line);
}

START_TEST(lines)
{
	struct nws_serial s;

	nws_serial_init(&s, see, &lines_seen);
	nws_serial_feed(&s, "a\r\nb", 4);
	ck_assert_uint_eq(lines_seen, 1);
	ck_assert_str_eq(last_seen, "a");
	nws_serial_feed(&s, "c\n\n\0d\r\r\n", 8);
	ck_assert_uint_eq(lines_seen, 4);
	ck_assert_str_eq(last_seen, " d");
	nws_serial_feed(&s, "end", 3);
	ck_assert_uint_eq(lines_seen, 4);
	nws_serial_finish(&s);
	ck_assert_uint_eq(lines_seen, 5);
	nws_serial_finish(&s);
	ck_assert_uint_eq(lines_seen, 5);
	ck_assert_uint_eq(nws_serial_kept(&s), 5);
	ck_assert_str_eq(nws_serial_line(&s, 1), "bc");
	ck_assert_str_eq(nws_serial_line(&s, 2), "");
	ck_assert_str_eq(nws_serial_line(&s, 4), "end");
	ck_assert_uint_eq(nws_serial_dropped(&s), 0);
	nws_serial_free(&s);
}
END_TEST

START_TEST(long_lines_are_cut)
{
	struct nws_serial s;

	nws_serial_init(&s, see, &lines_seen);
	for (int i = 0; i < NWS_LINE_MAX + 100; i++)
		nws_serial_feed(&s, "x", 1);
	nws_serial_feed(&s, "\nnext\n", 6);
	ck_assert_uint_eq(strlen(nws_serial_line(&s, 0)), NWS_LINE_MAX);
	ck_assert_str_eq(nws_serial_line(&s, 1), "next");
	nws_serial_free(&s);
}
END_TEST

/* Around the limit nothing is lost; beyond it the middle goes, whatever the number. */
START_TEST(first_and_last_lines_are_kept)
{
	static const unsigned totals[] = {
		NWS_LINES_FIRST - 1,
		NWS_LINES_FIRST,
		NWS_LINES_FIRST + 1,
		NWS_LINES_FIRST + NWS_LINES_LAST - 1,
		NWS_LINES_FIRST + NWS_LINES_LAST,
		NWS_LINES_FIRST + NWS_LINES_LAST + 1,
		3 * NWS_LINES_FIRST + 17,
	};
	const unsigned total = totals[_i], kept_max = NWS_LINES_FIRST + NWS_LINES_LAST;
	const unsigned dropped = total > kept_max ? total - kept_max : 0;
	struct nws_serial s;
	char text[32];

	nws_serial_init(&s, NULL, NULL);
	for (unsigned i = 0; i < total; i++)
		nws_serial_feed(&s, text, (size_t)sprintf(text, "line %u\n", i));
	ck_assert_uint_eq(nws_serial_kept(&s), total - dropped);
	ck_assert_uint_eq(nws_serial_dropped(&s), dropped);
	for (unsigned i = 0; i < total - dropped; i++) {
		sprintf(text, "line %u", i < NWS_LINES_FIRST ? i : i + dropped);
		ck_assert_str_eq(nws_serial_line(&s, i), text);
	}
	nws_serial_free(&s);
}
END_TEST

/* ---- Verdict ----------------------------------------------------------------------------------------- */

static struct nws_outcome guest(uint64_t code, bool required, const char *text)
{
	struct nws_outcome o = {
		.simulator_ok = true,
		.kind = NWT_VERDICT_GUEST_EXIT,
		.code = code,
		.tap_required = required,
	};
	char *copy = strdup(text), *save, *line;

	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		nws_tap_line(&o.tap, line);
	free(copy);
	return o;
}

START_TEST(verdict_of_exit_codes)
{
	static const struct {
		uint64_t code;
		bool required;
		const char *text;
		enum nws_verdict verdict;
	} cases[] = {
		{ NW_EXIT_PASS, true, "1..1\nok 1", NWS_PASS },
		{ NW_EXIT_PASS, true, "", NWS_ERROR },
		{ NW_EXIT_PASS, false, "", NWS_PASS },
		{ NW_EXIT_PASS, false, "1..2\nok 1", NWS_ERROR },
		{ NW_EXIT_PASS, true, "1..1\nnot ok 1", NWS_FAIL },
		{ NW_EXIT_PASS, true, "1..0 # SKIP", NWS_SKIP },
		{ NW_EXIT_FAIL, true, "1..1\nok 1", NWS_FAIL },
		{ NW_EXIT_ERROR, true, "1..1\nok 1", NWS_ERROR },
		{ NW_EXIT_SKIP, true, "1..0 # SKIP", NWS_SKIP },
		{ NW_EXIT_SKIP, true, "1..1\nnot ok 1", NWS_FAIL },
		{ 4, true, "1..1\nok 1", NWS_ERROR },
		{ 0x100000000, true, "1..1\nok 1", NWS_ERROR },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nws_outcome o = guest(cases[i].code, cases[i].required, cases[i].text);

		ck_assert_msg(nws_verdict_of(&o) == cases[i].verdict, "case %zu", i);
	}
}
END_TEST

START_TEST(verdict_of_foreign_exit_codes)
{
	static const struct {
		uint64_t code;
		const char *text;
		enum nws_verdict verdict;
	} cases[] = {
		{ 0, "", NWS_PASS },
		{ 0, "PASS: something", NWS_PASS },
		{ 0, "1..1\nnot ok 1", NWS_FAIL },
		{ 0, "1..2\nok 1", NWS_ERROR },
		{ NW_EXIT_SKIP, "", NWS_FAIL },
		{ 77, "1..1\nok 1", NWS_FAIL },
		{ UINT32_MAX, "", NWS_FAIL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nws_outcome o = guest(cases[i].code, true, cases[i].text);

		o.kind = NWT_VERDICT_FOREIGN_EXIT;
		ck_assert_msg(nws_verdict_of(&o) == cases[i].verdict, "case %zu", i);
		ck_assert_int_eq(nws_verdict_status(cases[i].verdict, NWS_PASS, true, &o), cases[i].code & 0xff);
	}
}
END_TEST

START_TEST(verdict_of_other_ends)
{
	static const struct {
		enum nwt_verdict_kind kind;
		enum nws_verdict verdict;
		int status;
	} cases[] = {
		{ NWT_VERDICT_POWER_OFF, NWS_POWER_OFF, NWS_EXIT_NOT_MET },
		{ NWT_VERDICT_HUNG, NWS_HUNG, NWS_EXIT_HUNG },
		{ NWT_VERDICT_TIME_LIMIT, NWS_TIME_LIMIT, NWS_EXIT_NOT_MET },
		{ NWT_VERDICT_SHUTDOWN, NWS_SHUTDOWN, NWS_EXIT_NOT_MET },
		{ NWT_VERDICT_RESET, NWS_RESET, NWS_EXIT_NOT_MET },
		{ NWT_VERDICT_FAULT, NWS_FAULT, NWS_EXIT_FAULT },
		{ NWT_VERDICT_KIND_COUNT, NWS_FAULT, NWS_EXIT_FAULT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nws_outcome o = guest(0, true, "1..1\nok 1");

		o.kind = cases[i].kind;
		ck_assert_int_eq(nws_verdict_of(&o), cases[i].verdict);
		ck_assert_int_eq(nws_verdict_status(cases[i].verdict, NWS_PASS, false, &o),
				 cases[i].status);
		ck_assert_int_eq(nws_verdict_status(cases[i].verdict, NWS_PASS, true, &o), cases[i].status);
		ck_assert_int_eq(nws_verdict_status(cases[i].verdict, cases[i].verdict, false, &o),
				 NWS_EXIT_MET);
	}
}
END_TEST

START_TEST(a_failed_simulator_is_a_fault)
{
	struct nws_outcome o = guest(0, true, "1..1\nok 1");

	o.simulator_ok = false;
	ck_assert_int_eq(nws_verdict_of(&o), NWS_FAULT);
	ck_assert_int_eq(nws_verdict_status(NWS_FAULT, NWS_PASS, true, &o), NWS_EXIT_FAULT);
	o.host_limit = true;
	ck_assert_int_eq(nws_verdict_of(&o), NWS_HOST_LIMIT);
	ck_assert_int_eq(nws_verdict_status(NWS_HOST_LIMIT, NWS_FAULT, true, &o), NWS_EXIT_FAULT);
}
END_TEST

START_TEST(guest_status)
{
	struct nws_outcome o = guest(0x1ff, true, "");

	ck_assert_int_eq(nws_verdict_status(NWS_ERROR, NWS_PASS, true, &o), 0xff);
	ck_assert_int_eq(nws_verdict_status(NWS_ERROR, NWS_PASS, false, &o), NWS_EXIT_NOT_MET);
}
END_TEST

START_TEST(names)
{
	char list[256] = "";
	enum nws_verdict v;

	for (int i = 0; i < NWS_HOST_LIMIT; i++) {
		ck_assert_int_eq(nws_verdict_parse(nws_verdict_name((enum nws_verdict)i), &v), 0);
		ck_assert_int_eq(v, i);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 nws_verdict_name((enum nws_verdict)i));
	}
	ck_assert_str_eq(list, nws_verdict_names());
	ck_assert_int_eq(nws_verdict_parse(nws_verdict_name(NWS_HOST_LIMIT), &v), -1);
	ck_assert_int_eq(nws_verdict_parse("", &v), -1);
	ck_assert_int_eq(nws_verdict_parse("passed", &v), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest output");
	TCase *t = tcase_create("tap"), *l = tcase_create("serial"), *v = tcase_create("verdict");

	tcase_add_test(t, tap_results);
	suite_add_tcase(s, t);
	tcase_add_test(l, lines);
	tcase_add_test(l, long_lines_are_cut);
	tcase_add_loop_test(l, first_and_last_lines_are_kept, 0, 7);
	suite_add_tcase(s, l);
	tcase_add_test(v, verdict_of_exit_codes);
	tcase_add_test(v, verdict_of_foreign_exit_codes);
	tcase_add_test(v, verdict_of_other_ends);
	tcase_add_test(v, a_failed_simulator_is_a_fault);
	tcase_add_test(v, guest_status);
	tcase_add_test(v, names);
	suite_add_tcase(s, v);
	return tap_run(s);
}
