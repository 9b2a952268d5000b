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
