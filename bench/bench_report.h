/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_report.h - the results as text and as JSON, against the limits of the project.
 */
#ifndef NWB_BENCH_REPORT_H
#define NWB_BENCH_REPORT_H

#include <stdio.h>

#include <jansson.h>

#include "measure.h"

#define NWB_LIMIT_LINUX         0.40    /* host time nwsim / stock, to the VMM's first line */
#define NWB_LIMIT_CPU_BOUND     1.02    /* CPU time nwsim / stock, CPU-bound guest */

/* A measurement that was not made is NULL. */
struct nwb_results {
	const struct nwb_options *o;
	const struct nwb_linux *linux_boot;
	const struct nwb_cpu_bound *cpu_bound;
};

void nwb_report_text(FILE *f, const struct nwb_results *r);

/* A new object. */
json_t *nwb_report_json(const struct nwb_results *r);

#endif
