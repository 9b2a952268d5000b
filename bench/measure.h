/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * measure.h - the two measurements.
 *
 * Linux: every configuration boots until the VMM's first line arrives on the serial line, then the simulator is killed.
 * One repetition runs all configurations, the next one in the opposite order.
 *
 * CPU-bound: one process of each simulator, both on one host CPU, and only one of them runs at a time: a round (10 million
 * guest instructions) of one, then the same round of the other, in the order ABBA. What slows the host down meets both.
 */
#ifndef NWB_MEASURE_H
#define NWB_MEASURE_H

#include <stdint.h>

#include "bench_options.h"
#include "spread.h"

enum nwb_row {
	NWB_ROW_STOCK,                  /* the base line: unpatched, CD-ROM */
	NWB_ROW_STOCK_FASTBOOT,
	NWB_ROW_STOCK_DIRECT,
	NWB_ROW_STEP,
	NWB_ROW_JUMP,
	NWB_ROW_UART,
	NWB_ROW_NWSIM,                  /* what `nwsim linux` does */
	NWB_ROW_TALK_BAUD,              /* the kernel's messages on the serial line */
	NWB_ROW_TALK_FAST,
	NWB_ROWS
};

struct nwb_linux {
	struct nwb_spread wall_s[NWB_ROWS], cpu_s[NWB_ROWS];
	char *cmdline;
};

struct nwb_cpu_bound {
	uint64_t ticks;                 /* guest instructions per round, at one per TSC tick */
	uint64_t round_pairs;
	struct nwb_spread ratio;        /* CPU time nwsim / stock, of the same round */
	struct nwb_spread stock_s, nwsim_s;     /* CPU time of a round */
	double instruction_ratio;       /* host instructions nwsim / stock; 0 = the host does not count them */
};

/* Key in the JSON report, and text, of a row. */
const char *nwb_row_id(enum nwb_row row);
const char *nwb_row_text(enum nwb_row row);

/* Both: progress on standard error. 0, an exit status after one line on standard error. */
int nwb_measure_linux(const struct nwb_options *o, struct nwb_linux *result);
int nwb_measure_cpu_bound(const struct nwb_options *o, struct nwb_cpu_bound *result);

#endif
