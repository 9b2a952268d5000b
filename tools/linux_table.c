/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux_table.c - rows of the VMM: kept, matched with the trace, printed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "linux_table.h"
#include "nw_dump.h"
#include "nws.h"
#include "report.h"

#define ROW_WORD        "NW: row "
#define SHOW_EXITS      4       /* times shown of one row */

/* Columns of the printed table. */
static const struct {
	const char *key, *title;
} columns[] = {
	{ "kernel", "kernel" },
	{ "series", "patch series" },
	{ "scenario", "scenario" },
	{ "window", "window" },
	{ "exit_notify", "KVM_EXIT_NOTIFY" },
	{ "notify_window_exits", "notify_window_exits" },
	{ "l0_ticks", "L0 ticks" },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

void nws_table_line(struct nws_table *t, const char *line)
{
	struct nws_row *r;

	if (strncmp(line, ROW_WORD, strlen(ROW_WORD)))
		return;
	if (t->n == NWS_ROWS_MAX) {
		t->dropped++;
		return;
	}
	r = &t->row[t->n++];
	line += strlen(ROW_WORD);
	while (*line) {
		size_t len = strcspn(line, " ");
		const char *eq = memchr(line, '=', len);

		if (eq && eq > line) {
			r->pair = nws_realloc(r->pair, (r->n + 1) * sizeof(*r->pair));
			r->pair[r->n].key = nws_format("%.*s", (int)(eq - line), line);
			r->pair[r->n++].value =
				nws_format("%.*s", (int)(len - (size_t)(eq + 1 - line)), eq + 1);
		}
		line += len;
		line += strspn(line, " ");
	}
}

const char *nws_row_get(const struct nws_row *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->pair[i].key, key))
			return r->pair[i].value;
	return NULL;
}

static const char *cell(const struct nws_table *t, size_t row, size_t column)
{
	const char *v = nws_row_get(&t->row[row], columns[column].key);

	if (!v && !strcmp(columns[column].key, "series"))
		v = t->series;
	return v && *v && *v != '-' ? v : "-"; /* the VMM's -1: not known */
}

int nws_table_assign(const struct nws_table *t, uint64_t exits, uint64_t first[NWS_ROWS_MAX + 1])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < t->n; i++) {
		const char *text = nws_row_get(&t->row[i], "notify_window_exits");
		uint64_t v = 0;

		if (text)
			nws_parse_u64(text, 0, UINT32_MAX, &v);
		first[i] = sum;
		sum += v;
	}
	first[t->n] = sum;
	return t->dropped == 0 && sum == exits ? 0 : -1;
}

static void print_columns(FILE *f, const struct nws_table *t)
{
	size_t width[N_COLUMNS];

	for (size_t c = 0; c < N_COLUMNS; c++) {
		width[c] = strlen(columns[c].title);
		for (size_t r = 0; r < t->n; r++)
			if (strlen(cell(t, r, c)) > width[c])
				width[c] = strlen(cell(t, r, c));
	}
	for (size_t c = 0; c < N_COLUMNS - 1; c++)
		fprintf(f, "  %-*s", (int)width[c], columns[c].title);
	fprintf(f, "  %s\n", columns[N_COLUMNS - 1].title);
	for (size_t r = 0; r < t->n; r++) {
		for (size_t c = 0; c < N_COLUMNS - 1; c++)
			fprintf(f, "  %-*s", (int)width[c], cell(t, r, c));
		fprintf(f, "  %s\n", cell(t, r, N_COLUMNS - 1));
	}
}

static void print_times(FILE *f, const struct nws_table *t, const struct nw_summary *sum,
			const struct nw_dump *d)
{
	uint64_t first[NWS_ROWS_MAX + 1];
	char start[40], end[40];

	if (nws_table_assign(t, sum->notify_total, first)) {
		fprintf(f,
			"  (the rows do not account for the trace's %" PRIu64
			" notify VM exits one by one)\n",
			sum->notify_total);
		return;
	}
	fprintf(f, "  time of each exit in crystal clocks since power-on, s -> D:\n");
	for (size_t r = 0; r < t->n; r++) {
		const char *scenario = nws_row_get(&t->row[r], "scenario");

		for (uint64_t i = first[r]; i < first[r + 1] && i < sum->n_notify; i++) {
			if (i - first[r] == SHOW_EXITS) {
				fprintf(f, "    %-16s and %" PRIu64 " more\n", "", first[r + 1] - i);
				break;
			}
			nw_dump_crystal(d, sum->notify[i].s_tsc, start, sizeof(start));
			nw_dump_crystal(d, sum->notify[i].d_tsc, end, sizeof(end));
			fprintf(f, "    %-16s %s -> %s (N = %" PRIu64 ")\n",
				i == first[r] && scenario ? scenario : "", start, end,
				sum->notify[i].n_crystal);
		}
	}
}

void nws_table_text(FILE *f, const struct nws_table *t, const struct nw_summary *sum, uint32_t num,
		    uint32_t den)
{
	struct nw_dump d = { .reader = NULL, .num = num, .den = den };

	if (!t->n)
		return;
	fputc('\n', f);
	print_columns(f, t);
	if (t->dropped)
		fprintf(f, "  (%" PRIu64 " more rows)\n", t->dropped);
	if (sum && sum->notify_total && num && den)
		print_times(f, t, sum, &d);
}

json_t *nws_table_json(const struct nws_table *t)
{
	json_t *a = json_array();

	for (size_t r = 0; r < t->n; r++) {
		json_t *o = json_object();

		if (t->series)
			json_object_set_new(o, "series", json_string(t->series));
		for (size_t i = 0; i < t->row[r].n; i++) {
			const struct nws_pair *p = &t->row[r].pair[i];
			json_t *key = nws_json_text(p->key);
			uint64_t v;

			json_object_set_new(o, json_string_value(key),
					    nws_parse_u64(p->value, 0, INT64_MAX, &v)
						    ? json_integer((json_int_t)v)
						    : nws_json_text(p->value));
			json_decref(key);
		}
		json_array_append_new(a, o);
	}
	return a;
}

void nws_table_free(struct nws_table *t)
{
	for (size_t r = 0; r < t->n; r++) {
		for (size_t i = 0; i < t->row[r].n; i++) {
			free(t->row[r].pair[i].key);
			free(t->row[r].pair[i].value);
		}
		free(t->row[r].pair);
	}
	memset(t, 0, sizeof(*t));
}
