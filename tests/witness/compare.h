/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare.h - a trace against what the witness build saw of the same run.
 *
 * Required: the same VM entries and VM exits, CPU, time, reason and qualification of each; every gap of the trace is a
 * gap that the witness saw, with the same two ends; every gap of the witness that is not shorter than gap_min is in the
 * trace, but for sleep states (P8) and for accesses to I/O ports, whose bus cycles take time of the instruction.
 */
#ifndef WITNESS_COMPARE_H
#define WITNESS_COMPARE_H

#include <stdint.h>
#include <stdio.h>

struct witness_counts {
	uint64_t boundaries, gaps, entries, exits;      /* equal in both; boundaries: the witness's */
	uint64_t excused;                               /* gaps by sleep states and ports */
};

/* 0 = equal, 1 = not (one line for each difference in err, the first ten), 2 = a file cannot be read (one line). */
int witness_compare(const char *trace, const char *witness, FILE *err, struct witness_counts *counts);

#endif
