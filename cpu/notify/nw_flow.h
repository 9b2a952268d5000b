/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_flow.h - event delivery that does not complete: one iteration after the other, without recursion.
 *
 * A flow begins when an exception is raised while an event is being delivered. Each further delivery attempt that
 * ends in an exception is one iteration and costs P4. The caller executes an iteration for real (it reads the IDT
 * and writes the stack), then calls nw_flow_step(), which says how much time to charge and what comes next. When
 * the iterations repeat themselves with period p, whole periods are skipped arithmetically up to the next timer event.
 * SDM Vol. 3A 6.15, XSA-156.
 *
 * Why skipping changes nothing. An iteration is a function of the processor state (the key) and of memory, and between
 * two timer events nothing but the iterations writes memory. What an iteration writes (stack frame, accessed, dirty and
 * busy bits) is given by the key: the registers say what, and `place` says where, also when frames hit the tables that
 * place frames (IDT, GDT, TSS, page tables) and each iteration is to read other values there. Two real periods through
 * the same keys (2 * p + 1 of them: also the one they start from) therefore made the same writes; after the second
 * memory is what it was before it, and so is the key: the loop is at a fixed point and every further period is equal.
 * One key less is not enough. A timer event may change memory, also what the iterations had written. One real period
 * after it is not enough (it still reads what the event left, and the next one what this period wrote), so only the
 * last key is kept and two real periods run before the next skip. The phase is kept: the iteration that runs after a
 * skip is the one that would have run there.
 */
#ifndef NW_FLOW_H
#define NW_FLOW_H

#include "nw_window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest period of a loop that is recognised. Longer ones are executed, never skipped. */
#define NW_FLOW_PERIOD_MAX      8
/* Keys kept: two periods and the key they start from. */
#define NW_FLOW_HISTORY         (2 * NW_FLOW_PERIOD_MAX + 1)

/* All processor state that an iteration's behaviour depends on, apart from memory. */
struct nw_flow_key {
	uint64_t rip, rsp, rflags, cr2, ssp;
	uint64_t event;         /* vector, type, error code, previous exception class, EXT: packed by the caller */
	uint64_t place;         /* digest of what the iteration read to know where its frame goes */
};

struct nw_flow {
	bool active;
	uint32_t seen;          /* valid keys in history, from the flow's begin or the last timer event on */
	uint64_t begin_tsc;
	uint64_t timer_tsc;     /* next timer event as of the previous step */
	uint64_t iterations;    /* charged so far, executed and skipped */
	uint64_t skipped;       /* of those, not executed */
	struct nw_flow_key history[NW_FLOW_HISTORY]; /* ring, indexed by executed iterations */
};

struct nw_flow_step {
	enum nw_outcome outcome;/* NW_GO: deliver the queued event now (one real iteration) */
	uint64_t ticks;         /* charge this first, through the tick functions */
	uint64_t iterations;    /* iterations that these ticks stand for */
	uint64_t skipped;       /* of those, not executed */
};

/*
 * Does an endless delivery of this kind, NW_STALLING_DELIVERY or NW_STALLING_DEBUG_TRAP, keep the event window closed (P5)?
 * The caller opens a window at the boundary before each delivery of one that does not; it has no notify exit and no hang
 * limit then, but may be skipped like any other.
 */
bool nw_flow_stalls(const struct nw_params *p, enum nw_stalling kind);

/* No delivery is going on. */
void nw_flow_init(struct nw_flow *f);

/* The first nested exception of a delivery, at now_tsc. The nw_flow_step() that follows charges its iteration. */
void nw_flow_begin(struct nw_flow *f, uint64_t now_tsc);

/*
 * An iteration has been executed and ended in the exception that is queued as `key`. next_timer_tsc: tick of the next
 * timer event (NW_TIME_MAX: none); that it differs from the previous call's tells the flow that a timer event was
 * reached. With several processors active the caller passes may_skip = false (SMP), as P skip = 0 does for all.
 * Ticks never lead past next_timer_tsc when iterations are skipped; nothing is skipped when neither a timer event, a
 * deadline nor the hang limit lies ahead. On NW_EXPIRE and NW_HUNG the charge ends exactly at the deadline and the
 * iteration in flight counts as one. Every iteration costs at least one tick.
 */
struct nw_flow_step nw_flow_step(struct nw_flow *f, const struct nw_window *w, const struct nw_params *p,
				 const struct nw_clock *clk, uint64_t tsc_hz, const struct nw_flow_key *key,
				 uint64_t now_tsc, uint64_t next_timer_tsc, bool may_skip);

/* The delivery completed, or a VM exit, reset or shutdown ended it. The counters stay readable until the next begin. */
void nw_flow_end(struct nw_flow *f);

#ifdef __cplusplus
}
#endif

#endif
