/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_stalls.cc - instructions and deliveries that last longer, by rule or by magic NOP (P14).
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "decoder/ia_opcodes.h"
#include "pc_system.h"
#include "nw_abi.h"
#include "nw_run.h"

#define NW (BX_CPU_THIS_PTR nw)

// The stall of an instruction has been charged. What it does then comes when no other CPU and no timer is behind: the
// instruction is left here, and nw_boundary() takes it up again before it looks at any event.
void BX_CPU_C::nw_await_others(unsigned source, unsigned outcome)
{
#if BX_SUPPORT_SMP
  if (! bx_pc_system.smp_slice_over() || bx_pc_system.kill_bochs_request) return;

  NW.resuming = true;
  NW.resume = outcome;
  NW.stalls_over = (source == NWT_STALL_SOURCE_MAGIC) ? 2 : 1;
  RIP = BX_CPU_THIS_PTR prev_rip;
  BX_CPU_THIS_PTR async_event = 1;
  BX_CPU_THIS_PTR restarted = true;
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
#endif
}

// Returns true: the instruction is not followed by an event before its turn.
bool BX_CPU_C::nw_resume(void)
{
  NW.resuming = false;
#if BX_SUPPORT_VMX
  if (NW.resume == NW_EXPIRE) {
    NW.stalls_over = 0;
    nw_notify_exit(bx_pc_system.time_ticks());
  }
#endif
  if (NW.resume == NW_HUNG) {
    nw_hung();
    return true;
  }

  bxInstruction_c *i = getICacheEntry()->i;
  RIP += i->ilen();
  BX_CPU_CALL_METHOD(i->execute1, (i)); // async_event: nothing else of the trace
#if ! BX_SUPPORT_HANDLERS_CHAINING_SPEEDUPS
  BX_CPU_THIS_PTR prev_rip = RIP; // commit new RIP
  BX_CPU_THIS_PTR icount++;
#endif
  BX_CPU_THIS_PTR async_event &= ~BX_ASYNC_EVENT_STOP_TRACE;
  bx_pc_system.tickn_inside(0);
  return true;
}

void BX_CPU_C::nw_stall(Bit64u clocks_crystal, unsigned source, unsigned phase)
{
  unsigned cause = (source == NWT_STALL_SOURCE_MAGIC) ? NWT_CAUSE_MAGIC_STALL : NWT_CAUSE_STALL_RULE;
  Bit64u now = bx_pc_system.time_ticks();
  Bit64u cost = (clocks_crystal == NW_STALL_FOREVER) ? NW_TIME_MAX : crystal_to_tsc(clocks_crystal);
  Bit64u f[NWT_STALL_FIELDS];

  f[NWT_STALL_CLOCKS_CRYSTAL] = clocks_crystal;
  f[NWT_STALL_SOURCE] = source;
  f[NWT_STALL_RIP] = BX_CPU_THIS_PTR prev_rip;
  f[NWT_STALL_PHASE] = phase;
  nw_record(NWT_STALL, BX_CPU_ID, f);

  nw_close_window(cause, source, now);
  nw_window_risk(&NW.window, &nw_run.params, now);
  // what is stalled completes one tick after the stall, and opens a window there
  struct nw_charge c = nw_window_charge(&NW.window, &nw_run.params, &NW.clock, nw_run.tsc_hz, now,
                                        nw_time_add(cost, 1), true);
  bool complete = nw_run.params.v[NW_P_ATOMIC] == NW_ATOMIC_COMPLETE && phase == NW_STALL_INSTRUCTION &&
                  cost != NW_TIME_MAX;

  if (c.outcome == NW_GO || (c.outcome == NW_EXPIRE && complete)) {
    nw_charge_ticks(cost);
    NW.expire_at_boundary = (c.outcome == NW_EXPIRE);
    if (phase == NW_STALL_INSTRUCTION) nw_await_others(source, NW_GO);
    return;
  }
  nw_charge_ticks(c.ticks);
  if (phase == NW_STALL_INSTRUCTION) nw_await_others(source, c.outcome);
  if (! bx_pc_system.kill_bochs_request) {
#if BX_SUPPORT_VMX
    if (c.outcome == NW_EXPIRE) nw_notify_exit(bx_pc_system.time_ticks());
#endif
    nw_hung();
  }
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // the run is over
}

// interrupt() begins to deliver an event
void BX_CPU_C::nw_delivery_begins(Bit8u vector, unsigned type)
{
  unsigned rule = 0;

  if (type != BX_HARDWARE_EXCEPTION) NW.first_rf = BX_CPU_THIS_PTR get_RF() != 0;
  if (! nw_switch.delivery_watch) return;
  Bit64u clocks = nw_stall_delivery(&nw_run.stalls, BX_CPU_THIS_PTR in_vmx_guest,
                                    get_laddr(BX_SEG_REG_CS, BX_CPU_THIS_PTR prev_rip), vector, &rule);
  if (clocks) nw_stall(clocks, rule, NW_STALL_DELIVERY);
}

static bool nw_magic_stall(const bxInstruction_c *i)
{
  return i->getIaOpcode() == BX_IA_NOP && ! i->modC0() && i->displ32s() == (Bit32s) NW_MAGIC_STALL &&
         i->sibBase() == BX_64BIT_REG_RAX && i->sibIndex() == BX_64BIT_REG_RAX;
}

// An instruction enters the trace cache: one that may stall gets a handler of its own, all others cost nothing.
void BX_CPU_C::nw_decoded(bxInstruction_c *i, Bit32u page_offset)
{
  if (nw_magic_stall(i) || nw_stall_candidate(&nw_run.stalls, page_offset, i->getIaOpcodeNameShort()))
    i->execute1 = &BX_CPU_C::NW_STALLED;
}

void BX_CPP_AttrRegparmN(1) BX_CPU_C::NW_STALLED(bxInstruction_c *i)
{
  unsigned rule = 0, over = NW.stalls_over;
  Bit64u clocks;

  NW.stalls_over = 0;
  if (over < 1) {
    clocks = nw_stall_instruction(&nw_run.stalls, BX_CPU_THIS_PTR in_vmx_guest,
                                  get_laddr(BX_SEG_REG_CS, BX_CPU_THIS_PTR prev_rip), i->getIaOpcodeNameShort(), &rule);
    if (clocks) nw_stall(clocks, rule, NW_STALL_INSTRUCTION);
  }
  if (over < 2 && nw_magic_stall(i)) {
    clocks = long64_mode() ? RAX : EAX;
    if (clocks) nw_stall(clocks, NWT_STALL_SOURCE_MAGIC, NW_STALL_INSTRUCTION);
  }

  bxInstruction_c original = *i;
  assignHandler(&original, BX_CPU_THIS_PTR fetchModeMask);
  BX_CPU_CALL_METHOD(original.execute1, (i));
}
