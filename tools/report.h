/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - what is said about a run or a trace, as text for people and as JSON for programs.
 */
#ifndef NWS_REPORT_H
#define NWS_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "linux_table.h"
#include "nw_summary.h"
#include "options.h"
#include "serial.h"
#include "verdict.h"

/* The part that comes from a trace. */
struct nws_trace_report {
	const struct nw_summary *sum;
	uint32_t num, den;              /* TSC ticks per crystal clocks, 0 = unknown */
	uint64_t tsc_hz;                /* 0 = unknown */
	uint64_t cpus;                  /* number of simulated processors, 0 = unknown */
};

struct nws_report {
	const struct nws_options *o;
	const char *guest, *claim, *cmdline;
	struct nws_outcome outcome;
	enum nws_verdict verdict;
	int status;                     /* exit status of the command */
	const char *message;            /* why the simulator failed, or NULL */
	const char *kernel_panic;       /* Linux's reason, or NULL */
	bool has_trace;
	struct nws_trace_report trace;
	const struct nws_serial *serial;
	double host_seconds;
	const struct nws_table *table;  /* nwsim linux, else NULL */
};

/* Takes clock.num, clock.den, clock.tsc_hz and cpu.count from the head of a trace; absent or malformed ones become 0. */
void nws_trace_head(struct nws_trace_report *t, const struct nwt_reader *r);

/* What `nwsim run' says at the end, from the verdict to the host time. Errors of f are the caller's to look for. */
void nws_report_text(FILE *f, const struct nws_report *r);
/* The part of it that comes from a trace. */
void nws_trace_text(FILE *f, const struct nws_trace_report *t);

/* The report as an object (nwsim(1), JSON): a new reference, which nws_json_print() releases. */
json_t *nws_report_json(const struct nws_report *r);
/* Adds the members that come from a trace. */
void nws_trace_json(json_t *object, const struct nws_trace_report *t);
/* A text that may hold any bytes, as a new reference: what is no UTF-8 becomes U+FFFD. */
json_t *nws_json_text(const char *s);
/* Pretty-prints one object and releases it. 0, or -1 after one line on standard error. */
int nws_json_print(FILE *f, json_t *object);

#define NWS_NAME        32

/* What an enum nwt_cause and an enum nwt_verdict_kind are called in traces; "unknown" for other values. Return buf. */
const char *nws_cause_name(uint64_t cause, char buf[NWS_NAME]);
const char *nws_end_name(uint64_t verdict_kind, char buf[NWS_NAME]);

#endif
