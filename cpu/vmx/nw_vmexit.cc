/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_vmexit.cc - VM entry arms the window; the notify VM exit and what it records.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#define LOG_THIS BX_CPU_THIS_PTR

#include "pc_system.h"
#include "nw_abi.h"
#include "nw_run.h"

#if BX_SUPPORT_VMX

#define NW (BX_CPU_THIS_PTR nw)

// Events that an instruction causes on purpose: only with the length of the instruction can they be injected again.
static bool nw_software_event(unsigned type)
{
  return type == BX_SOFTWARE_INTERRUPT || type == BX_PRIVILEGED_SOFTWARE_INTERRUPT || type == BX_SOFTWARE_EXCEPTION;
}

// Guest state has been loaded; the event to be injected has not been delivered yet (P7).
void BX_CPU_C::nw_vm_entry(void)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  bool armed = vm->vmexec_ctrls2.INSTRUCTION_TIMEOUT();
  Bit64u f[NWT_ENTRY_FIELDS];

  if (NW.window.closed) { // the instruction has stalled: its interval belongs to VMX root operation
    Bit64u length = nw_window_open(&NW.window, bx_pc_system.time_ticks());
    NW.attention = false;
    nw_record_gap(BX_CPU_ID, length, NW.cause, NW.detail, NW.cause_rip, false);
  }
  NW.trap_icount = 0;
  NW.first_rf = BX_CPU_THIS_PTR get_RF() != 0;
  if (armed && nw_run.params.v[NW_P_ARM] == NW_ARM_AFTER_INJECTION && (vm->vmentry_interr_info & 0x80000000)) {
    nw_window_arm_at_window(&NW.window, vm->instruction_timeout);
    NW.attention = true;
    BX_CPU_THIS_PTR async_event = 1;
  }
  else if (armed)
    nw_window_arm(&NW.window, vm->instruction_timeout, bx_pc_system.time_ticks());
  else
    nw_window_disarm(&NW.window);

  f[NWT_ENTRY_RIP] = RIP;
  f[NWT_ENTRY_CONTROL] = armed;
  f[NWT_ENTRY_WINDOW_CRYSTAL] = armed ? vm->instruction_timeout : 0;
  f[NWT_ENTRY_INJECTED] = (vm->vmentry_interr_info & 0x80000000) ? vm->vmentry_interr_info : 0;
  nw_record(NWT_VM_ENTRY, BX_CPU_ID, f);
  nw_stall_entry();
}

// A stall between the loading of the guest state and the delivery of the injected event, which counts as begun: a VM exit
// has to report it, since it clears the valid bit of the VM-entry interruption-information field.
void BX_CPU_C::nw_stall_entry(void)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  Bit32u info = vm->vmentry_interr_info;
  unsigned type = (info >> 8) & 7;
  bool event = (info & 0x80000000) && type != 7;

  if (! nw_stall_watches(&nw_run.stalls, NW_STALL_ENTRY)) return;
  struct nw_stall stall = nw_stall_rules(NW_STALL_ENTRY, event, info & 0xff, NULL);
  if (! stall.clocks_crystal) return;

  if (event) {
    BX_CPU_THIS_PTR in_event = true;
    vm->idt_vector_info = info & ~0x80000000;
    vm->idt_vector_error_code = (info & (1 << 11)) ? vm->vmentry_excep_err_code : 0;
    if (type == BX_NMI) mask_event(vm->pin_vmexec_ctrls.VIRTUAL_NMI() ? BX_EVENT_VMX_VIRTUAL_NMI : BX_EVENT_NMI);
    if (nw_software_event(type)) RIP += vm->vmentry_instr_length;
  }
  nw_stall(&stall, stall.rule, NW_STALL_ENTRY);
  BX_CPU_THIS_PTR in_event = false;
  RIP = BX_CPU_THIS_PTR prev_rip;
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
  NW.delivering = NW.uncounted = NW.expire_at_boundary = NW.charged = false;
  NW.stall_context = NW_STALL_BY_POLICY;
  nw_open_window();
  nw_window_disarm(&NW.window);
}

/* ---- The notify VM exit ----------------------------------------------------------------------------- */

Bit64u BX_CPU_C::nw_undefined(unsigned field, Bit64u bits)
{
  return nw_context_undefined(&NW.context, &nw_run.params, nw_run.params.v[NW_P_SEED] + BX_CPU_ID, field, bits);
}

// Bit 12 is defined outside deliveries, unless "NMI exiting" is 1 and "virtual NMIs" is 0.
Bit64u BX_CPU_C::nw_exit_qualification(bool delivering)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  Bit64u defined = NW_QUAL_CONTEXT_INVALID, value = NW.damage ? NW_QUAL_CONTEXT_INVALID : 0;

  if (! BX_CPU_THIS_PTR in_event && (! vm->pin_vmexec_ctrls.NMI_EXITING() || vm->pin_vmexec_ctrls.VIRTUAL_NMI())) {
    defined |= NW_QUAL_NMI_UNBLOCKING;
    if (BX_CPU_THIS_PTR nmi_unblocking_iret && ! delivering) value |= NW_QUAL_NMI_UNBLOCKING;
  }
  return value | nw_undefined(VMCS_VMEXIT_QUALIFICATION, ~defined);
}

// Does not return.
void BX_CPU_C::nw_notify_exit(Bit64u deadline_tsc)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;
  const Bit64u *v = nw_run.params.v;
  bool delivering = BX_CPU_THIS_PTR in_event;
  Bit64u f[NWT_EXPIRY_FIELDS], qualification;

  nw_record_guest(BX_CPU_THIS);
  NW.damage = nw_context_decide(&NW.context, &nw_run.params, (enum nw_stall_context) NW.stall_context);
  NW.stall_context = NW_STALL_BY_POLICY;
  if (delivering) {
    if (v[NW_P_SAVED_RF] == NW_RF_BEFORE) {
      if (NW.first_rf) BX_CPU_THIS_PTR assert_RF();
      else BX_CPU_THIS_PTR clear_RF();
    }
    if (! v[NW_P_VECTORING]) BX_CPU_THIS_PTR in_event = false;
  }
  qualification = nw_exit_qualification(delivering);

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

  NW.notifying = true;
  if (NW.damage) nw_note_guest_state();
  VMexit(VMX_VMEXIT_INSTRUCTION_TIMEOUT, qualification);
}

// VMexit() has written what it knows of the exit, and the guest state.
void BX_CPU_C::nw_notify_record(void)
{
  NW.notifying = false;
  nw_undefined_fields();
  if (NW.damage) nw_damage_guest_state();
  NW.damage = false;
}

// P12: the VM-exit information that the manual leaves undefined for this exit. The length of an instruction whose event was
// being delivered counts as defined: without it nobody could inject the event again. The manual's list does not name this exit,
// though, and "junk-length" goes by the list.
void BX_CPU_C::nw_undefined_fields(void)
{
  static const unsigned field[] = {
    VMCS_32BIT_VMEXIT_INSTRUCTION_LENGTH, VMCS_32BIT_VMEXIT_INSTRUCTION_INFO, VMCS_32BIT_VMEXIT_INTERRUPTION_ERR_CODE,
    VMCS_32BIT_IDT_VECTORING_ERR_CODE, VMCS_64BIT_GUEST_PHYSICAL_ADDR, VMCS_GUEST_LINEAR_ADDR
  };
  Bit32u vectoring = VMread32(VMCS_32BIT_IDT_VECTORING_INFO);
  bool valid = (vectoring & 0x80000000) != 0;
  bool length = valid && nw_software_event((vectoring >> 8) & 7) && nw_run.params.v[NW_P_UNDEFINED] != NW_UNDEFINED_JUNK_LENGTH;

  for (unsigned n = 0; n < sizeof(field) / sizeof(field[0]); n++) {
    if (field[n] == VMCS_32BIT_VMEXIT_INSTRUCTION_LENGTH && length) continue;
    if (field[n] == VMCS_32BIT_IDT_VECTORING_ERR_CODE && valid && (vectoring & (1 << 11))) continue;
    if (! vmcs_field_supported(field[n])) continue;
    vmwrite(field[n], nw_undefined(field[n], VMCS_FIELD_WIDTH(field[n]) == VMCS_FIELD_WIDTH_32BIT ? 0xffffffff : ~BX_CONST64(0)));
  }
  VMwrite32(VMCS_32BIT_VMEXIT_INTERRUPTION_INFO, nw_undefined(VMCS_32BIT_VMEXIT_INTERRUPTION_INFO, 0x7fffffff));
  if (valid)
    vectoring = (vectoring & ~(1 << 12)) | nw_undefined(VMCS_32BIT_IDT_VECTORING_INFO, 1 << 12);
  else
    vectoring = nw_undefined(VMCS_32BIT_IDT_VECTORING_INFO, 0x7fffffff);
  VMwrite32(VMCS_32BIT_IDT_VECTORING_INFO, vectoring);
}

/* ---- VM_CONTEXT_INVALID ----------------------------------------------------------------------------- */

// Every field of the guest-state area that VM exits save; `last` where fields follow each other in steps of 2. `saved` says
// under which circumstances.
enum nw_saved {
  NW_SAVED_ALWAYS, NW_SAVED_DEBUG_CONTROLS, NW_SAVED_PAT, NW_SAVED_EFER, NW_SAVED_PERF_GLOBAL, NW_SAVED_PDPTE, NW_SAVED_TIMER,
  NW_SAVED_VIRTUAL_INTR, NW_SAVED_PML, NW_SAVED_CET, NW_SAVED_UINTR, NW_SAVED_PKS
};

static const struct { unsigned first, last; enum nw_saved saved; } nw_guest_state[] = {
  { VMCS_16BIT_GUEST_ES_SELECTOR, VMCS_16BIT_GUEST_TR_SELECTOR, NW_SAVED_ALWAYS },
  { VMCS_16BIT_GUEST_INTERRUPT_STATUS, VMCS_16BIT_GUEST_INTERRUPT_STATUS, NW_SAVED_VIRTUAL_INTR },
  { VMCS_16BIT_GUEST_PML_INDEX, VMCS_16BIT_GUEST_PML_INDEX, NW_SAVED_PML },
  { VMCS_16BIT_GUEST_UINV, VMCS_16BIT_GUEST_UINV, NW_SAVED_UINTR },
  { VMCS_64BIT_GUEST_IA32_DEBUGCTL, VMCS_64BIT_GUEST_IA32_DEBUGCTL, NW_SAVED_DEBUG_CONTROLS },
  { VMCS_64BIT_GUEST_IA32_PAT, VMCS_64BIT_GUEST_IA32_PAT, NW_SAVED_PAT },
  { VMCS_64BIT_GUEST_IA32_EFER, VMCS_64BIT_GUEST_IA32_EFER, NW_SAVED_EFER },
  { VMCS_64BIT_GUEST_IA32_PERF_GLOBAL_CTRL, VMCS_64BIT_GUEST_IA32_PERF_GLOBAL_CTRL, NW_SAVED_PERF_GLOBAL },
  { VMCS_64BIT_GUEST_IA32_PDPTE0, VMCS_64BIT_GUEST_IA32_PDPTE3, NW_SAVED_PDPTE },
  { VMCS_64BIT_GUEST_IA32_PKRS, VMCS_64BIT_GUEST_IA32_PKRS, NW_SAVED_PKS },
  { VMCS_32BIT_GUEST_ES_LIMIT, VMCS_32BIT_GUEST_IDTR_LIMIT, NW_SAVED_ALWAYS },
  { VMCS_32BIT_GUEST_ES_ACCESS_RIGHTS, VMCS_32BIT_GUEST_TR_ACCESS_RIGHTS, NW_SAVED_ALWAYS },
  { VMCS_32BIT_GUEST_INTERRUPTIBILITY_STATE, VMCS_32BIT_GUEST_ACTIVITY_STATE, NW_SAVED_ALWAYS },
  { VMCS_32BIT_GUEST_IA32_SYSENTER_CS_MSR, VMCS_32BIT_GUEST_IA32_SYSENTER_CS_MSR, NW_SAVED_ALWAYS },
  { VMCS_32BIT_GUEST_PREEMPTION_TIMER_VALUE, VMCS_32BIT_GUEST_PREEMPTION_TIMER_VALUE, NW_SAVED_TIMER },
  { VMCS_GUEST_CR0, VMCS_GUEST_IDTR_BASE, NW_SAVED_ALWAYS },
  { VMCS_GUEST_DR7, VMCS_GUEST_DR7, NW_SAVED_DEBUG_CONTROLS },
  { VMCS_GUEST_RSP, VMCS_GUEST_IA32_SYSENTER_EIP_MSR, NW_SAVED_ALWAYS },
  { VMCS_GUEST_IA32_S_CET, VMCS_GUEST_INTERRUPT_SSP_TABLE_ADDR, NW_SAVED_CET }
};

// What the fields held before this exit, that is, at the last VM entry. Of the VM exit being taken.
static Bit64u nw_before[80];

bool BX_CPU_C::nw_exit_saves(unsigned saved)
{
  VMCS_CACHE *vm = &BX_CPU_THIS_PTR vmcs;

  switch(saved) {
    case NW_SAVED_DEBUG_CONTROLS: return vm->vmexit_ctrls1.SAVE_DBG_CTRLS();
    case NW_SAVED_PAT:            return vm->vmexit_ctrls1.STORE_PAT_MSR();
    case NW_SAVED_EFER:           return vm->vmexit_ctrls1.STORE_EFER_MSR();
    case NW_SAVED_PERF_GLOBAL:    return BX_SUPPORT_PERFMON && vm->vmexit_ctrls1.SAVE_PERF_GLOBAL_CTRL();
    case NW_SAVED_PDPTE:            return vm->vmexec_ctrls2.EPT_ENABLE() && BX_CPU_THIS_PTR cr0.get_PG() &&
                                BX_CPU_THIS_PTR cr4.get_PAE() && ! long_mode();
    case NW_SAVED_TIMER:          return vm->vmexit_ctrls1.STORE_VMX_PREEMPTION_TIMER();
    case NW_SAVED_VIRTUAL_INTR:   return vm->vmexec_ctrls2.VIRTUAL_INT_DELIVERY();
    case NW_SAVED_PML:            return vm->vmexec_ctrls2.PML_ENABLE();
    case NW_SAVED_CET:            return BX_CPUID_SUPPORT_ISA_EXTENSION(BX_ISA_CET);
    case NW_SAVED_UINTR:          return BX_CPUID_SUPPORT_ISA_EXTENSION(BX_ISA_UINTR);
    case NW_SAVED_PKS:            return BX_CPUID_SUPPORT_ISA_EXTENSION(BX_ISA_PKS);
    default:             return true;
  }
}

void BX_CPU_C::nw_note_guest_state(void)
{
  unsigned k = 0;

  for (unsigned n = 0; n < sizeof(nw_guest_state) / sizeof(nw_guest_state[0]); n++)
    for (unsigned field = nw_guest_state[n].first; field <= nw_guest_state[n].last; field += 2, k++)
      nw_before[k] = nw_exit_saves(nw_guest_state[n].saved) ? vmread(field) : 0;
  BX_ASSERT(k <= sizeof(nw_before) / sizeof(nw_before[0]));
}

static bool nw_msr_field(unsigned field)
{
  switch(field) {
    case VMCS_64BIT_GUEST_IA32_DEBUGCTL:
    case VMCS_64BIT_GUEST_IA32_PAT:
    case VMCS_64BIT_GUEST_IA32_EFER:
    case VMCS_64BIT_GUEST_IA32_PERF_GLOBAL_CTRL:
    case VMCS_64BIT_GUEST_IA32_PKRS:
    case VMCS_32BIT_GUEST_IA32_SYSENTER_CS_MSR:
    case VMCS_GUEST_IA32_SYSENTER_ESP_MSR:
    case VMCS_GUEST_IA32_SYSENTER_EIP_MSR:
    case VMCS_GUEST_IA32_S_CET:
    case VMCS_GUEST_INTERRUPT_SSP_TABLE_ADDR: return true;
    default:                                  return false;
  }
}

// P11: an invalid context is not just a bit.
void BX_CPU_C::nw_damage_guest_state(void)
{
  static const Bit8u bits[4] = { 16, 64, 32, 64 }; // by the width of the encoding
  unsigned k = 0;

  for (unsigned n = 0; n < sizeof(nw_guest_state) / sizeof(nw_guest_state[0]); n++)
    for (unsigned field = nw_guest_state[n].first; field <= nw_guest_state[n].last; field += 2, k++)
      if (nw_exit_saves(nw_guest_state[n].saved))
        vmwrite(field, nw_context_damage(&NW.context, &nw_run.params, bits[VMCS_FIELD_WIDTH(field)], nw_msr_field(field),
                                         nw_before[k], vmread(field)));
}

#endif
