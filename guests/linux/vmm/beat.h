/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second process of L0 which wakes up every 10 ms and counts: L0 schedules other tasks too.
 */
#ifndef NW_BEAT_H
#define NW_BEAT_H

#include <stdint.h>
#include <sys/types.h>

struct beat_count {
	uint32_t	beats;		/* wake-ups */
	uint64_t	max_gap_ns;	/* longest time between two of them */
};

struct beat {
	pid_t			pid;
	volatile struct beat_count *shared;
};

/* 0, or -1 with errno. */
int beat_start(struct beat *b);

/* Ends the process and returns what it has counted. */
struct beat_count beat_stop(struct beat *b);

#endif
