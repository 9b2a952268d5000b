/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_fault.c - the writer and the reader when the machine fails them: full disks, missing memory;
 * and callers that pass nonsense. A failure is one line, and leaves no file behind.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <zstd.h>

#include "nw_summary.h"
#include "test_trace_util.h"

/* ---- Allocation that fails ------------------------------------------------------------------------------- */

static unsigned long fail_alloc;        /* 0 = never, n = the nth from now */

static bool alloc_fails(void)
{
	if (fail_alloc == 0 || --fail_alloc > 0)
		return false;
	errno = ENOMEM;
	return true;
}

#define WRAP(type, name, params, args) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params { return alloc_fails() ? NULL : __real_##name args; }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t size), (p, size))
WRAP(char *, strdup, (const char *s), (s))
WRAP(ZSTD_CCtx *, ZSTD_createCCtx, (void), ())
WRAP(ZSTD_DCtx *, ZSTD_createDCtx, (void), ())

/* ---- Writing that fails ----------------------------------------------------------------------------------- */

static unsigned long fail_write;

static ssize_t write_or_fail(int fd, const void *buf, size_t len)
{
	if (fail_write > 0 && --fail_write == 0) {
		errno = ENOSPC;
		return -1;
	}
	return write(fd, buf, len);
}

START_TEST(every_write_fails_once)
{
	const char *path = util_path("full.nwt");
	char err[NWT_ERRLEN];
	unsigned long n;

	for (n = 1; n < 100; n++) {
		fail_write = n;
		if (util_write_9000(path, write_or_fail, err) == 0)
			break;
		util_check_error(err, path);
		ck_assert_ptr_nonnull(strstr(err, "No space left on device"));
		ck_assert_uint_eq(util_count_files(), 0);
	}
	/* Prelude, header, end, and the blocks of records. */
	ck_assert_uint_gt(n, 3 + 3);
	ck_assert_uint_lt(n, 100);
	ck_assert_int_eq(util_read(path, err), 9000);
}
END_TEST

START_TEST(a_failed_run_keeps_the_old_file)
{
	const char *path = util_path("old.nwt");
	char err[NWT_ERRLEN];

	util_store(path, (const uint8_t *)"old", 3);
	fail_write = 4;
	ck_assert_int_eq(util_write_9000(path, write_or_fail, err), -1);
	util_check_old(path);
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

static ssize_t write_in_pieces(int fd, const void *buf, size_t len)
{
	static unsigned calls;

	if (++calls % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return write(fd, buf, len > 1000 ? 1000 : len);
}

START_TEST(interrupted_and_short_writes)
{
	char err[NWT_ERRLEN];
	struct util_bytes a, b;

	ck_assert_int_eq(util_write_9000(util_path("pieces.nwt"), write_in_pieces, err), 0);
	ck_assert_int_eq(util_write_9000(util_path("whole.nwt"), write, err), 0);
	a = util_load(util_path("pieces.nwt"));
	b = util_load(util_path("whole.nwt"));
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_int_eq(memcmp(a.p, b.p, a.len), 0);
	free(a.p);
	free(b.p);
}
END_TEST

START_TEST(file_size_limit)
{
	const char *path = util_path("limit.nwt");
	char err[NWT_ERRLEN];
	struct util_bytes file;
	struct rlimit before, limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	file = util_load(path);
	unlink(path);
	getrlimit(RLIMIT_FSIZE, &before);
	for (size_t size = 0; size <= file.len; size += size + 4099 > file.len && size < file.len ?
	     file.len - size : 4099) {
		int rc;

		limit = before;
		limit.rlim_cur = size;
		setrlimit(RLIMIT_FSIZE, &limit);
		rc = util_write_9000(path, write, err);
		setrlimit(RLIMIT_FSIZE, &before);
		ck_assert_int_eq(rc, size < file.len ? -1 : 0);
		if (rc == 0)
			continue;
		util_check_error(err, path);
		ck_assert_ptr_nonnull(strstr(err, "File too large"));
		ck_assert_uint_eq(util_count_files(), 0);
	}
	ck_assert_int_eq(util_read(path, err), 9000);
	free(file.p);
}
END_TEST

/* ---- Memory ------------------------------------------------------------------------------------------------ */

START_TEST(every_allocation_of_the_writer_fails_once)
{
	const char *path = util_path("memory.nwt");
	char err[NWT_ERRLEN];
	unsigned long n;

	for (n = 1; n < 100; n++) {
		int rc;

		fail_alloc = n;
		rc = util_write_9000(path, write, err);
		fail_alloc = 0;
		if (rc == 0)
			break;
		util_check_error(err, path);
		ck_assert_ptr_nonnull(strstr(err, "Cannot allocate memory"));
		ck_assert_uint_eq(util_count_files(), 0);
	}
	ck_assert_uint_ge(n, 7);
	ck_assert_uint_lt(n, 100);
}
END_TEST

START_TEST(every_allocation_of_the_reader_fails_once)
{
	const char *path = util_path("memory.nwt");
	char err[NWT_ERRLEN];
	unsigned long n;

	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	for (n = 1; n < 100; n++) {
		long rc;

		fail_alloc = n;
		rc = util_read(path, err);
		fail_alloc = 0;
		if (rc >= 0)
			break;
		ck_assert_ptr_nonnull(strstr(err, "Cannot allocate memory"));
	}
	ck_assert_uint_ge(n, 8);
	ck_assert_uint_lt(n, 100);
}
END_TEST

START_TEST(summary_without_memory)
{
	static const uint8_t types[] = { NWT_EXPIRY, NWT_GAP_COUNT };
	static struct nw_summary s;
	struct nwt_record rec = { .type = types[_i], .n = NWT_FIELDS_MAX };

	nw_summary_init(&s);
	fail_alloc = 1;
	ck_assert_int_eq(nw_summary_add(&s, &rec), -1);
	fail_alloc = 0;
	ck_assert_uint_eq(s.n_notify + s.n_hist, 0);
	/* It goes on when there is memory again. */
	ck_assert_int_eq(nw_summary_add(&s, &rec), 0);
	ck_assert_uint_eq(s.n_notify + s.n_hist, 1);
	nw_summary_free(&s);
}
END_TEST

START_TEST(summary_of_a_file_without_memory)
{
	static struct nw_summary s;
	const char *path = util_path("memory.nwt");
	char err[NWT_ERRLEN];
	struct nwt_reader *r;

	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	r = nwt_open(path, err);
	nw_summary_init(&s);
	fail_alloc = 3;
	ck_assert_int_eq(nw_summary_read(&s, r, err), -1);
	fail_alloc = 0;
	ck_assert_ptr_nonnull(strstr(err, "out of memory"));
	nw_summary_free(&s);
	nwt_reader_close(r);
}
END_TEST

/* ---- Mistakes of the caller ------------------------------------------------------------------------------------ */

START_TEST(records_no_reader_would_accept)
{
	static const struct { struct nwt_record rec; const char *message; } cases[] = {
		{ { .type = NWT_TYPE_COUNT, .n = 1, .time_tsc = 100 }, "record 1: unknown event type 14" },
		{ { .type = 0, .time_tsc = 100 }, "record 1: unknown event type 0" },
		{ { .type = NWT_MARK, .n = 2, .time_tsc = 100 }, "event type 9 with 2 fields, it has 1" },
		{ { .type = NWT_MARK, .n = 1, .time_tsc = 99 }, "record 1: time 99 after time 100" },
	};
	const char *path = util_path("mistake.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, NULL, 0, err);
	uint64_t value = 1;

	nwt_event(w, NWT_MARK, 0, 100, &value);
	nwt_write(w, &cases[_i].rec);
	/* The first mistake is the one that is reported. */
	nwt_event(w, (enum nwt_type)77, 0, 0, &value);
	ck_assert_int_eq(nwt_close(w, err), -1);
	util_check_error(err, path);
	ck_assert_msg(strstr(err, cases[_i].message) != NULL, "%s", err);
	ck_assert_uint_eq(util_count_files(), 0);
}
END_TEST

#define KEY64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(configuration_no_reader_would_accept)
{
	static const struct { struct nwt_config entry; const char *message; } cases[] = {
		{ { "", "v" }, "configuration key ''" },
		{ { "a b", "v" }, "configuration key 'a b'" },
		{ { "a=b", "v" }, "configuration key 'a=b'" },
		{ { KEY64 "x", "v" }, "configuration key '" KEY64 "x'" },
		{ { "a", "two\nlines" }, "configuration entry 'a'" },
		{ { "a", "bell\a" }, "configuration entry 'a'" },
		{ { "a", "\x7f" }, "configuration entry 'a'" },
		{ { "a", "latin \xe4 1" }, "configuration entry 'a'" },
		{ { "a", "overlong \xc0\x80" }, "configuration entry 'a'" },
		{ { "a", "overlong \xe0\x82\xa9" }, "configuration entry 'a'" },
		{ { "a", "surrogate \xed\xa0\x80" }, "configuration entry 'a'" },
		{ { "a", "beyond \xf4\x90\x80\x80" }, "configuration entry 'a'" },
		{ { "a", "cut \xe2\x82" }, "configuration entry 'a'" },
		{ { "first", "v" }, "'first' is given twice" },
		{ { KEY64, "\xf0\x9f\x98\x80 \xc2\xa0" }, NULL },
	};
	const struct nwt_config config[] = { { "first", "" }, cases[_i].entry };
	const char *path = util_path("config.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, config, 2, err);

	if (!cases[_i].message) {
		ck_assert_msg(w != NULL, "%s", err);
		ck_assert_int_eq(nwt_close(w, err), 0);
		ck_assert_int_eq(util_read(path, err), 0);
		return;
	}
	ck_assert_ptr_null(w);
	util_check_error(err, path);
	ck_assert_msg(strstr(err, cases[_i].message) != NULL, "%s", err);
	ck_assert_uint_eq(util_count_files(), 0);
}
END_TEST

START_TEST(too_many_configuration_entries)
{
	static struct nwt_config config[NWT_CONFIG_MAX + 1];
	static char keys[NWT_CONFIG_MAX + 1][8];
	const char *path = util_path("many.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w;

	for (size_t i = 0; i <= NWT_CONFIG_MAX; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		config[i] = (struct nwt_config){ keys[i], "" };
	}
	ck_assert_ptr_null(nwt_create(path, config, NWT_CONFIG_MAX + 1, err));
	ck_assert_ptr_nonnull(strstr(err, "4097 configuration entries, at most 4096"));
	w = nwt_create(path, config, NWT_CONFIG_MAX, err);
	ck_assert_msg(w != NULL, "%s", err);
	ck_assert_int_eq(nwt_close(w, err), 0);
	ck_assert_int_eq(util_read(path, err), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace faults");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 60);
	/* Every test finds the directory empty. */
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_checked_fixture(tc, util_clear_dir, NULL);
	tcase_add_test(tc, every_write_fails_once);
	tcase_add_test(tc, a_failed_run_keeps_the_old_file);
	tcase_add_test(tc, interrupted_and_short_writes);
	tcase_add_test(tc, file_size_limit);
	tcase_add_test(tc, every_allocation_of_the_writer_fails_once);
	tcase_add_test(tc, every_allocation_of_the_reader_fails_once);
	tcase_add_loop_test(tc, summary_without_memory, 0, 2);
	tcase_add_test(tc, summary_of_a_file_without_memory);
	tcase_add_loop_test(tc, records_no_reader_would_accept, 0, 4);
	tcase_add_loop_test(tc, configuration_no_reader_would_accept, 0, 15);
	tcase_add_test(tc, too_many_configuration_entries);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
