/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_run.h - one run of the simulator: its parameters, its trace and its end. Internal to the shim.
 */
#ifndef NW_RUN_H
#define NW_RUN_H

#include "nw_bochs.h"

class BX_CPU_C;

struct nw_run {
  bool active;                  // the bochsrc has a "nwsim" line
  struct nw_params params;
  struct nw_stall_set stalls;
  Bit32u tsc_hz;
  char cmdline[4096];           // of the guest, as the config file has it
};
extern struct nw_run nw_run;

/* The CPU spends time at its present instruction: timers fire, each at its tick. */
void nw_charge_ticks(Bit64u ticks);

/* Which boundaries open no windows (P8, P21): what that needs. */
void nw_closed_start(void);

/* The run has been saved and shall not go on: ends it without a verdict. */
void nw_saved(void);

/* What the end of the run depends on, as part of the saved state (bx_list_c). */
void nw_register_end_state(void *list);

/* ---- nw_state.cc -------------------------------------------------------------------------------------- */

/* Takes an option; false: not one of its own. */
bool nw_state_option(const char *context, const char *key, const char *value);

/* State of the run that is not the machine's (end, gaps, platform, stalls), as part of the saved state; prepares a restore. */
void nw_register_run_state(void);

/* The tick at which the only CPU is to be saved lies inside the next `ticks`: the ticks until then, else 0. */
Bit64u nw_ticks_to_save(Bit64u ticks);

/* Tick of the next timer event that is not the time to save. */
Bit64u nw_next_timer(void);

/* The run starts or continues: sets the time at which it is saved. */
void nw_state_start(void);

/* ---- nw_record.cc ------------------------------------------------------------------------------------- */

/* Creates the trace; its head has what the run is made of and the lines key=value of config, a file, "" = none. */
void nw_trace_open(const char *trace, const char *config);

/* The trace ends with the verdict: what CPUs ahead of it have done is no part of the run. */
void nw_trace_end(unsigned cpu, const Bit64u *verdict);

/* Writes the trace so far, as a file of its own, and what is not part of it yet; continues from there. */
void nw_trace_save(const char *directory);
/* Goes on with the trace that nw_trace_save() left in the directory. */
void nw_trace_restore(const char *directory);
/* The histogram of the gaps, as part of the saved state (bx_list_c). */
void nw_register_trace_state(void *list);

/* Gives the trace its name. Ends the process with one line on stderr when it cannot be written. */
void nw_trace_close(void);

/* One trace record, if a trace is being written. fields: as many as the type has. */
void nw_record(enum nwt_type type, unsigned cpu, const Bit64u *fields);

/* The guest as a notify exit finds it, the event being delivered included. */
void nw_record_guest(BX_CPU_C *cpu);

/* An event-window gap has ended: counts it, and records it when it is not shorter than gap_min. */
void nw_record_gap(unsigned cpu, Bit64u length_tsc, unsigned cause, unsigned detail, Bit64u rip, bool nonroot);

#endif
