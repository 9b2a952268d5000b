/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_delivery.cc - event deliveries that do not complete: exceptions raised during a delivery are delivered in turn by
 * the main loop (patches/loop), debug traps that come again at once, the iterations of such a loop.
 *
 * Which loops keep the event window closed is P5. One that does is a flow of the trace, and a notify exit or the hang
 * limit ends it. After each delivery of one that does not there is an instruction boundary: the window opens, and events
 * are recognised there before the exception or debug trap.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "pc_system.h"
#include "nw_run.h"

#define NW (BX_CPU_THIS_PTR nw)

void BX_CPU_C::nw_flow_ended(unsigned outcome)
{
  Bit64u f[NWT_FLOWEND_FIELDS];

  f[NWT_FLOWEND_OUTCOME] = outcome;
  f[NWT_FLOWEND_ITERATIONS] = NW.flow.iterations;
  f[NWT_FLOWEND_SKIPPED] = NW.flow.skipped;
  if (NW.flow_listed) nw_record(NWT_FLOW_END, BX_CPU_ID, f);
  nw_flow_end(&NW.flow);
}

void BX_CPU_C::nw_flow_began(unsigned vector, Bit16u error_code)
{
  Bit64u f[NWT_FLOW_FIELDS];

  nw_flow_begin(&NW.flow, bx_pc_system.time_ticks());
  NW.place = 0;
  NW.walks = 0;
  TLB_flush();
  f[NWT_FLOW_VECTOR] = vector;
  f[NWT_FLOW_ERROR_CODE] = error_code;
  f[NWT_FLOW_RIP] = RIP;
  f[NWT_FLOW_RSP] = RSP;
  f[NWT_FLOW_NONROOT] = BX_CPU_THIS_PTR in_vmx_guest;
  if (NW.flow_listed) nw_record(NWT_FLOW_BEGIN, BX_CPU_ID, f);
}

// One more delivery of what may be a loop, after a boundary at boundary_tsc. Returns false when the boundary before it
// is an event window (P5).
bool BX_CPU_C::nw_loop_iterates(unsigned kind, unsigned vector, Bit16u error_code, Bit64u boundary_tsc)
{
  Bit64u now = bx_pc_system.time_ticks();
  bool listed = nw_flow_stalls(&nw_run.params, (enum nw_stalling) kind);

  if (NW.flow.active && NW.flow_listed != listed) nw_flow_ended(NWT_FLOW_DELIVERED);
  if (listed) {
    nw_close_window(NWT_CAUSE_DELIVERY, vector, boundary_tsc);
  }
  else {
    nw_open_window();
    NW.trap_tsc = now;
  }
  NW.flow_listed = listed;
  if (! NW.flow.active) nw_flow_began(vector, error_code);
  if (listed) nw_window_risk(&NW.window, &nw_run.params, now);
  NW.attention = true;
  BX_CPU_THIS_PTR async_event = 1;
  return listed;
}

struct nw_flow_step BX_CPU_C::nw_flow_iteration(Bit64u event)
{
  struct nw_flow_key key;
  struct nw_flow_step step;
  Bit64u now;

  if (NW.left) { // the run was saved during this iteration
    Bit64u left = NW.left;
    NW.left = 0;
    memset(&step, 0, sizeof(step));
    step.outcome = (enum nw_outcome) NW.left_outcome;
    nw_charge_resumably(left, step.outcome);
    return step;
  }
  bx_pc_system.tickn_inside(0);
  now = bx_pc_system.time_ticks();
  key.rip = RIP;
  key.rsp = RSP;
  key.rflags = read_eflags();
  key.cr2 = BX_CPU_THIS_PTR cr2;
#if BX_SUPPORT_CET
  key.ssp = SSP;
#else
  key.ssp = 0;
#endif
  key.event = event;
  key.place = NW.place;
  NW.place = 0;
  step = nw_flow_step(&NW.flow, &NW.window, &nw_run.params, &NW.clock, nw_run.tsc_hz, &key, now,
                      nw_next_timer(), bx_pc_system.smp_alone());
  nw_charge_resumably(step.ticks, step.outcome);
  return step;
}

// The delivery of an iteration has read this to know where its frame goes, see nw_flow.h.
void BX_CPU_C::nw_add_place(Bit64u read)
{
  NW.place = (NW.place ^ read) * BX_CONST64(0x9e3779b97f4a7c15);
  NW.place ^= NW.place >> 29;
}

// The result of a page walk. Which accesses need a walk depends on the TLB, which nw_flow_began() flushes and a saved run
// does not have: one that gives again what it gave before in this loop says nothing.
void BX_CPU_C::nw_add_walk(Bit64u lpf, Bit64u ppf)
{
  const unsigned max = sizeof(NW.walk) / sizeof(NW.walk[0]);
  unsigned n = 0;

  while (n < NW.walks && NW.walk[n][0] != lpf) n++;
  if (n < NW.walks && NW.walk[n][1] == ppf) return;
  nw_add_place(lpf);
  nw_add_place(ppf);
  if (n == max) return;
  NW.walk[n][0] = lpf;
  NW.walk[n][1] = ppf;
  if (n == NW.walks) NW.walks++;
}

// One quadword of the gate, at its place in the IDT (P18).
Bit64u BX_CPU_C::nw_gate(Bit8u vector, bx_address address, unsigned half)
{
  bool keep = nw_run.params.v[NW_P_IDT] == NW_IDT_CACHED && vector < BX_CPU_HANDLED_EXCEPTIONS;
  Bit64u gate;

  if (keep && (NW.gates[half] >> vector & 1)) {
    gate = NW.gate[vector][half];
  }
  else {
    gate = system_read_qword(address);
    if (keep) {
      NW.gate[vector][half] = gate;
      NW.gates[half] |= 1 << vector;
    }
  }
  nw_place(gate);
  return gate;
}

// Is there an event that an instruction boundary recognises, a debug trap apart?
bool BX_CPU_C::nw_event_due(void)
{
  return is_unmasked_event_pending(BX_EVENT_SMI | BX_EVENT_INIT | BX_EVENT_NMI | BX_EVENT_VMX_VIRTUAL_NMI |
           BX_EVENT_VMX_PREEMPTION_TIMER_EXPIRED | BX_EVENT_PENDING_INTR | BX_EVENT_PENDING_LAPIC_INTR |
           BX_EVENT_PENDING_VMX_VIRTUAL_INTR | BX_EVENT_PENDING_UINTR) ||
         (is_pending(BX_EVENT_VMX_INTERRUPT_WINDOW_EXITING) && BX_CPU_THIS_PTR get_IF());
}

// The time of a delivery has been charged. Its frame is written when no other CPU and no timer is behind.
bool BX_CPU_C::nw_awaits_turn(unsigned outcome)
{
#if BX_SUPPORT_SMP
  if (bx_pc_system.smp_slice_over()) {
    NW.charged = true;
    NW.outcome = outcome;
    return true;
  }
#endif
  return false;
}

// exception() was raised while an event is being delivered: leave for the main loop instead of nesting.
void BX_CPU_C::nw_queue_exception(unsigned vector, bool push_error, Bit16u error_code)
{
  nw_loop_iterates(NW_STALLING_DELIVERY, vector, error_code, bx_pc_system.time_ticks());
  NW.delivering = true;
  NW.vector = vector;
  NW.push_error = push_error;
  NW.error_code = error_code;
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
}

// Instead of the queued exception another event is taken. It is a fault: its instruction will raise it again.
void BX_CPU_C::nw_drop_exception(void)
{
  NW.delivering = false;
  nw_flow_ended(NWT_FLOW_DELIVERED);
#if BX_SUPPORT_VMX || BX_SUPPORT_SVM
  BX_CPU_THIS_PTR in_event = false;
#endif
  BX_CPU_THIS_PTR last_exception_type = 0;
  BX_CPU_THIS_PTR EXT = 0;
  if (! NW.first_rf) BX_CPU_THIS_PTR clear_RF();
}

bool BX_CPU_C::nw_redeliver(void)
{
  Bit64u event = NW.vector | NW.error_code << 8 | (Bit64u) BX_CPU_THIS_PTR last_exception_type << 24 |
                 (Bit64u) BX_CPU_THIS_PTR EXT << 32;

  if (! NW.charged) {
    if (! NW.left && ! NW.flow_listed && nw_event_due()) {
      nw_drop_exception();
      return false;
    }
    unsigned outcome = nw_flow_iteration(event).outcome;
    if (bx_pc_system.kill_bochs_request) return true;
    if (! NW.delivering) return false; // a timer has reset the CPU
    if (nw_awaits_turn(outcome)) return true;
    NW.outcome = outcome;
  }
  NW.charged = false;
#if BX_SUPPORT_VMX
  if (NW.outcome == NW_EXPIRE) nw_notify_exit(bx_pc_system.time_ticks());
#endif
  if (NW.outcome == NW_HUNG) {
    nw_hung();
    return true;
  }
  NW.delivering = false;
  interrupt(NW.vector, BX_HARDWARE_EXCEPTION, NW.push_error, NW.error_code);
  BX_CPU_THIS_PTR last_exception_type = 0; // error resolved
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // as exception() does
  return false;
}

// The debug trap that handleAsyncEvent is about to deliver has had its time. Returns true when the CPU loop shall return.
bool BX_CPU_C::nw_trap_turn(void)
{
  NW.charged = false;
#if BX_SUPPORT_VMX
  if (NW.outcome == NW_EXPIRE) {
    // the exit happens during the delivery that begins here: what exception() commits first is committed
    VMexit_Event(BX_HARDWARE_EXCEPTION, BX_DB_EXCEPTION, 0, 0);
    BX_CPU_THIS_PTR dr6.val32 = (BX_CPU_THIS_PTR dr6.val32 & 0xffff6ff0) | (BX_CPU_THIS_PTR debug_trap & 0x0000e00f);
    BX_CPU_THIS_PTR dr7.set_GD(0);
    BX_CPU_THIS_PTR debug_trap = 0;
    BX_CPU_THIS_PTR in_event = true;
    nw_notify_exit(bx_pc_system.time_ticks());
  }
#endif
  if (NW.outcome == NW_HUNG) {
    nw_hung();
    return true;
  }
  return false;
}

// Priority 4 of handleAsyncEvent is about to deliver a debug trap. Without an instruction executed since the last one
// was delivered this is an iteration of the #DB loop (CVE-2015-8104): such a boundary opens no window, unless P5 says so.
bool BX_CPU_C::nw_debug_trap(void)
{
  Bit64u icount = get_icount();
  bool again = (NW.trap_icount == icount);

  if (! again) {
    NW.trap_tsc = nw_last_window();
    NW.trap_icount = icount + 1; // this delivery counts as one instruction, those of a loop cost P4
    NW.attention = true; // the next boundary may not be a window
    return false;
  }
  NW.trap_icount = icount;
  if (! NW.left && ! nw_loop_iterates(NW_STALLING_DEBUG_TRAP, BX_DB_EXCEPTION, 0, NW.trap_tsc) && nw_event_due()) {
    nw_flow_ended(NWT_FLOW_DELIVERED);
    if (NW.uncounted) nw_charge_ticks(1); // for the delivery that is over
    NW.uncounted = false;
    BX_CPU_THIS_PTR debug_trap = 0; // as by any other delivery
    return false;
  }
  NW.uncounted = true;

  unsigned outcome = nw_flow_iteration(BX_DB_EXCEPTION | (Bit64u) BX_CPU_THIS_PTR debug_trap << 32).outcome;

  if (bx_pc_system.kill_bochs_request) return true;
  if (! NW.flow.active) return false; // a timer has reset the CPU
  if (nw_awaits_turn(outcome)) return true;
  NW.outcome = outcome;
  return nw_trap_turn();
}
