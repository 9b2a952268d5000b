/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_stall.c - stall rules: strict parser and matching.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nw_clock.h"
#include "nw_stall.h"
#include "nw_text.h"

enum key { KEY_PHASE, KEY_CLOCKS, KEY_RIP, KEY_OPCODE, KEY_VECTOR, KEY_MODE, KEY_CPU, KEY_NTH, KEY_CONTEXT, KEY_COUNT };

static const struct {
	const char *name;
	const char *accepted;
} keys[KEY_COUNT] = {
	[KEY_PHASE] = { "phase", "instruction, delivery, iret, entry or task-switch" },
	[KEY_CLOCKS] = { "clocks", "a number 1..18446744073709551614 of crystal clocks, or forever" },
	[KEY_RIP] = { "rip", "a linear address, decimal or 0x" },
	[KEY_OPCODE] = { "opcode", "a mnemonic of at most 31 letters, digits and underscores" },
	[KEY_VECTOR] = { "vector", "a number 0..255" },
	[KEY_MODE] = { "mode", "nonroot, root or any" },
	[KEY_CPU] = { "cpu", "a number 0..255" },
	[KEY_NTH] = { "nth", "a number 1..18446744073709551615" },
	[KEY_CONTEXT] = { "context", "valid or invalid" },
};

#define RIP     (1u << KEY_RIP)
#define OPCODE  (1u << KEY_OPCODE)
#define VECTOR  (1u << KEY_VECTOR)

/* Which of these keys a phase has a use for. */
static const struct {
	const char *name;
	unsigned uses;
	const char *used;
} phases[NW_STALL_PHASES] = {
	[NW_STALL_INSTRUCTION] = { "instruction", RIP | OPCODE, "rip and opcode are" },
	[NW_STALL_DELIVERY] = { "delivery", RIP | VECTOR, "vector and rip are" },
	[NW_STALL_IRET] = { "iret", RIP, "rip is" },
	[NW_STALL_ENTRY] = { "entry", RIP | VECTOR, "vector and rip are" },
	[NW_STALL_TASK_SWITCH] = { "task-switch", RIP | VECTOR, "vector and rip are" },
};

/* A piece of the rule's text. */
struct piece {
	const char *text;
	size_t len;
};

static bool is(struct piece p, const char *word)
{
	return p.len == strlen(word) && !memcmp(p.text, word, p.len);
}

void nw_stall_init(struct nw_stall_set *s)
{
	memset(s, 0, sizeof(*s));
}

static int parse_phase(struct nw_stall_rule *r, struct piece v)
{
	for (int i = 0; i < NW_STALL_PHASES; i++) {
		if (is(v, phases[i].name)) {
			r->phase = (enum nw_stall_phase)i;
			return 0;
		}
	}
	return -1;
}

static int parse_mode(struct nw_stall_rule *r, struct piece v)
{
	static const char *const names[] = { "nonroot", "root", "any" };

	for (int i = 0; i < 3; i++) {
		if (is(v, names[i])) {
			r->mode = (enum nw_stall_mode)i;
			return 0;
		}
	}
	return -1;
}

static int parse_context(struct nw_stall_rule *r, struct piece v)
{
	if (!is(v, "valid") && !is(v, "invalid"))
		return -1;
	r->context = is(v, "valid") ? NW_STALL_VALID : NW_STALL_INVALID;
	return 0;
}

static int parse_clocks(struct nw_stall_rule *r, struct piece v)
{
	if (is(v, "forever")) {
		r->clocks_crystal = NW_STALL_FOREVER;
		return 0;
	}
	if (nw_text_number(v.text, v.len, &r->clocks_crystal) || r->clocks_crystal == 0 ||
	    r->clocks_crystal == NW_STALL_FOREVER)
		return -1;
	return 0;
}

static int parse_byte(bool *given, uint8_t *byte, struct piece v)
{
	uint64_t n;

	if (nw_text_number(v.text, v.len, &n) || n > 255)
		return -1;
	*given = true;
	*byte = (uint8_t)n;
	return 0;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int parse_opcode(struct nw_stall_rule *r, struct piece v)
{
	if (v.len == 0 || v.len >= sizeof(r->opcode))
		return -1;
	for (size_t i = 0; i < v.len; i++) {
		char c = upper(v.text[i]);

		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return -1;
		r->opcode[i] = c;
	}
	r->opcode[v.len] = '\0';
	return 0;
}

static int parse_value(struct nw_stall_rule *r, enum key key, struct piece v)
{
	switch (key) {
	case KEY_PHASE:
		return parse_phase(r, v);
	case KEY_CLOCKS:
		return parse_clocks(r, v);
	case KEY_RIP:
		r->match_rip = true;
		return nw_text_number(v.text, v.len, &r->rip);
	case KEY_OPCODE:
		return parse_opcode(r, v);
	case KEY_VECTOR:
		return parse_byte(&r->match_vector, &r->vector, v);
	case KEY_MODE:
		return parse_mode(r, v);
	case KEY_CPU:
		return parse_byte(&r->match_cpu, &r->cpu, v);
	case KEY_CONTEXT:
		return parse_context(r, v);
	default:
		return nw_text_number(v.text, v.len, &r->nth) || r->nth == 0 ? -1 : 0;
	}
}

static int find_key(struct piece name)
{
	for (int k = 0; k < KEY_COUNT; k++)
		if (is(name, keys[k].name))
			return k;
	return -1;
}

/* One "key=value". given: bit set of the keys seen so far. */
static int parse_item(struct nw_stall_rule *r, struct piece item, unsigned *given,
		      char err[NW_STALL_ERRLEN])
{
	const char *equals = memchr(item.text, '=', item.len);
	struct piece name = { item.text, equals ? (size_t)(equals - item.text) : 0 };
	struct piece value = { item.text + name.len + 1, item.len - name.len - 1 };
	char quote[NW_TEXT_QUOTE];
	int key = find_key(name);

	if (key < 0) {
		snprintf(err, NW_STALL_ERRLEN, "stall rule: '%s' is not accepted; KEY=VALUE with one of "
			 "phase, clocks, rip, opcode, vector, mode, cpu, nth, context",
			 nw_text_quote(quote, item.text, item.len));
		return -1;
	}
	if (*given & 1u << key) {
		snprintf(err, NW_STALL_ERRLEN, "stall rule: second %s '%s'; each key is accepted once",
			 keys[key].name, nw_text_quote(quote, value.text, value.len));
		return -1;
	}
	if (parse_value(r, (enum key)key, value)) {
		snprintf(err, NW_STALL_ERRLEN, "stall rule: %s '%s' is not accepted; %s", keys[key].name,
			 nw_text_quote(quote, value.text, value.len), keys[key].accepted);
		return -1;
	}
	*given |= 1u << key;
	return 0;
}

/* What a rule as a whole lacks or has too much of; false: nothing. */
static bool complaint(const struct nw_stall_rule *r, unsigned given, char err[NW_STALL_ERRLEN])
{
	unsigned useless = given & (RIP | OPCODE | VECTOR) & ~phases[r->phase].uses;

	if (!(given & 1u << KEY_PHASE))
		snprintf(err, NW_STALL_ERRLEN, "stall rule: no phase; phase=%s is required", keys[KEY_PHASE].accepted);
	else if (!(given & 1u << KEY_CLOCKS))
		snprintf(err, NW_STALL_ERRLEN, "stall rule: no clocks; clocks=N or clocks=forever is required");
	else if (useless)
		snprintf(err, NW_STALL_ERRLEN, "stall rule: %s with phase=%s; %s accepted there",
			 useless & OPCODE ? "opcode" : "vector", phases[r->phase].name, phases[r->phase].used);
	else if (r->phase == NW_STALL_INSTRUCTION && !(given & (RIP | OPCODE)))
		snprintf(err, NW_STALL_ERRLEN,
			 "stall rule: phase=instruction for every instruction; rip or opcode is required");
	else if (r->phase == NW_STALL_ENTRY && r->mode == NW_STALL_ROOT)
		snprintf(err, NW_STALL_ERRLEN,
			 "stall rule: mode=root with phase=entry; nonroot or any, the guest state has been loaded");
	else
		return false;
	return true;
}

int nw_stall_add(struct nw_stall_set *s, const char *text, char err[NW_STALL_ERRLEN])
{
	struct nw_stall_rule rule = { .mode = NW_STALL_NONROOT };
	unsigned given = 0;
	size_t len;

	if (s->count == NW_STALL_RULES_MAX) {
		snprintf(err, NW_STALL_ERRLEN, "stall rule: too many; at most %d are accepted",
			 NW_STALL_RULES_MAX);
		return -1;
	}
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (parse_item(&rule, (struct piece){ text, len }, &given, err))
			return -1;
		if (text[len] == '\0')
			break;
	}
	if (complaint(&rule, given, err))
		return -1;
	s->rule[s->count++] = rule;
	return 0;
}

/* The whole name, or its part before the first underscore (the rest names operand forms). */
static bool matches_opcode(const struct nw_stall_rule *r, const char *opcode)
{
	size_t len = strlen(r->opcode);

	for (size_t i = 0; i < len; i++)
		if (r->opcode[i] != upper(opcode[i])) /* also where opcode is shorter */
			return false;
	return opcode[len] == '\0' || (opcode[len] == '_' && !memchr(opcode, '_', len));
}

#define PAGE_OFFSET 0xfffu

/* mask: the bits of the address that are compared. */
static bool matches_instruction(const struct nw_stall_rule *r, uint64_t rip, uint64_t mask, const char *opcode)
{
	return r->phase == NW_STALL_INSTRUCTION && (!r->match_rip || ((r->rip ^ rip) & mask) == 0) &&
	       (r->opcode[0] == '\0' || matches_opcode(r, opcode));
}

static bool matches(const struct nw_stall_rule *r, const struct nw_stall_place *at)
{
	if (r->match_cpu && r->cpu != at->cpu)
		return false;
	if (r->mode != NW_STALL_ANY && (r->mode == NW_STALL_NONROOT) != at->nonroot)
		return false;
	if (at->phase == NW_STALL_INSTRUCTION)
		return matches_instruction(r, at->rip, UINT64_MAX, at->opcode);
	return r->phase == at->phase && (!r->match_rip || r->rip == at->rip) &&
	       (!r->match_vector || (at->event && r->vector == at->vector));
}

bool nw_stall_candidate(const struct nw_stall_set *s, unsigned page_offset, const char *opcode)
{
	for (unsigned i = 0; i < s->count; i++)
		if (matches_instruction(&s->rule[i], page_offset, PAGE_OFFSET, opcode))
			return true;
	return false;
}

bool nw_stall_watches(const struct nw_stall_set *s, enum nw_stall_phase phase)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->rule[i].phase == phase)
			return true;
	return false;
}

struct nw_stall nw_stall_begin(struct nw_stall_set *s, const struct nw_stall_place *at)
{
	struct nw_stall sum = { 0, 0, NW_STALL_BY_POLICY };

	for (unsigned i = 0; i < s->count; i++) {
		struct nw_stall_rule *r = &s->rule[i];

		if (!matches(r, at))
			continue;
		r->hits++;
		if (r->nth != 0 && r->hits != r->nth)
			continue;
		if (sum.clocks_crystal == 0)
			sum.rule = i;
		if (sum.context == NW_STALL_BY_POLICY)
			sum.context = r->context;
		sum.clocks_crystal = nw_time_add(sum.clocks_crystal, r->clocks_crystal);
	}
	return sum;
}
