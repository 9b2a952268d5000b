/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux_table.h - the table at the end of `nwsim linux`, from the VMM's lines "NW: row key=value ...".
 *
 * The VMM's words are taken as they are; columns the table does not know are still in the JSON report.
 */
#ifndef NWS_LINUX_TABLE_H
#define NWS_LINUX_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "nw_summary.h"

#define NWS_ROWS_MAX 256

struct nws_pair {
	char *key, *value;
};
struct nws_row {
	struct nws_pair *pair;
	size_t n;
};
struct nws_table {
	const char *series;             /* kernel patch series, NULL = a kernel of the user */
	struct nws_row row[NWS_ROWS_MAX];
	size_t n;
	uint64_t dropped;               /* rows beyond NWS_ROWS_MAX */
};

/* Takes one line of serial output; others than rows are ignored. */
void nws_table_line(struct nws_table *t, const char *line);

/* Value of a key in a row, or NULL. */
const char *nws_row_get(const struct nws_row *r, const char *key);

/*
 * Which notify exits of the trace belong to which row: the rows' notify_window_exits in order, if their sum is the
 * number of exits in the trace. first[i] is the index of row i's first exit, first[n] the end. 0, or -1 when the numbers
 * do not match.
 */
int nws_table_assign(const struct nws_table *t, uint64_t exits, uint64_t first[NWS_ROWS_MAX + 1]);

/* num, den: TSC ticks per crystal clocks. sum may be NULL. */
void nws_table_text(FILE *f, const struct nws_table *t, const struct nw_summary *sum, uint32_t num, uint32_t den);
/* The rows as an array, a new reference. */
json_t *nws_table_json(const struct nws_table *t);

/* Frees the rows, not *t. */
void nws_table_free(struct nws_table *t);

#endif
