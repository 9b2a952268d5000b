/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * coverage_report.h - functional coverage as text and as HTML.
 */
#ifndef NWS_COVERAGE_REPORT_H
#define NWS_COVERAGE_REPORT_H

#include <stdio.h>

#include "nw_coverage.h"

/* Bins and pairs of bins: how many the rules leave, how many of these were seen. */
struct nws_coverage_figures {
	size_t single_possible, single_seen;
	size_t pairs_possible, pairs_seen;
	size_t contradictions;          /* exits that a rule calls impossible */
};

/* Counts what was seen and what is possible. */
void nws_coverage_figures(const struct nw_coverage *c, struct nws_coverage_figures *f);

/* Every bin with its count, every hole by name; errors are those of f. */
void nws_coverage_text(FILE *f, const struct nw_coverage *c);

/* One page that needs no other file: a table of each pair of dimensions, what is impossible with its reason. */
void nws_coverage_html(FILE *f, const struct nw_coverage *c);

#endif
