/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_coverage.c - notify exits in the bins of functional coverage, and what its rules leave.
 */
#include "nw_coverage.h"
#include "test_trace_util.h"

static struct nw_coverage c;

static void setup(void)
{
	ck_assert_int_eq(nw_coverage_init(&c), 0);
	nw_coverage_trace(&c);
}

static void teardown(void)
{
	nw_coverage_free(&c);
}

#define ADD(kind, on_cpu, ...) do { \
	struct nwt_record rec_ = { .type = (kind), .cpu = (on_cpu), .f = { __VA_ARGS__ } }; \
	nw_coverage_add(&c, &rec_); \
} while (0)

/* mode, CPL, interruptibility, NMI control, event */
#define GUEST(cpu, mode, cpl, blocking, control, event) ADD(NWT_GUEST, cpu, mode, cpl, blocking, control, 0, event)
#define EXPIRY(cpu, window, qualification, vectoring, cause) ADD(NWT_EXPIRY, cpu, 100, 8, 200, window, qualification, vectoring, \
								  0x1000, cause, 0)
#define STALL(cpu, phase) ADD(NWT_STALL, cpu, 1000, 0, 0x1000, phase)

#define AC      0x80000b11u
#define NMI     0x80000202u

/* One exit by a loop in 32-bit code at CPL 3, with these other properties. */
static void loop(uint64_t window, uint64_t qualification, uint64_t vectoring, uint64_t blocking, uint64_t control)
{
	GUEST(0, NWT_MODE_PROTECTED32, 3, blocking, control, AC);
	EXPIRY(0, window, qualification, vectoring, NWT_CAUSE_DELIVERY);
}

static uint64_t contradictions(void)
{
	uint64_t sum = 0;
	size_t n;

	nw_cov_rules(&n);
	for (size_t i = 0; i < n; i++)
		sum += c.contradicted[i];
	return sum;
}

START_TEST(bins_have_names)
{
	for (enum nw_cov_dim d = 0; d < NW_COV_DIMS; d++) {
		ck_assert_uint_ge(c.bins[d], 2);
		ck_assert_uint_le(c.bins[d], NW_COV_BINS);
		ck_assert_uint_gt(strlen(nw_cov_help(d)), 0);
		for (unsigned b = 0; b < c.bins[d]; b++)
			for (unsigned k = 0; k < b; k++)
				ck_assert_str_ne(c.bin[d][b], c.bin[d][k]);
	}
	ck_assert_uint_eq(c.bins[NW_COV_EVENT], NW_COV_EV_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_NMI], NW_COV_NMI_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_VECTOR], NW_COV_VEC_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_UNBLOCKING], NW_COV_UNBLOCKING_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_SHADOW], NW_COV_SHADOW_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_MODE], NWT_MODE_COUNT);
	ck_assert_uint_eq(c.bins[NW_COV_CAUSE], NWT_CAUSE_COUNT);
}
END_TEST

START_TEST(windows_have_classes)
{
	static const struct { uint32_t window; unsigned bin; } v[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 2 }, { 0x7fffffff, 2 }, { 0x80000000, 3 }, { 0xfffffffe, 3 }, { 0xffffffff, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		uint64_t before = c.single[NW_COV_WINDOW][v[i].bin];

		loop(v[i].window, 0, AC, 0, 0);
		ck_assert_uint_eq(c.single[NW_COV_WINDOW][v[i].bin], before + 1);
	}
	ck_assert_uint_eq(c.exits, ARRAY_SIZE(v));
	ck_assert_uint_eq(contradictions(), 0);
}
END_TEST

START_TEST(events_have_types_and_vectors)
{
	static const struct { uint32_t event; unsigned type, vector; } v[] = {
		{ 0x80000050, NW_COV_EV_EXTERNAL, NW_COV_VEC_OTHER }, { NMI, NW_COV_EV_NMI, NW_COV_VEC_OTHER },
		{ 0x80000301, NW_COV_EV_HARDWARE, NW_COV_VEC_DB }, { 0x80000b0b, NW_COV_EV_HARDWARE, NW_COV_VEC_NP },
		{ 0x80000b0e, NW_COV_EV_HARDWARE, NW_COV_VEC_PF }, { AC, NW_COV_EV_HARDWARE, NW_COV_VEC_AC },
		{ 0x80000306, NW_COV_EV_HARDWARE, NW_COV_VEC_EXCEPTION }, { 0x80000451, NW_COV_EV_SOFTWARE_INT, NW_COV_VEC_OTHER },
		{ 0x80000501, NW_COV_EV_PRIVILEGED, NW_COV_VEC_DB }, { 0x80000603, NW_COV_EV_SOFTWARE, NW_COV_VEC_EXCEPTION },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		STALL(3, 1);
		GUEST(3, NWT_MODE_PROTECTED32, 3, v[i].event == NMI ? 0x8 : 0, 0, v[i].event);
		EXPIRY(3, 0, 0, v[i].event, NWT_CAUSE_STALL_RULE);
		ck_assert_uint_eq(c.pair[NW_COV_EVENT][NW_COV_VECTOR][v[i].type][v[i].vector], 1);
	}
	ck_assert_uint_eq(c.single[NW_COV_PHASE][2], ARRAY_SIZE(v));
	ck_assert_uint_eq(c.single[NW_COV_VECTORING][1], ARRAY_SIZE(v));
	ck_assert_uint_eq(contradictions(), 0);
}
END_TEST

START_TEST(blocking_and_qualification)
{
	STALL(0, 0);
	GUEST(0, NWT_MODE_REAL, 0, 0x1, NWT_NMI_NOT_EXITING, 0);
	EXPIRY(0, 5, 0x1000, 0, NWT_CAUSE_MAGIC_STALL);
	loop(5, 0x1, 0, 0x8, NWT_NMI_NOT_EXITING);
	loop(5, 0x1, 0, 0x8, NWT_NMI_VIRTUAL);
	loop(5, 0x0, 0, 0x2, NWT_NMI_VIRTUAL);
	ck_assert_uint_eq(c.single[NW_COV_SHADOW][NW_COV_SHADOW_STI], 1);
	ck_assert_uint_eq(c.single[NW_COV_SHADOW][NW_COV_SHADOW_MOV_SS], 1);
	ck_assert_uint_eq(c.single[NW_COV_NMI][NW_COV_NMI_BLOCKED], 1);
	ck_assert_uint_eq(c.single[NW_COV_NMI][NW_COV_NMI_VIRTUAL], 1);
	ck_assert_uint_eq(c.single[NW_COV_NMI][NW_COV_NMI_NONE], 2);
	ck_assert_uint_eq(c.single[NW_COV_UNBLOCKING][NW_COV_UNBLOCKING_YES], 1);
	ck_assert_uint_eq(c.single[NW_COV_UNBLOCKING][NW_COV_UNBLOCKING_UNDEFINED], 3);
	ck_assert_uint_eq(c.single[NW_COV_CONTEXT][1], 2);
	ck_assert_uint_eq(c.pair[NW_COV_EVENT][NW_COV_VECTORING][NW_COV_EV_HARDWARE][0], 3);
	ck_assert_uint_eq(nw_cov_cross_seen(&c), 4);
	ck_assert_uint_eq(contradictions(), 0);
}
END_TEST

START_TEST(an_exit_needs_its_guest)
{
	EXPIRY(0, 0, 0, AC, NWT_CAUSE_DELIVERY);
	GUEST(1, NWT_MODE_PROTECTED32, 3, 0, 0, AC);
	EXPIRY(0, 0, 0, AC, NWT_CAUSE_DELIVERY);
	ck_assert_uint_eq(c.exits, 0);
	EXPIRY(1, 0, 0, AC, NWT_CAUSE_DELIVERY);
	EXPIRY(1, 0, 0, AC, NWT_CAUSE_DELIVERY);
	ck_assert_uint_eq(c.exits, 1);
	GUEST(1, NWT_MODE_PROTECTED32, 3, 0, 0, AC);
	nw_coverage_trace(&c);
	EXPIRY(1, 0, 0, AC, NWT_CAUSE_DELIVERY);
	GUEST(1, NWT_MODE_COUNT, 3, 0, 0, AC);          /* a mode that this version does not know */
	EXPIRY(1, 0, 0, AC, NWT_CAUSE_DELIVERY);
	GUEST(1, NWT_MODE_64BIT, 3, 0, 0, AC);
	EXPIRY(1, 0, 0, AC, NWT_CAUSE_COUNT);
	STALL(1, UINT64_MAX);
	GUEST(1, NWT_MODE_64BIT, 3, 0, 0, 0);
	EXPIRY(1, 0, 0, 0, NWT_CAUSE_STALL_RULE);
	ck_assert_uint_eq(c.exits, 1);
	ck_assert_uint_eq(c.without_guest, 7);
	ck_assert_uint_eq(c.traces, 2);
}
END_TEST

START_TEST(rules_are_tested_by_exits)
{
	GUEST(0, NWT_MODE_64BIT, 3, 0, 0, AC);          /* no #AC loop there */
	EXPIRY(0, 0, 0, AC, NWT_CAUSE_DELIVERY);
	ck_assert_uint_eq(contradictions(), 1);
	GUEST(0, NWT_MODE_REAL, 3, 0, 0, 0);
	EXPIRY(0, 0, 0, 0, NWT_CAUSE_MAGIC_STALL);
	ck_assert_uint_eq(contradictions(), 2);
	ck_assert_uint_eq(c.exits, 2);
}
END_TEST

static bool possible(enum nw_cov_dim d, int b, enum nw_cov_dim e, int k)
{
	const struct nw_cov_rule *rule;
	int bin[NW_COV_DIMS];

	memset(bin, -1, sizeof(bin));
	bin[d] = b;
	bin[e] = k;
	return nw_cov_possible(&c, bin, &rule);
}

START_TEST(what_is_possible)
{
	for (enum nw_cov_dim d = 0; d < NW_COV_DIMS; d++)
		for (unsigned b = 0; b < c.bins[d]; b++)
			ck_assert_msg(possible(d, (int)b, d, (int)b), "%s=%s is impossible by the rules", nw_cov_name(d), c.bin[d][b]);
	ck_assert(possible(NW_COV_MODE, NWT_MODE_64BIT, NW_COV_VECTOR, NW_COV_VEC_AC)); /* by a stall */
	ck_assert(!possible(NW_COV_MODE, NWT_MODE_V8086, NW_COV_CPL, 0));
	ck_assert(!possible(NW_COV_EVENT, NW_COV_EV_NONE, NW_COV_VECTORING, 1));
	/* by two rules: valid IDT-vectoring information needs an event, and an event has a vector */
	ck_assert(!possible(NW_COV_VECTORING, 1, NW_COV_VECTOR, NW_COV_VEC_NONE));
	ck_assert_uint_gt(nw_cov_cross_possible(&c), 0);
	ck_assert_uint_lt(nw_cov_cross_possible(&c), c.cross_size);
}
END_TEST

START_TEST(rules_have_reasons)
{
	size_t n;
	const struct nw_cov_rule *rule = nw_cov_rules(&n);

	ck_assert_uint_gt(n, 0);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_gt(strlen(rule[i].reason), 10);
		ck_assert(rule[i].terms >= 1 && rule[i].terms <= NW_COV_TERMS);
		for (unsigned t = 0; t < rule[i].terms; t++)
			ck_assert_uint_ne(rule[i].term[t].mask & ((1u << c.bins[rule[i].term[t].dim]) - 1), 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("coverage");
	TCase *tc = tcase_create("coverage");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, bins_have_names);
	tcase_add_test(tc, windows_have_classes);
	tcase_add_test(tc, events_have_types_and_vectors);
	tcase_add_test(tc, blocking_and_qualification);
	tcase_add_test(tc, an_exit_needs_its_guest);
	tcase_add_test(tc, rules_are_tested_by_exits);
	tcase_add_test(tc, what_is_possible);
	tcase_add_test(tc, rules_have_reasons);
	suite_add_tcase(all, tc);
	return all;
}

int main(void)
{
	return tap_run(suite());
}
