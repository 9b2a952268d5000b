/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_format.c - what is written is what is read, in the bytes that docs/trace-format.md describes.
 */
#include <sys/stat.h>
#include <zstd.h>

#include "test_trace_util.h"

/* ---- Encodings ---------------------------------------------------------------------------------------- */

START_TEST(crc64_check_value)
{
	uint64_t table[256];

	nwt_crc64_init(table);
	/* The catalogued check value of CRC-64/XZ. */
	ck_assert_uint_eq(nwt_crc64(table, 0, "123456789", 9), 0x995dc9bbdf1939fau);
	ck_assert_uint_eq(nwt_crc64(table, nwt_crc64(table, 0, "1234", 4), "56789", 5), 0x995dc9bbdf1939fau);
}
END_TEST

START_TEST(varint_lengths)
{
	static const struct { uint64_t v; size_t len; } cases[] = {
		{ 0, 1 }, { 1, 1 }, { 0x7f, 1 }, { 0x80, 2 }, { 0x3fff, 2 }, { 0x4000, 3 },
		{ UINT32_MAX, 5 }, { (1ull << 63) - 1, 9 }, { 1ull << 63, 10 }, { UINT64_MAX, 10 },
	};
	uint8_t buf[NWT_VARINT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 42;

		ck_assert_uint_eq((size_t)(nwt_put_varint(buf, cases[i].v) - buf), cases[i].len);
		ck_assert_ptr_eq(nwt_get_varint(buf, buf + cases[i].len, &v), buf + cases[i].len);
		ck_assert_uint_eq(v, cases[i].v);
		for (size_t cut = 0; cut < cases[i].len; cut++)
			ck_assert_ptr_null(nwt_get_varint(buf, buf + cut, &v));
	}
}
END_TEST

START_TEST(varint_refuses_second_forms)
{
	static const uint8_t padded[] = { 0x80, 0x00 };
	static const uint8_t too_big[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	static const uint8_t too_long[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 0x01 };
	uint64_t v;

	ck_assert_ptr_null(nwt_get_varint(padded, padded + sizeof(padded), &v));
	ck_assert_ptr_null(nwt_get_varint(too_big, too_big + sizeof(too_big), &v));
	ck_assert_ptr_null(nwt_get_varint(too_long, too_long + sizeof(too_long), &v));
}
END_TEST

START_TEST(zigzag_keeps_small_differences_small)
{
	ck_assert_uint_eq(nwt_zigzag(0), 0);
	ck_assert_uint_eq(nwt_zigzag((uint64_t)-1), 1);
	ck_assert_uint_eq(nwt_zigzag(1), 2);
	ck_assert_uint_eq(nwt_zigzag((uint64_t)-2), 3);
	ck_assert_uint_eq(nwt_zigzag(1ull << 63), UINT64_MAX);
	for (uint64_t seed = 1, i = 0; i < 1000; i++) {
		uint64_t v = util_random_value(&seed);

		ck_assert_uint_eq(nwt_unzigzag(nwt_zigzag(v)), v);
	}
}
END_TEST

/* ---- Type table --------------------------------------------------------------------------------------- */

START_TEST(type_table_is_complete)
{
	ck_assert_ptr_null(nwt_type_info(0));
	ck_assert_ptr_null(nwt_type_info(NWT_TYPE_COUNT));
	ck_assert_ptr_null(nwt_type_info(UINT32_MAX));
	for (unsigned t = 1; t < NWT_TYPE_COUNT; t++) {
		const struct nwt_type_info *info = nwt_type_info(t);

		ck_assert_ptr_nonnull(info);
		ck_assert_uint_eq(info->type, t);
		ck_assert(nwt_name_ok(info->name));
		ck_assert_uint_le(info->n, NWT_FIELDS_MAX);
		for (unsigned k = 0; k < info->n; k++) {
			ck_assert_msg(info->fields[k].name && nwt_name_ok(info->fields[k].name), "%s field %u",
				      info->name, k);
			ck_assert_msg(info->fields[k].unit && nwt_unit_ok(info->fields[k].unit), "%s field %u",
				      info->name, k);
		}
	}
}
END_TEST

static unsigned enum_values(unsigned type, unsigned field)
{
	const char *unit = nwt_type_info(type)->fields[field].unit;
	unsigned n = 1;

	ck_assert_int_eq(strncmp(unit, "enum:", 5), 0);
	for (const char *p = unit; *p; p++)
		n += *p == '|';
	return n;
}

START_TEST(enum_units_name_every_value)
{
	ck_assert_uint_eq(enum_values(NWT_GAP, NWT_GAP_CAUSE), NWT_CAUSE_COUNT);
	ck_assert_uint_eq(enum_values(NWT_GAP_COUNT, NWT_GAPCOUNT_CAUSE), NWT_CAUSE_COUNT);
	ck_assert_uint_eq(enum_values(NWT_EXPIRY, NWT_EXPIRY_CAUSE), NWT_CAUSE_COUNT);
	ck_assert_uint_eq(enum_values(NWT_FLOW_END, NWT_FLOWEND_OUTCOME), NWT_FLOW_OUTCOME_COUNT);
	ck_assert_uint_eq(enum_values(NWT_VERDICT, NWT_VERDICT_KIND), NWT_VERDICT_KIND_COUNT);
	ck_assert_uint_eq(enum_values(NWT_GUEST, NWT_GUEST_MODE), NWT_MODE_COUNT);
	ck_assert_uint_eq(enum_values(NWT_GUEST, NWT_GUEST_NMI_CONTROL), NWT_NMI_CONTROL_COUNT);
}
END_TEST

/* ---- Round trips -------------------------------------------------------------------------------------- */

static void check_round_trip(const char *path, uint64_t seed, unsigned n)
{
	char err[NWT_ERRLEN] = "";
	struct nwt_reader *r;
	struct nwt_record rec;
	uint64_t time_tsc = 0;

	util_write(path, seed, n);
	r = nwt_open(path, err);
	ck_assert_msg(r != NULL, "%s", err);
	for (unsigned i = 0; i < n; i++) {
		struct nwt_record want = util_random_record(&seed, &time_tsc);

		require(nwt_next(r, &rec, err) == 1, "record %u: %s", i, err);
		require(rec.type == want.type && rec.cpu == want.cpu && rec.n == want.n &&
			rec.time_tsc == want.time_tsc && !memcmp(rec.f, want.f, sizeof(rec.f)),
			"record %u differs", i);
	}
	ck_assert_int_eq(nwt_next(r, &rec, err), 0);
	ck_assert_int_eq(nwt_next(r, &rec, err), 0);
	nwt_reader_close(r);
}

START_TEST(random_records_round_trip)
{
	static const unsigned counts[] = { 0, 1, 2, 100, 5000, 100000 };

	check_round_trip(util_path("random.nwt"), 1000 + (uint64_t)_i, counts[_i]);
}
END_TEST

START_TEST(extreme_times_round_trip)
{
	static const uint64_t times[] = { 0, 0, 1, 1ull << 63, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX };
	const char *path = util_path("times.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, NULL, 0, err);
	struct nwt_reader *r;
	struct nwt_record rec;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		nwt_event(w, NWT_MARK, 255, times[i], &times[i]);
	ck_assert_int_eq(nwt_close(w, err), 0);
	r = nwt_open(path, err);
	ck_assert_uint_eq(nwt_config_count(r), 0);
	ck_assert_ptr_null(nwt_config_at(r, 0));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		ck_assert_int_eq(nwt_next(r, &rec, err), 1);
		ck_assert_uint_eq(rec.time_tsc, times[i]);
		ck_assert_uint_eq(rec.f[NWT_MARK_VALUE], times[i]);
		ck_assert_uint_eq(rec.cpu, 255);
	}
	ck_assert_int_eq(nwt_next(r, &rec, err), 0);
	nwt_reader_close(r);
}
END_TEST

START_TEST(configuration_round_trips)
{
	const char *path = util_path("config.nwt");
	char err[NWT_ERRLEN];
	struct nwt_reader *r;

	util_write(path, 1, 0);
	r = nwt_open(path, err);
	ck_assert_uint_eq(nwt_config_count(r), ARRAY_SIZE(util_config));
	for (size_t i = 0; i < ARRAY_SIZE(util_config); i++) {
		ck_assert_str_eq(nwt_config_at(r, i)->key, util_config[i].key);
		ck_assert_str_eq(nwt_config_at(r, i)->value, util_config[i].value);
		ck_assert_str_eq(nwt_config_get(r, util_config[i].key), util_config[i].value);
	}
	ck_assert_ptr_null(nwt_config_at(r, ARRAY_SIZE(util_config)));
	ck_assert_ptr_null(nwt_config_get(r, "clock"));
	nwt_reader_close(r);
}
END_TEST

START_TEST(type_table_round_trips)
{
	const char *path = util_path("types.nwt");
	char err[NWT_ERRLEN];
	struct nwt_reader *r;

	util_write(path, 1, 0);
	r = nwt_open(path, err);
	for (unsigned t = 0; t < 300; t++) {
		const struct nwt_type_info *ours = nwt_type_info(t), *info = nwt_file_type(r, t);

		ck_assert_int_eq(ours != NULL, info != NULL);
		if (!ours)
			continue;
		ck_assert_str_eq(info->name, ours->name);
		ck_assert_uint_eq(info->n, ours->n);
		for (unsigned k = 0; k < ours->n; k++) {
			ck_assert_str_eq(info->fields[k].name, ours->fields[k].name);
			ck_assert_str_eq(info->fields[k].unit, ours->fields[k].unit);
		}
	}
	nwt_reader_close(r);
}
END_TEST

/* ---- Other versions' type tables ----------------------------------------------------------------------- */

static const struct nwt_field_info foreign_fields[] = { { "speed", "furlong" }, { "colour", "enum:red|green" } };
static const struct nwt_field_info old_verdict[] = { { "kind", "enum:guest_exit|power_off" }, { "code", "" } };
static const struct nwt_field_info new_mark[] = { { "value", "hex" }, { "origin", "hex" } };
static const struct nwt_field_info other_unit[] = { { "value", "tsc" } };
static const struct nwt_field_info other_enum[] = { { "kind", "enum:guest_exit|power" } };

/* A file with one type and two records of it, all fields 7. */
static void write_type(const char *path, unsigned type, const char *name, unsigned n,
		       const struct nwt_field_info *fields)
{
	struct nwt_type_info info = { (uint8_t)type, name, n, fields };
	struct nwt_record rec = { .type = (uint8_t)type, .n = (uint8_t)n, .time_tsc = 5 };
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create_with(path, NULL, 0, &info, 1, write, err);

	ck_assert_msg(w != NULL, "%s", err);
	for (unsigned k = 0; k < n; k++)
		rec.f[k] = 7;
	nwt_write(w, &rec);
	nwt_write(w, &rec);
	ck_assert_int_eq(nwt_close(w, err), 0);
}

START_TEST(foreign_types_are_read_through_the_file)
{
	static const struct {
		unsigned type; const char *name; unsigned n; const struct nwt_field_info *fields;
	} cases[] = {
		{ 200, "unheard_of", 2, foreign_fields },
		{ 255, "bare", 0, foreign_fields },
		{ NWT_VERDICT, "verdict", 2, old_verdict },     /* a file older than this build */
		{ NWT_MARK, "mark", 2, new_mark },              /* and a newer one */
	};
	const char *path = util_path("foreign.nwt");
	struct nwt_record rec;
	struct nwt_reader *r;
	char err[NWT_ERRLEN] = "";

	write_type(path, cases[_i].type, cases[_i].name, cases[_i].n, cases[_i].fields);
	r = nwt_open(path, err);
	ck_assert_msg(r != NULL, "%s", err);
	ck_assert_str_eq(nwt_file_type(r, cases[_i].type)->name, cases[_i].name);
	ck_assert_uint_eq(nwt_file_type(r, cases[_i].type)->n, cases[_i].n);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(nwt_next(r, &rec, err), 1);
		ck_assert_uint_eq(rec.type, cases[_i].type);
		ck_assert_uint_eq(rec.n, cases[_i].n);
		for (unsigned k = 0; k < NWT_FIELDS_MAX; k++)
			ck_assert_uint_eq(rec.f[k], k < cases[_i].n ? 7 : 0);
	}
	ck_assert_int_eq(nwt_next(r, &rec, err), 0);
	nwt_reader_close(r);
}
END_TEST

START_TEST(changed_meanings_are_refused)
{
	static const struct {
		unsigned type; const char *name; unsigned n; const struct nwt_field_info *fields; const char *message;
	} cases[] = {
		{ NWT_MARK, "verdict", 0, NULL, "event type 9 is 'verdict', this program knows it as 'mark'" },
		{ NWT_MARK, "mark", 1, other_unit, "field 0 of event type 'mark'" },
		{ NWT_MARK, "mark", 1, foreign_fields, "field 0 of event type 'mark'" },
		{ NWT_VERDICT, "verdict", 1, other_enum, "field 0 of event type 'verdict'" },
	};
	const char *path = util_path("changed.nwt");
	char err[NWT_ERRLEN];

	write_type(path, cases[_i].type, cases[_i].name, cases[_i].n, cases[_i].fields);
	ck_assert_ptr_null(nwt_open(path, err));
	util_check_error(err, path);
	ck_assert_msg(strstr(err, cases[_i].message) != NULL, "%s", err);
}
END_TEST

/* ---- Bytes -------------------------------------------------------------------------------------------- */

START_TEST(equal_runs_give_equal_bytes)
{
	struct util_bytes a, b;

	util_write(util_path("a.nwt"), 77, 30000);
	util_write(util_path("b.nwt"), 77, 30000);
	a = util_load(util_path("a.nwt"));
	b = util_load(util_path("b.nwt"));
	ck_assert_uint_gt(a.len, 100000);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_int_eq(memcmp(a.p, b.p, a.len), 0);
	free(a.p);
	free(b.p);
}
END_TEST

static void check_bytes(const uint8_t *have, size_t have_len, const uint8_t *want, size_t want_len)
{
	ck_assert_uint_eq(have_len, want_len);
	for (size_t i = 0; i < want_len; i++)
		ck_assert_msg(have[i] == want[i], "byte %zu is %02x, not %02x", i, have[i], want[i]);
}

static struct util_bytes written(const char *name, unsigned records, unsigned copy_at, const char *copy)
{
	const uint64_t fields[NWT_MARK_FIELDS] = { 12345 };
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(util_path(name), NULL, 0, err);

	for (unsigned i = 0; i < records; i++) {
		if (copy && i == copy_at)
			ck_assert_int_eq(nwt_copy(w, util_path(copy), err), 0);
		nwt_event(w, NWT_MARK, 0, 7 * (uint64_t)i, fields);
	}
	ck_assert_int_eq(nwt_close(w, err), 0);
	return util_load(util_path(name));
}

/* A copy is the trace that would have ended there, and the writer does not notice. */
START_TEST(copies_are_complete_traces)
{
	static const unsigned at[] = { 0, 1, 100, 50000 };
	struct util_bytes a = written("whole.nwt", 60000, 0, NULL), b = written("copied.nwt", 60000, at[_i], "copy.nwt");
	struct util_bytes c = written("short.nwt", at[_i], 0, NULL), d = util_load(util_path("copy.nwt"));
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(util_path("again.nwt"), NULL, 0, err);

	check_bytes(b.p, b.len, a.p, a.len);
	check_bytes(d.p, d.len, c.p, c.len);
	ck_assert_int_eq(nwt_copy(w, util_path("copy.nwt"), err), -1);
	util_check_error(err, util_path("copy.nwt"));
	ck_assert_int_eq(nwt_close(w, err), 0);
	free(a.p);
	free(b.p);
	free(c.p);
	free(d.p);
	unlink(util_path("copy.nwt"));
}
END_TEST

/* Checks the head of the block at *pos, decompresses its content into raw and moves on. */
static size_t next_content(const struct util_bytes *file, size_t *pos, const char *tag, uint32_t records, uint8_t *raw)
{
	const uint8_t *head = file->p + *pos;
	uint32_t raw_len = nwt_get_u32(head + 4), stored_len = nwt_get_u32(head + 8);

	ck_assert_int_eq(memcmp(head, tag, 4), 0);
	ck_assert_uint_eq(nwt_get_u32(head + 12), records);
	ck_assert_uint_eq(ZSTD_decompress(raw, NWT_RECORDS_RAW_MAX, head + 24, stored_len), raw_len);
	*pos += 24 + stored_len;
	return raw_len;
}

/* The example of docs/trace-format.md. */
START_TEST(the_bytes_are_the_documented_ones)
{
	static const struct nwt_config config[] = { { "clock.num", "88" } };
	static const struct nwt_field_info fields[] = { { "rip", "hex" }, { "length", "tsc" } };
	static const struct nwt_type_info type = { 200, "sample", 2, fields };
	static const char prelude[] = "\x89NWT\r\n\x1a\n\x01\0\0";
	static const char header[] = "\x01" "clock.num\0" "88\0" "\x01" "\xc8\x02" "sample\0" "rip\0" "hex\0" "length\0" "tsc";
	static const uint8_t records[] = {
		0xc8, 0x00, 0xe8, 0x07, 0x80, 0x80, 0x80, 0x01, 0x80, 0x0b,     /* cpu 0, 1000: 0x100000, 704 */
		0xc8, 0x01, 0x00, 0x06, 0x01,                                   /* cpu 1, 1000: 0x100003, 703 */
		0xc8, 0x00, 0x80, 0x01, 0x05, 0x00,                             /* cpu 0, 1128: 0x100000, 703 */
	};
	static const struct nwt_record rec[] = {
		{ 200, 0, 2, 1000, { 0x100000, 704 } },
		{ 200, 1, 2, 1000, { 0x100003, 703 } },
		{ 200, 0, 2, 1128, { 0x100000, 703 } },
	};
	uint8_t raw[NWT_RECORDS_RAW_MAX], end[32] = { 3, [8] = 1, [16] = 0x68, [17] = 0x04 };
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create_with(util_path("doc.nwt"), config, 1, &type, 1, write, err);
	struct util_bytes file;
	uint64_t table[256], crc;
	size_t pos = 12, len;

	for (size_t i = 0; i < ARRAY_SIZE(rec); i++)
		nwt_write(w, &rec[i]);
	ck_assert_int_eq(nwt_close(w, err), 0);
	file = util_load(util_path("doc.nwt"));
	check_bytes(file.p, 12, (const uint8_t *)prelude, sizeof(prelude));

	nwt_crc64_init(table);
	len = next_content(&file, &pos, "HEAD", 0, raw);
	check_bytes(raw, len, (const uint8_t *)header, sizeof(header));
	crc = nwt_crc64(table, 0, raw, len);
	len = next_content(&file, &pos, "RECS", 3, raw);
	check_bytes(raw, len, records, sizeof(records));
	nwt_put_u64(end + 24, nwt_crc64(table, crc, raw, len));
	len = next_content(&file, &pos, "END.", 0, raw);
	check_bytes(raw, len, end, sizeof(end));
	ck_assert_uint_eq(pos, file.len);
	free(file.p);
}
END_TEST

/* The checksum of the content is the same with every libzstd: a change here is a change of the format. */
START_TEST(content_checksum_is_pinned)
{
	const char *path = util_path("crc.nwt");
	char err[NWT_ERRLEN];
	struct nwt_reader *r;
	struct nwt_record rec;

	util_write(path, 4711, 20000);
	r = nwt_open(path, err);
	while (nwt_next(r, &rec, err) == 1)
		;
	ck_assert_msg(nwt_content_crc64(r) == 0x8cf531631e39990fu, "0x%016llx", (unsigned long long)nwt_content_crc64(r));
	nwt_reader_close(r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace format");
	TCase *tc = tcase_create("encodings");

	tcase_add_test(tc, crc64_check_value);
	tcase_add_test(tc, varint_lengths);
	tcase_add_test(tc, varint_refuses_second_forms);
	tcase_add_test(tc, zigzag_keeps_small_differences_small);
	tcase_add_test(tc, type_table_is_complete);
	tcase_add_test(tc, enum_units_name_every_value);
	suite_add_tcase(s, tc);

	tc = tcase_create("files");
	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_loop_test(tc, random_records_round_trip, 0, 6);
	tcase_add_test(tc, extreme_times_round_trip);
	tcase_add_test(tc, configuration_round_trips);
	tcase_add_test(tc, type_table_round_trips);
	tcase_add_loop_test(tc, foreign_types_are_read_through_the_file, 0, 4);
	tcase_add_loop_test(tc, changed_meanings_are_refused, 0, 4);
	tcase_add_test(tc, equal_runs_give_equal_bytes);
	tcase_add_loop_test(tc, copies_are_complete_traces, 0, 4);
	tcase_add_test(tc, the_bytes_are_the_documented_ones);
	tcase_add_test(tc, content_checksum_is_pinned);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
