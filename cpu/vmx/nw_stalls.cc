/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_stalls.cc - instructions, deliveries, VM entries and task switches that last longer, by rule or by magic NOP (P14).
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

// The stall ends with `outcome`. What follows it is left here, and nw_boundary() takes it up again before it looks at any
// event. Instructions begin anew, without the stall that is over.
void BX_CPU_C::nw_resume_later(unsigned source, unsigned phase, unsigned outcome)
{
  NW.resuming = true;
  NW.resume = outcome;
  NW.resume_phase = phase;
  NW.resume_rip = RIP;
  NW.resume_prev_rip = BX_CPU_THIS_PTR prev_rip;
  NW.inside_over = (phase == NW_STALL_IRET || phase == NW_STALL_TASK_SWITCH);
  if (NW.inside_over) NW.iret_unblocked = BX_CPU_THIS_PTR nmi_unblocking_iret;
  NW.stalls_over = (phase == NW_STALL_INSTRUCTION && source != NWT_STALL_SOURCE_MAGIC) ? 1 : 2;
  RIP = BX_CPU_THIS_PTR prev_rip;
  if (BX_CPU_THIS_PTR speculative_rsp) RSP = BX_CPU_THIS_PTR prev_rsp;
}

// Charges the stall of an instruction; the run may be saved meanwhile, and then looks like one that awaits other CPUs.
void BX_CPU_C::nw_charge_instruction(Bit64u ticks, unsigned source, unsigned outcome)
{
  bx_address next_rip = RIP;
  Bit32u async_event = BX_CPU_THIS_PTR async_event;

  if (! nw_ticks_to_save(ticks)) {
    nw_charge_ticks(ticks);
    return;
  }
  nw_resume_later(source, NW_STALL_INSTRUCTION, outcome);
  nw_charge_resumably(ticks, outcome);
  NW.resuming = false;
  NW.stalls_over = 0;
  RIP = next_rip;
  BX_CPU_THIS_PTR async_event |= async_event;
}

// The stall has been charged. What follows it comes when no other CPU and no timer is behind.
void BX_CPU_C::nw_await_others(unsigned source, unsigned phase, unsigned outcome)
{
#if BX_SUPPORT_SMP
  if (! bx_pc_system.smp_slice_over() || bx_pc_system.kill_bochs_request) return;

  nw_resume_later(source, phase, outcome);
  BX_CPU_THIS_PTR async_event = 1;
  BX_CPU_THIS_PTR restarted = true;
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
#endif
}

// The delivery of an event goes on, with or without a stall in its task switch; then what follows interrupt() in its callers.
void BX_CPU_C::nw_resume_delivery(void)
{
  RIP = NW.resume_rip;
  NW.stalls_over = 0;
  NW.delivery_over = true;
  interrupt(NW.vector, NW.event_type, NW.push_error, NW.error_code);
  BX_CPU_THIS_PTR last_exception_type = 0; // error resolved
#if BX_SUPPORT_SMP
  // the delivery of an interrupt or NMI by handleAsyncEvent() does not count as an instruction
  BX_CPU_THIS_PTR restarted = NW.in_event_loop && (NW.event_type == BX_EXTERNAL_INTERRUPT || NW.event_type == BX_NMI);
#endif
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
}

// Returns true: the instruction is not followed by an event before its turn.
bool BX_CPU_C::nw_resume(void)
{
  if (NW.left) { // the run was saved during the stall
    Bit64u left = NW.left;
    NW.left = 0;
    nw_charge_resumably(left, NW.resume);
    if (bx_pc_system.kill_bochs_request) return true;
    if (! NW.resuming) return false; // a timer has reset the CPU
  }
  NW.resuming = false;
  BX_CPU_THIS_PTR prev_rip = NW.resume_prev_rip;
#if BX_SUPPORT_VMX
  if (NW.resume == NW_EXPIRE) {
    NW.stalls_over = 0;
    NW.inside_over = false;
    RIP = NW.resume_rip;
    nw_notify_exit(bx_pc_system.time_ticks());
  }
#endif
  if (NW.resume == NW_HUNG) {
    nw_hung();
    return true;
  }
#if BX_SUPPORT_VMX
  if (NW.resume_phase == NW_STALL_ENTRY) {
    NW.stalls_over = 0;
    BX_CPU_THIS_PTR in_event = false;
    VMenterInjectEvents();
    longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // go back to main decode loop
  }
#endif
  if (NW.resume_phase == NW_STALL_DELIVERY || (NW.resume_phase == NW_STALL_TASK_SWITCH && BX_CPU_THIS_PTR in_event))
    nw_resume_delivery();

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

void BX_CPU_C::nw_stall(const struct nw_stall *stall, unsigned source, unsigned phase)
{
  unsigned cause = (source == NWT_STALL_SOURCE_MAGIC) ? NWT_CAUSE_MAGIC_STALL : NWT_CAUSE_STALL_RULE;
  Bit64u now = bx_pc_system.time_ticks();
  Bit64u clocks = stall->clocks_crystal;
  Bit64u cost = (clocks == NW_STALL_FOREVER) ? NW_TIME_MAX : crystal_to_tsc(clocks);
  Bit64u f[NWT_STALL_FIELDS];

  f[NWT_STALL_CLOCKS_CRYSTAL] = clocks;
  f[NWT_STALL_SOURCE] = source;
  f[NWT_STALL_RIP] = BX_CPU_THIS_PTR prev_rip;
  f[NWT_STALL_PHASE] = phase;
  f[NWT_STALL_CONTEXT] = stall->context;
  nw_record(NWT_STALL, BX_CPU_ID, f);

  NW.stall_context = stall->context;
  nw_close_window(cause, source, now);
  nw_window_risk(&NW.window, &nw_run.params, now);
  // what is stalled completes one tick after the stall, and opens a window there
  struct nw_charge c = nw_window_charge(&NW.window, &nw_run.params, &NW.clock, nw_run.tsc_hz, now,
                                        nw_time_add(cost, 1), true);
  bool complete = nw_run.params.v[NW_P_ATOMIC] == NW_ATOMIC_COMPLETE && phase == NW_STALL_INSTRUCTION &&
                  cost != NW_TIME_MAX;

  if (c.outcome == NW_GO || (c.outcome == NW_EXPIRE && complete)) {
    NW.expire_at_boundary = (c.outcome == NW_EXPIRE);
    if (! NW.expire_at_boundary) NW.stall_context = NW_STALL_BY_POLICY;
    if (phase == NW_STALL_INSTRUCTION)
      nw_charge_instruction(cost, source, NW_GO);
    else
      nw_charge_ticks(cost);
    nw_await_others(source, phase, NW_GO);
    return;
  }
  if (phase == NW_STALL_INSTRUCTION)
    nw_charge_instruction(c.ticks, source, c.outcome);
  else
    nw_charge_ticks(c.ticks);
  nw_await_others(source, phase, c.outcome);
  if (! bx_pc_system.kill_bochs_request) {
#if BX_SUPPORT_VMX
    if (c.outcome == NW_EXPIRE) nw_notify_exit(bx_pc_system.time_ticks());
#endif
    nw_hung();
  }
  longjmp(BX_CPU_THIS_PTR jmp_buf_env, 1); // the run is over
}

struct nw_stall BX_CPU_C::nw_stall_rules(unsigned phase, bool event, Bit8u vector, const char *opcode)
{
  struct nw_stall_place at;

  at.phase = (enum nw_stall_phase) phase;
  at.cpu = BX_CPU_ID;
  at.nonroot = BX_CPU_THIS_PTR in_vmx_guest;
  at.event = event;
  at.vector = vector;
  at.rip = get_laddr(BX_SEG_REG_CS, BX_CPU_THIS_PTR prev_rip);
  at.opcode = opcode;
  return nw_stall_begin(&nw_run.stalls, &at);
}

// interrupt() begins to deliver an event
void BX_CPU_C::nw_delivery_begins(Bit8u vector, unsigned type, bool push_error, Bit16u error_code)
{
  if (! NW.flow.active) NW.gates[0] = NW.gates[1] = 0;
  if (NW.delivery_over) {
    NW.delivery_over = false;
    return;
  }
  if (type != BX_HARDWARE_EXCEPTION) NW.first_rf = BX_CPU_THIS_PTR get_RF() != 0;
  NW.vector = vector;
  NW.event_type = type;
  NW.push_error = push_error;
  NW.error_code = error_code;
#if BX_SUPPORT_SMP
  NW.in_event_loop = BX_CPU_THIS_PTR in_async_event;
#endif
  if (! nw_switch.delivery_watch) return;
  struct nw_stall stall = nw_stall_rules(NW_STALL_DELIVERY, true, vector, NULL);
  if (stall.clocks_crystal) nw_stall(&stall, stall.rule, NW_STALL_DELIVERY);
}

// IRET has unblocked NMIs and is about to access memory; task_switch() has checked the new TSS and done nothing yet
void BX_CPU_C::nw_stall_inside(unsigned phase)
{
  if (! nw_stall_watches(&nw_run.stalls, (enum nw_stall_phase) phase)) return;
  // an IRET to another task has two stalls: the first one is over as well when the second one is
  if (NW.inside_over && (phase == NW.resume_phase || NW.resume_phase == NW_STALL_TASK_SWITCH)) {
    if (NW.iret_unblocked) BX_CPU_THIS_PTR nmi_unblocking_iret = true;
    if (phase == NW.resume_phase) NW.inside_over = false;
    NW.stalls_over = 0;
    return;
  }

  struct nw_stall stall = nw_stall_rules(phase, BX_CPU_THIS_PTR in_event, NW.vector, NULL);
  if (stall.clocks_crystal) nw_stall(&stall, stall.rule, phase);
}

// Which stall the NOP asks for, or false.
static bool nw_magic_stall(const bxInstruction_c *i, enum nw_stall_context *context)
{
  if (i->getIaOpcode() != BX_IA_NOP || i->modC0() || i->sibBase() != BX_64BIT_REG_RAX || i->sibIndex() != BX_64BIT_REG_RAX)
    return false;

  switch((Bit32u) i->displ32s()) {
    case NW_MAGIC_STALL:         *context = NW_STALL_BY_POLICY; return true;
    case NW_MAGIC_STALL_VALID:   *context = NW_STALL_VALID;     return true;
    case NW_MAGIC_STALL_INVALID: *context = NW_STALL_INVALID;   return true;
    default:                     return false;
  }
}

// An instruction enters the trace cache: one that may stall gets a handler of its own, all others cost nothing.
void BX_CPU_C::nw_decoded(bxInstruction_c *i, Bit32u page_offset)
{
  enum nw_stall_context context;

  if (nw_magic_stall(i, &context) || nw_stall_candidate(&nw_run.stalls, page_offset, i->getIaOpcodeNameShort()))
    i->execute1 = &BX_CPU_C::NW_STALLED;
}

void BX_CPP_AttrRegparmN(1) BX_CPU_C::NW_STALLED(bxInstruction_c *i)
{
  bx_address start = BX_CPU_THIS_PTR prev_rip;
  // an iteration boundary without an event in between: the repeated instruction has not begun anew
  bool goes_on = i->repUsedL() && NW.rep_rip == start && NW.rep_icount == get_icount();
  unsigned over = goes_on ? 2 : NW.stalls_over;
  struct nw_stall stall;

  NW.stalls_over = 0;
  if (over < 1) {
    stall = nw_stall_rules(NW_STALL_INSTRUCTION, false, 0, i->getIaOpcodeNameShort());
    if (stall.clocks_crystal) nw_stall(&stall, stall.rule, NW_STALL_INSTRUCTION);
  }
  if (over < 2 && nw_magic_stall(i, &stall.context)) {
    stall.clocks_crystal = long64_mode() ? RAX : EAX;
    if (stall.clocks_crystal) nw_stall(&stall, NWT_STALL_SOURCE_MAGIC, NW_STALL_INSTRUCTION);
  }

  bool repeated = i->repUsedL() != 0;
  bxInstruction_c original = *i;
  assignHandler(&original, BX_CPU_THIS_PTR fetchModeMask);
  BX_CPU_CALL_METHOD(original.execute1, (i));

  if (repeated && RIP == start && BX_CPU_THIS_PTR get_RF()) { // repeat() was left between two iterations
    NW.rep_rip = start;
#if BX_SUPPORT_HANDLERS_CHAINING_SPEEDUPS
    NW.rep_icount = get_icount();
#else
    NW.rep_icount = get_icount() + 1; // the CPU loop counts this iteration when it is back there
#endif
  }
}
