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
  bool flow_listed;             // P5: the loop keeps the event window closed, and is in the trace
  bool charged;                 // the time of the delivery is charged: it follows when the other CPUs have caught up ...
  Bit8u outcome;                // ... enum nw_outcome: how
  bool expire_at_boundary;      // P20 = complete: the notify exit is taken when the instruction has completed
  bool resuming;                // a stall has been charged; it ends when the other CPUs have caught up ...
  Bit8u resume;                 // ... enum nw_outcome: how
  Bit8u resume_phase;           // ... enum nw_stall_phase: of what
  bool inside_over;             // the stall inside the resumed IRET or task switch is over
  bool delivery_over;           // the stall of the resumed delivery is over
  bool iret_unblocked;          // the resumed IRET had unblocked NMIs
  bool in_event_loop;           // handleAsyncEvent() delivers the interrupt or NMI
  Bit64u resume_rip, resume_prev_rip;
  Bit64u left;                  // ticks of an interrupted charge that are still to be charged ...
  Bit8u left_outcome;           // ... enum nw_outcome: and what they end with
  Bit8u stalls_over;            // stalls of the resumed instruction that are over, see NW_STALLED()
  Bit8u stall_context;          // enum nw_stall_context: of a notify exit out of the stall in progress
  bool notifying;               // the notify exit is being taken: VMexit() calls nw_notify_record()
  bool damage;                  // P11: it damages the guest-state area
  Bit64u rep_rip, rep_icount;   // a repeated instruction that is not done, and the instruction count when it was left
  bool first_rf;                // RFLAGS.RF before the first event of the delivery
  bool push_error;              // the queued exception, or the event being delivered ...
  Bit8u vector;
  Bit8u event_type;
  Bit16u error_code;
  Bit8u cause;                  // enum nwt_cause of the closed interval, and its detail
  Bit16u detail;
  Bit64u cause_rip;
  Bit64u trap_icount;           // instruction count just after the last debug trap was delivered
  Bit64u trap_tsc;              // boundary at which the first of a row of debug traps was delivered
  Bit64u shadow_icount;         // P21: instruction count at the boundary in the shadow of STI, MOV SS or POP SS ...
  Bit64u shadow_tsc;            // ... and the last window before it
  bool inactive;                // P8: time in an inactive state is being counted ...
  Bit64u sleep_tsc;             // ... from this window on
  int sleep_timer;              // ... until the notify exit
  Bit64u place;                 // digest of what the last delivery read to place its frame
  Bit64u walk[16][2];           // results of the loop's page walks: linear page, physical page ...
  unsigned walks;               // ... so many
  Bit64u gate[32][2];           // P18 = cached: IDT entries that the loop has read ...
  Bit32u gates[2];              // ... of these vectors, for both halves
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
  bool shadow_closed;           // P21: boundaries in a shadow open no windows
  bool inactive_closed;         // P8: boundaries in inactive states open no windows
  bool save;                    // the state shall be saved at the next instruction boundary
};
extern struct nw_switches nw_switch;

/* ---- Called from patched Bochs code ------------------------------------------------------------------- */

/* Before the bochsrc is read: registers the add-on option "nwsim". */
void nw_register_options(void);
/* CPUs and devices exist, nothing has been reset: registers timers and what is saved; asks Bochs to restore it. */
void nw_register_state(void);
/* A CPU registers its state in this list. */
void nw_register_cpu(void *parent, struct nw_cpu *cpu);
/* The machine is in its first state: opens the trace, registers ports. */
void nw_start(void);
/* Saves the state of the run: no CPU is inside of an instruction. True: the run ends. */
bool nw_save_state(void);
/* Several CPUs, none is running and none will do anything before this time: is it the time to save? Then saves. */
bool nw_save_between_turns(Bit64u settled_tsc);
/* The directory that the run was restored from, or NULL. The files it uses are those that it was saved with. */
const char *nw_restored_from(void);
/* A serial port has sent a byte to its output. */
void nw_serial_sent(unsigned port);
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
