/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_stall.c - stall rules: what the parser accepts and refuses, what matches, which hit counts.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "nw_stall.h"
#include "tap.h"

#define NONE 99u

static struct nw_stall_set s;
static char err[NW_STALL_ERRLEN];

static void setup(void)
{
	nw_stall_init(&s);
}

static void add(const char *text)
{
	ck_assert_msg(nw_stall_add(&s, text, err) == 0, "'%s': %s", text, err);
}

static struct nw_stall last;

static uint64_t begin(struct nw_stall_place at, unsigned *rule)
{
	last = nw_stall_begin(&s, &at);
	*rule = last.clocks_crystal ? last.rule : NONE;
	return last.clocks_crystal;
}

static uint64_t instruction(bool nonroot, uint64_t rip, const char *opcode, unsigned *rule)
{
	return begin((struct nw_stall_place){ .phase = NW_STALL_INSTRUCTION, .nonroot = nonroot, .rip = rip,
					      .opcode = opcode }, rule);
}

static uint64_t delivery(bool nonroot, uint64_t rip, uint8_t vector, unsigned *rule)
{
	return begin((struct nw_stall_place){ .phase = NW_STALL_DELIVERY, .nonroot = nonroot, .rip = rip,
					      .event = true, .vector = vector }, rule);
}

/* ---- Parser --------------------------------------------------------------------------------- */

START_TEST(empty_set)
{
	unsigned rule;

	ck_assert_uint_eq(s.count, 0);
	ck_assert(!nw_stall_candidate(&s, 0, "NOP"));
	ck_assert_uint_eq(instruction(true, 0, "NOP", &rule), 0);
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), 0);
	ck_assert_uint_eq(rule, NONE);
	ck_assert_int_eq(last.context, NW_STALL_BY_POLICY);
	for (int phase = 0; phase < NW_STALL_PHASES; phase++)
		ck_assert(!nw_stall_watches(&s, (enum nw_stall_phase)phase));
}
END_TEST

START_TEST(every_key)
{
	const struct nw_stall_rule *r = s.rule;

	add("phase=instruction,clocks=9,rip=0xFFFFffff80000000,opcode=iret_op64,mode=any,nth=3,cpu=255,context=invalid");
	ck_assert_uint_eq(s.count, 1);
	ck_assert_int_eq(r->phase, NW_STALL_INSTRUCTION);
	ck_assert_int_eq(r->mode, NW_STALL_ANY);
	ck_assert(r->match_rip && !r->match_vector);
	ck_assert_uint_eq(r->rip, UINT64_C(0xffffffff80000000));
	ck_assert_uint_eq(r->clocks_crystal, 9);
	ck_assert_uint_eq(r->nth, 3);
	ck_assert_uint_eq(r->hits, 0);
	ck_assert(r->match_cpu);
	ck_assert_uint_eq(r->cpu, 255);
	ck_assert_int_eq(r->context, NW_STALL_INVALID);
	ck_assert_str_eq(r->opcode, "IRET_OP64");

	add("vector=255,mode=root,clocks=forever,phase=delivery");
	r++;
	ck_assert_int_eq(r->phase, NW_STALL_DELIVERY);
	ck_assert_int_eq(r->mode, NW_STALL_ROOT);
	ck_assert(!r->match_rip && r->match_vector);
	ck_assert_uint_eq(r->vector, 255);
	ck_assert_uint_eq(r->clocks_crystal, NW_STALL_FOREVER);
	ck_assert_uint_eq(r->nth, 0);
	ck_assert_str_eq(r->opcode, "");
	ck_assert(!r->match_cpu);
	ck_assert_int_eq(r->context, NW_STALL_BY_POLICY);
}
END_TEST

START_TEST(accepted)
{
	static const char *const good[] = {
		"phase=delivery,clocks=1",
		"clocks=1,phase=delivery",
		"phase=delivery,clocks=18446744073709551614",
		"phase=delivery,clocks=0xfffffffffffffffe",
		"phase=delivery,clocks=1,vector=0",
		"phase=delivery,clocks=1,vector=0xff",
		"phase=delivery,clocks=1,rip=0",
		"phase=delivery,clocks=1,mode=nonroot",
		"phase=delivery,clocks=1,nth=18446744073709551615",
		"phase=instruction,clocks=1,rip=18446744073709551615",
		"phase=instruction,clocks=1,opcode=A",
		"phase=instruction,clocks=1,opcode=abcdefghijklmnopqrstuvwxyz_0123",
		"phase=delivery,clocks=1,cpu=0",
		"phase=delivery,clocks=1,cpu=0xff,context=valid",
		"phase=iret,clocks=1",
		"phase=iret,clocks=1,rip=1,mode=root",
		"phase=entry,clocks=1",
		"phase=entry,clocks=1,rip=1,vector=2,mode=any",
		"phase=task-switch,clocks=1",
		"phase=task-switch,clocks=1,rip=1,vector=2,mode=root",
	};

	add(good[_i]);
	ck_assert_uint_eq(s.count, 1);
}
END_TEST

/* Text, and what the error says after "stall rule: ". */
static const char *const refused[][2] = {
	{ "", "'' is not accepted; KEY=VALUE with one of phase, clocks, rip, opcode, vector, mode, cpu, nth, context" },
	{ "phase", "'phase' is not accepted; KEY=VALUE with" },
	{ "=", "'=' is not accepted; KEY=VALUE with" },
	{ "phase=delivery,", "'' is not accepted; KEY=VALUE with" },
	{ ",phase=delivery", "'' is not accepted; KEY=VALUE with" },
	{ "phase=delivery,,clocks=1", "'' is not accepted; KEY=VALUE with" },
	{ "phase=delivery clocks=1", "phase 'delivery clocks=1' is not accepted; instruction, delivery, iret, entry or task-switch" },
	{ "phase=delivery, clocks=1", "' clocks=1' is not accepted; KEY=VALUE with" },
	{ "Phase=delivery", "'Phase=delivery' is not accepted; KEY=VALUE with" },
	{ "phas=delivery", "'phas=delivery' is not accepted; KEY=VALUE with" },
	{ "phases=delivery", "'phases=delivery' is not accepted; KEY=VALUE with" },
	{ "ticks=5", "'ticks=5' is not accepted; KEY=VALUE with" },
	{ "a\nb=5", "'a?b=5' is not accepted; KEY=VALUE with" },
	{ "phase=", "phase '' is not accepted; instruction, delivery, iret, entry or task-switch" },
	{ "phase=Delivery", "phase 'Delivery' is not accepted; instruction, delivery, iret, entry or task-switch" },
	{ "phase=both", "phase 'both' is not accepted; instruction, delivery, iret, entry or task-switch" },
	{ "clocks=", "clocks '' is not accepted; a number 1..18446744073709551614 of crystal clocks, "
		     "or forever" },
	{ "clocks=0", "clocks '0' is not accepted; a number 1.." },
	{ "clocks=-1", "clocks '-1' is not accepted; a number 1.." },
	{ "clocks=18446744073709551615", "clocks '18446744073709551615' is not accepted; a number 1.." },
	{ "clocks=18446744073709551616", "clocks '18446744073709551616' is not accepted; a number 1.." },
	{ "clocks=evermore", "clocks 'evermore' is not accepted; a number 1.." },
	{ "clocks=5=5", "clocks '5=5' is not accepted; a number 1.." },
	{ "rip=", "rip '' is not accepted; a linear address, decimal or 0x" },
	{ "rip=main", "rip 'main' is not accepted; a linear address, decimal or 0x" },
	{ "rip=0x10000000000000000", "rip '0x10000000000000000' is not accepted; a linear address" },
	{ "opcode=", "opcode '' is not accepted; a mnemonic of at most 31 letters, digits and underscores" },
	{ "opcode=IRET ", "opcode 'IRET ' is not accepted; a mnemonic" },
	{ "opcode=IR-ET", "opcode 'IR-ET' is not accepted; a mnemonic" },
	{ "opcode=@[`{/:", "opcode '@[`{/:' is not accepted; a mnemonic" },
	{ "opcode=a{b", "opcode 'a{b' is not accepted; a mnemonic" },
	{ "opcode=abcdefghijklmnopqrstuvwxyz012345", "opcode 'abcdefghijklmnopqrstuvwxyz012345' is not" },
	{ "vector=", "vector '' is not accepted; a number 0..255" },
	{ "vector=256", "vector '256' is not accepted; a number 0..255" },
	{ "vector=AC", "vector 'AC' is not accepted; a number 0..255" },
	{ "mode=", "mode '' is not accepted; nonroot, root or any" },
	{ "mode=guest", "mode 'guest' is not accepted; nonroot, root or any" },
	{ "nth=", "nth '' is not accepted; a number 1..18446744073709551615" },
	{ "nth=0", "nth '0' is not accepted; a number 1..18446744073709551615" },
	{ "nth=first", "nth 'first' is not accepted; a number 1..18446744073709551615" },
	{ "phase=delivery,phase=delivery", "second phase 'delivery'; each key is accepted once" },
	{ "clocks=1,clocks=2", "second clocks '2'; each key is accepted once" },
	{ "rip=1,rip=1", "second rip '1'; each key is accepted once" },
	{ "opcode=A,opcode=B", "second opcode 'B'; each key is accepted once" },
	{ "vector=1,vector=1", "second vector '1'; each key is accepted once" },
	{ "mode=any,mode=any", "second mode 'any'; each key is accepted once" },
	{ "nth=1,nth=1", "second nth '1'; each key is accepted once" },
	{ "clocks=1,rip=1", "no phase; phase=instruction, delivery, iret, entry or task-switch is required" },
	{ "phase=delivery,rip=1", "no clocks; clocks=N or clocks=forever is required" },
	{ "phase=instruction,clocks=1", "phase=instruction for every instruction; rip or opcode is required" },
	{ "phase=instruction,clocks=1,rip=0,vector=1",
	  "vector with phase=instruction; rip and opcode are accepted there" },
	{ "opcode=IRET,phase=delivery,clocks=1",
	  "opcode with phase=delivery; vector and rip are accepted there" },
	{ "opcode=IRET,phase=iret,clocks=1", "opcode with phase=iret; rip is accepted there" },
	{ "vector=1,phase=iret,clocks=1", "vector with phase=iret; rip is accepted there" },
	{ "opcode=VMRESUME,phase=entry,clocks=1", "opcode with phase=entry; vector and rip are accepted there" },
	{ "opcode=JMP,phase=task-switch,clocks=1",
	  "opcode with phase=task-switch; vector and rip are accepted there" },
	{ "phase=entry,clocks=1,mode=root", "mode=root with phase=entry; nonroot or any" },
	{ "cpu=", "cpu '' is not accepted; a number 0..255" },
	{ "cpu=256", "cpu '256' is not accepted; a number 0..255" },
	{ "context=", "context '' is not accepted; valid or invalid" },
	{ "context=policy", "context 'policy' is not accepted; valid or invalid" },
	{ "cpu=1,cpu=1", "second cpu '1'; each key is accepted once" },
	{ "context=valid,context=valid", "second context 'valid'; each key is accepted once" },
	{ "a_key_that_is_longer_than_any_sensible_one_could_be=1",
	  "'a_key_that_is_longer_than_any_sensible_o...' is not accepted; KEY=VALUE with" },
};
#define REFUSED ((int)(sizeof(refused) / sizeof(refused[0])))

START_TEST(refusals)
{
	static const char prefix[] = "stall rule: ";
	const char *says = refused[_i][1];
	struct nw_stall_set before;

	add("phase=delivery,clocks=5");
	before = s;
	memset(err, 'x', sizeof(err));
	ck_assert_int_eq(nw_stall_add(&s, refused[_i][0], err), -1);
	ck_assert_mem_eq(&before, &s, sizeof(s));
	ck_assert_ptr_nonnull(memchr(err, '\0', sizeof(err)));
	ck_assert_uint_lt(strlen(err), sizeof(err) - 1);
	ck_assert_ptr_null(strchr(err, '\n'));
	ck_assert_int_eq(strncmp(err, prefix, strlen(prefix)), 0);
	ck_assert_msg(!strncmp(err + strlen(prefix), says, strlen(says)), "says: %s", err);
}
END_TEST

START_TEST(the_set_is_limited)
{
	for (int i = 0; i < NW_STALL_RULES_MAX; i++)
		add("phase=delivery,clocks=5");
	ck_assert_int_eq(nw_stall_add(&s, "phase=delivery,clocks=5", err), -1);
	ck_assert_str_eq(err, "stall rule: too many; at most 16 are accepted");
	ck_assert_uint_eq(s.count, NW_STALL_RULES_MAX);
}
END_TEST

/* ---- Matching ------------------------------------------------------------------------------- */

/* Rule, name of the simulator, matches? */
static const struct { const char *rule, *name; bool match; } names[] = {
	{ "CPUID", "CPUID", true },
	{ "cpuid", "CPUID", true },
	{ "IRET", "IRET_OP64", true },
	{ "IRET_OP64", "IRET_OP64", true },
	{ "IRET_Op64", "IRET_Op64", true },
	{ "iret_op64", "IRET_Op64", true },
	{ "REP_MOVSB_YbXb", "REP_MOVSB_YbXb", true },
	{ "IRET_OP32", "IRET_OP64", false },
	{ "IRET_", "IRET_OP64", false },
	{ "IRET_OP", "IRET_OP64_X", false },
	{ "IRE", "IRET_OP64", false },
	{ "IRETQ", "IRET", false },
	{ "IRET", "IRE", false },
	{ "INT", "INT_IB", true },
	{ "INT", "INT3", false },
	{ "INT", "INTO_X", false },
	{ "A_B", "A_B_C", false }, /* neither the whole nor the part before the first underscore */
	{ "A", "A_B_C", true },
	{ "_", "__", false },
};

START_TEST(opcode_names)
{
	char text[80] = "phase=instruction,clocks=5,opcode=";
	unsigned rule;

	strcat(text, names[_i].rule);
	add(text);
	ck_assert_int_eq(nw_stall_candidate(&s, 0, names[_i].name), names[_i].match);
	ck_assert_uint_eq(instruction(true, 0, names[_i].name, &rule), names[_i].match ? 5 : 0);
	ck_assert_uint_eq(s.rule[0].hits, names[_i].match);
}
END_TEST

START_TEST(rip_and_opcode_must_both_match)
{
	unsigned rule;

	add("phase=instruction,clocks=5,opcode=NOP,rip=0x1000");
	ck_assert(nw_stall_candidate(&s, 0x000, "NOP"));
	ck_assert(!nw_stall_candidate(&s, 0x000, "HLT"));
	ck_assert(!nw_stall_candidate(&s, 0x001, "NOP"));
	ck_assert_uint_eq(s.rule[0].hits, 0); /* a candidate is not a hit */
	ck_assert_uint_eq(instruction(true, 0x1001, "NOP", &rule), 0);
	ck_assert_uint_eq(instruction(true, 0x1000, "HLT", &rule), 0);
	ck_assert_uint_eq(rule, NONE);
	ck_assert_uint_eq(instruction(true, 0x1000, "NOP", &rule), 5);
	ck_assert_uint_eq(rule, 0);
	ck_assert_uint_eq(s.rule[0].hits, 1);
}
END_TEST

START_TEST(candidate_whatever_mode_and_nth)
{
	add("phase=instruction,clocks=5,rip=7,mode=root,nth=9");
	ck_assert(nw_stall_candidate(&s, 7, "NOP"));
}
END_TEST

START_TEST(candidate_by_the_low_12_bits)
{
	add("phase=instruction,clocks=5,rip=0xffffffff81234567");
	ck_assert(nw_stall_candidate(&s, 0x567, "NOP"));
	ck_assert(!nw_stall_candidate(&s, 0x566, "NOP"));
	ck_assert(!nw_stall_candidate(&s, 0x167, "NOP"));
	ck_assert(!nw_stall_candidate(&s, 0xd67, "NOP"));
}
END_TEST

START_TEST(opcode_at_any_address)
{
	unsigned rule;

	add("phase=instruction,clocks=5,opcode=NOP");
	ck_assert(nw_stall_candidate(&s, 0x123, "NOP"));
	ck_assert_uint_eq(instruction(true, 0x4567123, "NOP", &rule), 5);
}
END_TEST

START_TEST(vector_and_rip_must_both_match)
{
	unsigned rule;

	add("phase=delivery,clocks=5,vector=17,rip=0x1000");
	ck_assert_uint_eq(delivery(true, 0x1000, 16, &rule), 0);
	ck_assert_uint_eq(delivery(true, 0x1001, 17, &rule), 0);
	ck_assert_uint_eq(rule, NONE);
	ck_assert_uint_eq(delivery(true, 0x1000, 17, &rule), 5);
	ck_assert_uint_eq(rule, 0);
}
END_TEST

START_TEST(every_delivery)
{
	unsigned rule;

	add("phase=delivery,clocks=5");
	for (unsigned v = 0; v < 256; v++)
		ck_assert_uint_eq(delivery(true, v * 3, (uint8_t)v, &rule), 5);
	ck_assert_uint_eq(s.rule[0].hits, 256);
}
END_TEST

START_TEST(phases_are_apart)
{
	unsigned rule;

	add("phase=delivery,clocks=5");
	add("phase=instruction,clocks=7,rip=0");
	ck_assert(!nw_stall_candidate(&s, 1, "NOP"));
	ck_assert_uint_eq(instruction(true, 0, "NOP", &rule), 7);
	ck_assert_uint_eq(rule, 1);
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), 5);
	ck_assert_uint_eq(rule, 0);
}
END_TEST

START_TEST(phases_match_themselves_only)
{
	static const char *const text[] = { "instruction,rip=0", "delivery", "iret", "entry", "task-switch" };
	char rule_text[80] = "clocks=5,phase=";
	unsigned rule;

	add(strcat(rule_text, text[_i]));
	for (int phase = 0; phase < NW_STALL_PHASES; phase++) {
		struct nw_stall_place at = { .phase = (enum nw_stall_phase)phase, .nonroot = true, .opcode = "NOP" };

		ck_assert_uint_eq(begin(at, &rule), phase == _i ? 5 : 0);
		ck_assert_int_eq(nw_stall_watches(&s, (enum nw_stall_phase)phase), phase == _i);
	}
	ck_assert_uint_eq(s.rule[0].hits, 1);
	ck_assert_int_eq(nw_stall_candidate(&s, 0, "NOP"), _i == NW_STALL_INSTRUCTION);
}
END_TEST

/* Rule, place, matches? */
static const struct { const char *rule; struct nw_stall_place at; bool match; } places[] = {
	{ "phase=iret,clocks=5,rip=7", { .phase = NW_STALL_IRET, .rip = 7 }, true },
	{ "phase=iret,clocks=5,rip=7", { .phase = NW_STALL_IRET, .rip = 8 }, false },
	{ "phase=entry,clocks=5,vector=14", { .phase = NW_STALL_ENTRY, .event = true, .vector = 14 }, true },
	{ "phase=entry,clocks=5,vector=14", { .phase = NW_STALL_ENTRY, .event = true, .vector = 13 }, false },
	{ "phase=entry,clocks=5,vector=14", { .phase = NW_STALL_ENTRY, .event = false, .vector = 14 }, false },
	{ "phase=entry,clocks=5,vector=0", { .phase = NW_STALL_ENTRY, .event = false, .vector = 0 }, false },
	{ "phase=entry,clocks=5", { .phase = NW_STALL_ENTRY, .event = false }, true },
	{ "phase=task-switch,clocks=5,vector=0,rip=1",
	  { .phase = NW_STALL_TASK_SWITCH, .event = true, .vector = 0, .rip = 1 }, true },
	{ "phase=task-switch,clocks=5,vector=0,rip=1",
	  { .phase = NW_STALL_TASK_SWITCH, .event = true, .vector = 0, .rip = 2 }, false },
	{ "phase=task-switch,clocks=5,vector=0", { .phase = NW_STALL_TASK_SWITCH, .event = false }, false },
	{ "phase=iret,clocks=5,cpu=3", { .phase = NW_STALL_IRET, .cpu = 3 }, true },
	{ "phase=iret,clocks=5,cpu=3", { .phase = NW_STALL_IRET, .cpu = 2 }, false },
	{ "phase=iret,clocks=5,cpu=0", { .phase = NW_STALL_IRET, .cpu = 256 }, false },
	{ "phase=iret,clocks=5", { .phase = NW_STALL_IRET, .cpu = 300 }, true },
	{ "phase=instruction,opcode=NOP,clocks=5,cpu=1", { .cpu = 1, .opcode = "NOP" }, true },
	{ "phase=instruction,opcode=NOP,clocks=5,cpu=1", { .cpu = 0, .opcode = "NOP" }, false },
};
#define PLACES ((int)(sizeof(places) / sizeof(places[0])))

START_TEST(place)
{
	char text[80] = "mode=any,";
	unsigned rule;

	add(strcat(text, places[_i].rule));
	ck_assert_uint_eq(begin(places[_i].at, &rule), places[_i].match ? 5 : 0);
	ck_assert_uint_eq(s.rule[0].hits, places[_i].match);
}
END_TEST

START_TEST(the_first_rule_with_a_context_decides)
{
	unsigned rule;

	add("phase=delivery,clocks=1,vector=9");
	delivery(true, 0, 9, &rule);
	ck_assert_int_eq(last.context, NW_STALL_BY_POLICY);
	add("phase=delivery,clocks=1,nth=2,context=valid");
	add("phase=delivery,clocks=1,vector=9,context=invalid");
	delivery(true, 0, 9, &rule);
	ck_assert_int_eq(last.context, NW_STALL_INVALID);       /* the second rule waits for its 2nd hit */
	delivery(true, 0, 9, &rule);
	ck_assert_int_eq(last.context, NW_STALL_VALID);
	ck_assert_uint_eq(rule, 0);
	delivery(true, 0, 8, &rule);
	ck_assert_int_eq(last.context, NW_STALL_BY_POLICY);
}
END_TEST

START_TEST(modes)
{
	static const char *const text[] = { "nonroot", "root", "any" };
	char rule_text[80] = "phase=delivery,clocks=5,mode=", instruction_text[80] =
		"phase=instruction,rip=0,clocks=5,mode=";
	unsigned rule;

	add(strcat(rule_text, text[_i]));
	add(strcat(instruction_text, text[_i]));
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), _i == 1 ? 0 : 5);
	ck_assert_uint_eq(delivery(false, 0, 0, &rule), _i == 0 ? 0 : 5);
	ck_assert_uint_eq(instruction(true, 0, "NOP", &rule), _i == 1 ? 0 : 5);
	ck_assert_uint_eq(instruction(false, 0, "NOP", &rule), _i == 0 ? 0 : 5);
	/* Only matches in the right mode are hits. */
	ck_assert_uint_eq(s.rule[0].hits, _i == 2 ? 2 : 1);
}
END_TEST

START_TEST(nonroot_is_the_default)
{
	unsigned rule;

	add("phase=delivery,clocks=5");
	ck_assert_uint_eq(delivery(false, 0, 0, &rule), 0);
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), 5);
}
END_TEST

START_TEST(nth_hit_only)
{
	char text[80] = "phase=delivery,clocks=5,vector=1,nth=0";
	unsigned rule;

	text[strlen(text) - 1] = (char)('0' + _i);
	add(text);
	for (int hit = 1; hit < 20; hit++) {
		delivery(true, 0, 2, &rule); /* no hit */
		ck_assert_uint_eq(delivery(true, 0, 1, &rule), hit == _i ? 5 : 0);
		ck_assert_uint_eq(rule, hit == _i ? 0 : NONE);
	}
	ck_assert_uint_eq(s.rule[0].hits, 19);
}
END_TEST

START_TEST(matching_rules_add_up)
{
	unsigned rule;

	add("phase=delivery,clocks=1,vector=9");
	add("phase=delivery,clocks=2,nth=2");
	add("phase=delivery,clocks=4");
	add("phase=delivery,clocks=8,vector=3");
	ck_assert_uint_eq(delivery(true, 0, 3, &rule), 12);
	ck_assert_uint_eq(rule, 2);
	ck_assert_uint_eq(delivery(true, 0, 3, &rule), 14);
	ck_assert_uint_eq(rule, 1);
	ck_assert_uint_eq(delivery(true, 0, 9, &rule), 5);
	ck_assert_uint_eq(rule, 0);
}
END_TEST

START_TEST(the_sum_saturates)
{
	unsigned rule;

	add("phase=delivery,clocks=18446744073709551614");
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), UINT64_MAX - 1);
	add("phase=delivery,clocks=1");
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), NW_STALL_FOREVER);
	add("phase=delivery,clocks=7");
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), NW_STALL_FOREVER);
	add("phase=delivery,clocks=forever");
	ck_assert_uint_eq(delivery(true, 0, 0, &rule), NW_STALL_FOREVER);
	ck_assert_uint_eq(rule, 0);
	ck_assert_uint_eq(s.rule[0].hits, 4); /* adding rules does not touch those before */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stall");
	TCase *parser = tcase_create("parser"), *match = tcase_create("match");

	tcase_add_checked_fixture(parser, setup, NULL);
	tcase_add_test(parser, empty_set);
	tcase_add_test(parser, every_key);
	tcase_add_loop_test(parser, accepted, 0, 20);
	tcase_add_loop_test(parser, refusals, 0, REFUSED);
	tcase_add_test(parser, the_set_is_limited);
	suite_add_tcase(suite, parser);

	tcase_add_checked_fixture(match, setup, NULL);
	tcase_add_loop_test(match, opcode_names, 0, (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(match, rip_and_opcode_must_both_match);
	tcase_add_test(match, candidate_whatever_mode_and_nth);
	tcase_add_test(match, candidate_by_the_low_12_bits);
	tcase_add_test(match, opcode_at_any_address);
	tcase_add_test(match, vector_and_rip_must_both_match);
	tcase_add_test(match, every_delivery);
	tcase_add_test(match, phases_are_apart);
	tcase_add_loop_test(match, phases_match_themselves_only, 0, NW_STALL_PHASES);
	tcase_add_loop_test(match, place, 0, PLACES);
	tcase_add_test(match, the_first_rule_with_a_context_decides);
	tcase_add_loop_test(match, modes, 0, 3);
	tcase_add_test(match, nonroot_is_the_default);
	tcase_add_loop_test(match, nth_hit_only, 1, 6);
	tcase_add_test(match, matching_rules_add_up);
	tcase_add_test(match, the_sum_saturates);
	suite_add_tcase(suite, match);

	return tap_run(suite);
}
