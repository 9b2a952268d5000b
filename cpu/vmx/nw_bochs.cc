/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_bochs.cc - time and closed intervals of a logical processor.
 *
 * Times are TSC ticks of the simulation. One tick is one executed instruction (timing profile "unit"); everything
 * longer is charged here, through the tick functions, so that timers fire at their exact tick.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "cpuid.h"
#include "pc_system.h"
#include "nw_run.h"

#define NW (BX_CPU_THIS_PTR nw)

/* ---- Time ------------------------------------------------------------------------------------------- */

void nw_charge_ticks(Bit64u ticks)
{
  const Bit64u chunk = 0x80000000;

#if BX_SUPPORT_SMP
  // The time limit of a run with several CPUs comes when all have reached it, and this is later than any.
  if (BX_SMP_PROCESSORS > 1 && ticks > BX_CONST64(1) << 53) ticks = BX_CONST64(1) << 53;
#endif
  while (ticks > chunk && ! bx_pc_system.kill_bochs_request) {
    bx_pc_system.tickn_inside(chunk);
    ticks -= chunk;
  }
  if (! bx_pc_system.kill_bochs_request)
    bx_pc_system.tickn_inside(ticks);
}

Bit64u BX_CPU_C::crystal_to_tsc(Bit64u n_crystal)
{
  return nw_clock_crystal_to_tsc(&NW.clock, n_crystal);
}

Bit64u BX_CPU_C::tsc_to_crystal(Bit64u n_tsc)
{
  return nw_clock_tsc_to_crystal(&NW.clock, n_tsc);
}

// P3: the ratio that CPUID leaf 15H announces is the one that everything runs at
void BX_CPU_C::nw_cpuid(Bit32u leaf, cpuid_function_t *out)
{
  const Bit64u *v = nw_run.params.v;

  if (leaf != 0x15 || ! nw_run.active || ! v[NW_P_CRYSTAL_NUM] || ! v[NW_P_CRYSTAL_DEN]) return;
  out->eax = (Bit32u) v[NW_P_CRYSTAL_DEN];
  out->ebx = (Bit32u) v[NW_P_CRYSTAL_NUM];
  out->ecx = (Bit32u) ((Bit64u) nw_run.tsc_hz * out->eax / out->ebx);
}

void BX_CPU_C::nw_reset(void)
{
  cpuid_function_t leaf = { 0, 0, 0, 0 };

  if (NW.flow.active) nw_flow_ended(NWT_FLOW_RESET);
  if (NW.window.closed) nw_open_window();
  NW.attention = NW.delivering = NW.uncounted = NW.expire_at_boundary = NW.damage = NW.resuming = false;
  NW.charged = NW.notifying = NW.inactive = NW.inside_over = NW.delivery_over = false;
  NW.stalls_over = NW.stall_context = 0;
  NW.left = 0;
  NW.trap_icount = NW.shadow_icount = NW.rep_icount = 0;
  nw_window_init(&NW.window);
  nw_flow_init(&NW.flow);
  BX_CPU_THIS_PTR cpuid->get_cpuid_leaf(0x15, 0, &leaf);
  nw_cpuid(0x15, &leaf);
  nw_clock_init(&NW.clock, leaf.ebx, leaf.eax);
}

/* ---- Closed intervals ------------------------------------------------------------------------------- */

void BX_CPU_C::nw_close_window(unsigned cause, unsigned detail, Bit64u boundary_tsc)
{
  if (! NW.window.closed) {
    NW.cause = cause;
    NW.detail = detail;
    NW.cause_rip = BX_CPU_THIS_PTR prev_rip;
    nw_window_close(&NW.window, nw_in_shadow() ? NW.shadow_tsc : boundary_tsc);
  }
  NW.attention = true;
  BX_CPU_THIS_PTR async_event = 1;
}

// The interval ends, by an event window or by a VM exit.
void BX_CPU_C::nw_open_window(void)
{
  bool closed = NW.window.closed;
  Bit64u length = nw_window_open(&NW.window, bx_pc_system.time_ticks());

  NW.attention = NW.inactive = false;
  if (closed)
    nw_record_gap(BX_CPU_ID, length, NW.cause, NW.detail, NW.cause_rip, BX_CPU_THIS_PTR in_vmx_guest);
}

// Does this boundary deliver the next debug trap at once, without an instruction executed since the last one?
bool BX_CPU_C::nw_trap_again(void)
{
  return (BX_CPU_THIS_PTR debug_trap & 0xf000) && NW.trap_icount == get_icount() &&
         ! interrupts_inhibited(BX_INHIBIT_DEBUG);
}

void BX_CPU_C::nw_hung(void)
{
  if (NW.flow.active) nw_flow_ended(NWT_FLOW_HUNG);
  nw_end(NWT_VERDICT_HUNG, 0);
}

// First lines of handleAsyncEvent. Returns true when the CPU loop shall return.
bool BX_CPU_C::nw_boundary(void)
{
  if (bx_pc_system.kill_bochs_request) return true;
  if (NW.delivering) return nw_redeliver();
  if (NW.charged) {
    if (nw_trap_turn()) return true;
    exception(BX_DB_EXCEPTION, 0);
  }
  if (NW.resuming) return nw_resume();
  if (NW.left) { // the run was saved during an iteration of a #DB loop
    if (nw_debug_trap()) return true;
    exception(BX_DB_EXCEPTION, 0);
  }
#if BX_SUPPORT_VMX
  if (NW.expire_at_boundary) {
    NW.expire_at_boundary = false;
    nw_notify_exit(nw_window_deadline(&NW.window, &nw_run.params, &NW.clock));
  }
#endif
  // this boundary delivers the next debug trap at once: it is no event window, unless P5 says so
  if (nw_trap_again()) {
    if (! nw_flow_stalls(&nw_run.params, NW_STALLING_DEBUG_TRAP) || nw_run.params.v[NW_P_PRIORITY] == NW_PRIORITY_TABLE)
      return false; // nw_debug_trap() comes at its priority
    if (nw_debug_trap()) return true;
    exception(BX_DB_EXCEPTION, 0); // before everything that came meanwhile (P13)
  }
  if (NW.uncounted) {
    NW.uncounted = false;
    nw_charge_ticks(1); // the debug trap delivered last did not come again: it costs what a delivery costs
  }
  if (nw_counts_inactive()) return false; // P8: see nw_inactive()
#if BX_SUPPORT_VMX
  if (NW.window.closed && NW.window.armed) {
    // P21, P16: the deadline has passed without a window
    Bit64u deadline = nw_window_deadline(&NW.window, &nw_run.params, &NW.clock), now = bx_pc_system.time_ticks();
    if (deadline < now || (deadline == now && nw_in_shadow())) nw_notify_exit(deadline);
  }
#endif
  if (nw_in_shadow()) return false;
  if (NW.flow.active) nw_flow_ended(NWT_FLOW_DELIVERED);
  nw_open_window();
  return false;
}
