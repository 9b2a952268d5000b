/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verdict.h - how a run ended, in one word, and the exit status that follows from it.
 */
#ifndef NWS_VERDICT_H
#define NWS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "nw_trace.h"
#include "tap.h"

enum nws_verdict {
	NWS_PASS,               /* the guest reported success and its test lines confirm it */
	NWS_FAIL,               /* a claim of the guest did not hold */
	NWS_ERROR,              /* the guest could not make its test, or its report is incomplete */
	NWS_SKIP,               /* not applicable on this CPU model */
	NWS_HUNG,               /* hang limit reached with no notify exit armed */
	NWS_TIME_LIMIT,         /* limit of simulated time reached */
	NWS_SHUTDOWN,           /* triple fault outside a guest */
	NWS_POWER_OFF,          /* powered off without a result */
	NWS_RESET,              /* reset the machine, which ends a run that does not boot again */
	NWS_FAULT,              /* the simulator failed */
	NWS_HOST_LIMIT,         /* stopped at the limit of host time: says nothing of the guest, and nothing can expect it */
	NWS_VERDICT_COUNT
};

/* What is known when the simulator has ended. */
struct nws_outcome {
	bool host_limit;        /* stopped at the limit of host time */
	bool simulator_ok;      /* exited with status 0 and left a readable trace with a verdict */
	enum nwt_verdict_kind kind;
	uint64_t code;          /* value written to the exit port, if nws_has_code() */
	struct nws_tap tap;
	bool tap_required;      /* our bare-metal guests must print TAP; others may */
};

/* Its word, as reports and --expect have it. */
const char *nws_verdict_name(enum nws_verdict v);
/* The names of those that can be expected, "pass, fail, ...". */
const char *nws_verdict_names(void);
/* 0, or -1 when there is no such verdict, or when it cannot be expected. */
int nws_verdict_parse(const char *name, enum nws_verdict *v);

/* Did the guest write to the exit port? */
bool nws_has_code(const struct nws_outcome *o);

/* The verdict: exit code and test lines have to agree for a pass. */
enum nws_verdict nws_verdict_of(const struct nws_outcome *o);

/* Exit status of `nwsim run`. guest_status: --exit-status guest, the guest's own code when it gave one. */
int nws_verdict_status(enum nws_verdict v, enum nws_verdict expect, bool guest_status, const struct nws_outcome *o);

#endif
