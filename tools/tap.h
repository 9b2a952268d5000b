/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.h - reads the Test Anything Protocol lines that a guest prints on its serial line.
 *
 * Other lines are ignored. "Complete" means: exactly one plan, and the test lines numbered 1 to the plan's count,
 * each once and in order, with no "Bail out!".
 */
#ifndef NWS_TAP_H
#define NWS_TAP_H

#include <stdbool.h>

struct nws_tap {
	bool plan_seen, bailed, broken; /* broken: second plan, wrong order */
	bool skip_all;                  /* plan "1..0 # SKIP" */
	unsigned long plan, run, ok, not_ok, skipped;
};

enum nws_tap_result {
	NWS_TAP_NONE,           /* no plan and no test line at all */
	NWS_TAP_INCOMPLETE,     /* plan missing, tests missing, bail out, or out of order */
	NWS_TAP_FAILED,         /* at least one "not ok" without TODO */
	NWS_TAP_SKIPPED,        /* plan "1..0", nothing run */
	NWS_TAP_OK
};

/* One line without its line end. */
void nws_tap_line(struct nws_tap *t, const char *line);

/* What the lines so far say, as if no more came. */
enum nws_tap_result nws_tap_result(const struct nws_tap *t);

/* One clause for reports: "12 of 12 tests ok", "plan missing". */
const char *nws_tap_describe(const struct nws_tap *t, char buf[128]);

#endif
