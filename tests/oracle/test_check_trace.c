/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_check_trace.c - check_trace can fail: traces with a moved, a missing or an extra notify exit, and other lies.
 *
 * Every test starts from a true story (records below, 2 ticks per crystal clock, threshold 10, window 0: N = 20 ticks),
 * changes it, writes it with the trace writer and expects a complaint with a certain phrase, or none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nw_trace.h"
#include "tap.h"
#include "trace_check.h"

static struct nwt_config config[] = {
	{ "clock.tsc_hz", "1000000" },
	{ "clock.num", "4" },
	{ "clock.den", "2" },
	{ "param.threshold", "10" },
	{ "param.threshold_unit", "crystal" },
	{ "param.delivery_cost", "3" },
	{ "param.start", "boundary" },
	{ "param.arm", "before-injection" },
	{ "param.smm", "suspend" },
	{ "param.sum", "64-bit" },
	{ "param.shadow", "opens" },
	{ "param.vectoring", "1" },
	{ "param.context_invalid", "2" },
	{ "param.crystal_phase", "free" },
	{ "param.atomic", "fault-before" },
	{ "param.hang_limit", "50" },
	{ "param.stalling", "all" },
	{ "param.gap_min", "2" },
};
#define CONFIGS (sizeof(config) / sizeof(config[0]))

#define LOOP    0x80000b11u

static const struct nwt_record true_story[] = {
	/* a loop ends by a notify exit at D = 101 + 20 */
	{ NWT_VM_ENTRY, 0, 4, 100, { 0x1000, 1, 0, 0 } },
	{ NWT_FLOW_BEGIN, 0, 5, 101, { 17, 1, 0x1000, 0x8000, 1 } },
	{ NWT_EXPIRY, 0, 9, 121, { 101, 10, 121, 0, 0, LOOP, 0x1000, NWT_CAUSE_DELIVERY, 7 } },
	{ NWT_VM_EXIT, 0, 4, 121, { 75, 0, LOOP, 0x1000 } },
	{ NWT_FLOW_END, 0, 3, 121, { NWT_FLOW_EXPIRED, 7, 0 } },
	{ NWT_GAP, 0, 5, 121, { 20, NWT_CAUSE_DELIVERY, 17, 0x1000, 1 } },
	/* the injected event loops: s is the VM entry; the second exit has an invalid context */
	{ NWT_VM_ENTRY, 0, 4, 200, { 0x1000, 1, 5, LOOP } },
	{ NWT_FLOW_BEGIN, 0, 5, 200, { 17, 1, 0x1000, 0x8000, 1 } },
	{ NWT_EXPIRY, 0, 9, 230, { 200, 15, 230, 5, 1, LOOP, 0x1000, NWT_CAUSE_DELIVERY, 10 } },
	{ NWT_VM_EXIT, 0, 4, 230, { 75, 1, LOOP, 0x1000 } },
	{ NWT_FLOW_END, 0, 3, 230, { NWT_FLOW_EXPIRED, 10, 0 } },
	{ NWT_GAP, 0, 5, 230, { 30, NWT_CAUSE_DELIVERY, 17, 0x1000, 1 } },
	/* a stall of 9 clocks and its instruction end at 419, before D = 420; a VM exit of the guest */
	{ NWT_VM_ENTRY, 0, 4, 390, { 0x1000, 1, 0, 0 } },
	{ NWT_STALL, 0, 5, 400, { 9, NWT_STALL_SOURCE_MAGIC, 0x1008, 0 } },
	{ NWT_GAP, 0, 5, 419, { 19, NWT_CAUSE_MAGIC_STALL, NWT_STALL_SOURCE_MAGIC, 0x1008, 1 } },
	{ NWT_VM_EXIT, 0, 4, 425, { 18, 0, 0, 0x1010 } },
	/* one of 10 clocks would end at 521, after D = 520 */
	{ NWT_VM_ENTRY, 0, 4, 490, { 0x1010, 1, 0, 0 } },
	{ NWT_STALL, 0, 5, 500, { 10, NWT_STALL_SOURCE_MAGIC, 0x1018, 0 } },
	{ NWT_EXPIRY, 0, 9, 520, { 500, 10, 520, 0, 0, 0, 0x1018, NWT_CAUSE_MAGIC_STALL, 0 } },
	{ NWT_VM_EXIT, 0, 4, 520, { 75, 0, 0, 0x1018 } },
	{ NWT_GAP, 0, 5, 520, { 20, NWT_CAUSE_MAGIC_STALL, NWT_STALL_SOURCE_MAGIC, 0x1018, 1 } },
	/* a loop that hangs with the control clear */
	{ NWT_VM_ENTRY, 0, 4, 600, { 0x1000, 0, 0, 0 } },
	{ NWT_FLOW_BEGIN, 0, 5, 610, { 17, 1, 0x1000, 0x8000, 1 } },
	{ NWT_FLOW_END, 0, 3, 660, { NWT_FLOW_HUNG, 17, 0 } },
	{ NWT_GAP_COUNT, 0, 4, 660, { NWT_CAUSE_DELIVERY, 17, 4, 2 } },
	{ NWT_GAP_COUNT, 0, 4, 660, { NWT_CAUSE_MAGIC_STALL, 255, 4, 2 } },
	{ NWT_VERDICT, 0, 4, 660, { NWT_VERDICT_HUNG, 0, 0x1000, 1000 } },
};
#define RECORDS (sizeof(true_story) / sizeof(true_story[0]))
enum { ENTRY1, FLOW1, EXPIRY1, EXIT1, FLOWEND1, GAP1, ENTRY2, FLOW2, EXPIRY2, EXIT2, FLOWEND2, GAP2,
       ENTRY3, STALL3, GAP3, EXIT3, ENTRY4, STALL4, EXPIRY4, EXIT4, GAP4, ENTRY5, FLOW5, FLOWEND5, COUNT1, COUNT2, VERDICT };

static struct nwt_record story[RECORDS + 8];
static size_t n;
static char path[32], said[8192];
static uint64_t checked;

static void setup(void)
{
	int fd;

	memcpy(story, true_story, sizeof(true_story));
	n = RECORDS;
	strcpy(path, "check-trace-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(path);
}

static void set(const char *key, const char *value)
{
	for (size_t i = 0; i < CONFIGS; i++)
		if (!strcmp(config[i].key, key))
			config[i].value = value;
}

static void drop(size_t first, size_t count)
{
	memmove(story + first, story + first + count, (n - first - count) * sizeof(story[0]));
	n -= count;
}

static void insert(size_t at, struct nwt_record rec)
{
	memmove(story + at + 1, story + at, (n - at) * sizeof(story[0]));
	story[at] = rec;
	n++;
}

static int check_with(size_t configs)
{
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, config, configs, err);
	FILE *f = fmemopen(said, sizeof(said), "w");
	int status;

	ck_assert_msg(w && f, "%s", err);
	for (size_t i = 0; i < n; i++)
		nwt_write(w, &story[i]);
	ck_assert_msg(nwt_close(w, err) == 0, "%s", err);
	said[0] = 0;
	status = trace_check(path, f, &checked);
	fclose(f);
	return status;
}

static void expect_complaint(const char *phrase)
{
	ck_assert_int_eq(check_with(CONFIGS), 1);
	ck_assert_msg(strstr(said, phrase) != NULL, "no '%s' in: %s", phrase, said);
}

static void expect_none(uint64_t exits)
{
	int status = check_with(CONFIGS);

	ck_assert_msg(status == 0, "%s", said);
	ck_assert_uint_eq(checked, exits);
}

/* Records from first on happen `by` ticks later. */
static void delay(size_t first, size_t last, uint64_t by)
{
	for (size_t i = first; i <= last; i++)
		story[i].time_tsc += by;
}

START_TEST(a_true_story_passes)
{
	expect_none(3);
}
END_TEST

/* ---- Moved ---------------------------------------------------------------------------------------------- */

START_TEST(exit_one_tick_late)
{
	delay(EXPIRY1, GAP1, 1);
	story[GAP1].f[NWT_GAP_LENGTH_TSC]++;
	expect_complaint("tick of the expiry is 122, should be 121");
}
END_TEST

START_TEST(exit_one_tick_early)
{
	delay(EXPIRY1, GAP1, (uint64_t)-1);
	story[GAP1].f[NWT_GAP_LENGTH_TSC]--;
	expect_complaint("tick of the expiry is 120, should be 121");
}
END_TEST

START_TEST(everything_moved_together)
{
	delay(EXPIRY1, GAP1, 1);
	story[EXPIRY1].f[NWT_EXPIRY_D]++;
	story[EXPIRY1].f[NWT_EXPIRY_S]++;
	expect_complaint("s is 102, should be 101");
}
END_TEST

START_TEST(wrong_d)
{
	story[EXPIRY2].f[NWT_EXPIRY_D] = 229;
	expect_complaint("D is 229, should be 230");
}
END_TEST

START_TEST(wrong_n)
{
	story[EXPIRY1].f[NWT_EXPIRY_N_CRYSTAL] = 9;
	expect_complaint("N is 9, should be 10");
}
END_TEST

START_TEST(window_is_that_of_the_entry)
{
	story[ENTRY1].f[NWT_ENTRY_WINDOW_CRYSTAL] = 1;
	expect_complaint("window is 0, should be 1");
}
END_TEST

START_TEST(s_is_the_entry_of_an_injected_event)
{
	story[EXPIRY2].f[NWT_EXPIRY_S] = 199;
	expect_complaint("s is 199, should be 200");
}
END_TEST

START_TEST(vm_exit_apart_from_the_expiry)
{
	delay(EXIT1, GAP1, 1);
	expect_complaint("tick of the VM exit is 122, should be 121");
}
END_TEST

/* ---- Missing -------------------------------------------------------------------------------------------- */

START_TEST(loop_that_another_exit_ends_at_d)
{
	drop(EXPIRY1, 1);
	story[EXIT1 - 1].f[NWT_EXIT_REASON] = 48;
	story[FLOWEND1 - 1].f[NWT_FLOWEND_OUTCOME] = NWT_FLOW_VM_EXIT;
	expect_complaint("notify VM exit missing");
}
END_TEST

/* The same one tick earlier is no lie. */
START_TEST(loop_that_another_exit_ends_before_d)
{
	set("param.context_invalid", "never");
	story[EXPIRY2].f[NWT_EXPIRY_QUALIFICATION] = story[EXIT2].f[NWT_EXIT_QUALIFICATION] = 0;
	drop(EXPIRY1, 1);
	delay(EXIT1 - 1, GAP1 - 1, (uint64_t)-1);
	story[EXIT1 - 1].f[NWT_EXIT_REASON] = 48;
	story[FLOWEND1 - 1].f[NWT_FLOWEND_OUTCOME] = NWT_FLOW_VM_EXIT;
	story[GAP1 - 1].f[NWT_GAP_LENGTH_TSC]--;
	expect_none(2);
}
END_TEST

START_TEST(delivered_after_d)
{
	drop(EXPIRY1, 2);
	story[FLOWEND1 - 2].f[NWT_FLOWEND_OUTCOME] = NWT_FLOW_DELIVERED;
	delay(FLOWEND1 - 2, GAP1 - 2, 1);
	story[GAP1 - 2].f[NWT_GAP_LENGTH_TSC]++;
	expect_complaint("notify VM exit missing");
}
END_TEST

START_TEST(stall_whose_window_is_after_d)
{
	story[STALL3].f[NWT_STALL_CLOCKS_CRYSTAL] = 10;
	delay(GAP3, GAP3, 2);
	story[GAP3].f[NWT_GAP_LENGTH_TSC] += 2;
	expect_complaint("notify VM exit missing: no event window after tick 400, D was 420");
}
END_TEST

/* Also where D is far away. */
START_TEST(window_that_opens_late)
{
	story[ENTRY3].f[NWT_ENTRY_WINDOW_CRYSTAL] = 1000;
	delay(GAP3, GAP3, 1);
	story[GAP3].f[NWT_GAP_LENGTH_TSC]++;
	expect_complaint("the event window due at tick 419 opened later");
}
END_TEST

START_TEST(no_trace_of_the_end_of_a_loop)
{
	drop(EXPIRY1, 4);
	expect_complaint("notify VM exit missing");
}
END_TEST

START_TEST(no_trace_of_the_end_of_a_stall)
{
	drop(EXPIRY4, 3);
	expect_complaint("notify VM exit missing");
}
END_TEST

START_TEST(expiry_without_vm_exit)
{
	drop(EXIT1, 1);
	expect_complaint("no VM exit after the expiry at 121");
}
END_TEST

START_TEST(closed_past_d_at_the_end)
{
	story[ENTRY5].f[NWT_ENTRY_CONTROL] = 1;
	expect_complaint("notify VM exit missing at the end");
}
END_TEST

/* ---- Extra ---------------------------------------------------------------------------------------------- */

START_TEST(exit_without_expiry)
{
	story[EXIT3].f[NWT_EXIT_REASON] = 75;
	expect_complaint("notify VM exit extra: no expiry");
}
END_TEST

START_TEST(exit_although_a_window_comes_first)
{
	story[STALL4].f[NWT_STALL_CLOCKS_CRYSTAL] = 9;
	expect_complaint("notify VM exit extra: a window opens at tick 519, D is 520");
}
END_TEST

START_TEST(exit_with_the_control_clear)
{
	story[ENTRY1].f[NWT_ENTRY_CONTROL] = 0;
	expect_complaint("no guest with notify exiting");
}
END_TEST

START_TEST(exit_outside_an_interval)
{
	drop(STALL4, 1);
	expect_complaint("outside any closed interval");
}
END_TEST

START_TEST(second_exit_of_one_expiry)
{
	insert(EXIT3, (struct nwt_record){ NWT_VM_EXIT, 0, 4, 425, { 75, 0, 0, 0x1010 } });
	expect_complaint("notify VM exit extra");
}
END_TEST

/* ---- What the exit records ------------------------------------------------------------------------------ */

START_TEST(context_invalid_at_the_wrong_exit)
{
	story[EXPIRY1].f[NWT_EXPIRY_QUALIFICATION] = story[EXIT1].f[NWT_EXIT_QUALIFICATION] = 1;
	expect_complaint("qualification bit 0 is 1, should be 0");
}
END_TEST

/* The stall that the exit comes out of decides, whatever P11 says. */
START_TEST(context_by_the_stall)
{
	story[STALL4].f[NWT_STALL_CONTEXT] = 2;
	expect_complaint("qualification bit 0 is 0, should be 1");
	story[EXPIRY4].f[NWT_EXPIRY_QUALIFICATION] = story[EXIT4].f[NWT_EXIT_QUALIFICATION] = 1;
	expect_none(3);
	story[STALL4].f[NWT_STALL_CONTEXT] = 1;
	expect_complaint("qualification bit 0 is 1, should be 0");
}
END_TEST

START_TEST(vectoring_where_there_shall_be_none)
{
	set("param.vectoring", "0");
	expect_complaint("vectoring=0");
}
END_TEST

START_TEST(qualification_of_exit_and_expiry)
{
	story[EXIT1].f[NWT_EXIT_QUALIFICATION] = 0x1000;
	expect_complaint("qualification of the VM exit is 4096, should be 0");
}
END_TEST

START_TEST(vectoring_of_exit_and_expiry)
{
	story[EXIT1].f[NWT_EXIT_IDT_VECTORING] = 0;
	expect_complaint("IDT-vectoring information of the VM exit");
}
END_TEST

START_TEST(iterations_are_counted)
{
	story[EXPIRY1].f[NWT_EXPIRY_ITERATIONS] = story[FLOWEND1].f[NWT_FLOWEND_ITERATIONS] = 6;
	expect_complaint("iterations is 6, should be 7");
}
END_TEST

/* ---- Guest records -------------------------------------------------------------------------------------- */

/* 32-bit code at CPL 3; the three exits of the story get a guest record each. */
static void add_guests(void)
{
	const uint64_t events[] = { LOOP, LOOP, 0 };
	const size_t at[] = { EXPIRY1, EXPIRY2, EXPIRY4 };

	for (size_t i = 3; i-- > 0;)
		insert(at[i], (struct nwt_record){ NWT_GUEST, 0, NWT_GUEST_FIELDS, true_story[at[i]].time_tsc,
						   { NWT_MODE_PROTECTED32, 3, 0, 0, 0, events[i], 1 } });
}

START_TEST(guest_records)
{
	add_guests();
	expect_none(3);
	story[EXPIRY1].f[NWT_GUEST_EVENT] = 0x80000b0b;
	expect_complaint("IDT-vectoring information is");
}
END_TEST

START_TEST(guest_record_of_another_tick)
{
	add_guests();
	story[EXPIRY2 + 1].time_tsc--;
	expect_complaint("tick of the guest record is");
}
END_TEST

START_TEST(guest_record_missing)
{
	add_guests();
	drop(EXPIRY2 + 1, 1);
	expect_complaint("expiry without a guest record");
}
END_TEST

START_TEST(guest_record_extra)
{
	add_guests();
	insert(ENTRY1, story[EXPIRY1]);
	story[ENTRY1].time_tsc = story[ENTRY1 + 1].time_tsc;
	expect_complaint("no expiry after the guest record at");
}
END_TEST

START_TEST(unblocking_in_a_delivery)
{
	add_guests();
	story[EXPIRY1 + 1].f[NWT_EXPIRY_QUALIFICATION] |= 0x1000;
	expect_complaint("qualification bit 12 is set during the delivery");
}
END_TEST

/* ---- Other parameters ----------------------------------------------------------------------------------- */

START_TEST(loops_that_do_not_stall)
{
	set("param.stalling", "delivery");
	expect_none(3);
	set("param.stalling", "debug-trap");
	expect_complaint("a flow of vector 17, although param.stalling lists no such loop");
	set("param.stalling", "none");
	expect_complaint("a flow of vector 17, although param.stalling lists no such loop");
}
END_TEST

START_TEST(threshold_in_ticks)
{
	set("param.threshold_unit", "tsc");
	expect_complaint("D is 121, should be 111");
}
END_TEST

START_TEST(edge_phase)
{
	set("param.crystal_phase", "edge");
	expect_complaint("D is 121, should be 120");
}
END_TEST

START_TEST(risk_counts_from_the_first_nested_delivery)
{
	set("param.start", "risk");
	expect_none(3);
	story[FLOW2].time_tsc = 203;
	expect_complaint("s is 200, should be 203");
}
END_TEST

START_TEST(atomic_completes)
{
	set("param.atomic", "complete");
	expect_complaint("tick of the expiry is 520, should be 521");
	delay(EXPIRY4, GAP4, 1);
	story[GAP4].f[NWT_GAP_LENGTH_TSC]++;
	expect_none(3);
}
END_TEST

/* A stalled VMCALL exits; there is nothing to complete. */
START_TEST(atomic_instruction_that_exits)
{
	set("param.atomic", "complete");
	drop(ENTRY4, 5);
	story[COUNT2 - 5].f[NWT_GAPCOUNT_COUNT] = 1;
	story[STALL3].f[NWT_STALL_CLOCKS_CRYSTAL] = 11;
	story[GAP3] = (struct nwt_record){ NWT_VM_EXIT, 0, 4, 422, { 18, 0, 0, 0x1008 } };
	story[EXIT3] = (struct nwt_record){ NWT_GAP, 0, 5, 422,
					    { 22, NWT_CAUSE_MAGIC_STALL, NWT_STALL_SOURCE_MAGIC, 0x1008, 1 } };
	expect_none(2);
	set("param.atomic", "fault-before");
	expect_complaint("notify VM exit missing");
}
END_TEST

START_TEST(hang_limit_is_kept)
{
	delay(FLOWEND5, VERDICT, 1);
	expect_complaint("hang limit missed: closed from tick 610");
}
END_TEST

START_TEST(hung_before_the_limit)
{
	delay(FLOWEND5, VERDICT, (uint64_t)-1);
	expect_complaint("no processor has reached the hang limit");
}
END_TEST

/* ---- Gaps ----------------------------------------------------------------------------------------------- */

START_TEST(gap_without_record)
{
	drop(GAP1, 1);
	expect_complaint("has no record");
}
END_TEST

START_TEST(gap_of_a_stall_without_record)
{
	drop(GAP3, 1);
	expect_complaint("the gap from tick 400 to 419 has no record");
}
END_TEST

/* A stall of the instruction that enters: its interval ends with the VM entry. */
START_TEST(gap_of_a_stalled_vm_entry)
{
	insert(ENTRY5, (struct nwt_record){ NWT_STALL, 0, 5, 580, { 10, 3, 0x9000, 0 } });
	expect_complaint("the gap from tick 580 to 600 has no record");
	insert(ENTRY5 + 1, (struct nwt_record){ NWT_GAP, 0, 5, 600, { 20, NWT_CAUSE_STALL_RULE, 3, 0x9000, 0 } });
	insert(COUNT2 + 2, (struct nwt_record){ NWT_GAP_COUNT, 0, 4, 660, { NWT_CAUSE_STALL_RULE, 3, 4, 1 } });
	expect_none(3);
}
END_TEST

/* Below gap_min neither the gap nor the end of the interval is recorded, but the stall's clocks tell. */
START_TEST(short_gaps_need_no_record)
{
	set("param.gap_min", "20");
	drop(GAP3, 1);
	story[COUNT2 - 1].f[NWT_GAPCOUNT_COUNT] = 2;
	expect_none(3);
}
END_TEST

START_TEST(gap_shorter_than_gap_min)
{
	set("param.gap_min", "20");
	expect_complaint("a gap of 19 ticks is recorded, gap_min is 20");
}
END_TEST

START_TEST(gap_of_the_wrong_length)
{
	story[GAP3].f[NWT_GAP_LENGTH_TSC] = 18;
	expect_complaint("begin of the gap is 401, should be 400");
}
END_TEST

START_TEST(stall_that_ends_too_early)
{
	delay(GAP3, GAP3, (uint64_t)-2);
	story[GAP3].f[NWT_GAP_LENGTH_TSC] -= 2;
	expect_complaint("the stall ended before tick 418");
}
END_TEST

START_TEST(gap_without_cause)
{
	drop(STALL3, 1);
	expect_complaint("without flow or stall");
}
END_TEST

START_TEST(histogram_counts_each_gap)
{
	story[COUNT1].f[NWT_GAPCOUNT_COUNT] = 3;
	expect_complaint("2 gaps from 16 ticks on are recorded, the histogram has 3");
}
END_TEST

START_TEST(histogram_has_each_gap)
{
	drop(COUNT2, 1);
	expect_complaint("not in the histogram");
}
END_TEST

/* ---- Files ---------------------------------------------------------------------------------------------- */

START_TEST(missing_parameter)
{
	ck_assert_int_eq(check_with(CONFIGS - 1), 2);
	ck_assert_msg(strstr(said, "no configuration entry 'param.gap_min'") != NULL, "%s", said);
}
END_TEST

START_TEST(parameter_that_is_no_choice)
{
	set("param.start", "never");
	ck_assert_int_eq(check_with(CONFIGS), 2);
	ck_assert_msg(strstr(said, "should be boundary or risk") != NULL, "%s", said);
}
END_TEST

/* ---- Other stories: P7, P8, P16, P17, P21 ------------------------------------------------------------------ */

#define TELL(...) do { \
	static const struct nwt_record told[] = { __VA_ARGS__ }; \
	memcpy(story, told, sizeof(told)); \
	n = sizeof(told) / sizeof(told[0]); \
} while (0)
#define ENTRY(t, injected)      { NWT_VM_ENTRY, 0, 4, t, { 0x1000, 1, 0, injected } }
#define STALL(t, clocks, phase) { NWT_STALL, 0, NWT_STALL_FIELDS, t, { clocks, NWT_STALL_SOURCE_MAGIC, 0x1000, phase } }
#define GAP(t, length, cause)   { NWT_GAP, 0, 5, t, { length, cause, 0, 0x1000, 1 } }
#define EDGE(type, t, edge)     { type, 0, type == NWT_SMM ? 2 : 3, t, { edge, 0x1000, 0x1000 } }
#define NOTIFY(t, s, n_, d, cause) \
	{ NWT_EXPIRY, 0, 9, t, { s, n_, d, 0, 0, 0, 0x1000, cause, 0 } }, { NWT_VM_EXIT, 0, 4, t, { 75, 0, 0, 0x1000 } }, \
	GAP(t, t - s, cause)

START_TEST(inactive_state_expires)
{
	TELL(ENTRY(100, 0), EDGE(NWT_INACTIVE, 105, NWT_ENTERED), NOTIFY(124, 104, 10, 124, NWT_CAUSE_INACTIVE));
	expect_none(1);
	story[2].f[NWT_EXPIRY_S] = 103;
	expect_complaint("s is 103, should be between 104 and 105");
}
END_TEST

START_TEST(inactive_state_that_goes_on_past_d)
{
	TELL(ENTRY(100, 0), EDGE(NWT_INACTIVE, 105, NWT_ENTERED), GAP(124, 20, NWT_CAUSE_INACTIVE),
	     EDGE(NWT_INACTIVE, 124, NWT_LEFT), STALL(130, 5, 0), GAP(141, 11, NWT_CAUSE_MAGIC_STALL));
	expect_none(0);
	delay(2, 3, 1);
	story[2].f[NWT_GAP_LENGTH_TSC]++;
	expect_complaint("notify VM exit missing: no event window after tick 104, D was 124");
}
END_TEST

START_TEST(smm_is_not_counted)
{
	TELL(ENTRY(100, 0), EDGE(NWT_SMM, 105, NWT_ENTERED), STALL(106, 20, 0), GAP(147, 41, NWT_CAUSE_MAGIC_STALL),
	     EDGE(NWT_SMM, 150, NWT_LEFT), STALL(151, 50, 0), NOTIFY(171, 151, 10, 171, NWT_CAUSE_MAGIC_STALL));
	expect_none(1);
	drop(4, 1);
	expect_complaint("expiry although no guest with notify exiting runs");
}
END_TEST

START_TEST(smm_counts)
{
	set("param.smm", "count");
	TELL(ENTRY(100, 0), EDGE(NWT_SMM, 105, NWT_ENTERED), EDGE(NWT_SMM, 150, NWT_LEFT),
	     NOTIFY(151, 105, 10, 125, NWT_CAUSE_SMM));
	expect_none(1);
	drop(3, 2);
	expect_complaint("notify VM exit missing: no event window after tick 105, D was 125");
	TELL(ENTRY(100, 0), EDGE(NWT_SMM, 105, NWT_ENTERED), EDGE(NWT_SMM, 124, NWT_LEFT),
	     NOTIFY(125, 105, 10, 125, NWT_CAUSE_SMM));
	expect_complaint("notify VM exit extra: a window opens at tick 125, D is 125");
}
END_TEST

START_TEST(armed_late)
{
	set("param.arm", "after-injection");
	TELL(ENTRY(100, LOOP), STALL(100, 20, 1), GAP(141, 41, NWT_CAUSE_MAGIC_STALL), STALL(150, 50, 0),
	     NOTIFY(170, 150, 10, 170, NWT_CAUSE_MAGIC_STALL));
	expect_none(1);
	set("param.arm", "before-injection");
	expect_complaint("notify VM exit missing: no event window after tick 100, D was 120");
}
END_TEST

START_TEST(shadow_is_closed)
{
	set("param.shadow", "closed");
	TELL(ENTRY(100, 0), STALL(111, 50, 0), NOTIFY(130, 110, 10, 130, NWT_CAUSE_MAGIC_STALL));
	expect_none(1);
	set("param.shadow", "opens");
	expect_complaint("s is 110, should be 111");
	set("param.shadow", "closed");
	TELL(ENTRY(100, 0), STALL(111, 50, 0), NOTIFY(128, 108, 10, 128, NWT_CAUSE_MAGIC_STALL));
	expect_complaint("s is 108, should be between 109 and 111");
}
END_TEST

/* A stalled STI, and a stall in its shadow. */
START_TEST(shadow_of_a_stall)
{
	set("param.shadow", "closed");
	TELL(ENTRY(100, 0), STALL(111, 5, 0), STALL(122, 50, 0), NOTIFY(131, 111, 10, 131, NWT_CAUSE_MAGIC_STALL));
	expect_none(1);
	set("param.shadow", "opens");
	expect_complaint("the gap from tick 111 to 122 has no record");
}
END_TEST

START_TEST(sum_wraps_around)
{
	set("param.sum", "32-bit");
	set("param.threshold", "4294967306");
	TELL(ENTRY(100, 0), STALL(111, 50, 0), NOTIFY(131, 111, 10, 131, NWT_CAUSE_MAGIC_STALL));
	expect_none(1);
}
END_TEST

START_TEST(parameter_that_is_no_choice_of_four)
{
	set("param.stalling", "some");
	ck_assert_int_eq(check_with(CONFIGS), 2);
	ck_assert_msg(strstr(said, "should be all, delivery, debug-trap or none") != NULL, "%s", said);
}
END_TEST

START_TEST(no_trace)
{
	FILE *f = fmemopen(said, sizeof(said), "w");

	ck_assert_int_eq(trace_check("there/is/none.nwt", f, &checked), 2);
	fclose(f);
	ck_assert_msg(strstr(said, "there/is/none.nwt") != NULL, "%s", said);
}
END_TEST

int main(void)
{
	const TTest *const test[] = {
		guest_records, guest_record_of_another_tick, guest_record_missing, guest_record_extra, unblocking_in_a_delivery,
		a_true_story_passes, exit_one_tick_late, exit_one_tick_early, everything_moved_together, wrong_d, wrong_n,
		window_is_that_of_the_entry, s_is_the_entry_of_an_injected_event, vm_exit_apart_from_the_expiry,
		loop_that_another_exit_ends_at_d, loop_that_another_exit_ends_before_d, delivered_after_d,
		stall_whose_window_is_after_d, window_that_opens_late, no_trace_of_the_end_of_a_loop, no_trace_of_the_end_of_a_stall,
		expiry_without_vm_exit, closed_past_d_at_the_end, exit_without_expiry,
		exit_although_a_window_comes_first, exit_with_the_control_clear, exit_outside_an_interval,
		second_exit_of_one_expiry, context_invalid_at_the_wrong_exit, vectoring_where_there_shall_be_none,
		qualification_of_exit_and_expiry, context_by_the_stall, vectoring_of_exit_and_expiry, iterations_are_counted, threshold_in_ticks,
		loops_that_do_not_stall,
		edge_phase, risk_counts_from_the_first_nested_delivery, atomic_completes, atomic_instruction_that_exits,
		hang_limit_is_kept,
		hung_before_the_limit, gap_without_record, gap_of_a_stalled_vm_entry, gap_of_a_stall_without_record, short_gaps_need_no_record,
		gap_shorter_than_gap_min, gap_of_the_wrong_length, stall_that_ends_too_early, gap_without_cause,
		histogram_counts_each_gap, histogram_has_each_gap, missing_parameter, parameter_that_is_no_choice,
		inactive_state_expires, inactive_state_that_goes_on_past_d, smm_is_not_counted, smm_counts, armed_late,
		shadow_is_closed, shadow_of_a_stall, sum_wraps_around, parameter_that_is_no_choice_of_four, no_trace,
	};
	Suite *suite = suite_create("check_trace");
	TCase *tc = tcase_create("stories");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(test) / sizeof(test[0]); i++)
		tcase_add_test(tc, test[i]);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
