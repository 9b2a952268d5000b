/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch.h - runs several guests of the list, some at a time, and reports one result for each.
 */
#ifndef NWS_BATCH_H
#define NWS_BATCH_H

#include <sys/types.h>

#include "guests.h"
#include "options.h"
#include "session.h"

/* ---- One guest (cmd_run.c) ----------------------------------------------------------------------------- */

/*
 * Runs a guest of the list with its own options and the user's (argv of `nwsim run`) over them. trace: where to keep the
 * trace, or NULL; result: filled, or NULL. Returns the exit status.
 */
int nws_run_guest(const struct nws_guest *g, int argc, char **argv, const char *trace, struct nws_result *result);
/*
 * Is it built, and are its options right? RAM and expectation then. 0, or NWS_EXIT_USAGE after one line on standard
 * error; wrong options end the program as nws_options_parse() does.
 */
int nws_guest_check(const struct nws_guest *g, int argc, char **argv, uint64_t *memory_mib, enum nws_verdict *expect);

/* ---- Several (batch.c) --------------------------------------------------------------------------------- */

/* A guest that is to be run, runs or has run. */
struct nws_job {
	const struct nws_guest *guest;
	uint64_t memory_mib;
	enum nws_verdict expect;
	pid_t pid;                      /* 0: not started */
	bool ended;
	double begin, seconds;          /* host time */
	int status;                     /* exit status, 128 + signal */
	const struct nws_result *result;
	char *output;                   /* path of what it printed */
};

struct nws_batch {
	const struct nws_options *o;
	struct nws_job *job;
	size_t n, started, ended, reported, met;
	double begin, seconds;          /* host time of all */
	char *kept;                     /* directory with the outputs, or NULL */
};

/*
 * `nwsim run` with --all, --group or several names. Exit status: 0 all ended as expected, 1 some did not, 2 usage or
 * configuration, 128 + signal.
 */
int nws_batch(const struct nws_guests *list, const struct nws_options *o, int argc, char **argv);

/* ---- What is printed (batch_report.c) ------------------------------------------------------------------ */

bool nws_job_met(const struct nws_job *j);
/* Before the first result, for each result in the order of the list, after the last one. */
void nws_batch_head(const struct nws_batch *b);
void nws_batch_line(const struct nws_batch *b, const struct nws_job *j);
/* 0, or -1 after one line on standard error. */
int nws_batch_foot(const struct nws_batch *b);
/* One line on a terminal: how far, what, how long. */
void nws_batch_progress(const struct nws_batch *b, double now);
void nws_batch_progress_erase(void);

#endif
