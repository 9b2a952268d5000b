/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_rules.c - parameters from the head of a trace.
 */
#include "trace_rules.h"

#include <stdlib.h>
#include <string.h>

static bool number(FILE *f, const struct nwt_reader *r, const char *key, uint64_t *v)
{
	const char *text = nwt_config_get(r, key);
	char *end;

	if (!text) {
		fprintf(f, "check_trace: the trace has no configuration entry '%s'\n", key);
		return false;
	}
	*v = strtoull(text, &end, 0);
	if (end == text || *end) {
		fprintf(f, "check_trace: configuration entry '%s': '%.40s' is not a number\n", key, text);
		return false;
	}
	return true;
}

/* A choice of two: the first or the second name. */
static bool choice(FILE *f, const struct nwt_reader *r, const char *key, const char *no, const char *yes, bool *v)
{
	const char *text = nwt_config_get(r, key);

	if (text && (!strcmp(text, no) || !strcmp(text, yes))) {
		*v = !strcmp(text, yes);
		return true;
	}
	fprintf(f, "check_trace: configuration entry '%s': '%.40s', should be %s or %s\n", key, text ? text : "", no, yes);
	return false;
}

static bool context_invalid(FILE *f, const struct nwt_reader *r, uint64_t *every)
{
	const char *text = nwt_config_get(r, "param.context_invalid");

	*every = text && !strcmp(text, "always");
	return (text && (*every || !strcmp(text, "never"))) || number(f, r, "param.context_invalid", every);
}

/* P5: one name for each set of the two kinds of loops. */
static bool stalling(FILE *f, const struct nwt_reader *r, struct trace_rules *rules)
{
	const char *text = nwt_config_get(r, "param.stalling");
	bool all = text && !strcmp(text, "all");

	rules->deliveries = all || (text && !strcmp(text, "delivery"));
	rules->debug_traps = all || (text && !strcmp(text, "debug-trap"));
	if (rules->deliveries || rules->debug_traps || (text && !strcmp(text, "none")))
		return true;
	fprintf(f, "check_trace: configuration entry 'param.stalling': '%.40s', should be all, delivery, debug-trap or none\n",
		text ? text : "");
	return false;
}

bool trace_rules(struct trace_rules *rules, const struct nwt_reader *r, FILE *f)
{
	struct oracle_rules *o = &rules->oracle;
	const char *undefined = nwt_config_get(r, "param.undefined");
	uint64_t num, den;

	rules->junk = undefined && !strncmp(undefined, "junk", 4); /* P12, or "junk-length"; traces from before it have zeros */
	if (!number(f, r, "clock.num", &num) || !number(f, r, "clock.den", &den) ||
	    !number(f, r, "clock.tsc_hz", &o->tsc_hz) || !number(f, r, "param.threshold", &o->threshold) ||
	    !number(f, r, "param.delivery_cost", &o->iteration_ticks) ||
	    !number(f, r, "param.hang_limit", &o->hang_us) || !number(f, r, "param.gap_min", &rules->gap_min) ||
	    !context_invalid(f, r, &o->invalid_every) || !stalling(f, r, rules) ||
	    !choice(f, r, "param.vectoring", "0", "1", &rules->vectoring) ||
	    !choice(f, r, "param.arm", "before-injection", "after-injection", &rules->arm_late) ||
	    !choice(f, r, "param.smm", "suspend", "count", &o->smm_counts) ||
	    !choice(f, r, "param.sum", "64-bit", "32-bit", &o->wraps) ||
	    !choice(f, r, "param.shadow", "opens", "closed", &rules->shadow_closed) ||
	    !choice(f, r, "param.threshold_unit", "crystal", "tsc", &o->threshold_in_ticks) ||
	    !choice(f, r, "param.start", "boundary", "risk", &o->from_first_nested) ||
	    !choice(f, r, "param.crystal_phase", "free", "edge", &o->on_edges) ||
	    !choice(f, r, "param.atomic", "fault-before", "complete", &o->completes))
		return false;
	o->num = (uint32_t)num;
	o->den = (uint32_t)den;
	return true;
}
