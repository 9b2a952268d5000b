/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_damage.c - truncated and damaged files, and files that are none: one clear line.
 */
#include "test_trace_util.h"

/* ---- Damage done to whole files ------------------------------------------------------------------------- */

START_TEST(truncation_at_every_length)
{
	struct util_bytes file;
	const char *path = util_sample(&file, 60);
	char err[NWT_ERRLEN];

	for (size_t len = 0; len < file.len; len++) {
		util_store(path, file.p, len);
		require(util_read(path, err) == -1, "%zu of %zu bytes were accepted", len, file.len);
		require(strstr(err, len < NWT_MAGIC_SIZE ? "not a trace" : "truncated at byte"), "%zu: %s", len, err);
	}
	util_store(path, file.p, file.len);
	ck_assert_int_eq(util_read(path, err), 60);
	free(file.p);
}
END_TEST

START_TEST(every_bit_flipped)
{
	struct util_bytes file;
	const char *path = util_sample(&file, 20);
	char err[NWT_ERRLEN];

	for (size_t i = 0; i < file.len; i++) {
		for (unsigned flip = 1; flip < 0x100; flip = flip < 0x80 ? flip << 1 : flip + 0x7f) {
			file.p[i] ^= (uint8_t)flip;
			util_store(path, file.p, file.len);
			require(util_read(path, err) == -1, "byte %zu flipped by 0x%02x was accepted", i, flip);
			file.p[i] ^= (uint8_t)flip;
		}
	}
	free(file.p);
}
END_TEST

START_TEST(data_after_the_end)
{
	struct util_bytes file;
	const char *path = util_sample(&file, 3);
	char err[NWT_ERRLEN];

	file.p[file.len] = 0;
	util_store(path, file.p, file.len + 1);
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "more data after the end"));
	free(file.p);
}
END_TEST

START_TEST(blocks_lost_doubled_or_exchanged)
{
	struct util_bytes file, out;
	const char *path = util_sample(&file, 6000);
	size_t header = util_skip_block(&file, NWT_PRELUDE_SIZE);
	size_t second = util_skip_block(&file, header), third = util_skip_block(&file, second);
	char err[NWT_ERRLEN];

	ck_assert_int_eq(memcmp(file.p + second, "RECS", 4), 0);
	out.p = malloc(2 * file.len);

	/* The first block of records lost: its first record's time is still plausible, the end block says so. */
	memcpy(out.p, file.p, header);
	memcpy(out.p + header, file.p + second, file.len - second);
	util_store(path, out.p, header + file.len - second);
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_msg(strstr(err, "does not fit") != NULL, "%s", err);

	/* Doubled: time goes backwards. */
	memcpy(out.p, file.p, second);
	memcpy(out.p + second, file.p + header, file.len - header);
	util_store(path, out.p, second + file.len - header);
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_msg(strstr(err, "no valid time") != NULL, "%s", err);

	/* Exchanged. */
	memcpy(out.p, file.p, header);
	memcpy(out.p + header, file.p + second, third - second);
	memcpy(out.p + header + third - second, file.p + header, second - header);
	memcpy(out.p + third, file.p + third, file.len - third);
	util_store(path, out.p, file.len);
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_msg(strstr(err, "no valid time") != NULL, "%s", err);
	free(out.p);
	free(file.p);
}
END_TEST

START_TEST(not_a_trace)
{
	static const char *const texts[] = { "", "#!/bin/sh\n", "\x89NWT", "PK\003\004 and then some more bytes" };
	const char *path = util_path("other");
	char err[NWT_ERRLEN];

	util_store(path, (const uint8_t *)texts[_i], strlen(texts[_i]));
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_msg(strstr(err, "not a trace of nwsim (.nwt)") != NULL, "%s", err);
}
END_TEST

START_TEST(not_a_file)
{
	char err[NWT_ERRLEN];

	ck_assert_int_eq(util_read(util_path("missing.nwt"), err), -1);
	ck_assert_ptr_nonnull(strstr(err, "No such file"));
	ck_assert_int_eq(util_read(util_dir, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "Is a directory"));
	ck_assert_int_eq(util_read("/dev/null", err), -1);
}
END_TEST

START_TEST(other_version)
{
	struct util_bytes file;
	const char *path = util_sample(&file, 3);
	char err[NWT_ERRLEN];

	file.p[NWT_MAGIC_SIZE] = 2;
	util_store(path, file.p, file.len);
	ck_assert_int_eq(util_read(path, err), -1);
	ck_assert_ptr_nonnull(strstr(err, "trace format version 2, this program reads version 1"));
	free(file.p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace damage");
	TCase *tc = tcase_create("damage");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_test(tc, truncation_at_every_length);
	tcase_add_test(tc, every_bit_flipped);
	tcase_add_test(tc, data_after_the_end);
	tcase_add_test(tc, blocks_lost_doubled_or_exchanged);
	tcase_add_loop_test(tc, not_a_trace, 0, 4);
	tcase_add_test(tc, not_a_file);
	tcase_add_test(tc, other_version);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
