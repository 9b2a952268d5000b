/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_bochs.cc - what the CPU does: closed intervals, redelivery, stalls, the notify VM exit.
 *
 * Times are TSC ticks of the simulation. One tick is one executed instruction (timing profile "unit"); everything
 * longer is charged here, through the tick functions, so that timers fire at their exact tick.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "cpuid.h"
#include "decoder/ia_opcodes.h"
#include "pc_system.h"
#include "nw_abi.h"
#include "nw_run.h"

#define NW (BX_CPU_THIS_PTR nw)

/* ---- Time ------------------------------------------------------------------------------------------- */

static void nw_charge_ticks(Bit64u ticks)
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
  NW.attention = NW.delivering = NW.uncounted = NW.expire_at_boundary = NW.damage = NW.resuming = false;
  NW.stalls_over = 0;
  NW.trap_icount = 0;
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
    nw_window_close(&NW.window, boundary_tsc);
  }
  NW.attention = true;
  BX_CPU_THIS_PTR async_event = 1;
}

// The interval ends, by an event window or by a VM exit.
void BX_CPU_C::nw_open_window(void)
{
  bool closed = NW.window.closed;
  Bit64u length = nw_window_open(&NW.window, bx_pc_system.time_ticks());

  NW.attention = false;
  if (closed)
    nw_record_gap(BX_CPU_ID, length, NW.cause, NW.detail, NW.cause_rip, BX_CPU_THIS_PTR in_vmx_guest);
}

void BX_CPU_C::nw_flow_ended(unsigned outcome)
{
  Bit64u f[NWT_FLOWEND_FIELDS];

  f[NWT_FLOWEND_OUTCOME] = outcome;
  f[NWT_FLOWEND_ITERATIONS] = NW.flow.iterations;
  f[NWT_FLOWEND_SKIPPED] = NW.flow.skipped;
  nw_record(NWT_FLOW_END, BX_CPU_ID, f);
  nw_flow_end(&NW.flow);
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
  if (NW.resuming) return nw_resume();
#if BX_SUPPORT_VMX
  if (NW.expire_at_boundary) {
    NW.expire_at_boundary = false;
    nw_notify_exit(nw_window_deadline(&NW.window, &nw_run.params, &NW.clock));
  }
#endif
  // this boundary delivers the next debug trap at once: it is no event window
  if (NW.window.closed && (BX_CPU_THIS_PTR debug_trap & 0xf000) && ! interrupts_inhibited(BX_INHIBIT_DEBUG))
    return false;
  if (NW.uncounted) {
    NW.uncounted = false;
    nw_charge_ticks(1); // the debug trap delivered last did not come again: it costs what a delivery costs
  }
  if (NW.flow.active) nw_flow_ended(NWT_FLOW_DELIVERED);
  nw_open_window();
  return false;
}

/* ---- Delivery that ends in another exception -------------------------------------------------------- */

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

/* ---- Stalls ----------------------------------------------------------------------------------------- */

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

/* ---- VMX -------------------------------------------------------------------------------------------- */

#if BX_SUPPORT_VMX

// Guest state has been loaded; the event to be injected has not been delivered yet (P7).
void BX_CPU_C::nw_vm_entry(void)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  bool armed = vm->vmexec_ctrls2.INSTRUCTION_TIMEOUT();
  Bit64u f[NWT_ENTRY_FIELDS];

  NW.trap_icount = 0;
  NW.first_rf = BX_CPU_THIS_PTR get_RF() != 0;
  if (armed)
    nw_window_arm(&NW.window, vm->instruction_timeout, bx_pc_system.time_ticks());
  else
    nw_window_disarm(&NW.window);

  f[NWT_ENTRY_RIP] = RIP;
  f[NWT_ENTRY_CONTROL] = armed;
  f[NWT_ENTRY_WINDOW_CRYSTAL] = armed ? vm->instruction_timeout : 0;
  f[NWT_ENTRY_INJECTED] = (vm->vmentry_interr_info & 0x80000000) ? vm->vmentry_interr_info : 0;
  nw_record(NWT_VM_ENTRY, BX_CPU_ID, f);
}

// VMexit() begins, for any reason.
void BX_CPU_C::nw_vm_exit(Bit32u reason, Bit64u qualification)
{
  Bit64u f[NWT_EXIT_FIELDS];

  f[NWT_EXIT_REASON] = reason;
  f[NWT_EXIT_QUALIFICATION] = qualification;
  f[NWT_EXIT_IDT_VECTORING] = BX_CPU_THIS_PTR in_event ? BX_CPU_THIS_PTR vmcs.idt_vector_info | 0x80000000 : 0;
  f[NWT_EXIT_RIP] = BX_CPU_THIS_PTR prev_rip;
  nw_record(NWT_VM_EXIT, BX_CPU_ID, f);

  if (NW.flow.active)
    nw_flow_ended((reason & 0xffff) == VMX_VMEXIT_INSTRUCTION_TIMEOUT ? NWT_FLOW_EXPIRED : NWT_FLOW_VM_EXIT);
  NW.delivering = NW.uncounted = NW.expire_at_boundary = false;
  nw_open_window();
  nw_window_disarm(&NW.window);
}

// The notify VM exit. Does not return.
void BX_CPU_C::nw_notify_exit(Bit64u deadline_tsc)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  const Bit64u *v = nw_run.params.v;
  Bit64u f[NWT_EXPIRY_FIELDS], qualification = 0;

  NW.damage = nw_context_decide(&NW.context, &nw_run.params);
  if (NW.damage) qualification |= NW_QUAL_CONTEXT_INVALID;
  if (BX_CPU_THIS_PTR in_event) {
    if (v[NW_P_SAVED_RF] == NW_RF_BEFORE) {
      if (NW.first_rf) BX_CPU_THIS_PTR assert_RF();
      else BX_CPU_THIS_PTR clear_RF();
    }
    if (! v[NW_P_VECTORING]) BX_CPU_THIS_PTR in_event = false;
  }
  else if (BX_CPU_THIS_PTR nmi_unblocking_iret &&
           (! vm->pin_vmexec_ctrls.NMI_EXITING() || vm->pin_vmexec_ctrls.VIRTUAL_NMI())) {
    qualification |= NW_QUAL_NMI_UNBLOCKING;
  }

  f[NWT_EXPIRY_S] = NW.window.start_tsc;
  f[NWT_EXPIRY_N_CRYSTAL] = nw_window_n_crystal(&NW.window, &nw_run.params, &NW.clock);
  f[NWT_EXPIRY_D] = deadline_tsc;
  f[NWT_EXPIRY_WINDOW_CRYSTAL] = NW.window.window_crystal;
  f[NWT_EXPIRY_QUALIFICATION] = qualification;
  f[NWT_EXPIRY_IDT_VECTORING] = BX_CPU_THIS_PTR in_event ? vm->idt_vector_info | 0x80000000 : 0;
  f[NWT_EXPIRY_RIP] = BX_CPU_THIS_PTR prev_rip;
  f[NWT_EXPIRY_CAUSE] = NW.cause;
  f[NWT_EXPIRY_ITERATIONS] = NW.flow.iterations;
  nw_record(NWT_EXPIRY, BX_CPU_ID, f);

  VMexit(VMX_VMEXIT_INSTRUCTION_TIMEOUT, qualification);
}

// P11: an invalid context is not just a bit. Called instead of, or after, saving the guest state.
void BX_CPU_C::nw_damage_guest_state(void)
{
  static const struct { unsigned encoding, bits; } field[] = {
    { VMCS_GUEST_CR3, 64 }, { VMCS_GUEST_RIP, 64 }, { VMCS_GUEST_RSP, 64 }, { VMCS_GUEST_RFLAGS, 64 },
    { VMCS_GUEST_CS_BASE, 64 }, { VMCS_GUEST_SS_BASE, 64 }, { VMCS_GUEST_TR_BASE, 64 },
    { VMCS_GUEST_GDTR_BASE, 64 }, { VMCS_GUEST_IDTR_BASE, 64 },
    { VMCS_16BIT_GUEST_CS_SELECTOR, 16 }, { VMCS_16BIT_GUEST_SS_SELECTOR, 16 }, { VMCS_16BIT_GUEST_TR_SELECTOR, 16 }
  };

  NW.damage = false;
  for (unsigned n = 0; n < sizeof(field) / sizeof(field[0]); n++) {
    Bit64u now = vmread(field[n].encoding);
    vmwrite(field[n].encoding, nw_context_damage(&NW.context, &nw_run.params, field[n].bits, now, now));
  }
}

bool BX_CPU_C::nw_keeps_stale_state(void)
{
  return NW.damage && nw_run.params.v[NW_P_CONTEXT_DAMAGE] == NW_DAMAGE_STALE;
}

#endif
