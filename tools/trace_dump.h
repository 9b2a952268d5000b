/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_dump.h - nwsim trace dump: configuration and records of a trace as lines, all or some of them.
 */
#ifndef NWS_TRACE_DUMP_H
#define NWS_TRACE_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "nw_trace.h"

enum nws_dump_config {
	NWS_DUMP_SHORT,                 /* one line for all entries build.N: flags and patches of the simulator */
	NWS_DUMP_WHOLE,
	NWS_DUMP_NO_CONFIG
};

/* Zero shows everything, except that `to` is UINT64_MAX then. */
struct nws_dump_filter {
	enum nws_dump_config config;
	const char *types;              /* names of event types, joined by commas; NULL = all */
	bool one_cpu;
	uint64_t cpu;
	uint64_t from, to;              /* TSC ticks, both included */
};

/*
 * Prints to standard output, whose errors the caller looks for. NWS_EXIT_MET, or NWS_EXIT_USAGE after one line on standard error
 * when the trace is damaged or has no such event type.
 */
int nws_trace_dump(struct nwt_reader *r, const struct nws_dump_filter *f);

#endif
