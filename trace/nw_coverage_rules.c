/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_coverage_rules.c - which notify exits cannot happen, and why.
 */
#include "nw_coverage.h"

#define BIT(bin)        (1u << (bin))
#define NOT(mask)       (0xffffu & ~(mask))
#define CAUSE_LOOP      BIT(NWT_CAUSE_DELIVERY)
#define CAUSE_STALLS    (BIT(NWT_CAUSE_STALL_RULE) | BIT(NWT_CAUSE_MAGIC_STALL))
#define EVENT_NONE      BIT(NW_COV_EV_NONE)

#define IF1(d, m, why)                          { { { d, m } }, 1, why }
#define IF2(d, m, e, n, why)                    { { { d, m }, { e, n } }, 2, why }
#define IF3(d, m, e, n, g, o, why)              { { { d, m }, { e, n }, { g, o } }, 3, why }

static const struct nw_cov_rule rules[] = {
	/* What belongs together by definition */
	IF2(NW_COV_EVENT, EVENT_NONE, NW_COV_VECTORING, BIT(1),
	    "IDT-vectoring information is valid only during a delivery"),
	IF2(NW_COV_EVENT, EVENT_NONE, NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_NONE)), "no event has no vector"),
	IF2(NW_COV_EVENT, NOT(EVENT_NONE), NW_COV_VECTOR, BIT(NW_COV_VEC_NONE), "an event has a vector"),
	IF2(NW_COV_CAUSE, NOT(CAUSE_STALLS), NW_COV_PHASE, NOT(BIT(NW_COV_PHASE_NONE)),
	    "only stalls have a phase"),
	IF2(NW_COV_CAUSE, CAUSE_STALLS, NW_COV_PHASE, BIT(NW_COV_PHASE_NONE), "a stall has a phase"),
	IF2(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_EVENT, EVENT_NONE, "a loop is the delivery of an event"),
	IF2(NW_COV_CAUSE, BIT(NWT_CAUSE_MAGIC_STALL), NW_COV_PHASE, NOT(BIT(1)),
	    "the magic NOP is an instruction"),
	IF2(NW_COV_PHASE, BIT(1), NW_COV_EVENT, NOT(EVENT_NONE), "an instruction that stalls delivers no event"),
	IF2(NW_COV_PHASE, BIT(2), NW_COV_EVENT, EVENT_NONE, "a delivery delivers an event"),
	IF2(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_EVENT, NOT(EVENT_NONE | BIT(NW_COV_EV_HARDWARE)),
	    "what is delivered in a loop is the exception that the last delivery raised (P9)"),

	/* Event types and vectors, SDM Vol. 3C, "Information for VM exits that occur during event delivery" */
	IF2(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_VECTOR, BIT(NW_COV_VEC_OTHER) | BIT(NW_COV_VEC_NONE),
	    "a loop delivers exceptions"),
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_HARDWARE), NW_COV_VECTOR, BIT(NW_COV_VEC_OTHER),
	    "exceptions have vectors 0 to 31, NMI is none"),
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_NMI), NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_OTHER)), "an NMI has vector 2"),
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_PRIVILEGED), NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_DB)), "INT1 delivers #DB"),
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_SOFTWARE), NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_EXCEPTION)),
	    "INT3 and INTO deliver #BP and #OF"),

	/* CPU modes */
	IF2(NW_COV_MODE, BIT(NWT_MODE_REAL), NW_COV_CPL, NOT(BIT(0)), "real-address mode has CPL 0"),
	IF2(NW_COV_MODE, BIT(NWT_MODE_V8086), NW_COV_CPL, NOT(BIT(3)), "virtual-8086 mode has CPL 3"),
	IF2(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_MODE, BIT(NWT_MODE_V8086),
	    "exceptions of virtual-8086 mode are delivered to CPL 0 of protected mode"),
	IF2(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_MODE, BIT(NWT_MODE_COMPATIBILITY),
	    "handlers in IA-32e mode are 64-bit code"),
	IF3(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_DB)), NW_COV_MODE, BIT(NWT_MODE_64BIT),
	    "IA-32e mode aligns the stack before it pushes a frame: no #AC, and no loop but that of #DB"),
	IF3(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_VECTOR, BIT(NW_COV_VEC_AC), NW_COV_CPL, NOT(BIT(3)),
	    "#AC is raised at CPL 3 only"),
	IF3(NW_COV_EVENT, BIT(NW_COV_EV_HARDWARE), NW_COV_VECTOR, BIT(NW_COV_VEC_AC), NW_COV_MODE, BIT(NWT_MODE_REAL),
	    "#AC is raised at CPL 3 only"),
	IF3(NW_COV_CAUSE, CAUSE_LOOP, NW_COV_MODE, BIT(NWT_MODE_REAL), NW_COV_VECTOR, NOT(BIT(NW_COV_VEC_DB) | BIT(NW_COV_VEC_NONE)),
	    "in real-address mode a second exception of a delivery is a double fault or a shutdown"),
	IF3(NW_COV_EVENT, BIT(NW_COV_EV_HARDWARE), NW_COV_VECTOR, BIT(NW_COV_VEC_PF) | BIT(NW_COV_VEC_NP), NW_COV_MODE,
	    BIT(NWT_MODE_REAL), "real-address mode has no paging and no present flags of segments"),

	/* Blocking, SDM Vol. 3A, "Masking exceptions and interrupts when switching stacks"; Vol. 3C, "Guest non-register state" */
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_EXTERNAL), NW_COV_SHADOW, NOT(BIT(NW_COV_SHADOW_NONE)),
	    "external interrupts wait for the end of the shadow"),
	IF2(NW_COV_EVENT, BIT(NW_COV_EV_NMI), NW_COV_SHADOW, NOT(BIT(NW_COV_SHADOW_NONE)),
	    "NMIs wait for the end of the shadow"),

	IF2(NW_COV_EVENT, BIT(NW_COV_EV_NMI), NW_COV_NMI, BIT(NW_COV_NMI_NONE),
	    "the delivery of an NMI begins with blocking NMIs"),

	/* Exit qualification bit 12, SDM Vol. 3C, "Basic VM-exit information" */
	IF2(NW_COV_UNBLOCKING, NOT(BIT(NW_COV_UNBLOCKING_UNDEFINED)), NW_COV_EVENT, NOT(EVENT_NONE),
	    "bit 12 is undefined during a delivery"),
	IF2(NW_COV_UNBLOCKING, BIT(NW_COV_UNBLOCKING_YES), NW_COV_NMI, NOT(BIT(NW_COV_NMI_NONE)),
	    "IRET has removed the blocking that bit 12 tells of"),
};

const struct nw_cov_rule *nw_cov_rules(size_t *n)
{
	*n = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

const struct nw_cov_rule *nw_cov_forbidden(const int bin[NW_COV_DIMS])
{
	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		bool holds = true;

		for (unsigned t = 0; t < rules[r].terms && holds; t++) {
			int b = bin[rules[r].term[t].dim];

			holds = b >= 0 && (rules[r].term[t].mask & BIT(b));
		}
		if (holds)
			return &rules[r];
	}
	return NULL;
}

static bool complete(const struct nw_coverage *c, int bin[NW_COV_DIMS], unsigned d)
{
	if (nw_cov_forbidden(bin))
		return false;
	while (d < NW_COV_DIMS && bin[d] >= 0)
		d++;
	if (d == NW_COV_DIMS)
		return true;
	for (unsigned b = 0; b < c->bins[d]; b++) {
		bin[d] = (int)b;
		if (complete(c, bin, d + 1)) {
			bin[d] = -1;
			return true;
		}
	}
	bin[d] = -1;
	return false;
}

bool nw_cov_possible(const struct nw_coverage *c, const int bin[NW_COV_DIMS], const struct nw_cov_rule **rule)
{
	int point[NW_COV_DIMS];

	for (unsigned d = 0; d < NW_COV_DIMS; d++)
		point[d] = bin[d];
	*rule = nw_cov_forbidden(point);
	return !*rule && complete(c, point, 0);
}

size_t nw_cov_cross_possible(const struct nw_coverage *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->cross_size; i++) {
		int bin[NW_COV_DIMS];
		size_t rest = i;

		for (unsigned d = NW_COV_CROSS; d < NW_COV_DIMS; d++)
			bin[d] = -1;
		for (unsigned d = NW_COV_CROSS; d-- > 0; rest /= c->bins[d])
			bin[d] = (int)(rest % c->bins[d]);
		n += complete(c, bin, 0);
	}
	return n;
}

size_t nw_cov_cross_seen(const struct nw_coverage *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->cross_size; i++)
		n += c->cross[i] != 0;
	return n;
}
