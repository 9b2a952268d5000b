/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_oracle.h - a second implementation of the window rules, to compare cpu/notify with.
 *
 * Written from docs/spec.md and the manual, sharing no code with cpu/notify, and built the other way round: cpu/notify
 * keeps a few numbers up to date, the oracle keeps the whole history of a processor as a list of marks and answers every
 * question by reading the list. Time is exact: instants are integers in units of 1/num crystal clock, of which a
 * TSC tick has `den` and a crystal clock `num`, so that nothing is rounded before the last step.
 */
#ifndef NW_ORACLE_H
#define NW_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The end of time: results saturate here; as a deadline or limit it stands for "never". */
#define ORACLE_NEVER    UINT64_MAX

/* P1, P2, P4, P6, P7, P11, P16, P17, P19, P20, P22 and the clocks, in the oracle's own words. */
struct oracle_rules {
	uint32_t num, den;              /* CPUID.15H EBX and EAX: num TSC ticks in den crystal clocks; a 0 means 1:1 */
	uint64_t tsc_hz;
	uint64_t threshold;             /* P1 */
	bool threshold_in_ticks;        /* P2 */
	uint64_t iteration_ticks;       /* P4; 0 counts as 1 */
	bool from_first_nested;         /* P6 */
	uint64_t invalid_every;         /* P11: every how many notify exits the context is invalid, 0 = never */
	bool smm_counts;                /* P16 */
	bool wraps;                     /* P17: window and a threshold in crystal clocks are added modulo 2^32 */
	bool on_edges;                  /* P19 */
	bool completes;                 /* P20 */
	uint64_t hang_us;               /* P22, 0 = no limit */
	uint64_t timer_ticks;           /* a timer event at each multiple of this, 0 = none */
	uint8_t lead, period;           /* a loop goes through `lead` states, then through `period` states for ever */
};

/* ---- What a processor does ------------------------------------------------------------------------------ */

enum oracle_kind {
	ORACLE_RUN,             /* `amount` instructions of one tick, an event window after each */
	ORACLE_ENTRY,           /* VM entry, one tick: `armed`, `amount` = window in crystal clocks (32 bits) */
	ORACLE_EXIT,            /* a VM exit for another reason */
	ORACLE_SMM,             /* an SMI at a window, `amount` ticks in SMM, then RSM, one tick, and an ordinary boundary */
	ORACLE_QUIET,           /* `amount` ticks without a window, in which P6 = risk observes nothing */
	ORACLE_STALL,           /* an instruction or a delivery lasts `amount` ticks longer, ORACLE_NEVER = for ever */
	ORACLE_LOOP,            /* a delivery that raises the next exception: see `end` */
	ORACLE_TRAPS,           /* the same by debug traps: the first is delivered in one tick from an ordinary boundary */
	ORACLE_KINDS
};

enum oracle_loop_end {
	ORACLE_COUNTED,         /* the delivery after `amount` iterations succeeds */
	ORACLE_TIMER,           /* from the `amount`th timer event on, the delivery from the period's first state succeeds */
	ORACLE_ENDLESS
};

struct oracle_event {
	enum oracle_kind kind;
	enum oracle_loop_end end;       /* LOOP, TRAPS */
	bool armed;                     /* ENTRY: the control is set */
	bool late;                      /* ENTRY, armed: in force from the first window after it (P7) */
	bool in_delivery;               /* STALL: of an event delivery, not of an instruction (P20 is for instructions) */
	bool no_window;                 /* QUIET ... TRAPS: what follows belongs to the same closed interval */
	uint64_t amount;
};

/* ---- What comes of it ----------------------------------------------------------------------------------- */

enum oracle_result_kind {
	ORACLE_GAP,             /* a closed interval ended without notify exit; length = from the last window */
	ORACLE_NOTIFY,          /* the notify VM exit at tick; length, s, n, d, iterations and invalid say more */
	ORACLE_HUNG,            /* the hang limit at tick; ends the run */
	ORACLE_FOREVER,         /* nothing will end the interval; ends the run */
	ORACLE_END,             /* the schedule is over */
	ORACLE_REFUSED          /* never from the oracle: the model under test did what its own header forbids */
};

struct oracle_result {
	enum oracle_result_kind kind;
	uint64_t tick, length;
	uint64_t s, n, d;
	uint64_t iterations;            /* of the loop that ends here, 0 = none */
	bool invalid;                   /* VM_CONTEXT_INVALID */
};

#define ORACLE_EVENTS_MAX       16
#define ORACLE_RESULTS_MAX      (2 * ORACLE_EVENTS_MAX + 1)

/* Runs at most ORACLE_EVENTS_MAX events from tick `start` on. Returns the number of results; the last ends the run. */
size_t oracle_run(const struct oracle_rules *r, uint64_t start, const struct oracle_event *event, size_t n_events,
		  struct oracle_result result[ORACLE_RESULTS_MAX]);

/* ---- The rules one by one ------------------------------------------------------------------------------- */

/* First tick that is not before n crystal clocks have passed since tick 0. */
uint64_t oracle_crystal_to_tsc(const struct oracle_rules *r, uint64_t n);

/* Crystal clocks that have passed completely at this tick. */
uint64_t oracle_tsc_to_crystal(const struct oracle_rules *r, uint64_t tick);

/* First tick not before the nth edge, after tick s, of a crystal that runs from tick 0; n = 0: the last edge up to s. */
uint64_t oracle_edge(const struct oracle_rules *r, uint64_t s, uint64_t n);

/* First tick that is not before us microseconds have passed. */
uint64_t oracle_us_to_tsc(uint64_t us, uint64_t tsc_hz);

/* N in whole crystal clocks. */
uint64_t oracle_n(const struct oracle_rules *r, uint32_t window);

/* D for an interval that starts at s. */
uint64_t oracle_deadline(const struct oracle_rules *r, uint32_t window, uint64_t s);

/* Iterations of a loop that is ended after `ticks`: the one in flight counts. */
uint64_t oracle_iterations(const struct oracle_rules *r, uint64_t ticks);

#endif
