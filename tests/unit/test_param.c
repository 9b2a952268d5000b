/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_param.c - the parameter table is complete and consistent; its text form is strict.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nw_param.h"
#include "tap.h"

static struct nw_params p;
static char err[NW_PARAM_ERRLEN];

static void setup(void)
{
	nw_params_init(&p);
	memset(err, 'x', sizeof(err));
}

static const struct nw_param_info *row(int i)
{
	return nw_param_info((enum nw_param_id)i);
}

static void accept(const char *name, const char *text, uint64_t value)
{
	ck_assert_int_eq(nw_param_set(&p, name, text, err), 0);
	ck_assert_uint_eq(p.v[nw_param_find(name)], value);
}

/* Refused, p untouched, one clean line that begins with the parameter's name. */
static void refuse(const char *name, const char *text)
{
	struct nw_params before = p;

	memset(err, 'x', sizeof(err));
	ck_assert_msg(nw_param_set(&p, name, text, err) == -1, "%s accepts '%s'", name, text);
	ck_assert_mem_eq(&before, &p, sizeof(p));
	ck_assert_ptr_nonnull(memchr(err, '\0', sizeof(err)));
	ck_assert_ptr_null(strpbrk(err, "\n\r\t\x1b"));
	ck_assert_int_eq(strncmp(err, name, strlen(name)), 0);
	ck_assert_ptr_nonnull(strstr(err, " is not accepted; "));
	/* Not cut: the shortest message is far below the limit, the longest must fit too. */
	ck_assert_uint_lt(strlen(err), NW_PARAM_ERRLEN - 1);
}

/* ---- The table ------------------------------------------------------------------------------ */

START_TEST(rows_are_complete)
{
	const struct nw_param_info *info = row(_i);

	ck_assert_ptr_nonnull(info);
	ck_assert_uint_eq(strspn(info->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(info->name));
	ck_assert_int_eq(nw_param_find(info->name), _i);
	ck_assert(!strcmp(info->number, "-") || (info->number[0] == 'P' && atoi(info->number + 1) > 0));
	ck_assert_uint_le(info->min, info->def);
	ck_assert_uint_le(info->def, info->max);
	ck_assert(!strncmp(info->provenance, "cited: ", 7) ||
		  !strncmp(info->provenance, "measured: ", 10) ||
		  !strncmp(info->provenance, "assumed: ", 9));
	ck_assert_int_eq(info->help[strlen(info->help) - 1], '.');
	ck_assert_uint_eq(p.v[_i], info->def);
}
END_TEST

START_TEST(units_are_known)
{
	static const char *const units[] = { "crystal", "tsc", "us", "exits", "ticks", "" };
	int found = 0;

	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		found += !strcmp(row(_i)->unit, units[i]);
	ck_assert_int_eq(found, 1);
	if (row(_i)->choices)
		ck_assert_str_eq(row(_i)->unit, "");
}
END_TEST

START_TEST(there_are_no_other_rows)
{
	ck_assert_ptr_null(nw_param_info(NW_PARAM_COUNT));
	ck_assert_ptr_null(row(-1));
	ck_assert_int_eq(nw_param_find(""), -1);
	ck_assert_int_eq(nw_param_find("Threshold"), -1);
	ck_assert_int_eq(nw_param_find("threshold_"), -1);
}
END_TEST

/* The defaults of the specification, section 6. */
static const struct { const char *name, *number, *text; } defaults[] = {
	{ "threshold", "P1", "131072" }, { "threshold_unit", "P2", "crystal" },
	{ "crystal_num", "P3", "0" }, { "crystal_den", "P3", "0" },
	{ "delivery_cost", "P4", "100" }, { "stalling", "P5", "all" },
	{ "start", "P6", "boundary" }, { "arm", "P7", "before-injection" },
	{ "inactive", "P8", "open" },
	{ "vectoring", "P9", "1" }, { "saved_rf", "P10", "image" },
	{ "context_invalid", "P11", "never" }, { "context_damage", "P11", "poison" },
	{ "undefined", "P12", "zero" }, { "priority", "P13", "timeout" },
	{ "feature", "P15", "model" }, { "smm", "P16", "suspend" },
	{ "sum", "P17", "64-bit" }, { "idt", "P18", "reread" }, { "crystal_phase", "P19", "free" },
	{ "atomic", "P20", "fault-before" }, { "shadow", "P21", "opens" },
	{ "hang_limit", "P22", "10000000" },
	{ "skip", "-", "1" }, { "seed", "-", "1" }, { "gap_min", "-", "2" },
};

START_TEST(default_values)
{
	int id = nw_param_find(defaults[_i].name);
	char text[64];

	ck_assert_int_eq(id, _i);
	nw_param_format(&p, (enum nw_param_id)id, text, sizeof(text));
	ck_assert_str_eq(text, defaults[_i].text);
	ck_assert_str_eq(row(id)->number, defaults[_i].number);
}
END_TEST

/* ---- Text ----------------------------------------------------------------------------------- */

static void round_trip(int id, uint64_t value)
{
	char text[64];
	int len;

	p.v[id] = value;
	len = nw_param_format(&p, (enum nw_param_id)id, text, sizeof(text));
	ck_assert_int_eq(len, (int)strlen(text));
	p.v[id] = row(id)->def;
	accept(row(id)->name, text, value);
}

START_TEST(format_and_set_agree)
{
	const struct nw_param_info *info = row(_i);
	uint64_t few = info->max - info->min < 5 ? info->max - info->min : 5;

	for (uint64_t i = 0; i <= few; i++) {
		round_trip(_i, info->min + i);
		round_trip(_i, info->max - i);
	}
}
END_TEST

START_TEST(format_cuts_as_snprintf_does)
{
	char text[4] = "zzz";

	ck_assert_int_eq(nw_param_format(&p, NW_P_ATOMIC, text, sizeof(text)), 12);
	ck_assert_str_eq(text, "fau");
	ck_assert_int_eq(nw_param_format(&p, NW_P_THRESHOLD, NULL, 0), 6);
}
END_TEST

/* A value that no name exists for is shown, not looked up. */
START_TEST(format_of_an_impossible_choice)
{
	char text[32];

	p.v[NW_P_ATOMIC] = 77;
	nw_param_format(&p, NW_P_ATOMIC, text, sizeof(text));
	ck_assert_str_eq(text, "77");
}
END_TEST

START_TEST(ranges_are_enforced)
{
	const struct nw_param_info *info = row(_i);
	char text[64];

	if (info->choices)
		return;
	snprintf(text, sizeof(text), "0x%" PRIx64, info->max);
	accept(info->name, text, info->max);
	snprintf(text, sizeof(text), "%" PRIu64, info->max + 1);
	refuse(info->name, text);
	if (info->min > 0) {
		snprintf(text, sizeof(text), "%" PRIu64, info->min - 1);
		refuse(info->name, text);
	}
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const char *const bad[] = {
		"", " ", "-", "-1", "+1", " 1", "1 ", "1\n", "1\t2", "12x", "1.5", "1e3", "0x", "0X", "x1", "0xg",
		"18446744073709551616", "18446744073709551625", "99999999999999999999999",
		"0x10000000000000000", "1,2", "nan", "\xff", "boundary ", "Boundary", "free\n", "never!",
		"01x", "0x1 ", "1crystal1", "5 crystal ", " crystal", " tsc", "5Crystal", "5 clocks",
		"5tsccrystal", "-5tsc", "0xtsc",
		"a text that is far too long to be repeated in an error line without being cut somewhere",
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse(row(_i)->name, bad[i]);
}
END_TEST

START_TEST(choices_are_names_only)
{
	accept("start", "risk", NW_START_RISK);
	accept("start", "boundary", NW_START_BOUNDARY);
	accept("atomic", "complete", NW_ATOMIC_COMPLETE);
	accept("feature", "off", NW_FEATURE_OFF);
	refuse("feature", "2");
	refuse("feature", "of");
	refuse("feature", "offf");
	ck_assert_str_eq(err, "feature: 'offf' is not accepted; one of model, on, off");
}
END_TEST

START_TEST(numbers)
{
	accept("delivery_cost", "7", 7);
	accept("delivery_cost", "007", 7);
	accept("delivery_cost", "010", 10);
	accept("delivery_cost", "0x1F", 31);
	accept("delivery_cost", "0X1f", 31);
	accept("crystal_num", "0", 0);
	accept("crystal_num", "0x0", 0);
	accept("crystal_num", "4294967295", UINT32_MAX);
	accept("crystal_num", "0x0000000000000000000000ffffffff", UINT32_MAX);
}
END_TEST

START_TEST(threshold_with_unit)
{
	static const struct { const char *text; uint64_t value; enum nw_unit unit; } ok[] = {
		{ "8tsc", 8, NW_UNIT_TSC }, { "8 tsc", 8, NW_UNIT_TSC }, { "8   tsc", 8, NW_UNIT_TSC },
		{ "9crystal", 9, NW_UNIT_CRYSTAL }, { "9 crystal", 9, NW_UNIT_CRYSTAL },
		{ "0x10crystal", 16, NW_UNIT_CRYSTAL }, { "0x1ctsc", 28, NW_UNIT_TSC },
		{ "0xctsc", 12, NW_UNIT_TSC }, { "0tsc", 0, NW_UNIT_TSC },
		{ "1099511627776tsc", UINT64_C(1) << 40, NW_UNIT_TSC },
	};

	for (unsigned i = 0; i < sizeof(ok) / sizeof(ok[0]); i++) {
		p.v[NW_P_THRESHOLD_UNIT] = !ok[i].unit;
		accept("threshold", ok[i].text, ok[i].value);
		ck_assert_uint_eq(p.v[NW_P_THRESHOLD_UNIT], ok[i].unit);
	}
	refuse("threshold", "1099511627777tsc");
	refuse("threshold", "crystal");
	refuse("threshold", "tsc");
}
END_TEST

START_TEST(threshold_without_unit_keeps_the_unit)
{
	p.v[NW_P_THRESHOLD_UNIT] = NW_UNIT_TSC;
	accept("threshold", "5", 5);
	ck_assert_uint_eq(p.v[NW_P_THRESHOLD_UNIT], NW_UNIT_TSC);
	/* Only the threshold has a unit to give, and no other parameter touches it. */
	accept("delivery_cost", "5", 5);
	ck_assert_uint_eq(p.v[NW_P_THRESHOLD_UNIT], NW_UNIT_TSC);
	refuse("delivery_cost", "5tsc");
}
END_TEST

START_TEST(context_invalid_has_names)
{
	accept("context_invalid", "always", 1);
	accept("context_invalid", "never", 0);
	accept("context_invalid", "3", 3);
	accept("context_invalid", "1", 1);
	accept("context_invalid", "0", 0);
	refuse("context_invalid", "sometimes");
	ck_assert_str_eq(err, "context_invalid: 'sometimes' is not accepted; "
			 "a number 0..4294967295, never (0) or always (1)");
	refuse("hang_limit", "never");
	refuse("skip", "always");
}
END_TEST

/* ---- Errors --------------------------------------------------------------------------------- */

START_TEST(error_lines)
{
	refuse("threshold", "12x");
	ck_assert_str_eq(err, "threshold: '12x' is not accepted; a number 0..1099511627776 "
			 "with optional unit crystal or tsc");
	refuse("delivery_cost", "0");
	ck_assert_str_eq(err, "delivery_cost: '0' is not accepted; a number 1..4294967295");
	refuse("skip", "a\nb\x7f" "c\x80");
	ck_assert_str_eq(err, "skip: 'a?b?c?' is not accepted; a number 0..1");
	refuse("skip", "0123456789012345678901234567890123456789");
	ck_assert_str_eq(err, "skip: '0123456789012345678901234567890123456789' is not accepted; "
			 "a number 0..1");
	refuse("skip", "01234567890123456789012345678901234567890");
	ck_assert_str_eq(err, "skip: '0123456789012345678901234567890123456789...' is not accepted; "
			 "a number 0..1");
}
END_TEST

START_TEST(unknown_parameter_lists_all)
{
	struct nw_params before = p;
	const char *at;

	ck_assert_int_eq(nw_param_set(&p, "a_name_that_is_longer_than_any_other\n_here", "1", err), -1);
	ck_assert_mem_eq(&before, &p, sizeof(p));
	ck_assert_int_eq(strncmp(err, "'a_name_that_is_longer_th': no such parameter; ", 47), 0);
	at = err + 47;
	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		size_t n = strlen(row(i)->name);

		ck_assert_int_eq(strncmp(at, row(i)->name, n), 0);
		at += n;
		if (i < NW_PARAM_COUNT - 1) {
			ck_assert_int_eq(strncmp(at, ", ", 2), 0);
			at += 2;
		}
	}
	ck_assert_str_eq(at, ""); /* the whole list fits */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("param");
	TCase *tc = tcase_create("param");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, rows_are_complete, 0, NW_PARAM_COUNT);
	tcase_add_loop_test(tc, units_are_known, 0, NW_PARAM_COUNT);
	tcase_add_test(tc, there_are_no_other_rows);
	tcase_add_loop_test(tc, default_values, 0, NW_PARAM_COUNT);
	tcase_add_loop_test(tc, format_and_set_agree, 0, NW_PARAM_COUNT);
	tcase_add_test(tc, format_cuts_as_snprintf_does);
	tcase_add_test(tc, format_of_an_impossible_choice);
	tcase_add_loop_test(tc, ranges_are_enforced, 0, NW_PARAM_COUNT);
	tcase_add_loop_test(tc, nonsense_is_refused, 0, NW_PARAM_COUNT);
	tcase_add_test(tc, choices_are_names_only);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, threshold_with_unit);
	tcase_add_test(tc, threshold_without_unit_keeps_the_unit);
	tcase_add_test(tc, context_invalid_has_names);
	tcase_add_test(tc, error_lines);
	tcase_add_test(tc, unknown_parameter_lists_all);

	return tap_run(suite);
}
