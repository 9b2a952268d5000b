/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare.c - reads a trace and a witness file into sorted lists and compares them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "nw_trace.h"

#define COMPLAINTS_MAX 10

enum { ENTRY, EXIT, GAP };

struct event {
	int kind;
	unsigned cpu;
	uint64_t time, a, b;    /* exit: reason, qualification. gap: time is its end, a its start */
	bool excused;
};

struct list {
	struct event *e;
	size_t n, max;
	uint64_t end, boundaries;
	bool complete;
};

static const char *const kind_name[] = { "VM entry", "VM exit", "gap" };

static void add(struct list *l, struct event e)
{
	if (l->n == l->max) {
		l->max = l->max ? 2 * l->max : 1024;
		l->e = realloc(l->e, l->max * sizeof(*l->e));
		if (!l->e)
			abort();
	}
	l->e[l->n++] = e;
}

/* ---- The trace --------------------------------------------------------------------------------------- */

static void add_record(struct list *l, const struct nwt_record *r)
{
	if (r->type == NWT_VM_ENTRY)
		add(l, (struct event){ ENTRY, r->cpu, r->time_tsc, 0, 0, false });
	else if (r->type == NWT_VM_EXIT)
		add(l, (struct event){ EXIT, r->cpu, r->time_tsc, r->f[NWT_EXIT_REASON] & 0xffff,
				       r->f[NWT_EXIT_QUALIFICATION], false });
	else if (r->type == NWT_GAP)
		add(l, (struct event){ GAP, r->cpu, r->time_tsc, r->time_tsc - r->f[NWT_GAP_LENGTH_TSC], 0, false });
	else if (r->type == NWT_VERDICT)
		l->complete = true;
	l->end = r->time_tsc;
}

static int read_trace(struct list *l, const char *path, uint64_t *gap_min, FILE *err)
{
	char text[NWT_ERRLEN];
	struct nwt_reader *r = nwt_open(path, text);
	struct nwt_record rec;
	const char *min;
	int more;

	if (!r) {
		fprintf(err, "%s\n", text);
		return 2;
	}
	min = nwt_config_get(r, "param.gap_min");
	*gap_min = min ? strtoull(min, NULL, 10) : 0;
	while ((more = nwt_next(r, &rec, text)) > 0)
		add_record(l, &rec);
	nwt_reader_close(r);
	if (more < 0)
		fprintf(err, "%s\n", text);
	else if (*gap_min < 2)
		fprintf(err, "%s: gap_min is below 2 or missing: single instructions would be gaps\n", path);
	else if (!l->complete)
		fprintf(err, "%s: no verdict at its end\n", path);
	else
		return 0;
	return 2;
}

/* ---- The witness ------------------------------------------------------------------------------------- */

/* False: not a line of such a file. */
static bool add_line(struct list *l, const char *line)
{
	struct event e = { .cpu = 0 };
	char excuse[4];
	uint64_t n;

	if (sscanf(line, "gap %u %" SCNu64 " %" SCNu64 " %3[-si]", &e.cpu, &e.a, &e.time, excuse) == 4) {
		e.kind = GAP;
		e.excused = excuse[0] != '-';
		add(l, e);
	} else if (sscanf(line, "exit %u %" SCNu64 " %" SCNu64 " %" SCNu64, &e.cpu, &e.time, &e.a, &e.b) == 4) {
		e.kind = EXIT;
		add(l, e);
	} else if (sscanf(line, "entry %u %" SCNu64, &e.cpu, &e.time) == 2) {
		e.kind = ENTRY;
		add(l, e);
	} else if (sscanf(line, "boundaries %u %" SCNu64, &e.cpu, &n) == 2) {
		l->boundaries += n;
	} else if (sscanf(line, "end %" SCNu64, &l->end) == 1) {
		l->complete = true;
	} else {
		return false;
	}
	return true;
}

static int read_witness(struct list *l, const char *path, FILE *err)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, number = 0;
	int rc = 0;

	if (!f) {
		fprintf(err, "%s: %s\n", path, strerror(errno));
		return 2;
	}
	while (!rc && getline(&line, &size, f) > 0) {
		number++;
		if (!add_line(l, line)) {
			fprintf(err, "%s: line %zu: gap, entry, exit, boundaries or end with their numbers is accepted\n",
				path, number);
			rc = 2;
		}
	}
	free(line);
	fclose(f);
	if (!rc && !l->complete) {
		fprintf(err, "%s: cut off, its last line is missing\n", path);
		rc = 2;
	}
	return rc;
}

/* ---- Comparison -------------------------------------------------------------------------------------- */

static int order_u64(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

static int order(const void *p, const void *q)
{
	const struct event *x = p, *y = q;
	int c = order_u64(x->time, y->time);

	if (!c)
		c = order_u64(x->cpu, y->cpu);
	if (!c)
		c = order_u64((uint64_t)x->kind, (uint64_t)y->kind);
	if (!c)
		c = order_u64(x->a, y->a);
	return c ? c : order_u64(x->b, y->b);
}

static void complain(FILE *err, unsigned *n, const char *who, const char *lacks, const struct event *e)
{
	if ((*n)++ >= COMPLAINTS_MAX)
		return;
	fprintf(err, "%s of cpu%u at tick %" PRIu64, kind_name[e->kind], e->cpu, e->time);
	if (e->kind == GAP)
		fprintf(err, ", %" PRIu64 " ticks long", e->time - e->a);
	else if (e->kind == EXIT)
		fprintf(err, ", reason %" PRIu64 ", qualification %#" PRIx64, e->a, e->b);
	fprintf(err, ": %s has it, %s has not\n", who, lacks);
}

static void count(struct witness_counts *c, const struct event *e)
{
	if (e->kind == ENTRY)
		c->entries++;
	else if (e->kind == EXIT)
		c->exits++;
	else
		c->gaps++;
}

/* Has the trace to have this event of the witness? What happens at the tick of the verdict may have come after it. */
static bool required(const struct event *e, uint64_t gap_min, uint64_t end)
{
	if (e->time >= end)
		return false;
	return e->kind != GAP || (!e->excused && e->time - e->a >= gap_min);
}

static unsigned compare(const struct list *t, const struct list *w, uint64_t gap_min, FILE *err,
			struct witness_counts *c)
{
	unsigned wrong = 0;
	size_t i = 0, j = 0;

	while (i < t->n || j < w->n) {
		int cmp = i == t->n ? 1 : j == w->n ? -1 : order(&t->e[i], &w->e[j]);

		if (cmp == 0) {
			count(c, &t->e[i]);
			i++;
			j++;
		} else if (cmp < 0) {
			complain(err, &wrong, "the trace", "the witness", &t->e[i++]);
		} else {
			if (required(&w->e[j], gap_min, t->end))
				complain(err, &wrong, "the witness", "the trace", &w->e[j]);
			else if (w->e[j].excused)
				c->excused++;
			j++;
		}
	}
	return wrong;
}

int witness_compare(const char *trace, const char *witness, FILE *err, struct witness_counts *counts)
{
	struct list t = { 0 }, w = { 0 };
	uint64_t gap_min;
	int rc = read_trace(&t, trace, &gap_min, err);

	memset(counts, 0, sizeof(*counts));
	if (!rc)
		rc = read_witness(&w, witness, err);
	if (!rc) {
		if (t.n)
			qsort(t.e, t.n, sizeof(*t.e), order);
		if (w.n)
			qsort(w.e, w.n, sizeof(*w.e), order);
		counts->boundaries = w.boundaries;
		rc = compare(&t, &w, gap_min, err, counts) ? 1 : 0;
	}
	free(t.e);
	free(w.e);
	return rc;
}
