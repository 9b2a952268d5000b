/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_rules.h - the rules under which a trace was made, from the configuration in its head.
 */
#ifndef NW_TRACE_RULES_H
#define NW_TRACE_RULES_H

#include <stdio.h>

#include "nw_oracle.h"
#include "nw_trace.h"

struct trace_rules {
	struct oracle_rules oracle;
	uint64_t gap_min;               /* TSC ticks: shorter gaps have no record */
	bool arm_late;                  /* P7 */
	bool vectoring;                 /* P9 */
	bool shadow_closed;             /* P21 */
	bool deliveries, debug_traps;   /* P5: which loops keep the window closed */
	bool junk;                      /* P12: undefined fields and bits are not 0 */
};

/* Returns false, with one line to f, when an entry is missing or is not what nwsim writes. */
bool trace_rules(struct trace_rules *rules, const struct nwt_reader *r, FILE *f);

#endif
