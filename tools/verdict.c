/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verdict.c - from exit code, test lines and the simulator's verdict to one word.
 *
 * A guest passes only when its exit code, its plan and every test line say so: a guest that jumps to the exit port by
 * accident, or loses a test, is not a success. A guest that never asked for the simulator's signature knows nothing of
 * these codes: 0 is its success, everything else its failure, and test lines are not asked of it.
 */
#include <string.h>

#include "nw_abi.h"
#include "nws.h"
#include "verdict.h"

static const char *const names[NWS_VERDICT_COUNT] = {
	[NWS_PASS] = "pass",         [NWS_FAIL] = "fail",           [NWS_ERROR] = "error",
	[NWS_SKIP] = "skip",         [NWS_HUNG] = "hung",           [NWS_TIME_LIMIT] = "time_limit",
	[NWS_SHUTDOWN] = "shutdown", [NWS_POWER_OFF] = "power_off", [NWS_RESET] = "reset",
	[NWS_FAULT] = "fault",       [NWS_HOST_LIMIT] = "host_limit",
};

const char *nws_verdict_name(enum nws_verdict v)
{
	return names[v];
}

const char *nws_verdict_names(void)
{
	return "pass, fail, error, skip, hung, time_limit, shutdown, power_off, reset, fault";
}

int nws_verdict_parse(const char *name, enum nws_verdict *v)
{
	for (int i = 0; i < NWS_HOST_LIMIT; i++) {
		if (!strcmp(names[i], name)) {
			*v = (enum nws_verdict)i;
			return 0;
		}
	}
	return -1;
}

static enum nws_verdict of_pass(const struct nws_outcome *o, bool tap_required)
{
	switch (nws_tap_result(&o->tap)) {
	case NWS_TAP_OK:
		return NWS_PASS;
	case NWS_TAP_FAILED:
		return NWS_FAIL;
	case NWS_TAP_SKIPPED:
		return NWS_SKIP;
	case NWS_TAP_NONE:
		return tap_required ? NWS_ERROR : NWS_PASS;
	case NWS_TAP_INCOMPLETE:
		break;
	}
	return NWS_ERROR;
}

static enum nws_verdict of_exit(const struct nws_outcome *o)
{
	switch (o->code) {
	case NW_EXIT_PASS:
		return of_pass(o, o->tap_required);
	case NW_EXIT_FAIL:
		return NWS_FAIL;
	case NW_EXIT_SKIP:
		return nws_tap_result(&o->tap) == NWS_TAP_FAILED ? NWS_FAIL : NWS_SKIP;
	default:
		return NWS_ERROR;
	}
}

bool nws_has_code(const struct nws_outcome *o)
{
	return o->simulator_ok && (o->kind == NWT_VERDICT_GUEST_EXIT || o->kind == NWT_VERDICT_FOREIGN_EXIT);
}

enum nws_verdict nws_verdict_of(const struct nws_outcome *o)
{
	if (o->host_limit)
		return NWS_HOST_LIMIT;
	if (!o->simulator_ok)
		return NWS_FAULT;
	switch (o->kind) {
	case NWT_VERDICT_GUEST_EXIT:
		return of_exit(o);
	case NWT_VERDICT_FOREIGN_EXIT:
		return o->code ? NWS_FAIL : of_pass(o, false);
	case NWT_VERDICT_RESET:
		return NWS_RESET;
	case NWT_VERDICT_POWER_OFF:
		return NWS_POWER_OFF;
	case NWT_VERDICT_HUNG:
		return NWS_HUNG;
	case NWT_VERDICT_TIME_LIMIT:
		return NWS_TIME_LIMIT;
	case NWT_VERDICT_SHUTDOWN:
		return NWS_SHUTDOWN;
	default:
		return NWS_FAULT;
	}
}

int nws_verdict_status(enum nws_verdict v, enum nws_verdict expect, bool guest_status,
		       const struct nws_outcome *o)
{
	if (guest_status && nws_has_code(o))
		return (int)(o->code & 0xff);
	if (v == expect)
		return NWS_EXIT_MET;
	if (v == NWS_FAULT || v == NWS_HOST_LIMIT)
		return NWS_EXIT_FAULT;
	if (v == NWS_HUNG)
		return NWS_EXIT_HUNG;
	return NWS_EXIT_NOT_MET;
}
