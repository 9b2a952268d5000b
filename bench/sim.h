/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sim.h - one running simulator: start it, watch its serial line for a text, read its clocks, stop, continue, end it.
 */
#ifndef NWB_SIM_H
#define NWB_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define NWB_SERIAL_DEVICE "/dev/fd/3"   /* what the bochsrc names as COM1's file */

/* What has passed since the start. */
struct nwb_sample {
	double wall_s;
	double cpu_s;                   /* user + system time of the process, nanosecond clock */
	uint64_t instructions;          /* of the host in user mode; 0 when the host does not count them */
};

struct nwb_sim {
	const char *name;               /* for messages */
	pid_t pid;                      /* 0 = not running */
	clockid_t cpu_clock;
	struct timespec start;
	int serial;                     /* read end of the pipe behind COM1 */
	int counter;                    /* perf event, -1 = none */
	char *log;                      /* path of the simulator's log */
	char text[8192];                /* serial output not yet consumed */
	size_t len;
};

/*
 * Starts `simulator` in `directory` with the configuration file `bochsrc` there. Its log is `log` there. host_cpu: run
 * on this processor only, -1 = any. 0, or -1 after one line on standard error.
 */
int nwb_sim_start(struct nwb_sim *s, const char *name, const char *simulator, const char *directory,
		  const char *bochsrc, const char *log, int host_cpu);

/*
 * Waits until the guest has sent `text`; output up to it is consumed. 0, or -1 after one line on standard error: the
 * simulator ended, or limit_s seconds passed.
 */
int nwb_sim_wait(struct nwb_sim *s, const char *text, double limit_s);

/* Reads the rest of the line, without its end, cut to size - 1 bytes. 0 or -1 as nwb_sim_wait(). */
int nwb_sim_line(struct nwb_sim *s, char *line, size_t size, double limit_s);

/* Reads the clocks. */
void nwb_sim_sample(const struct nwb_sim *s, struct nwb_sample *sample);

/* SIGSTOP, and wait until the process does not run any more. 0, or -1 after one line: it ended instead. */
int nwb_sim_stop(struct nwb_sim *s);
void nwb_sim_continue(const struct nwb_sim *s);

/* Kills the process if it still runs, and frees what it held. */
void nwb_sim_end(struct nwb_sim *s);

#endif
