/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_summary.c - the numbers that a trace adds up to.
 */
#include "nw_summary.h"
#include "test_trace_util.h"

static struct nw_summary s;

static void setup(void)
{
	nw_summary_init(&s);
}

static void teardown(void)
{
	nw_summary_free(&s);
}

/* Adds a record with the fields given. */
#define ADD(kind, on_cpu, at, ...) do { \
	struct nwt_record rec_ = { .type = (kind), .cpu = (on_cpu), .time_tsc = (at), .f = { __VA_ARGS__ } }; \
	rec_.n = (uint8_t)nwt_type_info(kind)->n; \
	ck_assert_int_eq(nw_summary_add(&s, &rec_), 0); \
} while (0)

#define EXIT(cpu, at, reason) ADD(NWT_VM_EXIT, cpu, at, reason)
#define EXPIRY(cpu, at, d) ADD(NWT_EXPIRY, cpu, at, 100, 8, d, 5, 0x1000, 0x80000b11, 0x401000, \
			       NWT_CAUSE_MAGIC_STALL, 42)
#define GAP(at, length) ADD(NWT_GAP, 2, at, length, NWT_CAUSE_STALL_RULE, 3, 0x1234, 1)
#define GAPS(cause, detail, log2, count) ADD(NWT_GAP_COUNT, 0, 900, cause, detail, log2, count)

START_TEST(nothing)
{
	static const struct nw_summary zero;

	ck_assert_int_eq(memcmp(&s, &zero, sizeof(s)), 0);
}
END_TEST

START_TEST(entries_and_exits)
{
	ADD(NWT_VM_ENTRY, 0, 10, 0, 1, 1000, 0);
	ADD(NWT_VM_ENTRY, 0, 11, 0, 0, 0, 0x80000b11);
	ADD(NWT_VM_ENTRY, 1, 12, 0, 1, 1000, 0x80000301);
	EXIT(0, 20, 12);
	EXIT(0, 21, 12);
	EXIT(1, 22, 0);
	EXIT(1, 23, 0x80000021);
	EXIT(1, 24, 0x08000000 | 48);
	EXIT(1, 25, 127);
	EXIT(1, 26, 128);
	EXIT(1, 27, 0xffff);
	ck_assert_uint_eq(s.records, 11);
	ck_assert_uint_eq(s.first_tsc, 10);
	ck_assert_uint_eq(s.last_tsc, 27);
	ck_assert_uint_eq(s.by_type[NWT_VM_ENTRY], 3);
	ck_assert_uint_eq(s.by_type[NWT_VM_EXIT], 8);
	ck_assert_uint_eq(s.entries, 3);
	ck_assert_uint_eq(s.entries_armed, 2);
	ck_assert_uint_eq(s.entries_injecting, 2);
	ck_assert_uint_eq(s.exits, 8);
	ck_assert_uint_eq(s.exits_by_reason[12], 2);
	ck_assert_uint_eq(s.exits_by_reason[0], 1);
	ck_assert_uint_eq(s.exits_by_reason[33], 1);
	ck_assert_uint_eq(s.exits_by_reason[48], 1);
	ck_assert_uint_eq(s.exits_by_reason[127], 1);
	ck_assert_uint_eq(s.exits_other, 2);
	ck_assert_uint_eq(s.notify_total, 0);
}
END_TEST

START_TEST(a_notify_exit)
{
	const struct nw_summary_notify *n;

	EXPIRY(3, 804, 804);
	EXIT(3, 804, 75);
	ck_assert_uint_eq(s.notify_total, 1);
	ck_assert_uint_eq(s.notify_at_deadline, 1);
	ck_assert_uint_eq(s.notify_unpaired, 0);
	ck_assert_uint_eq(s.exits_by_reason[75], 1);
	ck_assert_uint_eq(s.n_notify, 1);
	n = &s.notify[0];
	ck_assert_uint_eq(n->cpu, 3);
	ck_assert(n->exited);
	ck_assert_uint_eq(n->expiry_tsc, 804);
	ck_assert_uint_eq(n->exit_tsc, 804);
	ck_assert_uint_eq(n->s_tsc, 100);
	ck_assert_uint_eq(n->n_crystal, 8);
	ck_assert_uint_eq(n->d_tsc, 804);
	ck_assert_uint_eq(n->window_crystal, 5);
	ck_assert_uint_eq(n->qualification, 0x1000);
	ck_assert_uint_eq(n->idt_vectoring, 0x80000b11);
	ck_assert_uint_eq(n->rip, 0x401000);
	ck_assert_uint_eq(n->cause, NWT_CAUSE_MAGIC_STALL);
	ck_assert_uint_eq(n->iterations, 42);
}
END_TEST

START_TEST(an_exit_off_its_deadline)
{
	EXPIRY(0, 804, 804);
	EXIT(0, 805, 75);
	ck_assert_uint_eq(s.notify_total, 1);
	ck_assert_uint_eq(s.notify_at_deadline, 0);
	ck_assert_uint_eq(s.notify_unpaired, 0);
	ck_assert_uint_eq(s.notify[0].exit_tsc, 805);
}
END_TEST

START_TEST(processors_are_paired_by_themselves)
{
	EXPIRY(0, 100, 100);
	EXPIRY(1, 100, 100);
	EXIT(1, 100, 75);
	EXIT(0, 101, 75);
	ck_assert_uint_eq(s.notify_total, 2);
	ck_assert_uint_eq(s.notify_at_deadline, 1);
	ck_assert_uint_eq(s.notify[0].exit_tsc, 101);
	ck_assert_uint_eq(s.notify[1].exit_tsc, 100);
	ck_assert_uint_eq(s.notify_unpaired, 0);
}
END_TEST

START_TEST(the_exit_record_may_come_first)
{
	EXIT(0, 100, 75);
	ck_assert_uint_eq(s.notify_unpaired, 1);
	EXPIRY(0, 100, 100);
	ck_assert_uint_eq(s.notify_unpaired, 0);
	ck_assert_uint_eq(s.notify_at_deadline, 1);
	ck_assert(s.notify[0].exited);
}
END_TEST

START_TEST(half_notify_exits)
{
	EXIT(0, 100, 75);       /* no expiry */
	EXPIRY(0, 200, 200);    /* not that one's: another tick */
	EXIT(0, 200, 12);       /* another exit came instead */
	EXIT(0, 300, 75);       /* so this one has none either */
	ck_assert_uint_eq(s.notify_total, 1);
	ck_assert_uint_eq(s.notify_unpaired, 2);
	ck_assert_uint_eq(s.notify_at_deadline, 0);
	ck_assert(!s.notify[0].exited);
	ck_assert_uint_eq(s.exits_by_reason[75], 2);
}
END_TEST

START_TEST(more_notify_exits_than_are_kept)
{
	struct nwt_record expiry = { .type = NWT_EXPIRY, .n = NWT_EXPIRY_FIELDS };
	struct nwt_record leave = { .type = NWT_VM_EXIT, .n = NWT_EXIT_FIELDS, .f = { 75 } };
	uint64_t n = NW_SUMMARY_NOTIFY_MAX + 10;

	for (uint64_t i = 0; i < n; i++) {
		expiry.time_tsc = leave.time_tsc = expiry.f[NWT_EXPIRY_D] = i;
		require(nw_summary_add(&s, &expiry) == 0 && nw_summary_add(&s, &leave) == 0, "out of memory");
	}
	ck_assert_uint_eq(s.n_notify, NW_SUMMARY_NOTIFY_MAX);
	ck_assert_uint_eq(s.notify_total, n);
	ck_assert_uint_eq(s.notify_at_deadline, n);
	ck_assert_uint_eq(s.notify_unpaired, 0);
	for (uint64_t i = 0; i < NW_SUMMARY_NOTIFY_MAX; i++)
		require(s.notify[i].exited && s.notify[i].exit_tsc == i, "notify exit %llu", (unsigned long long)i);
}
END_TEST

START_TEST(largest_gaps)
{
	GAP(1000, 50);
	ck_assert_uint_eq(s.n_gap, 1);
	ck_assert_uint_eq(s.gap[0].length_tsc, 50);
	ck_assert_uint_eq(s.gap[0].end_tsc, 1000);
	ck_assert_uint_eq(s.gap[0].cause, NWT_CAUSE_STALL_RULE);
	ck_assert_uint_eq(s.gap[0].detail, 3);
	ck_assert_uint_eq(s.gap[0].rip, 0x1234);
	ck_assert_uint_eq(s.gap[0].cpu, 2);
	ck_assert(s.gap[0].nonroot);
	/* All but one of 1 to 101, in a scattered order; then 98 again, which comes second. */
	for (unsigned i = 0; i < 100; i++)
		GAP(2000 + i, i * 37 % 101 + 1);
	GAP(3000, 98);
	GAP(3001, 1);
	ck_assert_uint_eq(s.gaps_recorded, 103);
	ck_assert_uint_eq(s.n_gap, NW_SUMMARY_GAPS);
	for (unsigned i = 1; i < NW_SUMMARY_GAPS; i++)
		ck_assert(s.gap[i - 1].length_tsc > s.gap[i].length_tsc ||
			  (s.gap[i - 1].length_tsc == s.gap[i].length_tsc && s.gap[i - 1].end_tsc < s.gap[i].end_tsc));
	ck_assert_uint_eq(s.gap[0].length_tsc, 101);
	ck_assert_uint_eq(s.gap[NW_SUMMARY_GAPS - 1].length_tsc, 93);
	ck_assert_uint_eq(s.gap[3].length_tsc, 98);
	ck_assert_uint_eq(s.gap[4].length_tsc, 98);
	ck_assert_uint_eq(s.gap[4].end_tsc, 3000);
}
END_TEST

START_TEST(gap_histogram)
{
	GAPS(NWT_CAUSE_DELIVERY, 17, 9, 100);
	GAPS(NWT_CAUSE_MAGIC_STALL, 0, 63, 1);
	GAPS(NWT_CAUSE_DELIVERY, 1, 9, 5);
	GAPS(NWT_CAUSE_DELIVERY, 17, 0, 7);
	GAPS(NWT_CAUSE_DELIVERY, 17, 9, 1);
	ck_assert_uint_eq(s.n_hist, 3);
	ck_assert_uint_eq(s.hist[0].detail, 1);
	ck_assert_uint_eq(s.hist[0].count[9], 5);
	ck_assert_uint_eq(s.hist[1].detail, 17);
	ck_assert_uint_eq(s.hist[1].count[9], 101);
	ck_assert_uint_eq(s.hist[1].count[0], 7);
	ck_assert_uint_eq(s.hist[1].total, 108);
	ck_assert_uint_eq(s.hist[2].cause, NWT_CAUSE_MAGIC_STALL);
	ck_assert_uint_eq(s.hist[2].count[63], 1);
	ck_assert_uint_eq(s.gaps_total, 114);
	ck_assert_uint_eq(s.hist_dropped, 0);
}
END_TEST

START_TEST(histogram_is_bounded)
{
	for (unsigned i = 0; i < NW_SUMMARY_HIST_MAX + 5; i++)
		GAPS(NWT_CAUSE_DELIVERY, (i * 7919u) % 65536, 1, 2);
	GAPS(NWT_CAUSE_DELIVERY, 0, 64, 3);             /* no such power of two */
	GAPS(NWT_CAUSE_DELIVERY, 0, UINT64_MAX, 4);
	GAPS(NWT_CAUSE_DELIVERY, 0, 2, UINT64_MAX);
	ck_assert_uint_eq(s.n_hist, NW_SUMMARY_HIST_MAX);
	ck_assert_uint_eq(s.hist_dropped, 10 + 7);
	ck_assert_uint_eq(s.gaps_total, UINT64_MAX);
	for (unsigned i = 1; i < NW_SUMMARY_HIST_MAX; i++)
		require(s.hist[i - 1].detail < s.hist[i].detail, "row %u is out of order", i);
}
END_TEST

START_TEST(flows)
{
	ADD(NWT_FLOW_BEGIN, 0, 1, 17);
	ADD(NWT_FLOW_END, 0, 2, NWT_FLOW_EXPIRED, 1000, 990);
	ADD(NWT_FLOW_BEGIN, 0, 3, 17);
	ADD(NWT_FLOW_END, 0, 4, NWT_FLOW_EXPIRED, 50, 0);
	ADD(NWT_FLOW_BEGIN, 0, 5, 17);
	ADD(NWT_FLOW_END, 0, 6, NWT_FLOW_OUTCOME_COUNT, 1, 0);  /* an outcome from the future */
	ADD(NWT_FLOW_BEGIN, 0, 7, 17);
	ck_assert_uint_eq(s.flows_begun, 4);
	ck_assert_uint_eq(s.flows_ended, 3);
	ck_assert_uint_eq(s.flows_by_outcome[NWT_FLOW_EXPIRED], 2);
	ck_assert_uint_eq(s.flows_by_outcome[NWT_FLOW_DELIVERED], 0);
	ck_assert_uint_eq(s.flow_iterations, 1051);
	ck_assert_uint_eq(s.flow_iterations_max, 1000);
	ck_assert_uint_eq(s.flow_skipped, 990);
	ADD(NWT_FLOW_END, 0, 8, NWT_FLOW_HUNG, UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(s.flow_iterations, UINT64_MAX);
}
END_TEST

START_TEST(stalls)
{
	ADD(NWT_STALL, 0, 1, 9, NWT_STALL_SOURCE_MAGIC, 0x10, 0);
	ADD(NWT_STALL, 0, 2, 20, 0, 0x10, 1);
	ADD(NWT_STALL, 0, 3, UINT64_MAX, 1, 0x10, 1);
	ck_assert_uint_eq(s.stalls, 3);
	ck_assert_uint_eq(s.stalls_magic, 1);
	ck_assert_uint_eq(s.stalls_in_delivery, 2);
	ck_assert_uint_eq(s.stalls_forever, 1);
	ck_assert_uint_eq(s.stall_clocks_crystal, 29);
	ADD(NWT_STALL, 0, 4, UINT64_MAX - 1, 1, 0x10, 1);
	ck_assert_uint_eq(s.stall_clocks_crystal, UINT64_MAX);
	ck_assert_uint_eq(s.stalls_in_delivery, 3);
	ADD(NWT_STALL, 0, 5, 1, 1, 0x10, 2);
	ck_assert_uint_eq(s.stalls_in_delivery, 3);
	ck_assert_uint_eq(s.stalls, 5);
}
END_TEST

START_TEST(verdict_and_marks)
{
	ADD(NWT_MARK, 0, 1, 1);
	ADD(NWT_MARK, 0, 1, 2);
	ck_assert(!s.has_verdict);
	ADD(NWT_VERDICT, 0, 99, NWT_VERDICT_HUNG, 0, 0x7c00, 1234567);
	ck_assert_uint_eq(s.marks, 2);
	ck_assert(s.has_verdict);
	ck_assert_uint_eq(s.verdict_kind, NWT_VERDICT_HUNG);
	ck_assert_uint_eq(s.verdict_code, 0);
	ck_assert_uint_eq(s.verdict_rip, 0x7c00);
	ck_assert_uint_eq(s.verdict_icount, 1234567);
	ck_assert_uint_eq(s.verdict_tsc, 99);
}
END_TEST

START_TEST(missing_fields_are_zero)
{
	struct nwt_record rec = { .type = NWT_EXPIRY, .n = 3, .f = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };

	ck_assert_int_eq(nw_summary_add(&s, &rec), 0);
	ck_assert_uint_eq(s.notify[0].d_tsc, 3);
	ck_assert_uint_eq(s.notify[0].window_crystal, 0);
	ck_assert_uint_eq(s.notify[0].iterations, 0);
}
END_TEST

START_TEST(unknown_types_are_counted)
{
	struct nwt_record rec = { .type = 200, .n = 2, .f = { 1, 2 } };

	ck_assert_int_eq(nw_summary_add(&s, &rec), 0);
	ck_assert_uint_eq(s.records, 1);
	ck_assert_uint_eq(s.by_type[200], 1);
}
END_TEST

START_TEST(reading_a_whole_trace)
{
	const char *path = util_path("summary.nwt");
	char err[NWT_ERRLEN];
	struct util_bytes file;
	struct nwt_reader *r;
	uint64_t sum = 0;

	util_write(path, 3, 20000);
	r = nwt_open(path, err);
	ck_assert_int_eq(nw_summary_read(&s, r, err), 0);
	nwt_reader_close(r);
	ck_assert_uint_eq(s.records, 20000);
	for (unsigned t = 0; t < 256; t++)
		sum += s.by_type[t];
	ck_assert_uint_eq(sum, 20000);
	ck_assert_uint_eq(s.notify_total, s.by_type[NWT_EXPIRY]);
	ck_assert_uint_eq(s.n_notify, s.notify_total);
	ck_assert_uint_eq(s.exits, s.by_type[NWT_VM_EXIT]);

	nw_summary_free(&s);
	nw_summary_init(&s);
	file = util_load(path);
	util_store(path, file.p, file.len - 1);
	free(file.p);
	r = nwt_open(path, err);
	ck_assert_int_eq(nw_summary_read(&s, r, err), -1);
	util_check_error(err, path);
	ck_assert_uint_eq(s.records, 20000);
	nwt_reader_close(r);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("summary");
	TCase *tc = tcase_create("summary");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, entries_and_exits);
	tcase_add_test(tc, a_notify_exit);
	tcase_add_test(tc, an_exit_off_its_deadline);
	tcase_add_test(tc, processors_are_paired_by_themselves);
	tcase_add_test(tc, the_exit_record_may_come_first);
	tcase_add_test(tc, half_notify_exits);
	tcase_add_test(tc, more_notify_exits_than_are_kept);
	tcase_add_test(tc, largest_gaps);
	tcase_add_test(tc, gap_histogram);
	tcase_add_test(tc, histogram_is_bounded);
	tcase_add_test(tc, flows);
	tcase_add_test(tc, stalls);
	tcase_add_test(tc, verdict_and_marks);
	tcase_add_test(tc, missing_fields_are_zero);
	tcase_add_test(tc, unknown_types_are_counted);
	tcase_add_test(tc, reading_a_whole_trace);
	suite_add_tcase(all, tc);
	return all;
}

int main(void)
{
	return tap_run(suite());
}
