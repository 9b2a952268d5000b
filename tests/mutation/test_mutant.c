/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_mutant.c - mutants are applied at one place, or refused; and every one of the list still applies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutant.h"
#include "tap.h"

static const char source[] =
	"/* first() and second() */\n"
	"static int first(int a);\n"
	"\n"
	"static int second(int a)\n"
	"{\n"
	"\treturn first(a) + 1;\n"
	"}\n"
	"\n"
	"static int first(int a)\n"
	"{\n"
	"\treturn a + 1;\n"
	"}\n";

static const char *why;

static char *apply(const char *function, const char *from, const char *to)
{
	struct mutant m = { 1, (char *)"x.c", (char *)function, (char *)from, (char *)to, NULL };

	return mutant_apply(&m, source, &why);
}

START_TEST(replaces_in_the_function)
{
	char *text = apply("first", "+ 1", "- 1");

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "return a - 1;\n}\n"));
	ck_assert_ptr_nonnull(strstr(text, "return first(a) + 1;"));
	ck_assert_uint_eq(strlen(text), strlen(source));
	free(text);
}
END_TEST

START_TEST(replaces_in_the_file)
{
	char *text = apply("", "first(a) + 1", "first(a)");

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "return first(a);"));
	free(text);
}
END_TEST

START_TEST(refuses_what_is_not_there)
{
	ck_assert_ptr_null(apply("second", "return a", ""));
	ck_assert_str_eq(why, "the text is not there");
	ck_assert_ptr_null(apply("third", "a", ""));
	ck_assert_str_eq(why, "no such function");
}
END_TEST

START_TEST(refuses_what_is_there_twice)
{
	ck_assert_ptr_null(apply("", "+ 1", ""));
	ck_assert_str_eq(why, "the text is there more than once");
}
END_TEST

START_TEST(every_mutant_of_the_list_applies)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	struct mutants list;

	snprintf(path, sizeof(path), "%s/tests/mutation/mutants.list", top ? top : ".");
	mutants_read(&list, path);
	ck_assert_uint_ge(list.n, 60);
	for (size_t i = 0; i < list.n; i++) {
		char *text, *mutated;

		snprintf(path, sizeof(path), "%s/cpu/notify/%s", top ? top : ".", list.m[i].file);
		text = read_text(path);
		ck_assert_msg(text != NULL, "%s", path);
		mutated = mutant_apply(&list.m[i], text, &why);
		ck_assert_msg(mutated != NULL, "mutants.list:%u: %s", list.m[i].line, why);
		free(mutated);
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mutant");
	TCase *tc = tcase_create("mutant");

	tcase_add_test(tc, replaces_in_the_function);
	tcase_add_test(tc, replaces_in_the_file);
	tcase_add_test(tc, refuses_what_is_not_there);
	tcase_add_test(tc, refuses_what_is_there_twice);
	tcase_add_test(tc, every_mutant_of_the_list_applies);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
