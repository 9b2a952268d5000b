/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_summary.c - what a trace says, as numbers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nw_abi.h"
#include "nw_summary.h"

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The array with room for one more element of `size` bytes, or NULL with the array as it was. */
static void *grow(void *array, size_t used, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 16;
	void *p;

	if (used < *room)
		return array;
	p = realloc(array, more * size);
	if (p)
		*room = more;
	return p;
}

/* ---- VM entries and exits ---------------------------------------------------------------------------- */

static void add_entry(struct nw_summary *s, const struct nwt_record *rec)
{
	s->entries++;
	s->entries_armed += rec->f[NWT_ENTRY_CONTROL] != 0;
	s->entries_injecting += rec->f[NWT_ENTRY_INJECTED] != 0;
}

/* Both records of a notify exit have been seen. */
static void pair(struct nw_summary *s, struct nw_summary_pairing *p)
{
	if (p->index < s->n_notify) {
		s->notify[p->index].exited = true;
		s->notify[p->index].exit_tsc = p->exit_tsc;
	}
	s->notify_at_deadline += p->exit_tsc == p->d_tsc;
	p->has_expiry = p->has_exit = false;
}

static void add_exit(struct nw_summary *s, const struct nwt_record *rec)
{
	struct nw_summary_pairing *p = &s->pairing[rec->cpu];
	unsigned basic = rec->f[NWT_EXIT_REASON] & 0xffff;

	s->exits++;
	if (basic < NW_SUMMARY_REASONS)
		s->exits_by_reason[basic]++;
	else
		s->exits_other++;
	p->has_exit = basic == NW_EXIT_REASON_INSTRUCTION_TIMEOUT;
	p->exit_tsc = rec->time_tsc;
	if (p->has_exit && p->has_expiry)
		pair(s, p);
	else
		s->notify_unpaired += p->has_exit;
	p->has_expiry = false;
}

static int keep_notify(struct nw_summary *s, const struct nwt_record *rec)
{
	struct nw_summary_notify n = {
		.cpu = rec->cpu,
		.expiry_tsc = rec->time_tsc,
		.s_tsc = rec->f[NWT_EXPIRY_S],
		.d_tsc = rec->f[NWT_EXPIRY_D],
		.n_crystal = rec->f[NWT_EXPIRY_N_CRYSTAL],
		.window_crystal = rec->f[NWT_EXPIRY_WINDOW_CRYSTAL],
		.qualification = rec->f[NWT_EXPIRY_QUALIFICATION],
		.idt_vectoring = rec->f[NWT_EXPIRY_IDT_VECTORING],
		.rip = rec->f[NWT_EXPIRY_RIP],
		.cause = rec->f[NWT_EXPIRY_CAUSE],
		.iterations = rec->f[NWT_EXPIRY_ITERATIONS],
	};
	void *array;

	if (s->n_notify == NW_SUMMARY_NOTIFY_MAX)
		return 0;
	array = grow(s->notify, s->n_notify, &s->room_notify, sizeof(n));
	if (!array)
		return -1;
	s->notify = array;
	s->notify[s->n_notify++] = n;
	return 0;
}

/* The VM exit's record follows; it may also come first, at the same tick. */
static int add_expiry(struct nw_summary *s, const struct nwt_record *rec)
{
	struct nw_summary_pairing *p = &s->pairing[rec->cpu];

	p->index = s->n_notify;
	if (keep_notify(s, rec) < 0)
		return -1;
	s->notify_total++;
	p->has_expiry = true;
	p->d_tsc = rec->f[NWT_EXPIRY_D];
	if (p->has_exit && p->exit_tsc == rec->time_tsc) {
		s->notify_unpaired--;
		pair(s, p);
	}
	return 0;
}

/* ---- Event-window gaps -------------------------------------------------------------------------------- */

static void add_gap(struct nw_summary *s, const struct nwt_record *rec)
{
	struct nw_summary_gap g = {
		.cpu = rec->cpu,
		.nonroot = rec->f[NWT_GAP_NONROOT] != 0,
		.end_tsc = rec->time_tsc,
		.length_tsc = rec->f[NWT_GAP_LENGTH_TSC],
		.cause = rec->f[NWT_GAP_CAUSE],
		.detail = rec->f[NWT_GAP_DETAIL],
		.rip = rec->f[NWT_GAP_RIP],
	};
	size_t i = s->n_gap;

	s->gaps_recorded++;
	while (i > 0 && s->gap[i - 1].length_tsc < g.length_tsc)
		i--;
	if (i == NW_SUMMARY_GAPS)
		return;
	if (s->n_gap < NW_SUMMARY_GAPS)
		s->n_gap++;
	memmove(&s->gap[i + 1], &s->gap[i], (s->n_gap - i - 1) * sizeof(g));
	s->gap[i] = g;
}

/* Row of a cause and detail, inserted where the order wants it. NULL when there is no room: *full, or no memory. */
static struct nw_summary_hist *hist_row(struct nw_summary *s, uint64_t cause, uint64_t detail, bool *full)
{
	size_t i = 0;
	void *array;

	*full = false;
	while (i < s->n_hist && (s->hist[i].cause < cause ||
				 (s->hist[i].cause == cause && s->hist[i].detail < detail)))
		i++;
	if (i < s->n_hist && s->hist[i].cause == cause && s->hist[i].detail == detail)
		return &s->hist[i];
	*full = s->n_hist == NW_SUMMARY_HIST_MAX;
	array = *full ? NULL : grow(s->hist, s->n_hist, &s->room_hist, sizeof(*s->hist));
	if (!array)
		return NULL;
	s->hist = array;
	memmove(&s->hist[i + 1], &s->hist[i], (s->n_hist - i) * sizeof(*s->hist));
	s->n_hist++;
	memset(&s->hist[i], 0, sizeof(s->hist[i]));
	s->hist[i].cause = cause;
	s->hist[i].detail = detail;
	return &s->hist[i];
}

static int add_gap_count(struct nw_summary *s, const struct nwt_record *rec)
{
	uint64_t log2 = rec->f[NWT_GAPCOUNT_LOG2], count = rec->f[NWT_GAPCOUNT_COUNT];
	struct nw_summary_hist *row;
	bool full = true;

	row = log2 < NW_SUMMARY_LOG2 ?
	      hist_row(s, rec->f[NWT_GAPCOUNT_CAUSE], rec->f[NWT_GAPCOUNT_DETAIL], &full) : NULL;
	if (!row && !full)
		return -1;
	s->gaps_total = add_saturating(s->gaps_total, count);
	if (row) {
		row->total = add_saturating(row->total, count);
		row->count[log2] = add_saturating(row->count[log2], count);
	} else {
		s->hist_dropped = add_saturating(s->hist_dropped, count);
	}
	return 0;
}

/* ---- Flows, stalls, verdict ---------------------------------------------------------------------------- */

static void add_flow_end(struct nw_summary *s, const struct nwt_record *rec)
{
	uint64_t iterations = rec->f[NWT_FLOWEND_ITERATIONS];

	s->flows_ended++;
	if (rec->f[NWT_FLOWEND_OUTCOME] < NWT_FLOW_OUTCOME_COUNT)
		s->flows_by_outcome[rec->f[NWT_FLOWEND_OUTCOME]]++;
	s->flow_iterations = add_saturating(s->flow_iterations, iterations);
	s->flow_skipped = add_saturating(s->flow_skipped, rec->f[NWT_FLOWEND_SKIPPED]);
	if (iterations > s->flow_iterations_max)
		s->flow_iterations_max = iterations;
}

static void add_stall(struct nw_summary *s, const struct nwt_record *rec)
{
	uint64_t clocks = rec->f[NWT_STALL_CLOCKS_CRYSTAL];

	s->stalls++;
	s->stalls_magic += rec->f[NWT_STALL_SOURCE] == NWT_STALL_SOURCE_MAGIC;
	s->stalls_in_delivery += rec->f[NWT_STALL_PHASE] == 1;
	if (clocks == UINT64_MAX)
		s->stalls_forever++;
	else
		s->stall_clocks_crystal = add_saturating(s->stall_clocks_crystal, clocks);
}

static void add_verdict(struct nw_summary *s, const struct nwt_record *rec)
{
	s->has_verdict = true;
	s->verdict_tsc = rec->time_tsc;
	s->verdict_kind = rec->f[NWT_VERDICT_KIND];
	s->verdict_code = rec->f[NWT_VERDICT_CODE];
	s->verdict_rip = rec->f[NWT_VERDICT_RIP];
	s->verdict_icount = rec->f[NWT_VERDICT_ICOUNT];
}

/* ---- Records ------------------------------------------------------------------------------------------- */

void nw_summary_init(struct nw_summary *s)
{
	memset(s, 0, sizeof(*s));
}

static int add_known(struct nw_summary *s, const struct nwt_record *rec)
{
	switch (rec->type) {
	case NWT_VM_ENTRY:
		add_entry(s, rec);
		return 0;
	case NWT_VM_EXIT:
		add_exit(s, rec);
		return 0;
	case NWT_GAP:
		add_gap(s, rec);
		return 0;
	case NWT_GAP_COUNT:
		return add_gap_count(s, rec);
	case NWT_FLOW_BEGIN:
		s->flows_begun++;
		return 0;
	case NWT_FLOW_END:
		add_flow_end(s, rec);
		return 0;
	case NWT_EXPIRY:
		return add_expiry(s, rec);
	case NWT_STALL:
		add_stall(s, rec);
		return 0;
	case NWT_MARK:
		s->marks++;
		return 0;
	case NWT_VERDICT:
		add_verdict(s, rec);
		return 0;
	default:
		return 0;
	}
}

int nw_summary_add(struct nw_summary *s, const struct nwt_record *rec)
{
	struct nwt_record whole = *rec;

	/* A file of an older version may have fewer fields: those are 0. */
	for (unsigned k = rec->n; k < NWT_FIELDS_MAX; k++)
		whole.f[k] = 0;
	if (s->records++ == 0)
		s->first_tsc = rec->time_tsc;
	s->last_tsc = rec->time_tsc;
	s->by_type[rec->type]++;
	return add_known(s, &whole);
}

int nw_summary_read(struct nw_summary *s, struct nwt_reader *r, char err[NWT_ERRLEN])
{
	struct nwt_record rec;
	int rc;

	while ((rc = nwt_next(r, &rec, err)) == 1) {
		if (nw_summary_add(s, &rec) < 0) {
			snprintf(err, NWT_ERRLEN, "out of memory after %llu records of the trace",
				 (unsigned long long)s->records);
			return -1;
		}
	}
	return rc;
}

void nw_summary_free(struct nw_summary *s)
{
	free(s->notify);
	free(s->hist);
	s->notify = NULL;
	s->hist = NULL;
	s->n_notify = s->n_hist = 0;
	s->room_notify = s->room_hist = 0;
}
