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

/* What became of a guest. The first two are about the guest, the others about what ran it. */
enum nws_job_end {
	NWS_JOB_MET,                    /* ended as expected */
	NWS_JOB_NOT_MET,                /* ended otherwise */
	NWS_JOB_FAULT,                  /* the simulator failed, or was stopped at the limit of host time */
	NWS_JOB_ERROR,                  /* could not be run, or its files could not be written */
	NWS_JOB_NOT_RUN,                /* not started, or stopped, as the whole was ended by a signal or an error */
	NWS_JOB_ENDS
};

/* A guest that is to be run, runs or has run. */
struct nws_job {
	const struct nws_guest *guest;
	uint64_t memory_mib;
	enum nws_verdict expect;
	pid_t pid;                      /* 0: not started */
	bool ended;
	bool stopped;                   /* told to end before it had ended */
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
	int interrupted;                /* signal, 0 = none */
	char *kept;                     /* directory with the outputs, or NULL */
};

/*
 * `nwsim run` with --all, --group or several names. Exit status, the first that applies: 128 + signal; 2 usage or
 * configuration, or a guest could not be run or its files not be written; 4 a simulator failed or was stopped at the limit of
 * host time; 1 a guest ended otherwise than expected; 0.
 */
int nws_batch(const struct nws_guests *list, const struct nws_options *o, int argc, char **argv);

/* ---- What is printed (batch_report.c) ------------------------------------------------------------------ */

/* What became of a guest, from its exit status and its result. */
enum nws_job_end nws_job_end(const struct nws_job *j);
/* How many of the guests ended so. */
size_t nws_batch_count(const struct nws_batch *b, enum nws_job_end end);
/* Before the first result: the titles of the table, the plan of TAP. */
void nws_batch_head(const struct nws_batch *b);
/* One result; they come in the order of the list. */
void nws_batch_line(const struct nws_batch *b, const struct nws_job *j);
/* After the last one: the numbers, or all of JSON. Guests that were not run count as such. 0, or -1 after one line on standard error. */
int nws_batch_foot(const struct nws_batch *b);
/* One line on a terminal: how far, what, how long. */
void nws_batch_progress(const struct nws_batch *b, double now);

#endif
