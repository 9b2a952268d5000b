/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-guest-registers - VM entry checks the guest's control registers, MSRs, RIP and RFLAGS.
 *
 * Claim:    VM entry fails for exactly the values that the manual excludes, with exit reason 33 and
 *           exit qualification 0: among them a 64-bit guest without paging, virtual-8086 mode
 *           without protection, RIP beyond the linear-address width, and reserved bits of
 *           IA32_DEBUGCTL.
 * Manual:   SDM Vol. 3C, "Checks on guest control registers, debug registers, and MSRs", "Checks on
 *           guest RIP, RFLAGS, and SSP" (26.3.1.1, 26.3.1.4).
 * Expected: all claims hold; those about features that the CPU lacks are skipped.
 */
#include "entry_check.h"

#define MSR_PAT         0x277
#define EFER_LME        (1ul << 8)
#define EFER_LMA        (1ul << 10)
#define RFLAGS_VM       (1ul << 17)
#define NOT_CANONICAL   0x8123456789abcdeful

static void long64(void)
{
	unsigned physical = cpuid(0x80000008, 0).eax & 0xff;
	unsigned linear = cpuid(0x80000008, 0).eax >> 8 & 0xff;
	const struct entry_case cases[] = {
		{ "CR0.NE = 0", GUEST, { F_CLEAR(GUEST_CR0, CR0_NE) } },
		{ "CR0 bit 32", GUEST, { F_BITS(GUEST_CR0, 1ul << 32) } },
		{ "CR0.PE = 0 with CR0.PG = 1", GUEST, { F_CLEAR(GUEST_CR0, CR0_PE) } },
		{ "IA-32e mode with CR0.PG = 0", GUEST, { F_CLEAR(GUEST_CR0, CR0_PG) } },
		{ "CR4.VMXE = 0", GUEST, { F_CLEAR(GUEST_CR4, CR4_VMXE) } },
		{ "CR4 bit 63", GUEST, { F_BITS(GUEST_CR4, 1ul << 63) } },
		{ "CR4.PAE = 0 in IA-32e mode", GUEST, { F_CLEAR(GUEST_CR4, CR4_PAE) } },
		{ "CR3 beyond the physical-address width", GUEST,
		  { F_BITS(GUEST_CR3, 1ul << physical) } },
		{ "DR7 bit 32", GUEST, { F_BITS(GUEST_DR7, 1ul << 32) } },
		{ "SYSENTER_ESP not canonical", GUEST, { F_SET(GUEST_SYSENTER_ESP, NOT_CANONICAL) } },
		{ "SYSENTER_EIP not canonical", GUEST, { F_SET(GUEST_SYSENTER_EIP, NOT_CANONICAL) } },
		{ "SYSENTER_EIP at the top", ENTERS, { F_SET(GUEST_SYSENTER_EIP, ~0ul) } },
		{ "IA32_DEBUGCTL bit 3", GUEST, { F_SET(GUEST_DEBUGCTL, 1ul << 3) } },
		{ "IA32_DEBUGCTL bit 5", GUEST, { F_SET(GUEST_DEBUGCTL, 1ul << 5) } },
		{ "IA32_DEBUGCTL bit 16", GUEST, { F_SET(GUEST_DEBUGCTL, 1ul << 16) } },
		{ "IA32_DEBUGCTL bit 63", GUEST, { F_SET(GUEST_DEBUGCTL, 1ul << 63) } },
		{ "EFER.LMA = 0 in IA-32e mode", GUEST, { F_CLEAR(GUEST_EFER, EFER_LMA) } },
		{ "EFER.LME = 0 with paging in IA-32e mode", GUEST,
		  { F_CLEAR(GUEST_EFER, EFER_LME) } },
		{ "EFER bit 1", GUEST, { F_BITS(GUEST_EFER, 1ul << 1) } },
		{ "RFLAGS bit 1 is 0", GUEST, { F_CLEAR(GUEST_RFLAGS, RFLAGS_FIXED) } },
		{ "RFLAGS bit 3", GUEST, { F_BITS(GUEST_RFLAGS, 1ul << 3) } },
		{ "RFLAGS bit 15", GUEST, { F_BITS(GUEST_RFLAGS, 1ul << 15) } },
		{ "RFLAGS bit 22", GUEST, { F_BITS(GUEST_RFLAGS, 1ul << 22) } },
		{ "RFLAGS bit 63", GUEST, { F_BITS(GUEST_RFLAGS, 1ul << 63) } },
		{ "RFLAGS.VM in IA-32e mode", GUEST, { F_BITS(GUEST_RFLAGS, RFLAGS_VM) } },
		{ "RIP: bits above the linear-address width differ", GUEST,
		  { F_SET(GUEST_RIP, 1ul << linear) } },
		{ "RIP: bit 63 alone", GUEST, { F_SET(GUEST_RIP, 1ul << 63) } },
		{ "RIP: all bits above the linear-address width", ENTERS,
		  { F_SET(GUEST_RIP, ~0ul << linear) } },
	};

	entry_cases("64-bit", entry_base_long64, cases, ARRAY_SIZE(cases));
}

static const struct entry_case prot32[] = {
	{ "the base can be entered", ENTERS, { { 0 } } },
	{ "RIP above 32 bits", GUEST, { F_BITS(GUEST_RIP, 1ul << 32) } },
	{ "CR4.PCIDE outside of IA-32e mode", GUEST, { F_BITS(GUEST_CR4, CR4_PCIDE) } },
	{ "EFER.LMA = 1 outside of IA-32e mode", GUEST, { F_BITS(GUEST_EFER, EFER_LMA) } },
	{ "EFER.LME = 1 without paging", ENTERS, { F_BITS(GUEST_EFER, EFER_LME) } },
	{ "CR0.PE = 0", ENTERS, { F_CLEAR(GUEST_CR0, CR0_PE) } },
};

/* Segments as virtual-8086 mode wants them: base = selector * 16, limit FFFFH, rights F3H. */
static void base_v8086(struct l1 *l1)
{
	entry_base_prot32(l1);
	for (unsigned s = 0; s < 6; s++) {
		vmcs_write(GUEST_ES_SELECTOR + 2 * s, 0x1000);
		vmcs_write(GUEST_ES_BASE + 2 * s, 0x10000);
		vmcs_write(GUEST_ES_LIMIT + 2 * s, 0xffff);
		vmcs_write(GUEST_ES_ACCESS_RIGHTS + 2 * s, 0xf3);
	}
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_VM);
	vmcs_write(GUEST_RIP, 0);
}

static const struct entry_case v8086[] = {
	{ "the base can be entered", ENTERS, { { 0 } } },
	{ "RFLAGS.VM with CR0.PE = 0", GUEST, { F_CLEAR(GUEST_CR0, CR0_PE) } },
	{ "base is not selector * 16", GUEST, { F_SET(GUEST_ES_BASE, 0x10010) } },
	{ "limit FFFFFH", GUEST, { F_SET(GUEST_ES_LIMIT, 0xfffff) } },
	{ "DPL 0", GUEST, { F_SET(GUEST_ES_ACCESS_RIGHTS, 0x93) } },
	{ "unusable", GUEST, { F_SET(GUEST_ES_ACCESS_RIGHTS, 0x100f3) } },
};

static const struct entry_case pat[] = {
	{ "2 is reserved", GUEST,
	  { F_BITS(ENTRY_CONTROLS, ENTRY_LOAD_PAT), F_SET(GUEST_PAT, 0x0002) } },
	{ "3 is reserved", GUEST,
	  { F_BITS(ENTRY_CONTROLS, ENTRY_LOAD_PAT), F_SET(GUEST_PAT, 0x03ul << 56) } },
	{ "UC- is allowed", ENTERS,
	  { F_BITS(ENTRY_CONTROLS, ENTRY_LOAD_PAT), F_SET(GUEST_PAT, 0x0707070707070706) } },
	{ "not looked at if not loaded", ENTERS, { F_SET(GUEST_PAT, ~0ul) } },
};

void guest_main(void)
{
	uint64_t host_pat = rdmsr(MSR_PAT);

	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	long64();
	entry_cases("32-bit", entry_base_prot32, prot32, ARRAY_SIZE(prot32));
	entry_cases("virtual-8086", base_v8086, v8086, ARRAY_SIZE(v8086));
	if (vmx_allows(MSR_VMX_ENTRY_CTLS, ENTRY_LOAD_PAT))
		entry_cases("PAT", entry_base_long64, pat, ARRAY_SIZE(pat));
	else
		skip("\"load IA32_PAT\" is not allowed", "PAT: checks");
	wrmsr(MSR_PAT, host_pat);
}
