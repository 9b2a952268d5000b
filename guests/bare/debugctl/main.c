/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * debugctl - IA32_DEBUGCTL outside of VMX operation and over VM entry and VM exit.
 *
 * Claim:    IA32_DEBUGCTL holds what is written and refuses reserved bits; VM entry loads it with "load
 *           debug controls" and leaves it alone without; VM exit saves it with "save debug controls"
 *           and always clears it.
 * Manual:   SDM Vol. 3B, "IA32_DEBUGCTL MSR"; Vol. 3C, "Loading guest control registers, debug
 *           registers, and MSRs", "Saving control registers, debug registers, and MSRs", "Loading
 *           host control registers, debug registers, MSRs".
 * Expected: all claims hold on CPUs with architectural performance monitoring version 2 or later.
 */
#include "l1.h"

#define MSR_DEBUGCTL    0x1d9
#define FREEZE_ON_PMI   (1ul << 12)     /* stands for all bits: no effect without counters in use */

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;
static volatile uint64_t seen, to_write;

static void l1_main(void)
{
	if (!rdmsr_try(MSR_DEBUGCTL, (uint64_t *)&seen))
		seen = ~0ul;
	wrmsr_try(MSR_DEBUGCTL, to_write);
}

static uint64_t value(void)
{
	uint64_t v;

	return rdmsr_try(MSR_DEBUGCTL, &v) ? v : ~0ul;
}

static void run(const char *name, uint64_t host, uint64_t field, uint64_t in_l1, uint64_t written)
{
	wrmsr_try(MSR_DEBUGCTL, host);
	l1_restart(l1_main, stack + sizeof(stack));
	vmcs_write(GUEST_DEBUGCTL, field);
	to_write = written;
	if (!vmx_run(&l1) || l1.exit.reason != REASON_VMCALL)
		bail("%s: L1 does not run to its end", name);
	check_equal(seen, in_l1, "%s: IA32_DEBUGCTL in L1", name);
	check_equal(value(), 0, "%s: the VM exit clears it", name);
}

void guest_main(void)
{
	if (cpuid(0, 0).eax < 0xa || (cpuid(0xa, 0).eax & 0xff) < 2)
		skip_all("CPU lacks freezing of performance counters");
	check(value() != ~0ul, "IA32_DEBUGCTL exists");
	check(wrmsr_try(MSR_DEBUGCTL, FREEZE_ON_PMI), "it can be written");
	check_equal(value(), FREEZE_ON_PMI, "and holds what was written");
	for (unsigned bit = 3; bit < 6; bit++)
		check(!wrmsr_try(MSR_DEBUGCTL, 1ul << bit), "bit %u is reserved", bit);
	check(!wrmsr_try(MSR_DEBUGCTL, 1ul << 63), "bit 63 is reserved");
	wrmsr_try(MSR_DEBUGCTL, 0);

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	run("load and save", 0, FREEZE_ON_PMI, FREEZE_ON_PMI, 0);
	check_equal(vmcs_read(GUEST_DEBUGCTL), 0, "what L1 wrote is saved");
	run("load and save", FREEZE_ON_PMI, 0, 0, FREEZE_ON_PMI);
	check_equal(vmcs_read(GUEST_DEBUGCTL), FREEZE_ON_PMI, "what L1 wrote is saved");
	vmx_control_clear(ENTRY_CONTROLS, ENTRY_LOAD_DEBUG_CONTROLS);
	vmx_control_clear(EXIT_CONTROLS, EXIT_SAVE_DEBUG_CONTROLS);
	if (rdmsr(MSR_VMX_ENTRY_CTLS + MSR_VMX_TRUE_OFFSET) & ENTRY_LOAD_DEBUG_CONTROLS) {
		skip("the control must be 1", "no load");
		return;
	}
	run("neither", FREEZE_ON_PMI, 0, FREEZE_ON_PMI, FREEZE_ON_PMI);
	check_equal(vmcs_read(GUEST_DEBUGCTL), 0, "the field is not written");
}
