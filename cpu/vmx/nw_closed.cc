/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_closed.cc - boundaries that open no event window although nothing stalls: in the shadow of STI, MOV SS and POP SS
 * (P21), in inactive states (P8), in system-management mode entered from VMX non-root operation (P16).
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "pc_system.h"
#include "nw_run.h"

#define NW (BX_CPU_THIS_PTR nw)

/* ---- Shadows ---------------------------------------------------------------------------------------- */

// The shadow lasts from the boundary after the instruction that casts it until the next instruction completes.
bool BX_CPU_C::nw_in_shadow(void)
{
  return nw_switch.shadow_closed && NW.shadow_icount == get_icount();
}

Bit64u BX_CPU_C::nw_last_window(void)
{
  return nw_in_shadow() ? NW.shadow_tsc : bx_pc_system.time_ticks();
}

// An instruction casts a shadow: it may be in one itself, or have stalled.
void BX_CPU_C::nw_shadow(void)
{
  NW.shadow_tsc = NW.window.closed ? NW.window.boundary_tsc : nw_last_window();
  NW.shadow_icount = get_icount() + 1;
}

/* ---- Inactive states -------------------------------------------------------------------------------- */

// How long nothing can happen to the only CPU, or how far an idle loop that takes steps goes
Bit32u BX_CPU_C::nw_idle_ticks(void)
{
  Bit32u left = bx_pc_system.getNumCpuTicksLeftNextEvent();
  const Bit32u step = 10;

  return (nw_switch.idle_jump || (NW.inactive && left < step)) ? left : step;
}

// The instruction, or the VM entry, makes the CPU inactive.
void BX_CPU_C::nw_sleep(void)
{
  NW.sleep_tsc = nw_last_window();
}

bool BX_CPU_C::nw_counts_inactive(void)
{
  return nw_switch.inactive_closed && NW.window.armed && BX_CPU_THIS_PTR activity_state != BX_ACTIVITY_STATE_ACTIVE;
}

static void nw_sleep_over(void *cpu)
{
#if BX_SUPPORT_SMP
  bx_pc_system.smp_wake((BX_CPU_C *) cpu); // it looks at its deadline, and waits on if an event comes first
#endif
}

static void nw_record_inactive(unsigned cpu, unsigned edge, unsigned state, Bit64u rip)
{
  Bit64u f[NWT_INACTIVE_FIELDS];

  f[NWT_INACTIVE_EDGE] = edge;
  f[NWT_INACTIVE_STATE] = state;
  f[NWT_INACTIVE_RIP] = rip;
  nw_record(NWT_INACTIVE, cpu, f);
}

// No event has ended the inactive state so far. Does not return when the notify exit is due.
void BX_CPU_C::nw_inactive(void)
{
  if (! nw_counts_inactive()) return;

  Bit64u now = bx_pc_system.time_ticks(), deadline;
  bool begins = ! NW.inactive;

  if (begins) {
    NW.inactive = true;
    nw_close_window(NWT_CAUSE_INACTIVE, BX_CPU_THIS_PTR activity_state, NW.sleep_tsc);
    nw_window_risk(&NW.window, &nw_run.params, now);
    nw_record_inactive(BX_CPU_ID, NWT_ENTERED, BX_CPU_THIS_PTR activity_state, RIP);
  }
  deadline = nw_window_deadline(&NW.window, &nw_run.params, &NW.clock);
#if BX_SUPPORT_VMX
  if (deadline <= now) {
    if (BX_CPU_THIS_PTR activity_state == BX_ACTIVITY_STATE_WAIT_FOR_SIPI)
      unmask_event(BX_EVENT_SMI | BX_EVENT_NMI); // masked by the wait-for-SIPI state
    nw_notify_exit(deadline);
  }
#endif
  if (begins)
    bx_pc_system.activate_timer_ticks(NW.sleep_timer, deadline - now, 0);
}

// An event has ended the inactive state, or causes a VM exit in it: a window.
void BX_CPU_C::nw_active(void)
{
  unsigned state = NW.detail;

  bx_pc_system.deactivate_timer(NW.sleep_timer);
  nw_open_window();
  NW.sleep_tsc = bx_pc_system.time_ticks(); // posted-interrupt processing goes back to HLT
  nw_record_inactive(BX_CPU_ID, NWT_LEFT, state, RIP);
}

/* ---- System-management mode ------------------------------------------------------------------------- */

static void nw_record_smm(unsigned cpu, unsigned edge, Bit64u rip)
{
  Bit64u f[NWT_SMM_FIELDS];

  f[NWT_SMM_EDGE] = edge;
  f[NWT_SMM_RIP] = rip;
  nw_record(NWT_SMM, cpu, f);
}

// An SMI is taken in VMX non-root operation. With P13 = table it may be what ends a loop of debug traps.
void BX_CPU_C::nw_smm_enter(void)
{
  NW.uncounted = false;
  if (NW.flow.active) nw_flow_ended(NWT_FLOW_DELIVERED);
  nw_open_window();
  nw_window_suspend(&NW.window, bx_pc_system.time_ticks());
  nw_record_smm(BX_CPU_ID, NWT_ENTERED, RIP);
}

// RSM has gone back to VMX non-root operation.
void BX_CPU_C::nw_smm_leave(void)
{
  nw_record_smm(BX_CPU_ID, NWT_LEFT, RIP);
  nw_window_resume(&NW.window, &nw_run.params, bx_pc_system.time_ticks());
  if (! NW.window.closed || nw_run.params.v[NW_P_SMM] != NW_SMM_COUNT) return;
  NW.cause = NWT_CAUSE_SMM;
  NW.detail = 0;
  NW.cause_rip = RIP;
  NW.attention = true;
  BX_CPU_THIS_PTR async_event = 1;
}

/* ---- Start ------------------------------------------------------------------------------------------ */

void nw_closed_start(void)
{
  nw_switch.shadow_closed = (nw_run.params.v[NW_P_SHADOW] == NW_SHADOW_CLOSED);
  nw_switch.inactive_closed = (nw_run.params.v[NW_P_INACTIVE] == NW_INACTIVE_CLOSED);
  if (! nw_switch.inactive_closed) return;
  for (unsigned n = 0; n < BX_SMP_PROCESSORS; n++)
    BX_CPU(n)->nw.sleep_timer = bx_pc_system.register_timer_ticks(BX_CPU(n), nw_sleep_over, 0, 0, 0, "nwsim inactive");
}
