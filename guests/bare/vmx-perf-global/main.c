/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx-perf-global - VM exits load IA32_PERF_GLOBAL_CTRL, and reserved bits fail the VM entry.
 *
 * Claim:    with the VM-exit control "load IA32_PERF_GLOBAL_CTRL" the MSR has the value of the host field
 *           after a VM exit; a reserved bit in that field makes VM entry fail with error 8.
 * Manual:   SDM Vol. 3C 27.2.2 (checks on host control registers and MSRs), 28.5.1.
 * Expected: both claims hold where the control exists.
 */
#include "l1.h"
#include "try.h"

#define IA32_PERF_GLOBAL_CTRL   0x38f
#define EXIT_LOAD_PERF_GLOBAL   (1u << 12)
#define HOST_PERF_GLOBAL_CTRL   0x2c04
#define VMERR_HOST_STATE        8

static uint8_t stack[4096] __attribute__((aligned(16)));

static void nothing(void)
{
}

void guest_main(void)
{
	struct l1 l1;

	vmx_on();
	if (!vmx_allows(MSR_VMX_EXIT_CTLS, EXIT_LOAD_PERF_GLOBAL))
		skip_all("no VM-exit control \"load IA32_PERF_GLOBAL_CTRL\"");
	if (!wrmsr_try(IA32_PERF_GLOBAL_CTRL, 0)) {
		check(false, "IA32_PERF_GLOBAL_CTRL exists, as the control says");
		return;
	}
	l1_setup(&l1, L1_LONG64, nothing, stack + sizeof(stack), 0);
	vmcs_write(EXIT_CONTROLS, vmcs_read(EXIT_CONTROLS) | EXIT_LOAD_PERF_GLOBAL);
	vmcs_write(HOST_PERF_GLOBAL_CTRL, 1ul << 63);
	vmx_run(&l1);
	check_equal(l1.entry_failure, VMERR_HOST_STATE, "a reserved bit in the host field fails the entry");
	vmcs_write(HOST_PERF_GLOBAL_CTRL, 3);
	vmx_run(&l1);
	check_equal(l1.entry_failure, 0, "VM entry");
	check_equal(rdmsr(IA32_PERF_GLOBAL_CTRL), 3, "the VM exit loaded the host value");
	wrmsr(IA32_PERF_GLOBAL_CTRL, 0);
}
