/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcs-secondary - the instruction-timeout field and control on any CPU with VMX, also one without secondary controls.
 *
 * Claim:    without "activate secondary controls" MSR 0x48B does not exist (#GP), and VMREAD and VMWRITE of the secondary
 *           controls (0x401E) and of field 0x4024 fail with error 12; with it the MSR exists, its low half is 0, 0x401E is a
 *           field, and 0x4024 is one exactly if bit 63 of the MSR is 1. IA32_VMX_VMCS_ENUM names the highest index there is.
 * Manual:   SDM Vol. 3D, appendices A.3.2, A.3.3, A.9 and B.3.1.
 * Expected: all claims hold; needs neither EPT nor unrestricted guest, and makes no VM entry.
 */
#include "l1.h"

static uint8_t vmxon[4096] __attribute__((aligned(4096)));
static uint8_t vmcs[4096] __attribute__((aligned(4096)));

static void check_field(uint32_t field, bool exists, const char *what)
{
	uint64_t value;

	check_equal((uint64_t)vmread(field, &value), exists ? 0 : VMERR_UNSUPPORTED_FIELD, "VMREAD of %s: %s", what,
		    exists ? "succeeds" : "error 12");
	check_equal((uint64_t)vmwrite(field, 0), exists ? 0 : VMERR_UNSUPPORTED_FIELD, "VMWRITE of %s: %s", what,
		    exists ? "succeeds" : "error 12");
}

static uint32_t highest_index(void)
{
	uint32_t highest = 0;
	uint64_t value;

	for (uint32_t field = 0; field < 0x8000; field += 2)
		if (!vmread(field, &value) && (field >> 1 & 0x1ff) > highest)
			highest = field >> 1 & 0x1ff;
	return highest;
}

void guest_main(void)
{
	struct l1 l1 = { .vmcs = vmcs };
	uint64_t capability = 0;
	bool secondary, feature;

	vmx_on_plain(vmxon);
	vmcs_clear_load(&l1);
	secondary = vmx_allows(MSR_VMX_PROC_CTLS, PROC_SECONDARY);
	note("secondary controls: %s", secondary ? "yes" : "no");
	check(rdmsr_try(MSR_VMX_PROC_CTLS2, &capability) == secondary, "MSR 0x48B %s",
	      secondary ? "exists" : "does not exist");
	check_equal((uint32_t)capability, 0, "no secondary control must be 1");
	feature = secondary && capability >> 63;
	note("MSR 0x48B bit 63: %u", feature);
	check_field(PROC_BASED_CONTROLS2, secondary, "0x401e");
	check_field(INSTRUCTION_TIMEOUT, feature, "0x4024");
	check_field(INSTRUCTION_TIMEOUT + 1, false, "0x4025");
	note("IA32_VMX_VMCS_ENUM: 0x%lx", rdmsr(MSR_VMX_VMCS_ENUM));
	check_equal(rdmsr(MSR_VMX_VMCS_ENUM) >> 1 & 0x1ff, highest_index(),
		    "IA32_VMX_VMCS_ENUM is the highest index that VMREAD accepts");
}
