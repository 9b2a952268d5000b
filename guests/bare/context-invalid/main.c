/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * context-invalid - a VM exit with VM_CONTEXT_INVALID: the flag is set and the guest is really
 * lost.
 *
 * Claim:    with the simulator's parameter context_invalid=always, exit qualification bit 0 is 1,
 *           the guest-state area is not the guest's any more (RIP differs, whether poison, random
 *           or the values of the last VM entry), and a hypervisor that enters again all the same
 *           does not get the guest back where it was.
 * Manual:   SDM Vol. 3C, "Basic VM-exit information", exit qualification for instruction timeout,
 *           bit 0. When silicon sets it is not public, none is known to do so.
 * Expected: all claims hold in nwsim with context_invalid=always; skipped on real machines.
 */
#include "loop32.h"

#define RUNAWAY_TICKS   1000000u        /* VMX-preemption timer: how long a lost guest may run */

static void bound_runaway(void)
{
	if (!vmx_allows(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		return;
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_PREEMPTION_TIMER);
	vmcs_write(GUEST_PREEMPTION_TIMER, RUNAWAY_TICKS);
}

/* The guest is back when its loop runs again at the same place on the same stack. */
static bool same_guest(const struct l1 *l1)
{
	return l1->exit.reason == REASON_INSTRUCTION_TIMEOUT &&
	       l1->exit.rip == (uint64_t)loop32_load && l1->exit.rsp == loop32_esp();
}

void guest_main(void)
{
	struct l1 l1;
	bool entered;

	if (!in_simulator())
		skip_all("no processor is known to set VM_CONTEXT_INVALID");
	vmx_on();
	timeout_need();
	loop32_setup(&l1, LOOP32_AC);
	vmcs_write(GUEST_RIP, (uint64_t)loop32_start);
	vmcs_write(GUEST_RSP, loop32_esp() + 16);
	timeout_enable((uint32_t)param_number("window", 0));
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	vmx_note_exit(&l1);
	check_equal(l1.exit.reason, REASON_INSTRUCTION_TIMEOUT, "exit reason is 75");
	if (!check(l1.exit.qualification & NW_QUAL_CONTEXT_INVALID,
		   "exit qualification bit 0 is set"))
		note("run with: --param context_invalid=always");
	check_equal(l1.gpr[RDX], 1, "the guest ran up to its loop");
	check(l1.exit.rip != (uint64_t)loop32_load, "RIP is not the guest's");

	bound_runaway();
	entered = vmx_run(&l1);
	if (entered)
		vmx_note_exit(&l1);
	else
		note("VM entry failed: error %u", l1.entry_failure);
	check(!entered || !same_guest(&l1), "entering again does not give the guest back");
}
