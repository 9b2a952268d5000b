/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_context.c - which exits are invalid, and that the damage of nw_context.h is real, cut to size and repeatable.
 */
#include <check.h>
#include <stdlib.h>

#include "nw_context.h"
#include "tap.h"

static struct nw_context c;
static struct nw_params p;

static void setup(void)
{
	nw_context_init(&c, 42);
	nw_params_init(&p);
}

static uint64_t mask(int bits)
{
	return UINT64_MAX >> (64 - bits);
}

START_TEST(never_is_the_default)
{
	for (int i = 0; i < 1000; i++)
		ck_assert(!nw_context_decide(&c, &p, NW_STALL_BY_POLICY));
	ck_assert_uint_eq(c.exits, 1000);
}
END_TEST

START_TEST(every_nth_exit)
{
	p.v[NW_P_CONTEXT_INVALID] = (uint64_t)_i;
	for (int i = 1; i <= 100; i++)
		ck_assert_int_eq(nw_context_decide(&c, &p, NW_STALL_BY_POLICY), i % _i == 0);
	ck_assert_uint_eq(c.exits, 100);
}
END_TEST

START_TEST(a_stall_decides_instead_of_the_policy)
{
	p.v[NW_P_CONTEXT_INVALID] = (uint64_t)_i;
	ck_assert(nw_context_decide(&c, &p, NW_STALL_INVALID));
	ck_assert(!nw_context_decide(&c, &p, NW_STALL_VALID));
	ck_assert_uint_eq(c.exits, 2); /* they count for every Nth */
	ck_assert_int_eq(nw_context_decide(&c, &p, NW_STALL_BY_POLICY), _i == 1 || _i == 3);
}
END_TEST

START_TEST(init_forgets)
{
	nw_context_decide(&c, &p, NW_STALL_BY_POLICY);
	nw_context_init(&c, 7);
	ck_assert_uint_eq(c.exits, 0);
	ck_assert_uint_eq(c.seed, 7);
}
END_TEST

START_TEST(poison)
{
	ck_assert_uint_eq(nw_context_damage(&c, &p, (unsigned)_i, false, 0, 1),
			  UINT64_C(0x5a5a5a5a5a5a5a5a) & mask(_i));
}
END_TEST

START_TEST(stale)
{
	p.v[NW_P_CONTEXT_DAMAGE] = NW_DAMAGE_STALE;
	ck_assert_uint_eq(nw_context_damage(&c, &p, (unsigned)_i, false, UINT64_C(0xfedcba9876543210), 1),
			  UINT64_C(0xfedcba9876543210) & mask(_i));
	ck_assert_uint_eq(c.seed, 42);
}
END_TEST

START_TEST(msrs_alone)
{
	p.v[NW_P_CONTEXT_DAMAGE] = NW_DAMAGE_MSRS;
	ck_assert_uint_eq(nw_context_damage(&c, &p, (unsigned)_i, true, 0, 1), UINT64_C(0x5a5a5a5a5a5a5a5a) & mask(_i));
	ck_assert_uint_eq(nw_context_damage(&c, &p, (unsigned)_i, false, 0, UINT64_C(0xfedcba9876543210)),
			  UINT64_C(0xfedcba9876543210) & mask(_i));
	ck_assert_uint_eq(c.seed, 42);
}
END_TEST

/* Neither poison nor chance may leave a field as it was. */
START_TEST(damage_is_damage)
{
	static const enum nw_damage kinds[] = { NW_DAMAGE_POISON, NW_DAMAGE_RANDOM, NW_DAMAGE_MSRS };

	for (unsigned k = 0; k < 2; k++) {
		p.v[NW_P_CONTEXT_DAMAGE] = kinds[k];
		for (int i = 0; i < 200; i++) {
			struct nw_context twin = c;
			uint64_t would = nw_context_damage(&twin, &p, (unsigned)_i, true, 0, 0);
			uint64_t got = nw_context_damage(&c, &p, (unsigned)_i, true, 0, would);

			ck_assert_uint_ne(got, would);
			ck_assert_uint_le(got, mask(_i));
		}
	}
}
END_TEST

START_TEST(random_repeats_with_the_seed)
{
	struct nw_context twin, other;
	int equal = 0;

	p.v[NW_P_CONTEXT_DAMAGE] = NW_DAMAGE_RANDOM;
	nw_context_init(&twin, 42);
	nw_context_init(&other, 43);
	for (int i = 0; i < 1000; i++) {
		uint64_t v = nw_context_damage(&c, &p, 64, false, 0, 0);

		ck_assert_uint_eq(nw_context_damage(&twin, &p, 64, false, 0, 0), v);
		equal += nw_context_damage(&other, &p, 64, false, 0, 0) == v;
	}
	ck_assert_int_eq(equal, 0);
}
END_TEST

/* Traces are compared byte by byte over years: the generator's numbers are part of the contract. */
START_TEST(random_numbers_are_fixed)
{
	p.v[NW_P_CONTEXT_DAMAGE] = NW_DAMAGE_RANDOM;
	nw_context_init(&c, 0);
	ck_assert_uint_eq(nw_context_damage(&c, &p, 64, false, 0, 0), UINT64_C(0x4e17cf67001b3979));
	ck_assert_uint_eq(nw_context_damage(&c, &p, 64, false, 0, 0), UINT64_C(0x3b041d5b6692dd3d));
	ck_assert_uint_eq(nw_context_damage(&c, &p, 16, false, 0, 0), 0xb79a);
}
END_TEST

START_TEST(undefined_is_zero_by_default)
{
	for (unsigned i = 0; i < 100; i++) {
		nw_context_decide(&c, &p, NW_STALL_BY_POLICY);
		ck_assert_uint_eq(nw_context_undefined(&c, &p, 42, i, UINT64_MAX), 0);
	}
}
END_TEST

/* Never 0 where there is a bit to set, never outside the mask; other exits, fields and seeds have other junk. */
START_TEST(undefined_junk)
{
	uint64_t seen[3] = { 0 };

	p.v[NW_P_UNDEFINED] = NW_UNDEFINED_JUNK;
	for (unsigned i = 0; i < 1000; i++) {
		struct nw_context before = c;
		uint64_t v = nw_context_undefined(&c, &p, 42, 0x6400, UINT64_MAX);

		ck_assert_mem_eq(&before, &c, sizeof(c));
		ck_assert_uint_eq(nw_context_undefined(&c, &p, 42, 0x6400, UINT64_MAX), v);
		ck_assert_uint_eq(nw_context_undefined(&c, &p, 42, 0x4408, 1u << 12), 1u << 12);
		ck_assert_uint_eq(nw_context_undefined(&c, &p, 42, 0x4408, 0), 0);
		ck_assert_uint_eq(nw_context_undefined(&c, &p, 42, 0x6400, UINT64_C(0xff00)) & ~UINT64_C(0xff00), 0);
		ck_assert_uint_ne(nw_context_undefined(&c, &p, 42, 0x6400, 3), 0);
		seen[0] += nw_context_undefined(&c, &p, 42, 0x6402, UINT64_MAX) == v;
		seen[1] += nw_context_undefined(&c, &p, 43, 0x6400, UINT64_MAX) == v;
		nw_context_decide(&c, &p, NW_STALL_BY_POLICY);
		seen[2] += nw_context_undefined(&c, &p, 42, 0x6400, UINT64_MAX) == v;
	}
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(seen[i], 0);
}
END_TEST

START_TEST(undefined_junk_is_fixed)
{
	p.v[NW_P_UNDEFINED] = NW_UNDEFINED_JUNK;
	nw_context_decide(&c, &p, NW_STALL_BY_POLICY);
	ck_assert_uint_eq(nw_context_undefined(&c, &p, 1, 0x6400, UINT64_MAX), UINT64_C(0xa10161402d9b6dbf));
	ck_assert_uint_eq(nw_context_undefined(&c, &p, 1, 0x440c, UINT32_MAX), UINT64_C(0x9a72a174));
}
END_TEST

START_TEST(random_uses_every_bit)
{
	int ones[64] = { 0 };

	p.v[NW_P_CONTEXT_DAMAGE] = NW_DAMAGE_RANDOM;
	nw_context_init(&c, 0);
	for (int i = 0; i < 4096; i++) {
		uint64_t v = nw_context_damage(&c, &p, 64, false, 0, 0);

		for (int b = 0; b < 64; b++)
			ones[b] += (int)(v >> b & 1);
	}
	/* 2048 expected, standard deviation 32 */
	for (int b = 0; b < 64; b++)
		ck_assert_int_lt(abs(ones[b] - 2048), 192);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("context");
	TCase *tc = tcase_create("context");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, never_is_the_default);
	tcase_add_loop_test(tc, every_nth_exit, 1, 8);
	tcase_add_loop_test(tc, a_stall_decides_instead_of_the_policy, 0, 4);
	tcase_add_test(tc, init_forgets);
	tcase_add_loop_test(tc, poison, 1, 65);
	tcase_add_loop_test(tc, stale, 1, 65);
	tcase_add_loop_test(tc, msrs_alone, 1, 65);
	tcase_add_loop_test(tc, damage_is_damage, 1, 65);
	tcase_add_test(tc, random_repeats_with_the_seed);
	tcase_add_test(tc, random_numbers_are_fixed);
	tcase_add_test(tc, undefined_is_zero_by_default);
	tcase_add_test(tc, undefined_junk);
	tcase_add_test(tc, undefined_junk_is_fixed);
	tcase_add_test(tc, random_uses_every_bit);

	return tap_run(suite);
}
