/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_compare.c - the comparison with the witness can fail: doctored traces of a shim that forgets, invents or moves a
 * window, an entry or an exit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "nw_trace.h"
#include "tap.h"

static const char truth[] =
	"gap 0 10 20 i\n"               /* an access to a port */
	"entry 0 100\n"
	"gap 0 101 121 -\n"             /* a loop, until its notify exit */
	"exit 0 121 75 0\n"
	"gap 1 90 130 s\n"              /* the other CPU slept */
	"entry 0 200\n"
	"exit 0 210 18 0\n"
	"boundaries 0 170\n"
	"boundaries 1 30\n"
	"end 300\n";

static const struct nwt_record records[] = {
	{ NWT_VM_ENTRY, 0, 4, 100, { 0x1000, 1, 0, 0 } },
	{ NWT_GAP, 0, 5, 121, { 20, 0, 17, 0x1000, 1 } },
	{ NWT_VM_EXIT, 0, 4, 121, { 75, 0, 0, 0x1000 } },
	{ NWT_VM_ENTRY, 0, 4, 200, { 0x1000, 1, 0, 0 } },
	{ NWT_VM_EXIT, 0, 4, 210, { 18, 0, 0, 0x1000 } },
	{ NWT_VERDICT, 0, 4, 300, { 0, 0, 0x1000, 200 } },
};
#define RECORDS (sizeof(records) / sizeof(records[0]))

static struct nwt_record story[RECORDS];
static char said[4096];
static struct witness_counts counts;

static void write_trace(const char *path)
{
	static const struct nwt_config config[] = { { "param.gap_min", "2" } };
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, config, 1, err);

	ck_assert_ptr_nonnull(w);
	for (size_t i = 0; i < RECORDS; i++)
		if (story[i].type)
			nwt_write(w, &story[i]);
	ck_assert_int_eq(nwt_close(w, err), 0);
}

/* Status of the comparison of story with the text; what it says in said. */
static int judge(const char *text)
{
	char dir[] = "/tmp/nw-witness-XXXXXX", trace[64], witness[64];
	FILE *f, *err = tmpfile();
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(trace, sizeof(trace), "%s/t.nwt", dir);
	snprintf(witness, sizeof(witness), "%s/w", dir);
	write_trace(trace);
	f = fopen(witness, "w");
	fputs(text, f);
	fclose(f);
	rc = witness_compare(trace, witness, err, &counts);
	rewind(err);
	said[fread(said, 1, sizeof(said) - 1, err)] = 0;
	fclose(err);
	unlink(trace);
	unlink(witness);
	rmdir(dir);
	return rc;
}

static void tell_truth(void)
{
	memcpy(story, records, sizeof(records));
}

START_TEST(the_truth)
{
	ck_assert_int_eq(judge(truth), 0);
	ck_assert_str_eq(said, "");
	ck_assert_uint_eq(counts.boundaries, 200);
	ck_assert_uint_eq(counts.gaps, 1);
	ck_assert_uint_eq(counts.entries, 2);
	ck_assert_uint_eq(counts.exits, 2);
	ck_assert_uint_eq(counts.excused, 2);
}
END_TEST

START_TEST(forgets_a_record)
{
	story[_i].type = 0;
	ck_assert_int_eq(judge(truth), 1);
	ck_assert_ptr_nonnull(strstr(said, "the witness has it, the trace has not"));
}
END_TEST

START_TEST(moves_a_record)
{
	story[_i].time_tsc += _i == 1 ? (uint64_t)-1 : 1; /* the two at 121 keep their order */
	ck_assert_int_eq(judge(truth), 1);
}
END_TEST

START_TEST(misses_a_window)
{
	story[1].f[NWT_GAP_LENGTH_TSC]++;
	ck_assert_int_eq(judge(truth), 1);
	ck_assert_ptr_nonnull(strstr(said, "gap of cpu0 at tick 121, 21 ticks long: the trace has it, the witness has not"));
	ck_assert_ptr_nonnull(strstr(said, "gap of cpu0 at tick 121, 20 ticks long: the witness has it, the trace has not"));
}
END_TEST

START_TEST(lies_about_an_exit)
{
	story[2].f[_i]++;
	ck_assert_int_eq(judge(truth), 1);
}
END_TEST

START_TEST(lies_about_the_cpu)
{
	story[_i].cpu = 1;
	ck_assert_int_eq(judge(truth), 1);
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
	char cut[sizeof(truth)];

	strcpy(cut, truth);
	*strstr(cut, "end 300") = 0;
	ck_assert_int_eq(judge(cut), 2);
	ck_assert_ptr_nonnull(strstr(said, "cut off"));
	ck_assert_int_eq(judge("gap 0 1\n"), 2);
	ck_assert_ptr_nonnull(strstr(said, "line 1:"));
	story[RECORDS - 1].type = 0;
	ck_assert_int_eq(judge(truth), 2);
	ck_assert_ptr_nonnull(strstr(said, "no verdict"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("witness");
	TCase *tc = tcase_create("compare");

	tcase_add_checked_fixture(tc, tell_truth, NULL);
	tcase_add_test(tc, the_truth);
	tcase_add_loop_test(tc, forgets_a_record, 0, (int)RECORDS - 1);
	tcase_add_loop_test(tc, moves_a_record, 0, (int)RECORDS - 2);
	tcase_add_test(tc, misses_a_window);
	tcase_add_loop_test(tc, lies_about_an_exit, 0, 2);
	tcase_add_loop_test(tc, lies_about_the_cpu, 0, (int)RECORDS - 1);
	tcase_add_test(tc, files_that_cannot_be_read);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
