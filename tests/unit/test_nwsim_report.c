/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nwsim_report.c - list of guests, table of the VMM's rows, texts in JSON, content hashes.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guests.h"
#include "hash.h"
#include "linux_table.h"
#include "report.h"
#include "tap.h"

/* ---- List of guests ---------------------------------------------------------------------------------- */

static struct nws_guests list;

static int read_list(const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	int rc;

	ck_assert_ptr_nonnull(f);
	rc = nws_guests_read(&list, f, "list");
	fclose(f);
	return rc;
}

START_TEST(guests)
{
	const struct nws_guest *g;

	ck_assert_int_eq(read_list("# comment\n\n  one|g|--window 0  --cpu i386| hung |a claim\n"
				   "two-2_b.c | h | | | no newline at the end"), 0);
	ck_assert_uint_eq(list.n, 2);
	g = nws_guests_find(&list, "one");
	ck_assert_ptr_nonnull(g);
	ck_assert_str_eq(g->group, "g");
	ck_assert_str_eq(g->options, "--window 0  --cpu i386");
	ck_assert_str_eq(g->expect, "hung");
	ck_assert_str_eq(g->claim, "a claim");
	g = nws_guests_find(&list, "two-2_b.c");
	ck_assert_ptr_nonnull(g);
	ck_assert_str_eq(g->options, "");
	ck_assert_str_eq(g->expect, "pass");
	ck_assert_ptr_null(nws_guests_find(&list, "two"));
	nws_guests_free(&list);
}
END_TEST

START_TEST(wrong_lists)
{
	static const char *const wrong[] = {
		"one",
		"one|g|o|pass",
		"one|g|o|pass|claim|more",
		"|g||pass|c",
		"a b|g||pass|c",
		"-a|g||pass|c",
		"../x|g||pass|c",
		"a|g||nonsense|c",
		"a|g||pass|c\na|g||pass|c",
	};

	fclose(stderr);
	ck_assert_int_eq(read_list(wrong[_i]), -1);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(words)
{
	int argc;
	char **argv = nws_words("  --window\t0 --json  ", &argc);

	ck_assert_int_eq(argc, 4);
	ck_assert_ptr_null(argv[0]);
	ck_assert_str_eq(argv[1], "--window");
	ck_assert_str_eq(argv[2], "0");
	ck_assert_str_eq(argv[3], "--json");
	ck_assert_ptr_null(argv[4]);
	nws_words_free(argv, argc);
	argv = nws_words("", &argc);
	ck_assert_int_eq(argc, 1);
	ck_assert_ptr_null(argv[1]);
	nws_words_free(argv, argc);
}
END_TEST

/* ---- Rows -------------------------------------------------------------------------------------------- */

static struct nws_table table;

START_TEST(rows)
{
	nws_table_line(&table, "NW: rows scenario=no");
	nws_table_line(&table, "[    0.1] NW: row scenario=no");
	nws_table_line(&table, "NW: row scenario=a  empty= =x bare k=v=w ");
	ck_assert_uint_eq(table.n, 1);
	ck_assert_uint_eq(table.row[0].n, 3);
	ck_assert_str_eq(nws_row_get(&table.row[0], "scenario"), "a");
	ck_assert_str_eq(nws_row_get(&table.row[0], "empty"), "");
	ck_assert_str_eq(nws_row_get(&table.row[0], "k"), "v=w");
	ck_assert_ptr_null(nws_row_get(&table.row[0], "bare"));
	nws_table_free(&table);
}
END_TEST

START_TEST(rows_are_limited)
{
	for (int i = 0; i < NWS_ROWS_MAX + 3; i++)
		nws_table_line(&table, "NW: row a=1");
	ck_assert_uint_eq(table.n, NWS_ROWS_MAX);
	ck_assert_uint_eq(table.dropped, 3);
	nws_table_free(&table);
}
END_TEST

START_TEST(exits_of_rows)
{
	uint64_t first[NWS_ROWS_MAX + 1];

	nws_table_line(&table, "NW: row scenario=a notify_window_exits=2");
	nws_table_line(&table, "NW: row scenario=b notify_window_exits=-1");
	nws_table_line(&table, "NW: row scenario=c");
	nws_table_line(&table, "NW: row scenario=d notify_window_exits=3");
	ck_assert_int_eq(nws_table_assign(&table, 5, first), 0);
	ck_assert_uint_eq(first[0], 0);
	ck_assert_uint_eq(first[1], 2);
	ck_assert_uint_eq(first[2], 2);
	ck_assert_uint_eq(first[3], 2);
	ck_assert_uint_eq(first[4], 5);
	ck_assert_int_eq(nws_table_assign(&table, 4, first), -1);
	ck_assert_int_eq(nws_table_assign(&table, 6, first), -1);
	table.dropped = 1;
	ck_assert_int_eq(nws_table_assign(&table, 5, first), -1);
	nws_table_free(&table);
}
END_TEST

START_TEST(rows_in_json)
{
	json_t *a, *o;

	table.series = "some-series";
	nws_table_line(&table, "NW: row scenario=a n=12 big=99999999999999999999 neg=-1");
	a = nws_table_json(&table);
	o = json_array_get(a, 0);
	ck_assert_str_eq(json_string_value(json_object_get(o, "series")), "some-series");
	ck_assert_str_eq(json_string_value(json_object_get(o, "scenario")), "a");
	ck_assert_int_eq(json_integer_value(json_object_get(o, "n")), 12);
	ck_assert_str_eq(json_string_value(json_object_get(o, "big")), "99999999999999999999");
	ck_assert_str_eq(json_string_value(json_object_get(o, "neg")), "-1");
	json_decref(a);
	nws_table_free(&table);
}
END_TEST

/* ---- JSON -------------------------------------------------------------------------------------------- */

#define BAD "\xef\xbf\xbd"

START_TEST(any_bytes_become_utf8)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\xff" "b", "a" BAD "b" },
		{ "\xc3", BAD },                        /* cut sequences */
		{ "\xe2\x82", BAD BAD },
		{ "\xc0\xaf", BAD BAD },                /* overlong */
		{ "\xe0\x80\xaf", BAD BAD BAD },
		{ "\xed\xa0\x80", BAD BAD BAD },        /* surrogate */
		{ "\xf4\x90\x80\x80", BAD BAD BAD BAD },/* beyond U+10FFFF */
		{ "\x1b[31m\x01", "\x1b[31m\x01" },     /* escaped by the writer */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *j = nws_json_text(cases[i].in);

		ck_assert_ptr_nonnull(j);
		ck_assert_str_eq(json_string_value(j), cases[i].out);
		json_decref(j);
	}
}
END_TEST

START_TEST(every_byte_pair_is_accepted)
{
	for (unsigned i = 0x0101; i < 0x10000; i++) {
		char text[4] = { (char)(i >> 8), (char)(i & 0xff), 'z', 0 };
		json_t *j = i >> 8 ? nws_json_text(text) : NULL;

		if (!(i >> 8))
			continue;
		ck_assert_ptr_nonnull(j);
		json_decref(j);
	}
}
END_TEST

START_TEST(json_to_a_full_disk)
{
	FILE *f = fopen("/dev/full", "w");

	fclose(stderr);
	ck_assert_int_eq(nws_json_print(f, json_object()), -1);
}
END_TEST

/* ---- Hash: FIPS 180-4 examples ------------------------------------------------------------------------ */

START_TEST(sha256)
{
	static const struct {
		const char *content, *hash;
	} cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char name[] = "nwsim-hash-XXXXXX", hex[NWS_HASH_LEN];
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ssize_t n = (ssize_t)strlen(cases[i].content);

		ck_assert_int_eq(pwrite(fd, cases[i].content, (size_t)n, 0), n);
		ck_assert_int_eq(nws_hash_file(name, hex), 0);
		ck_assert_str_eq(hex, cases[i].hash);
	}
	close(fd);
	unlink(name);
	fclose(stderr);
	ck_assert_int_eq(nws_hash_file(name, hex), -1);
	ck_assert_int_eq(nws_hash_file(".", hex), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nwsim report");
	TCase *g = tcase_create("guests"), *t = tcase_create("table"), *j = tcase_create("json");
	TCase *h = tcase_create("hash");

	tcase_add_test(g, guests);
	tcase_add_loop_test(g, wrong_lists, 0, 9);
	tcase_add_test(g, words);
	suite_add_tcase(s, g);
	tcase_add_test(t, rows);
	tcase_add_test(t, rows_are_limited);
	tcase_add_test(t, exits_of_rows);
	tcase_add_test(t, rows_in_json);
	suite_add_tcase(s, t);
	tcase_add_test(j, any_bytes_become_utf8);
	tcase_add_test(j, every_byte_pair_is_accepted);
	tcase_add_test(j, json_to_a_full_disk);
	suite_add_tcase(s, j);
	tcase_add_test(h, sha256);
	suite_add_tcase(s, h);
	return tap_run(s);
}
