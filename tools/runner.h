/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runner.h - runs the simulator as a child process and carries the guest's serial output.
 *
 * The child gets a process group of its own, no input, no core file, a limit on the size of its files, and dies with
 * this process.
 */
#ifndef NWS_RUNNER_H
#define NWS_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "serial.h"

/* Serial output is copied up to here, then discarded (after the lines have been read): a guest may print for ever. */
#define NWS_COPY_MAX    (16u << 20)
/* The same for the simulator's log. */
#define NWS_LOG_MAX     (64u << 20)
/* Largest file the simulator may write, unless a disk image that it shall write is larger: the trace. */
#define NWS_FILE_MAX    (4ull << 30)

struct nws_run {
	const char *simulator;          /* absolute path */
	const char *directory;          /* private directory with the bochsrc; the child's working directory */
	FILE *copy;                     /* serial output goes here as it comes */
	FILE *log;                      /* simulator's log, NULL = not kept */
	uint64_t disk_bytes;            /* size of a disk image that is written, 0 = none */
	double host_limit_s;            /* the child is stopped after so much host time, 0 = never */
	bool progress;                  /* show the elapsed time on a terminal while nothing is printed */
	struct nws_serial *serial;
	FILE *before;                   /* output of the run so far, when it is continued; NULL = none */
	FILE *tee;                      /* takes all output as it is; NULL = not wanted */
};

struct nws_run_result {
	int interrupted;                /* signal that ended nwsim's wait, 0 = none */
	bool limited;                   /* it was stopped at host_limit_s */
	bool output_failed;             /* serial output could not be copied (closed pipe, full disk) */
	int tee_error, log_error;       /* errno of a write to these that failed, 0 = none */
	bool exited;                    /* the simulator exited by itself ... */
	int status;                     /* ... with this status, or died of this signal */
	uint64_t file_limit;            /* bytes that a file of the simulator could have: SIGXFSZ beyond */
	uint64_t serial_bytes;
	double host_seconds;
	char last_panic[256];           /* text of the simulator's last panic, "" = none */
	char last_line[256];            /* its last log line */
};

/* 0, or -1 after one line on standard error when the simulator could not be started. */
int nws_run_simulator(const struct nws_run *r, struct nws_run_result *result);

#endif
