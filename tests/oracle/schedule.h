/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * schedule.h - a schedule: what a processor does, under which rules, and how the guest's loops look to the model.
 */
#ifndef NW_ORACLE_SCHEDULE_H
#define NW_ORACLE_SCHEDULE_H

#include <stdio.h>

#include "nw_oracle.h"

struct schedule {
	struct oracle_rules rules;
	uint64_t start;                 /* tick of the first event */
	struct oracle_event event[ORACLE_EVENTS_MAX];
	unsigned n;
	bool skip, may_skip;            /* parameter `skip`, and what the caller of nw_flow_step() says */
	uint64_t x, y;                  /* arguments for the clock conversions */
};

/* The schedule with this number, of the run with this seed. */
void schedule_generate(struct schedule *s, uint64_t seed, uint64_t number);

/* As text: rules that are not at their defaults, then one line per event. */
void schedule_print(FILE *f, const struct schedule *s);

void result_print(FILE *f, const struct oracle_result *r);

/*
 * What cpu/notify makes of it, through its public functions, used as the simulator uses them. Returns the number of
 * results. *cut: a loop took too many steps; the results are those up to there, and the last has the kind ORACLE_END.
 */
size_t schedule_run_model(const struct schedule *s, struct oracle_result result[ORACLE_RESULTS_MAX], bool *cut);

/*
 * Runs both. NULL when they agree, else one line that says what differs (in a static buffer).
 */
const char *schedule_compare(const struct schedule *s);

/* Makes a schedule on which both differ as small as it can. */
void schedule_shrink(struct schedule *s);

#endif
