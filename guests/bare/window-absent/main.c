/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-absent - what has rules for VM exits of its own, and is not announced.
 *
 * Claim:    CPUID announces neither SGX nor TSX (HLE, RTM), and IA32_VMX_BASIC no dual-monitor treatment of SMIs: no
 *           instruction timeout can come in an enclave or a transaction or reach an SMM-transfer monitor.
 * Manual:   SDM Vol. 2A, "CPUID" (leaf 7); Vol. 3D, App. A.1 (IA32_VMX_BASIC bit 49).
 * Expected: all claims hold for the CPU models of the simulator that have the control. A processor that announces one of
 *           them skips the claim: what an instruction timeout does there is not modelled.
 */
#include "l1.h"

#define CPUID_SGX       (1u << 2)       /* CPUID.(7,0):EBX */
#define CPUID_HLE       (1u << 4)
#define CPUID_RTM       (1u << 11)
#define BASIC_DUAL_MONITOR      (1ul << 49)

static void absent(bool announced, const char *what)
{
	if (announced && !in_simulator())
		skip("announced: not modelled", "%s", what);
	else
		check(!announced, "%s is not announced", what);
}

void guest_main(void)
{
	uint32_t ebx = cpuid(7, 0).ebx;

	vmx_on();
	timeout_need();
	absent(ebx & CPUID_SGX, "SGX");
	absent(ebx & CPUID_HLE, "HLE");
	absent(ebx & CPUID_RTM, "RTM");
	absent(rdmsr(MSR_VMX_BASIC) & BASIC_DUAL_MONITOR, "dual-monitor treatment of SMIs");
}
