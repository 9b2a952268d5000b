/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_summary.h - what a trace says, as numbers: an accumulator over records, without input or output of its own.
 *
 * Times are absolute TSC ticks, lengths TSC ticks, clocks crystal clocks, as in the records (nw_trace.h).
 */
#ifndef NW_SUMMARY_H
#define NW_SUMMARY_H

#include "nw_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NW_SUMMARY_GAPS         10              /* largest gaps kept */
#define NW_SUMMARY_REASONS      128             /* basic exit reasons counted one by one */
#define NW_SUMMARY_NOTIFY_MAX   (1u << 20)      /* notify exits kept; all are counted */
#define NW_SUMMARY_HIST_MAX     1024            /* rows of the gap histogram; the rest goes into hist_dropped */
#define NW_SUMMARY_LOG2         64

/* A notify VM exit: the expiry record and the VM exit it led to. */
struct nw_summary_notify {
	uint8_t cpu;
	bool exited;                    /* the VM-exit record with reason 75 was seen */
	uint64_t expiry_tsc;            /* time of the expiry record */
	uint64_t exit_tsc;              /* tick on entering the VM exit, valid if exited */
	uint64_t s_tsc, d_tsc;
	uint64_t n_crystal, window_crystal;
	uint64_t qualification, idt_vectoring, rip;
	uint64_t cause, iterations;
};

/* An event-window gap: it ended at end_tsc, the last window before it was at end_tsc - length_tsc. */
struct nw_summary_gap {
	uint8_t cpu;
	bool nonroot;
	uint64_t end_tsc, length_tsc, cause, detail, rip;
};

/* One row of the gap histogram: gaps of one cause and detail by floor(log2(length in ticks)). */
struct nw_summary_hist {
	uint64_t cause, detail, total;
	uint64_t count[NW_SUMMARY_LOG2];
};

/* Private: one record of a notify exit that waits for the other one of the same processor. */
struct nw_summary_pairing {
	bool has_expiry, has_exit;
	uint64_t exit_tsc, d_tsc;
	size_t index;                   /* in notify; n_notify when the exit was not kept */
};

struct nw_summary {
	uint64_t records, first_tsc, last_tsc;
	uint64_t by_type[256];

	uint64_t entries, entries_armed, entries_injecting;
	uint64_t exits;
	uint64_t exits_by_reason[NW_SUMMARY_REASONS];
	uint64_t exits_other;           /* reasons from NW_SUMMARY_REASONS on */

	uint64_t notify_total;          /* expiries */
	uint64_t notify_at_deadline;    /* of those, followed by the VM exit exactly at D */
	uint64_t notify_unpaired;       /* VM exits with reason 75 without an expiry record */
	struct nw_summary_notify *notify;
	size_t n_notify;                /* in order of time, the first NW_SUMMARY_NOTIFY_MAX */

	struct nw_summary_gap gap[NW_SUMMARY_GAPS];
	size_t n_gap;                   /* longest first, equal ones in order of time */
	uint64_t gaps_recorded;         /* written one by one; the shorter ones are in the histogram only */
	struct nw_summary_hist *hist;
	size_t n_hist;                  /* ordered by cause, then detail */
	uint64_t gaps_total;            /* sum of the histogram, hist_dropped included */
	uint64_t hist_dropped;

	uint64_t flows_begun, flows_ended;
	uint64_t flows_by_outcome[NWT_FLOW_OUTCOME_COUNT];
	uint64_t flow_iterations, flow_skipped;
	uint64_t flow_iterations_max;

	uint64_t stalls, stalls_forever;
	uint64_t stalls_magic, stalls_in_delivery;
	uint64_t stall_clocks_crystal;  /* sum without those for ever, saturating */

	uint64_t marks;
	bool has_verdict;               /* without one the simulator did not end the run */
	uint64_t verdict_kind, verdict_code, verdict_rip, verdict_icount, verdict_tsc;

	struct nw_summary_pairing pairing[256];
	size_t room_notify, room_hist;
};

/* s is large: keep it off small stacks. */
void nw_summary_init(struct nw_summary *s);

/* Adds one record, in the order of the trace. Unknown types are only counted. 0, or -1 when memory runs out. */
int nw_summary_add(struct nw_summary *s, const struct nwt_record *rec);

/* Adds all records up to the end of the trace. 0, or -1 with one line in err; s holds what came before the damage. */
int nw_summary_read(struct nw_summary *s, struct nwt_reader *r, char err[NWT_ERRLEN]);

/* Frees the lists; the numbers stay. */
void nw_summary_free(struct nw_summary *s);

#ifdef __cplusplus
}
#endif

#endif
