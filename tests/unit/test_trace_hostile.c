/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_hostile.c - files with valid checksums and hostile content: one clear line, no crash, bounded memory.
 */
#include <zstd.h>

#include "nw_dump.h"
#include "nw_summary.h"
#include "test_trace_util.h"

/* ---- Memory ------------------------------------------------------------------------------------------- */

/* No file may make the reader take a larger piece: header content plus slack for compression. */
#define PIECE_MAX (NWT_HEADER_RAW_MAX + NWT_HEADER_RAW_MAX / 8)

static size_t largest_piece;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_malloc(size_t size)
{
	if (size > largest_piece)
		largest_piece = size;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	if (n * size > largest_piece)
		largest_piece = n * size;
	return __real_calloc(n, size);
}

/* ---- Files with valid checksums and hostile content ------------------------------------------------------ */

struct craft {
	uint8_t *p;
	size_t len;
	uint64_t table[256];
	uint64_t content_crc;
};

static void craft_start(struct craft *c)
{
	c->p = __real_malloc(1u << 22);
	memcpy(c->p, NWT_MAGIC, NWT_MAGIC_SIZE);
	nwt_put_u32(c->p + NWT_MAGIC_SIZE, NWT_VERSION);
	c->len = NWT_PRELUDE_SIZE;
	c->content_crc = 0;
	nwt_crc64_init(c->table);
}

/* Appends a block; claimed: the raw length in its head. */
static void craft_block(struct craft *c, const char *tag, const void *raw, size_t len, uint32_t claimed,
			uint32_t records)
{
	uint8_t *stored = c->p + c->len + NWT_HEAD_SIZE;
	size_t n = ZSTD_compress(stored, ZSTD_compressBound(len), raw, len, 1);

	require(!ZSTD_isError(n), "%s", ZSTD_getErrorName(n));
	nwt_make_head(c->p + c->len, c->table, tag, claimed, (uint32_t)n, records, stored);
	c->len += NWT_HEAD_SIZE + n;
	c->content_crc = nwt_crc64(c->table, c->content_crc, raw, len);
}

static void craft_end(struct craft *c, uint64_t records, uint64_t blocks, uint64_t last_tsc)
{
	uint8_t raw[NWT_END_RAW];

	nwt_put_u64(raw, records);
	nwt_put_u64(raw + 8, blocks);
	nwt_put_u64(raw + 16, last_tsc);
	nwt_put_u64(raw + 24, c->content_crc);
	craft_block(c, NWT_TAG_END, raw, sizeof(raw), sizeof(raw), 0);
}

/* Reads the file and frees it: the message must contain `message`, NULL: the file is good. */
static void craft_check(struct craft *c, const char *message)
{
	const char *path = util_path("crafted.nwt");
	char err[NWT_ERRLEN];
	long n;

	util_store(path, c->p, c->len);
	free(c->p);
	largest_piece = 0;
	n = util_read(path, err);
	require(largest_piece <= PIECE_MAX, "a piece of %zu bytes", largest_piece);
	if (message)
		ck_assert_msg(n == -1 && strstr(err, message), "expected '%s', got '%s'", message, err);
	else
		ck_assert_msg(n >= 0, "%s", err);
}

#define BYTES(s) (s), sizeof(s) - 1
#define FF9 "\xff\xff\xff\xff\xff\xff\xff\xff\xff"

/* A literal's own last 0 byte ends its last text. */
static const struct { const char *raw; size_t len; const char *message; } headers[] = {
	{ BYTES("\0\0"), NULL },                                        /* nothing at all is a header */
	{ BYTES(""), "no number of configuration entries" },
	{ BYTES("\x80"), "no number of configuration entries" },
	{ BYTES("\0"), "no number of event types" },
	{ BYTES(FF9 "\x01\0"), "18446744073709551615 configuration entries, at most 4096" },
	{ BYTES("\x80\x20" "a\0b\0\0"), "4096 configuration entries" }, /* more than the bytes can hold */
	{ BYTES("\x01" "key\0value"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "key"), "configuration entry" },
	{ BYTES("\x01" "k y\0v\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "\0v\0\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "k\0a\nb\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "k\0\x1b[2J\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "k\0\xc2\x9b\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x01" "k\0\xff\0\0"), "configuration entry 0 is not text" },
	{ BYTES("\x02" "k\0v\0k\0w\0\0"), "'k' is there twice" },
	{ BYTES("\0" FF9 "\x01"), "18446744073709551615 event types" },
	{ BYTES("\0\x80\x02"), "256 event types, at most 255" },
	{ BYTES("\0\x01\xc8"), "1 event types" },
	{ BYTES("\0\x01\xc8\0ab"), "event type 200 has no valid name" },
	{ BYTES("\0\x01\xc8\0a b\0"), "event type 200 has no valid name" },
	{ BYTES("\0\x01\xc8\0\0\0"), "event type 200 has no valid name" },
	{ BYTES("\0\x01\0\0ab\0"), "event type 0 has no valid name" },
	{ BYTES("\0\x02\xc8\0a\0\xc8\0b\0"), "the number is used twice" },
	{ BYTES("\0\x01\xc8\x0d" "ab\0"), "'ab' has 13 fields, at most 12" },
	{ BYTES("\0\x01\xc8\xff" "ab\0"), "'ab' has 255 fields, at most 12" },
	{ BYTES("\0\x01\xc8\x01" "ab\0"), "field 0 of event type 'ab'" },
	{ BYTES("\0\x01\xc8\x01" "ab\0c\0"), "field 0 of event type 'ab'" },
	{ BYTES("\0\x01\xc8\x01" "ab\0c\0he x\0"), "field 0 of event type 'ab'" },
	{ BYTES("\0\x01\xc8\x01" "ab\0c;\0hex\0"), "field 0 of event type 'ab'" },
	{ BYTES("\0\x01\xc8\x01" "ab\0c\0hex\0x"), "1 bytes too many" },
};

START_TEST(crafted_headers)
{
	struct craft c;

	craft_start(&c);
	craft_block(&c, "HEAD", headers[_i].raw, headers[_i].len, (uint32_t)headers[_i].len, 0);
	craft_end(&c, 0, 0, 0);
	craft_check(&c, headers[_i].message);
}
END_TEST

#define TYPES "\0\x01\xc8\x01" "ab\0c\0hex\0"        /* type 200 with one field */

static const struct { const char *raw; size_t len; uint32_t records; const char *message; } records[] = {
	{ BYTES("\xc8\0\x05\x06"), 1, NULL },
	{ BYTES("\xc8\0\x05\x06\xc8\0\x05\x06"), 2, NULL },
	{ BYTES("\xc8\0\x05\x06"), 0, "0 records in 4 bytes" },
	{ BYTES("\xc8\0\x05\x06"), 2, "2 records in 4 bytes" },
	{ BYTES("\xc8\0\x05\x06"), 0xffffffff, "4294967295 records" },
	{ BYTES(""), 0, "0 records in 0 bytes" },
	{ BYTES("\xc8\0\x05\x06\xc8\0"), 2, "record 1 is cut off" },
	{ BYTES("\xc8\0\x05\x06\xc8\0\x05"), 2, "field 0 of record 1" },
	{ BYTES("\xc8\0\x05\x06\x07"), 1, "1 bytes after its last record" },
	{ BYTES("\xc8\0\x05\x06\xc8\0\x05\x06"), 1, "4 bytes after its last record" },
	{ BYTES("\xc9\0\x05\x06"), 1, "type 201, which the file does not describe" },
	{ BYTES("\0\0\x05\x06"), 1, "type 0, which the file does not describe" },
	{ BYTES("\xc8\0\x80\x80"), 1, "no valid time" },
	{ BYTES("\xc8\0\x85\0\x06"), 1, "no valid time" },
	{ BYTES("\xc8\0" FF9 "\x02\x06"), 1, "no valid time" },
	{ BYTES("\xc8\0" FF9 "\x01\x06\xc8\0\x01\x06"), 2, "record 1 has no valid time" },
	{ BYTES("\xc8\0\x05" FF9 "\x01"), 1, NULL },
	{ BYTES("\xc8\0\x05" FF9 "\x03"), 1, "field 0 of record 0" },
};

static uint64_t last_time(size_t i)
{
	return records[i].records == 2 ? 10 : 5;
}

START_TEST(crafted_records)
{
	struct craft c;

	craft_start(&c);
	craft_block(&c, "HEAD", BYTES(TYPES), sizeof(TYPES) - 1, 0);
	craft_block(&c, "RECS", records[_i].raw, records[_i].len, (uint32_t)records[_i].len, records[_i].records);
	craft_end(&c, records[_i].records, 1, last_time((size_t)_i));
	craft_check(&c, records[_i].message);
}
END_TEST

/* One good record of type 200 at time 5, then an end block with these numbers. */
START_TEST(crafted_ends)
{
	static const struct { uint64_t records, blocks, last_tsc, crc; const char *message; } cases[] = {
		{ 1, 1, 5, 0, NULL },
		{ 0, 1, 5, 0, "does not fit" },
		{ 1, 2, 5, 0, "does not fit" },
		{ 1, 1, 6, 0, "does not fit" },
		{ 1, 1, 5, 1, "does not fit" },
	};
	struct craft c;

	craft_start(&c);
	craft_block(&c, "HEAD", BYTES(TYPES), sizeof(TYPES) - 1, 0);
	craft_block(&c, "RECS", BYTES("\xc8\0\x05\x06"), 4, 1);
	c.content_crc ^= cases[_i].crc;
	craft_end(&c, cases[_i].records, cases[_i].blocks, cases[_i].last_tsc);
	craft_check(&c, cases[_i].message);
}
END_TEST

/* A block of one record whose stored bytes are two frames. */
static void craft_two_frames(struct craft *c, const char *a, size_t a_len, const char *b, size_t b_len)
{
	uint8_t *stored = c->p + c->len + NWT_HEAD_SIZE;
	size_t n = ZSTD_compress(stored, 100, a, a_len, 1);

	n += ZSTD_compress(stored + n, 100, b, b_len, 1);
	nwt_make_head(c->p + c->len, c->table, "RECS", (uint32_t)(a_len + b_len), (uint32_t)n, 1, stored);
	c->len += NWT_HEAD_SIZE + n;
}

START_TEST(crafted_blocks)
{
	static const uint8_t zeros[NWT_HEADER_RAW_MAX + 1];
	struct craft c;

	craft_start(&c);
	switch (_i) {
	case 0: /* records first */
		craft_block(&c, "RECS", BYTES("\xc8\0\x05\x06"), 4, 1);
		craft_check(&c, "a header block is expected");
		return;
	case 1: /* a header with records */
		craft_block(&c, "HEAD", BYTES("\0\0"), 2, 1);
		craft_check(&c, "a header block is expected");
		return;
	case 2: /* a bomb whose head admits it */
		craft_block(&c, "HEAD", zeros, sizeof(zeros), sizeof(zeros), 0);
		craft_check(&c, "at most 1048576 from");
		return;
	case 3: /* a bomb whose head lies */
		craft_block(&c, "HEAD", zeros, sizeof(zeros), 2, 0);
		craft_check(&c, "cannot decompress");
		return;
	case 4: /* a head that claims the largest length there is */
		craft_block(&c, "HEAD", BYTES("\0\0"), UINT32_MAX, 0);
		craft_check(&c, "4294967295 bytes from");
		return;
	default:
		break;
	}
	craft_block(&c, "HEAD", BYTES(TYPES), sizeof(TYPES) - 1, 0);
	switch (_i) {
	case 5: /* a second header */
		craft_block(&c, "HEAD", BYTES(TYPES), sizeof(TYPES) - 1, 0);
		craft_check(&c, "unknown kind of block");
		return;
	case 6:
		craft_block(&c, "RECS", zeros, NWT_RECORDS_RAW_MAX + 1, NWT_RECORDS_RAW_MAX + 1, 1);
		craft_check(&c, "at most 65536 from");
		return;
	case 7:
		craft_block(&c, "RECS", zeros, NWT_RECORDS_RAW_MAX + 1, NWT_RECORDS_RAW_MAX, 1);
		craft_check(&c, "cannot decompress");
		return;
	case 8: /* shorter than its head says */
		craft_block(&c, "RECS", BYTES("\xc8\0\x05\x06"), 5, 1);
		craft_check(&c, "4 bytes instead of 5");
		return;
	case 9: /* not zstd */
		memset(c.p + c.len + NWT_HEAD_SIZE, 'x', 40);
		nwt_make_head(c.p + c.len, c.table, "RECS", 4, 40, 1, c.p + c.len + NWT_HEAD_SIZE);
		c.len += NWT_HEAD_SIZE + 40;
		craft_check(&c, "not one zstd frame");
		return;
	case 10: /* nothing stored */
		nwt_make_head(c.p + c.len, c.table, "RECS", 4, 0, 1, c.p + c.len + NWT_HEAD_SIZE);
		c.len += NWT_HEAD_SIZE;
		craft_check(&c, "not one zstd frame");
		return;
	case 11: /* an end block of the wrong length */
		craft_block(&c, "END.", zeros, NWT_END_RAW - 1, NWT_END_RAW - 1, 0);
		craft_check(&c, "not a valid end block");
		return;
	case 12:
		craft_block(&c, "END.", zeros, NWT_END_RAW, NWT_END_RAW, 1);
		craft_check(&c, "not a valid end block");
		return;
	case 13: /* a skippable frame: 8 bytes of head, 4 bytes skipped */
		memcpy(c.p + c.len + NWT_HEAD_SIZE, "\x50\x2a\x4d\x18\x04\0\0\0skip", 12);
		nwt_make_head(c.p + c.len, c.table, "RECS", 4, 12, 1, c.p + c.len + NWT_HEAD_SIZE);
		c.len += NWT_HEAD_SIZE + 12;
		craft_check(&c, "not one zstd frame");
		return;
	case 14: /* two frames */
		craft_two_frames(&c, "\xc8\0", 2, "\x05\x06", 2);
		craft_check(&c, "not one zstd frame");
		return;
	default:
		ck_abort_msg("no such case");
	}
}
END_TEST

START_TEST(largest_header_is_accepted)
{
	static char value[250 * 1024];
	struct nwt_config config[] = { { "a", value }, { "b", value }, { "c", value }, { "d", value }, { "e", value } };
	const char *path = util_path("large.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w;

	memset(value, 'v', sizeof(value) - 1);
	w = nwt_create(path, config, 4, err);
	ck_assert_msg(w != NULL, "%s", err);
	ck_assert_int_eq(nwt_close(w, err), 0);
	largest_piece = 0;
	ck_assert_int_eq(util_read(path, err), 0);
	ck_assert_uint_le(largest_piece, PIECE_MAX);
	ck_assert_ptr_null(nwt_create(path, config, 5, err));
	util_check_error(err, path);
}
END_TEST

/* ---- Random content with valid checksums ------------------------------------------------------------------ */

#define FUZZ_ROUNDS 4000

/* Reads as the tools do; whatever it says, it must not crash and must print printable text. */
static void use(const char *path)
{
	static struct nw_summary summary;
	char err[NWT_ERRLEN], line[NW_DUMP_LINE];
	struct nwt_reader *r = nwt_open(path, err);
	struct nwt_record rec;
	struct nw_dump dump;
	int rc;

	if (!r) {
		util_check_error(err, path);
		return;
	}
	nw_summary_init(&summary);
	nw_dump_init(&dump, r);
	while ((rc = nwt_next(r, &rec, err)) == 1) {
		int len = nw_dump_record(&dump, &rec, line, sizeof(line));

		require(len > 0 && len < NW_DUMP_LINE && (size_t)len == strlen(line), "line of %d bytes", len);
		for (int i = 0; i < len; i++)
			require(line[i] >= ' ' && line[i] <= '~', "unprintable: %s", line);
		require(nw_summary_add(&summary, &rec) == 0, "out of memory");
	}
	if (rc < 0)
		util_check_error(err, path);
	nw_summary_free(&summary);
	nwt_reader_close(r);
}

static void mutate(uint8_t *raw, size_t *len, uint64_t *seed)
{
	unsigned n = 1 + util_random(seed) % 8;

	while (n--) {
		size_t at = util_random(seed) % *len;

		switch (util_random(seed) % 4) {
		case 0:
			raw[at] ^= (uint8_t)(1 << util_random(seed) % 8);
			break;
		case 1:
			raw[at] = (uint8_t)util_random(seed);
			break;
		case 2:
			raw[at] = util_random(seed) % 2 ? 0xff : 0;
			break;
		default:
			*len = at + 1;
			break;
		}
	}
}

START_TEST(mutated_content)
{
	static uint8_t header[NWT_RECORDS_RAW_MAX], raw[NWT_RECORDS_RAW_MAX], mutated[NWT_RECORDS_RAW_MAX];
	const char *path = util_path("mutated.nwt");
	struct util_bytes file;
	size_t header_len, raw_len, pos = NWT_PRELUDE_SIZE;
	uint64_t seed = 99;

	util_sample(&file, 40);
	header_len = ZSTD_decompress(header, sizeof(header), file.p + pos + NWT_HEAD_SIZE,
				     nwt_get_u32(file.p + pos + 8));
	pos = util_skip_block(&file, pos);
	raw_len = ZSTD_decompress(raw, sizeof(raw), file.p + pos + NWT_HEAD_SIZE, nwt_get_u32(file.p + pos + 8));
	ck_assert(!ZSTD_isError(header_len) && !ZSTD_isError(raw_len));
	for (unsigned i = 0; i < FUZZ_ROUNDS; i++) {
		bool in_header = i % 2;
		size_t len = in_header ? header_len : raw_len;
		struct craft c;

		craft_start(&c);
		memcpy(mutated, in_header ? header : raw, len);
		mutate(mutated, &len, &seed);
		if (in_header) {
			craft_block(&c, "HEAD", mutated, len, (uint32_t)len, 0);
			craft_block(&c, "RECS", raw, raw_len, (uint32_t)raw_len, 40);
		} else {
			craft_block(&c, "HEAD", header, header_len, (uint32_t)header_len, 0);
			craft_block(&c, "RECS", mutated, len, (uint32_t)len, 40);
		}
		util_store(path, c.p, c.len);
		free(c.p);
		use(path);
	}
	free(file.p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hostile traces");
	TCase *tc = tcase_create("hostile");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_loop_test(tc, crafted_headers, 0, ARRAY_SIZE(headers));
	tcase_add_loop_test(tc, crafted_records, 0, ARRAY_SIZE(records));
	tcase_add_loop_test(tc, crafted_ends, 0, 5);
	tcase_add_loop_test(tc, crafted_blocks, 0, 15);
	tcase_add_test(tc, largest_header_is_accepted);
	tcase_add_test(tc, mutated_content);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
