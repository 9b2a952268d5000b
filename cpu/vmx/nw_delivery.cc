/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_delivery.cc - event deliveries that do not complete: exceptions raised during a delivery are delivered in turn by
 * the main loop (patches/loop), debug traps that come again at once, the iterations of such a loop.
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
  nw_record(NWT_FLOW_END, BX_CPU_ID, f);
  nw_flow_end(&NW.flow);
}

void BX_CPU_C::nw_flow_began(unsigned vector, Bit16u error_code)
{
  Bit64u f[NWT_FLOW_FIELDS];

  nw_flow_begin(&NW.flow, bx_pc_system.time_ticks());
  f[NWT_FLOW_VECTOR] = vector;
  f[NWT_FLOW_ERROR_CODE] = error_code;
  f[NWT_FLOW_RIP] = RIP;
  f[NWT_FLOW_RSP] = RSP;
  f[NWT_FLOW_NONROOT] = BX_CPU_THIS_PTR in_vmx_guest;
  nw_record(NWT_FLOW_BEGIN, BX_CPU_ID, f);
}

struct nw_flow_step BX_CPU_C::nw_flow_iteration(Bit64u event)
{
  struct nw_flow_key key;
  struct nw_flow_step step;
  Bit64u now;

  bx_pc_system.tickn_inside(0); // synchronize: the next timer event is counted from here
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
  step = nw_flow_step(&NW.flow, &NW.window, &nw_run.params, &NW.clock, nw_run.tsc_hz, &key, now,
                      now + bx_pc_system.getNumCpuTicksLeftNextEvent(), bx_pc_system.smp_alone());
  nw_charge_ticks(step.ticks);
  return step;
}

// exception() was raised while an event is being delivered: leave for the main loop instead of nesting.
void BX_CPU_C::nw_queue_exception(unsigned vector, bool push_error, Bit16u error_code)
{
  Bit64u now = bx_pc_system.time_ticks();

  nw_close_window(NWT_CAUSE_DELIVERY, vector, now);
  if (! NW.flow.active) nw_flow_began(vector, error_code);
  nw_window_risk(&NW.window, &nw_run.params, now);
  NW.delivering = true;
  NW.vector = vector;
  NW.push_error = push_error;
  NW.error_code = error_code;
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
}

bool BX_CPU_C::nw_redeliver(void)
{
  Bit64u event = NW.vector | NW.error_code << 8 | (Bit64u) BX_CPU_THIS_PTR last_exception_type << 24 |
                 (Bit64u) BX_CPU_THIS_PTR EXT << 32;
  struct nw_flow_step step = nw_flow_iteration(event);

  if (bx_pc_system.kill_bochs_request) return true;
  if (! NW.delivering) return false; // a timer has reset the CPU
#if BX_SUPPORT_VMX
  if (step.outcome == NW_EXPIRE) nw_notify_exit(bx_pc_system.time_ticks());
#endif
  if (step.outcome == NW_HUNG) {
    nw_hung();
    return true;
  }
  NW.delivering = false;
  interrupt(NW.vector, BX_HARDWARE_EXCEPTION, NW.push_error, NW.error_code);
  BX_CPU_THIS_PTR last_exception_type = 0; // error resolved
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // as exception() does
  return false;
}

// Priority 4 of handleAsyncEvent is about to deliver a debug trap. Without an instruction executed since the last one
// was delivered this is an iteration of the #DB loop (CVE-2015-8104): such a boundary opens no window.
bool BX_CPU_C::nw_debug_trap(void)
{
  Bit64u icount = get_icount();
  bool again = (NW.trap_icount == icount);

  if (! again) {
    NW.trap_tsc = bx_pc_system.time_ticks();
    NW.trap_icount = icount + 1; // this delivery counts as one instruction, those of a loop cost P4
    return false;
  }
  NW.trap_icount = icount;
  NW.uncounted = true;
  nw_close_window(NWT_CAUSE_DELIVERY, BX_DB_EXCEPTION, NW.trap_tsc);
  if (! NW.flow.active) nw_flow_began(BX_DB_EXCEPTION, 0);
  nw_window_risk(&NW.window, &nw_run.params, bx_pc_system.time_ticks());

  struct nw_flow_step step = nw_flow_iteration(BX_DB_EXCEPTION | (Bit64u) BX_CPU_THIS_PTR debug_trap << 32);

  if (bx_pc_system.kill_bochs_request) return true;
#if BX_SUPPORT_VMX
  if (step.outcome == NW_EXPIRE) {
    // the exit happens during the delivery that begins here: what exception() commits first is committed
    VMexit_Event(BX_HARDWARE_EXCEPTION, BX_DB_EXCEPTION, 0, 0);
    BX_CPU_THIS_PTR dr6.val32 = (BX_CPU_THIS_PTR dr6.val32 & 0xffff6ff0) | (BX_CPU_THIS_PTR debug_trap & 0x0000e00f);
    BX_CPU_THIS_PTR dr7.set_GD(0);
    BX_CPU_THIS_PTR debug_trap = 0;
    BX_CPU_THIS_PTR in_event = true;
    nw_notify_exit(bx_pc_system.time_ticks());
  }
#endif
  if (step.outcome == NW_HUNG) {
    nw_hung();
    return true;
  }
  return false;
}
