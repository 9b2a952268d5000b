/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_dump.c - records as text: names and units of the file's own table, times in crystal clocks.
 */
#include "nw_dump.h"
#include "nw_exit_names.h"
#include "test_trace_util.h"

static const struct nwt_config clock_spr[] = { { "clock.num", "176" }, { "clock.den", "2" } };

static struct nwt_reader *open_or_fail(const char *path)
{
	char err[NWT_ERRLEN];
	struct nwt_reader *r = nwt_open(path, err);

	if (!r)
		ck_abort_msg("%s", err);
	return r;
}

/* Writes one record through the writer and gives its line. */
static const char *line_of(const struct nwt_config *cfg, size_t n_cfg, const struct nwt_type_info *type,
			   const struct nwt_record *rec)
{
	static char line[NW_DUMP_LINE];
	const char *path = util_path("dump.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create_with(path, cfg, n_cfg, type, 1, write, err);
	struct nwt_reader *r;
	struct nwt_record back;
	struct nw_dump dump;
	int len;

	ck_assert_msg(w != NULL, "%s", err);
	nwt_write(w, rec);
	ck_assert_int_eq(nwt_close(w, err), 0);
	r = open_or_fail(path);
	ck_assert_int_eq(nwt_next(r, &back, err), 1);
	nw_dump_init(&dump, r);
	len = nw_dump_record(&dump, &back, line, sizeof(line));
	ck_assert_uint_eq((size_t)len, strlen(line));
	nwt_reader_close(r);
	return line;
}

static const struct { struct nwt_record rec; const char *line; } known[] = {
	{ { NWT_VM_ENTRY, 0, 4, 88, { 0xfff0, 1, 1000, 0x80000b11 } },
	  "             88              1.00  cpu0 vm_entry rip=0xfff0 control=armed window=1000 crystal "
	  "injected=0x80000b11" },
	{ { NWT_VM_EXIT, 0, 4, 123456, { 75, 1, 0x80000b11, 0x401000 } },
	  "         123456           1402.90  cpu0 vm_exit reason=75 (instruction timeout (notify)) qualification=0x1 "
	  "idt_vectoring=0x80000b11 rip=0x401000" },
	{ { NWT_VM_EXIT, 0, 4, 0, { 0x80000021, 0, 0, 0 } },
	  "              0              0.00  cpu0 vm_exit reason=33 (entry failure: invalid guest state, 0x80000021) "
	  "qualification=0x0 idt_vectoring=0x0 rip=0x0" },
	{ { NWT_VM_EXIT, 0, 4, 0, { 200, 0, 0, 0 } },
	  "              0              0.00  cpu0 vm_exit reason=200 (unknown) "
	  "qualification=0x0 idt_vectoring=0x0 rip=0x0" },
	{ { NWT_GAP, 12, 5, 1000000000000000, { 704, NWT_CAUSE_STALL_RULE, 3, UINT64_MAX, 1 } },
	  "1000000000000000 11363636363636.36  cpu12 gap length=704 tsc (8.00 crystal) cause=stall_rule detail=3 "
	  "rip=0xffffffffffffffff nonroot=yes" },
	{ { NWT_GAP_COUNT, 0, 4, 87, { NWT_CAUSE_MAGIC_STALL, 17, 9, 12345 } },
	  "             87              0.98  cpu0 gap_count cause=magic_stall detail=17 log2=9 count=12345" },
	{ { NWT_FLOW_BEGIN, 0, 5, 1, { 17, 1, 2, 3, 0 } },
	  "              1              0.01  cpu0 flow_begin vector=17 error_code=0x1 rip=0x2 rsp=0x3 nonroot=no" },
	{ { NWT_FLOW_END, 0, 3, 1, { NWT_FLOW_RESET, 10, 9 } },
	  "              1              0.01  cpu0 flow_end outcome=reset iterations=10 skipped=9" },
	{ { NWT_EXPIRY, 0, 9, 12345, { 641, 133, 12345, 5, 0x1000, 0, 0x10, NWT_CAUSE_DELIVERY, 42 } },
	  "          12345            140.28  cpu0 expiry s=641 tsc (7.28 crystal) N=133 crystal "
	  "D=12345 tsc (140.28 crystal) window=5 crystal qualification=0x1000 idt_vectoring=0x0 rip=0x10 "
	  "cause=delivery iterations=42" },
	{ { NWT_STALL, 255, 5, UINT64_MAX, { UINT64_MAX, NWT_STALL_SOURCE_MAGIC, 0, 1 } },
	  "18446744073709551615 209622091746699450.17  cpu255 stall clocks=forever source=65535 rip=0x0 phase=delivery context=policy" },
	{ { NWT_MARK, 0, 1, 0, { 0xabc } },
	  "              0              0.00  cpu0 mark value=0xabc" },
	{ { NWT_VERDICT, 0, 4, 0, { NWT_VERDICT_FAULT, 0, 0, 7 } },
	  "              0              0.00  cpu0 verdict kind=fault code=0 rip=0x0 icount=7" },
	{ { NWT_VERDICT, 0, 4, 0, { NWT_VERDICT_KIND_COUNT, 0, 0, 7 } },        /* newer than the table */
	  "              0              0.00  cpu0 verdict kind=8 code=0 rip=0x0 icount=7" },
	{ { NWT_VERDICT, 0, 4, 0, { UINT64_MAX, 0, 0, 7 } },
	  "              0              0.00  cpu0 verdict kind=18446744073709551615 code=0 rip=0x0 icount=7" },
};

START_TEST(known_types)
{
	ck_assert_str_eq(line_of(clock_spr, 2, nwt_type_info(known[_i].rec.type), &known[_i].rec), known[_i].line);
}
END_TEST

START_TEST(a_type_of_the_file)
{
	static const struct nwt_field_info fields[] = {
		{ "speed", "furlong" }, { "colour", "enum:red||green" }, { "none", "enum:" }, { "plain", "" },
	};
	static const struct nwt_type_info type = { 200, "sighting", 4, fields };
	struct nwt_record rec = { 200, 1, 4, 5, { 3, 2, 0, 4 } };

	ck_assert_str_eq(line_of(NULL, 0, &type, &rec),
			 "              5  cpu1 sighting speed=3 furlong colour=green none=0 plain=4");
	rec.f[1] = 1;
	ck_assert_ptr_nonnull(strstr(line_of(NULL, 0, &type, &rec), "colour=1 "));
}
END_TEST

START_TEST(without_a_clock_there_are_ticks_only)
{
	static const struct nwt_config bad[][2] = {
		{ { "clock.num", "88" }, { "other", "1" } },
		{ { "clock.num", "88" }, { "clock.den", "0" } },
		{ { "clock.num", "88" }, { "clock.den", "" } },
		{ { "clock.num", "88" }, { "clock.den", "1x" } },
		{ { "clock.num", "88" }, { "clock.den", "-1" } },
		{ { "clock.num", "4294967296" }, { "clock.den", "1" } },
		{ { "clock.num", "99999999999999999999999999999999999" }, { "clock.den", "1" } },
	};
	const struct nwt_record rec = { NWT_GAP, 0, 5, 9, { 704, 0, 17, 0, 0 } };

	ck_assert_str_eq(line_of(bad[_i], 2, nwt_type_info(NWT_GAP), &rec),
			 "              9  cpu0 gap length=704 tsc cause=delivery detail=17 rip=0x0 nonroot=no");
}
END_TEST

START_TEST(lines_are_cut_to_the_buffer)
{
	const char *path = util_path("cut.nwt");
	const struct nwt_record rec = known[1].rec;
	size_t full = strlen(known[1].line);
	struct nwt_reader *r;
	struct nw_dump dump;

	util_write(path, 1, 0);
	r = open_or_fail(path);
	nw_dump_init(&dump, r);
	for (size_t len = 0; len <= full + 1; len++) {
		char *buf = malloc(len + 1);

		buf[len] = '!';
		ck_assert_int_eq(nw_dump_record(&dump, &rec, buf, len), (int)full);
		if (len > 0)
			ck_assert_uint_eq(strlen(buf), len - 1 < full ? len - 1 : full);
		ck_assert_int_eq(buf[len], '!');
		free(buf);
	}
	nwt_reader_close(r);
}
END_TEST

START_TEST(a_record_of_no_type)
{
	const struct nwt_record rec = { .type = 99, .cpu = 3, .n = 2, .time_tsc = 1, .f = { 5, 6 } };
	const struct nwt_record too_many = { .type = NWT_MARK, .n = 2, .f = { 5, 6 } };
	const char *path = util_path("none.nwt");
	char line[NW_DUMP_LINE];
	struct nwt_reader *r;
	struct nw_dump dump;

	util_write(path, 1, 0);
	r = open_or_fail(path);
	nw_dump_init(&dump, r);
	nw_dump_record(&dump, &rec, line, sizeof(line));
	ck_assert_str_eq(line, "              1              0.01  cpu3 type_99 0=5 1=6");
	nw_dump_record(&dump, &too_many, line, sizeof(line));
	ck_assert_str_eq(line, "              0              0.00  cpu0 mark value=0x5 1=6");
	nwt_reader_close(r);
}
END_TEST

START_TEST(longest_line_fits)
{
	static char name[NWT_NAME_MAX + 1], unit[NWT_UNIT_MAX + 1];
	struct nwt_field_info fields[NWT_FIELDS_MAX];
	struct nwt_type_info type = { 1, name, NWT_FIELDS_MAX, fields };
	struct nwt_record rec = { 200, 255, NWT_FIELDS_MAX, UINT64_MAX, { 0 } };

	type.type = 200;
	memset(name, 'n', NWT_NAME_MAX);
	memset(unit, 'u', NWT_UNIT_MAX);
	for (unsigned k = 0; k < NWT_FIELDS_MAX; k++) {
		fields[k] = (struct nwt_field_info){ name, unit };
		rec.f[k] = UINT64_MAX;
	}
	ck_assert_uint_lt(strlen(line_of(clock_spr, 2, &type, &rec)), NW_DUMP_LINE - 1);
}
END_TEST

START_TEST(headings)
{
	struct nw_dump dump = { NULL, 88, 1 };
	char line[NW_DUMP_LINE];

	nw_dump_heading(&dump, line, sizeof(line));
	ck_assert_str_eq(line, "      TSC ticks    crystal clocks  CPU  event");
	dump.num = dump.den = 0;
	nw_dump_heading(&dump, line, sizeof(line));
	ck_assert_str_eq(line, "      TSC ticks  CPU  event");
}
END_TEST

START_TEST(values_and_clocks)
{
	static const struct nwt_field_info reason = { "reason", "exit_reason" };
	struct nw_dump dump = { NULL, 1, UINT32_MAX };
	char buf[64];

	ck_assert_int_eq(nw_dump_value(&dump, &reason, 12, buf, sizeof(buf)), 8);
	ck_assert_str_eq(buf, "12 (HLT)");
	/* A crystal faster than the TSC: the largest number, not a wrapped one. */
	nw_dump_crystal(&dump, UINT64_MAX, buf, sizeof(buf));
	ck_assert_int_eq(strncmp(buf, "18446744073709551615.", 21), 0);
	dump.num = 63;
	dump.den = 2;
	nw_dump_crystal(&dump, 63, buf, sizeof(buf));
	ck_assert_str_eq(buf, "2.00");
	nw_dump_crystal(&dump, 62, buf, sizeof(buf));
	ck_assert_str_eq(buf, "1.96");
}
END_TEST

/* Each value of an enum that programs use has a name in the table that traces carry, and the table has no more. */
START_TEST(names_of_values)
{
	static const struct { enum nwt_type type; unsigned field, count; } enums[] = {
		{ NWT_EXPIRY, NWT_EXPIRY_CAUSE, NWT_CAUSE_COUNT }, { NWT_GAP, NWT_GAP_CAUSE, NWT_CAUSE_COUNT },
		{ NWT_VERDICT, NWT_VERDICT_KIND, NWT_VERDICT_KIND_COUNT },
		{ NWT_FLOW_END, NWT_FLOWEND_OUTCOME, NWT_FLOW_OUTCOME_COUNT }, { NWT_GUEST, NWT_GUEST_MODE, NWT_MODE_COUNT },
		{ NWT_GUEST, NWT_GUEST_NMI_CONTROL, NWT_NMI_CONTROL_COUNT },
	};
	const char *unit = nwt_type_info(enums[_i].type)->fields[enums[_i].field].unit;
	size_t len;

	ck_assert_int_eq(strncmp(unit, "enum:", 5), 0);
	for (unsigned i = 0; i < enums[_i].count; i++)
		ck_assert_msg(nwt_enum_name(unit + 5, i, &len), "%s: no name for %u", unit, i);
	ck_assert_ptr_null(nwt_enum_name(unit + 5, enums[_i].count, &len));
	ck_assert_ptr_null(nwt_enum_name(unit + 5, UINT64_MAX, &len));
	ck_assert_ptr_null(nwt_enum_name("ab||c", 1, &len));
	ck_assert_str_eq(nwt_enum_name("ab||c", 2, &len), "c");
	ck_assert_uint_eq(len, 1);
}
END_TEST

START_TEST(exit_reason_names)
{
	unsigned named = 0;

	ck_assert_str_eq(nw_exit_name(0), "exception or NMI");
	ck_assert_str_eq(nw_exit_name(48), "EPT violation");
	ck_assert_str_eq(nw_exit_name(52), "VMX-preemption timer");
	ck_assert_str_eq(nw_exit_name(74), "bus lock");
	ck_assert_str_eq(nw_exit_name(75), "instruction timeout (notify)");
	ck_assert_ptr_null(nw_exit_name(35));
	ck_assert_ptr_null(nw_exit_name(NW_EXIT_NAMES_COUNT));
	ck_assert_ptr_null(nw_exit_name(UINT32_MAX));
	for (unsigned i = 0; i < NW_EXIT_NAMES_COUNT; i++)
		named += nw_exit_name(i) != NULL;
	/* 0 to 85 without 35, 38, 42, 71, 82 and 83. */
	ck_assert_uint_eq(named, 80);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace dump");
	TCase *tc = tcase_create("dump");

	tcase_set_timeout(tc, 30);
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_loop_test(tc, known_types, 0, ARRAY_SIZE(known));
	tcase_add_test(tc, a_type_of_the_file);
	tcase_add_loop_test(tc, without_a_clock_there_are_ticks_only, 0, 7);
	tcase_add_test(tc, lines_are_cut_to_the_buffer);
	tcase_add_test(tc, a_record_of_no_type);
	tcase_add_test(tc, longest_line_fits);
	tcase_add_test(tc, headings);
	tcase_add_test(tc, values_and_clocks);
	tcase_add_loop_test(tc, names_of_values, 0, 6);
	tcase_add_test(tc, exit_reason_names);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
