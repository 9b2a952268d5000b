/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_util.h - what the trace tests share: a directory of their own, files as bytes, records from a generator.
 */
#ifndef TEST_TRACE_UTIL_H
#define TEST_TRACE_UTIL_H

#include <check.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nw_trace_priv.h"
#include "tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* check records every passed assertion; in loops of many thousands that costs more than the test. */
#define require(cond, ...) do { if (!(cond)) ck_abort_msg(__VA_ARGS__); } while (0)

static char util_dir[64];

/* Unchecked fixtures: run once, in the parent, also when a test dies. */
static inline void util_make_dir(void)
{
	strcpy(util_dir, "test-trace-XXXXXX");
	if (!mkdtemp(util_dir)) {
		perror(util_dir);
		exit(EXIT_FAILURE);
	}
}

/* Number of files in the directory. */
static inline unsigned util_count_files(void)
{
	DIR *dir = opendir(util_dir);
	unsigned n = 0;

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static inline const char *util_path(const char *name)
{
	static char path[4][sizeof(util_dir) + 300];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", util_dir, name);
	return p;
}

static inline void util_clear_dir(void)
{
	DIR *dir = opendir(util_dir);

	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.' && unlink(util_path(e->d_name)) < 0)
			rmdir(util_path(e->d_name));
	closedir(dir);
}

static inline void util_remove_dir(void)
{
	util_clear_dir();
	rmdir(util_dir);
}

/* ---- Files -------------------------------------------------------------------------------------------- */

struct util_bytes {
	uint8_t *p;
	size_t len;
};

static inline struct util_bytes util_load(const char *path)
{
	struct util_bytes b = { malloc(1u << 24), 0 };
	FILE *f = fopen(path, "rb");

	if (!f || !b.p)
		ck_abort_msg("cannot read %s", path);
	b.len = fread(b.p, 1, 1u << 24, f);
	fclose(f);
	return b;
}

/* A new file each time: some file systems flush one that is truncated and written again. */
static inline void util_store(const char *path, const uint8_t *p, size_t len)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "wb");
	if (!f || fwrite(p, 1, len, f) != len || fclose(f) != 0)
		ck_abort_msg("cannot write %s", path);
}

/* The file is the one that util_store() made of "old". */
static inline void util_check_old(const char *path)
{
	struct util_bytes b = util_load(path);

	ck_assert_uint_eq(b.len, 3);
	ck_assert_int_eq(memcmp(b.p, "old", 3), 0);
	free(b.p);
}

/* The error message is one line that begins with what it is about. */
static inline void util_check_error(const char *err, const char *path)
{
	if (strncmp(err, path, strlen(path)) || strncmp(err + strlen(path), ": ", 2) || strchr(err, '\n') ||
	    strlen(err) < strlen(path) + 10)
		ck_abort_msg("not a good error line for %s: %s", path, err);
}

/* ---- Records ------------------------------------------------------------------------------------------ */

/* splitmix64 */
static inline uint64_t util_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Numbers of every length, with the extremes often. */
static inline uint64_t util_random_value(uint64_t *state)
{
	uint64_t r = util_random(state);

	switch (r % 16) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	default:
		return util_random(state) >> (r / 16 % 64);
	}
}

static inline struct nwt_record util_random_record(uint64_t *state, uint64_t *time_tsc)
{
	struct nwt_record rec;

	memset(&rec, 0, sizeof(rec));
	rec.type = (uint8_t)(1 + util_random(state) % (NWT_TYPE_COUNT - 1));
	rec.cpu = (uint8_t)util_random(state);
	rec.n = (uint8_t)nwt_type_info(rec.type)->n;
	*time_tsc += util_random(state) % 4 ? util_random(state) % 5000 : 0;
	rec.time_tsc = *time_tsc;
	for (unsigned k = 0; k < rec.n; k++)
		rec.f[k] = util_random_value(state);
	return rec;
}

static const struct nwt_config util_config[] = {
	{ "version.nwsim", "0.1" },
	{ "clock.num", "88" },
	{ "clock.den", "1" },
	{ "param.threshold", "131072" },
	{ "empty", "" },
	{ "cmdline", "console=ttyS0 text=\xc3\xa4\xe2\x82\xac" },
};

/* Writes a trace of n generated records; the file is a function of the arguments. */
static inline void util_write(const char *path, uint64_t seed, unsigned n)
{
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, util_config, ARRAY_SIZE(util_config), err);
	uint64_t time_tsc = 0;

	if (!w)
		ck_abort_msg("%s", err);
	for (unsigned i = 0; i < n; i++) {
		struct nwt_record rec = util_random_record(&seed, &time_tsc);

		nwt_write(w, &rec);
	}
	if (nwt_close(w, err) < 0)
		ck_abort_msg("%s", err);
}

/* Writes 9000 records, which are several blocks, with this write(2). 0, or -1 with err. */
static inline int util_write_9000(const char *path, nwt_write_fn *fn, char err[NWT_ERRLEN])
{
	struct nwt_writer *w = nwt_create_with(path, util_config, ARRAY_SIZE(util_config), nwt_type_info(1),
					       NWT_TYPE_COUNT - 1, fn, err);
	uint64_t seed = 8, time_tsc = 0;

	if (!w)
		return -1;
	for (unsigned i = 0; i < 9000; i++) {
		struct nwt_record rec = util_random_record(&seed, &time_tsc);

		nwt_write(w, &rec);
	}
	return nwt_close(w, err);
}

/* Reads to the end. Returns the number of records, or -1 with a checked message in err. */
static inline long util_read(const char *path, char err[NWT_ERRLEN])
{
	struct nwt_reader *r;
	struct nwt_record rec;
	long n = 0;
	int rc;

	err[0] = '\0';
	r = nwt_open(path, err);
	if (!r) {
		util_check_error(err, path);
		return -1;
	}
	while ((rc = nwt_next(r, &rec, err)) == 1)
		n++;
	if (rc < 0)
		util_check_error(err, path);
	/* An end stays an end, whichever it was. */
	require(nwt_next(r, &rec, err) == rc, "the reader went on after its end");
	nwt_reader_close(r);
	return rc < 0 ? -1 : n;
}

/* A trace of n records as bytes; returns the name for a damaged copy. */
static inline const char *util_sample(struct util_bytes *file, unsigned n)
{
	const char *path = util_path("sample.nwt");

	util_write(path, 5, n);
	*file = util_load(path);
	return util_path("damaged.nwt");
}

/* Position after the block at pos. */
static inline size_t util_skip_block(const struct util_bytes *file, size_t pos)
{
	return pos + NWT_HEAD_SIZE + nwt_get_u32(file->p + pos + 8);
}

#endif
