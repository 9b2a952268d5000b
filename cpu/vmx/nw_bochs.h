/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_bochs.h - the border between Bochs and the notify model (cpu/notify) and trace (trace/).
 *
 * The patches in patches/ call what is declared here; everything else is in nw_*.cc. Included by Bochs's cpu.h before
 * class BX_CPU_C is defined, so it may use only Bochs's integer types.
 */
#ifndef NW_BOCHS_H
#define NW_BOCHS_H

extern "C" {
#include "nw_clock.h"
#include "nw_context.h"
#include "nw_flow.h"
#include "nw_param.h"
#include "nw_stall.h"
#include "nw_window.h"
#include "nw_trace.h"
}

/* State of one logical processor, a member of BX_CPU_C. */
struct nw_cpu {
  bool attention;               // look at this structure at the next instruction boundary
  bool delivering;              // an exception is queued for redelivery
  bool uncounted;               // a debug trap of a #DB loop is being delivered: P4 stands for its time
  bool expire_at_boundary;      // P20 = complete: the notify exit is taken when the instruction has completed
  bool resuming;                // a stall has been charged; it ends when the other CPUs have caught up ...
  Bit8u resume;                 // ... enum nw_outcome: how
  Bit8u stalls_over;            // stalls of the resumed instruction that are over, see NW_STALLED()
  bool damage;                  // P11: the exit being taken damages the guest-state area
  bool first_rf;                // RFLAGS.RF before the first event of the delivery
  bool push_error;              // the queued exception ...
  Bit8u vector;
  Bit16u error_code;
  Bit8u cause;                  // enum nwt_cause of the closed interval, and its detail
  Bit16u detail;
  Bit64u cause_rip;
  Bit64u trap_icount;           // instruction count just after the last debug trap was delivered
  Bit64u trap_tsc;              // boundary at which the first of a row of debug traps was delivered
  struct nw_clock clock;
  struct nw_window window;
  struct nw_flow flow;
  struct nw_context context;
};

/* ---- Run-wide switches that patched Bochs code reads ------------------------------------------------- */

struct nw_switches {
  bool idle_jump;               // HLT and MWAIT jump to the next timer event
  bool uart_fast;               // serial ports transmit without baud delay
  bool decode_watch;            // stall rules exist: look at every decoded instruction
  bool delivery_watch;          // a stall rule for deliveries exists
};
extern struct nw_switches nw_switch;

/* ---- Called from patched Bochs code ------------------------------------------------------------------- */

/* Before the bochsrc is read: registers the add-on option "nwsim". */
void nw_register_options(void);
/* CPUs and devices exist: checks the options, opens the trace, registers ports and timers. */
void nw_start(void);
/* The simulation ends, for whatever reason: writes the verdict and closes the trace. */
void nw_finish(void);
/* Ends the run with this verdict; the CPU loop returns at the next instruction boundary. */
void nw_end(enum nwt_verdict_kind kind, Bit64u code);
/*
 * A CPU enters the shutdown state: nothing but a reset would end it. A VMX abort concerns one logical processor
 * (SDM Vol. 3C, "VMX aborts"): the run goes on as long as another one is not in that state.
 */
void nw_shutdown(bool vmx_abort);
/* The machine is about to be reset: true when this ends the run. */
bool nw_machine_reset(void);
/* Has the run ended by a verdict other than a failure of the simulator? Then the exit status is 0. */
bool nw_has_verdict(void);
/* Does this CPU have the instruction-timeout control (P15)? model_has: what the CPU model says. */
bool nw_feature(bool model_has);

#endif
