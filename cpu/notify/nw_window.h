/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_window.h - the event window of one logical processor and the notify deadline.
 *
 * An event window opens at every instruction boundary. Nothing is counted per instruction: the caller tells the
 * model only when a closed interval begins (a delivery, a stall), and asks before it spends time inside it.
 *
 *   s = tick of the last window, or of the end of guest-state loading by VM entry, whichever is later
 *   N = notify window + internal threshold (P1, P2)
 *   D = s + ceil(N * EBX / EAX), at least s + 1
 *
 * The exit is taken at D iff no window opens in (s, D]; a window at D wins. Times are absolute TSC ticks of the
 * simulation. SDM Vol. 3C 27.6.24 and 28.2 ("instruction timeout"). Which boundaries open windows (P8, P13, P21) is
 * decided by the caller, who simply does not call nw_window_open() at those that do not.
 */
#ifndef NW_WINDOW_H
#define NW_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "nw_clock.h"
#include "nw_param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nw_window {
	bool armed;             /* in VMX non-root operation with the control set */
	bool closed;            /* a closed interval is being timed */
	bool risk_seen;         /* P6 = risk: a nested delivery has been seen in this interval */
	bool arm_at_window;     /* P7 = after-injection: the next window arms */
	bool suspended;         /* in SMM that was entered while armed (P16) */
	uint64_t window_crystal;/* VMCS field 0x4024 at VM entry */
	uint64_t entry_tsc;     /* end of guest-state loading of the last VM entry */
	uint64_t boundary_tsc;  /* begin of the gap, valid while closed; P6 = risk does not move it */
	uint64_t start_tsc;     /* s, valid while closed */
	uint64_t suspended_tsc; /* window at which the SMI was taken, valid while suspended */
};

/* Powers up: not armed, open. */
void nw_window_init(struct nw_window *w);

/*
 * VM entry with the control set, at the end of guest-state loading (P7: armed before event injection). An interval
 * that was already closed (a stall in the entry instruction itself) starts anew here.
 */
void nw_window_arm(struct nw_window *w, uint32_t window_crystal, uint64_t now_tsc);

/*
 * P7 = after-injection: VM entry with the control set that injects an event. Nothing is armed until the first window
 * opens, that is, until the delivery has completed; an interval that was already closed ends.
 */
void nw_window_arm_at_window(struct nw_window *w, uint32_t window_crystal);

/* VM exit, or VM entry with the control clear: nothing is timed, the interval ends. */
void nw_window_disarm(struct nw_window *w);

/* A closed interval begins whose last window was at boundary_tsc. Ignored while one is already being timed. */
void nw_window_close(struct nw_window *w, uint64_t boundary_tsc);

/*
 * P6 = risk: the first nested delivery was observed at now_tsc; s moves there. No effect with P6 = boundary, when
 * nothing is timed or the window is not armed, and from the second call in an interval on.
 */
void nw_window_risk(struct nw_window *w, const struct nw_params *p, uint64_t now_tsc);

/*
 * An SMI was taken at the window at now_tsc: system-management mode is not VMX non-root operation, nothing is armed in
 * it (SDM Vol. 3C, "Default treatment of SMI delivery").
 */
void nw_window_suspend(struct nw_window *w, uint64_t now_tsc);

/*
 * RSM goes back to VMX non-root operation at now_tsc. P16 = suspend: as by VM entry, s is not before now_tsc. P16 =
 * count: a closed interval has been going on since the SMI, and counts from there whatever P6 says; the caller takes
 * the exit at the boundary after RSM if D is before it. No effect when SMM was entered with nothing armed.
 */
void nw_window_resume(struct nw_window *w, const struct nw_params *p, uint64_t now_tsc);

/*
 * A window opens at now_tsc. Returns the length in ticks of the gap that ends here, measured from the last window or
 * VM entry whatever P6 says (0 when none was timed).
 */
uint64_t nw_window_open(struct nw_window *w, uint64_t now_tsc);

/*
 * N in crystal clocks, rounded down when the threshold is in TSC ticks (P2). For reports. P17 = 32-bit: the sum of the
 * window and a threshold in crystal clocks wraps around at 2^32.
 */
uint64_t nw_window_n_crystal(const struct nw_window *w, const struct nw_params *p, const struct nw_clock *clk);

/*
 * D of the interval being timed, NW_TIME_MAX when none is or the window is not armed (or, with P6 = risk, none was
 * observed). P19 = edge: the Nth edge of the free-running crystal after s; a threshold in TSC ticks (P2) is not part of that
 * N and is added to the edge.
 */
uint64_t nw_window_deadline(const struct nw_window *w, const struct nw_params *p, const struct nw_clock *clk);

/*
 * Tick at which a closed interval that no notify exit can end makes the run "hung" (P22): begin of the gap +
 * hang_limit, at least one tick. That is the case when the window is not armed, and with P6 = risk when no nested
 * delivery was observed. tsc_hz converts P22. NW_TIME_MAX in every other case, when open, and when P22 = 0: at most
 * one of nw_window_deadline() and nw_window_hang() is a tick that will come.
 */
uint64_t nw_window_hang(const struct nw_window *w, const struct nw_params *p, uint64_t tsc_hz);

enum nw_outcome {
	NW_GO,          /* the time is spent, nothing happens */
	NW_EXPIRE,      /* the notify VM exit is taken, at D */
	NW_HUNG         /* the hang limit is reached */
};

struct nw_charge {
	enum nw_outcome outcome;
	uint64_t ticks; /* to charge before the outcome takes effect */
};

/*
 * May `cost` ticks be spent from now on inside the closed interval? opens_after: a window opens when the time has
 * been spent (an instruction completes; then a window at D wins), or not (a loop iteration; then D wins). An interval
 * that is already past its deadline expires after 0 ticks. The hang limit is treated like D. With neither, the answer
 * is NW_GO, and ticks is cut so that the time never passes NW_TIME_MAX. P20 = complete is applied by the caller.
 */
struct nw_charge nw_window_charge(const struct nw_window *w, const struct nw_params *p, const struct nw_clock *clk,
				  uint64_t tsc_hz, uint64_t now_tsc, uint64_t cost, bool opens_after);

#ifdef __cplusplus
}
#endif

#endif
