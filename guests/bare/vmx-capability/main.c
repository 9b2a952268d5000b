/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx-capability - the VMX capability MSRs agree with each other and with what VMREAD finds.
 *
 * Claim:    IA32_VMX_VMCS_ENUM names the highest index of any field that VMREAD accepts; default-1
 *           bits are 1; the TRUE MSRs allow what the others allow; what is allowed in VMX operation
 *           of CR0 and CR4 contains the current values; no MSR has reserved bits set; "load guest
 *           IA32_SPEC_CTRL" exists exactly if its field does, and works.
 * Manual:   SDM Vol. 3D, appendices A and B.
 * Expected: all claims hold.
 */
#include "l1.h"

#define MSR_SPEC_CTRL           0x48
#define SPEC_CTRL_IBRS          1u
#define EXIT2_KNOWN             0xful           /* FRED (2), IA32_SPEC_CTRL, shadow stack busy */
#define EXIT_SECONDARY          (1u << 31)
#define PROC_DEFAULT1           0x0401e172u
#define PIN_DEFAULT1            0x00000016u
#define EXIT_DEFAULT1           0x00036dffu
#define ENTRY_DEFAULT1          0x000011ffu

static uint8_t stack[4096] __attribute__((aligned(16)));

static void read_spec_ctrl(void)
{
	l1_call(rdmsr(MSR_SPEC_CTRL));
}

/* Width and type in bits 14:13 and 11:10, index in bits 9:1. */
static uint32_t highest_index(void)
{
	uint32_t highest = 0;
	uint64_t value;

	for (uint32_t width = 0; width < 4; width++)
		for (uint32_t type = 0; type < 4; type++)
			for (uint32_t index = 0; index < 512; index++)
				if (!vmread(width << 13 | type << 10 | index << 1, &value) &&
				    index > highest)
					highest = index;
	return highest;
}

static void check_default1(const char *what, uint32_t msr, uint32_t default1)
{
	uint64_t plain = rdmsr(msr), real = rdmsr(msr + MSR_VMX_TRUE_OFFSET);

	check_equal(plain & default1, default1, "%s: default-1 bits must be 1", what);
	check_equal((uint32_t)plain & ~(plain >> 32), 0, "%s: what must be 1 may be 1", what);
	check_equal(real >> 32, plain >> 32, "%s: the TRUE MSR allows the same bits to be 1", what);
	check_equal((uint32_t)real & ~plain & 0xffffffff, 0,
		    "%s: the TRUE MSR demands no more bits to be 1", what);
	check_equal((uint32_t)real & ~default1, 0, "%s: only default-1 bits must be 1", what);
}

static void check_fixed(void)
{
	uint64_t cr0_0 = rdmsr(MSR_VMX_CR0_FIXED0), cr0_1 = rdmsr(MSR_VMX_CR0_FIXED1);
	uint64_t cr4_0 = rdmsr(MSR_VMX_CR4_FIXED0), cr4_1 = rdmsr(MSR_VMX_CR4_FIXED1);

	check_equal(cr0_0 & ~cr0_1, 0, "CR0: what must be 1 may be 1");
	check_equal(cr4_0 & ~cr4_1, 0, "CR4: what must be 1 may be 1");
	check_equal(read_cr0() & ~cr0_1, 0, "CR0 is allowed");
	check_equal(read_cr4() & ~cr4_1, 0, "CR4 is allowed");
	check_equal(cr0_0, CR0_PE | CR0_NE | CR0_PG, "CR0: PE, NE and PG must be 1");
	check_equal(cr4_0, CR4_VMXE, "CR4: VMXE must be 1");
	check_equal(cr4_1 >> 12 & 1, cpuid(7, 0).ecx >> 16 & 1, "CR4.LA57 is allowed as CPUID says");
	check_equal(cr4_1 >> 22 & 1, cpuid(7, 0).ecx >> 3 & 1, "CR4.PKE is allowed as CPUID says");
	check_equal(cr4_1 >> 20 & 1, cpuid(7, 0).ebx >> 7 & 1, "CR4.SMEP is allowed as CPUID says");
	check_equal(cr4_1 >> 17 & 1, cpuid(1, 0).ecx >> 17 & 1, "CR4.PCIDE is allowed as CPUID says");
}

static void check_secondary_exit(void)
{
	if (!vmx_allows(MSR_VMX_EXIT_CTLS, EXIT_SECONDARY)) {
		skip("no secondary VM-exit controls", "IA32_VMX_EXIT_CTLS2");
		return;
	}
	check_equal(rdmsr(MSR_VMX_EXIT_CTLS2) & ~EXIT2_KNOWN, 0,
		    "IA32_VMX_EXIT_CTLS2 has the bits of VM-exit controls only");
}

static void check_spec_ctrl(struct l1 *l1)
{
	bool allowed = vmx_allows(MSR_VMX_ENTRY_CTLS, ENTRY_LOAD_SPEC_CTRL);
	uint64_t value, before;

	check_equal(!vmread(GUEST_SPEC_CTRL, &value), allowed,
		    "the guest's IA32_SPEC_CTRL is a field exactly if VM entry may load it");
	if (!allowed) {
		skip("not allowed", "load guest IA32_SPEC_CTRL");
		return;
	}
	before = rdmsr(MSR_SPEC_CTRL);
	wrmsr(MSR_SPEC_CTRL, 0);
	vmcs_write(ENTRY_CONTROLS, vmcs_read(ENTRY_CONTROLS) | ENTRY_LOAD_SPEC_CTRL);
	vmcs_write(GUEST_SPEC_CTRL, SPEC_CTRL_IBRS);
	check(vmx_run(l1) && l1->exit.reason == REASON_VMCALL, "VM entry loads IA32_SPEC_CTRL");
	check_equal(l1->gpr[RAX], SPEC_CTRL_IBRS, "and L1 reads it");
	wrmsr(MSR_SPEC_CTRL, before);
}

void guest_main(void)
{
	struct l1 l1;
	uint64_t value;

	vmx_on();
	l1_setup(&l1, L1_LONG64, read_spec_ctrl, stack + sizeof(stack), 0);
	value = rdmsr(MSR_VMX_VMCS_ENUM);
	check_equal(value >> 1 & 0x1ff, highest_index(), "IA32_VMX_VMCS_ENUM is the highest index");
	check_equal(value & ~0x3feul, 0, "and has no other bits");
	check(rdmsr(MSR_VMX_BASIC) >> 55 & 1, "the TRUE MSRs exist");
	check((rdmsr(MSR_VMX_BASIC) >> 32 & 0x1fff) - 1 < 4096, "a VMCS region has 1 to 4096 bytes");
	check_equal(rdmsr(MSR_VMX_BASIC) >> 31 & 1, 0, "the revision identifier has 31 bits");
	check_default1("pin-based", MSR_VMX_PIN_CTLS, PIN_DEFAULT1);
	check_default1("processor-based", MSR_VMX_PROC_CTLS, PROC_DEFAULT1);
	check_default1("VM-exit", MSR_VMX_EXIT_CTLS, EXIT_DEFAULT1);
	check_default1("VM-entry", MSR_VMX_ENTRY_CTLS, ENTRY_DEFAULT1);
	check_fixed();
	check_secondary_exit();
	check_spec_ctrl(&l1);
}
