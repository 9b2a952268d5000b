/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_run.h - one run of the simulator: its parameters, its trace and its end. Internal to the shim.
 */
#ifndef NW_RUN_H
#define NW_RUN_H

#include "nw_bochs.h"

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

/* ---- nw_record.cc ------------------------------------------------------------------------------------- */

/* Creates the trace; its head has what the run is made of and the lines key=value of config, a file, "" = none. */
void nw_trace_open(const char *trace, const char *config);

/* The trace ends with the verdict: what CPUs ahead of it have done is no part of the run. */
void nw_trace_end(unsigned cpu, const Bit64u *verdict);

/* Gives the trace its name. Ends the process with one line on stderr when it cannot be written. */
void nw_trace_close(void);

/* One trace record, if a trace is being written. fields: as many as the type has. */
void nw_record(enum nwt_type type, unsigned cpu, const Bit64u *fields);

/* An event-window gap has ended: counts it, and records it when it is not shorter than gap_min. */
void nw_record_gap(unsigned cpu, Bit64u length_tsc, unsigned cause, unsigned detail, Bit64u rip, bool nonroot);

#endif
