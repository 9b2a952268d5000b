/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-host-state - VM entry checks the host-state area.
 *
 * Claim:    VM entry fails with VM-instruction error 8 exactly for the host states that the manual
 *           excludes; CR4.CET without CR0.WP is one of them whether or not VM exits load CET state.
 * Manual:   SDM Vol. 3C, "Checks on host control registers, MSRs, and SSP", "Checks on host segment
 *           and descriptor-table registers", "Checks related to address-space size" (26.2.2 to
 *           26.2.4).
 * Expected: all claims hold; those about features that the CPU lacks are skipped.
 */
#include "entry_check.h"

#define EFER_LMA        (1ul << 10)
#define EFER_LME        (1ul << 8)
#define NOT_CANONICAL   0x8123456789abcdeful

static void registers(void)
{
	unsigned width = cpuid(0x80000008, 0).eax & 0xff;
	const struct entry_case cases[] = {
		{ "CR0.PE = 0", HOST, { F_CLEAR(HOST_CR0, CR0_PE) } },
		{ "CR0.NE = 0", HOST, { F_CLEAR(HOST_CR0, CR0_NE) } },
		{ "CR0.PG = 0", HOST, { F_CLEAR(HOST_CR0, CR0_PG) } },
		{ "CR0 bit 32", HOST, { F_BITS(HOST_CR0, 1ul << 32) } },
		{ "CR4.VMXE = 0", HOST, { F_CLEAR(HOST_CR4, CR4_VMXE) } },
		{ "CR4.PAE = 0", HOST, { F_CLEAR(HOST_CR4, CR4_PAE) } },
		{ "CR4 bit 63", HOST, { F_BITS(HOST_CR4, 1ul << 63) } },
		{ "CR3 beyond the physical-address width", HOST,
		  { F_BITS(HOST_CR3, 1ul << width) } },
		{ "CR3 bit 63", HOST, { F_BITS(HOST_CR3, 1ul << 63) } },
		{ "RIP not canonical", HOST, { F_SET(HOST_RIP, NOT_CANONICAL) } },
		{ "SYSENTER_ESP not canonical", HOST, { F_SET(HOST_SYSENTER_ESP, NOT_CANONICAL) } },
		{ "SYSENTER_EIP not canonical", HOST, { F_SET(HOST_SYSENTER_EIP, NOT_CANONICAL) } },
		{ "SYSENTER_ESP at the top", ENTERS, { F_SET(HOST_SYSENTER_ESP, ~0ul) } },
		{ "SYSENTER_CS of 32 bits", ENTERS, { F_SET(HOST_SYSENTER_CS, 0xffffffff) } },
		{ "EFER.LMA = 0", HOST, { F_CLEAR(HOST_EFER, EFER_LMA) } },
		{ "EFER.LME = 0", HOST, { F_CLEAR(HOST_EFER, EFER_LME) } },
		{ "EFER bit 1", HOST, { F_BITS(HOST_EFER, 1ul << 1) } },
		{ "EFER bit 63", HOST, { F_BITS(HOST_EFER, 1ul << 63) } },
		{ "EFER is not looked at if not loaded", ENTERS,
		  { F_CLEAR(EXIT_CONTROLS, EXIT_LOAD_EFER), F_SET(HOST_EFER, ~0ul) } },
		{ "no 64-bit host in 64-bit mode", HOST,
		  { F_CLEAR(EXIT_CONTROLS, EXIT_HOST_64_BIT) } },
	};

	entry_cases("registers", entry_base_long64, cases, ARRAY_SIZE(cases));
}

static const struct entry_case segments[] = {
	{ "CS 0", HOST, { F_SET(HOST_CS_SELECTOR, 0) } },
	{ "SS 0", ENTERS, { F_SET(HOST_SS_SELECTOR, 0) } },
	{ "TR 0", HOST, { F_SET(HOST_TR_SELECTOR, 0) } },
	{ "ES with RPL 1", HOST, { F_BITS(HOST_ES_SELECTOR, 1) } },
	{ "CS with RPL 3", HOST, { F_BITS(HOST_CS_SELECTOR, 3) } },
	{ "SS with TI", HOST, { F_BITS(HOST_SS_SELECTOR, 4) } },
	{ "DS with RPL 2", HOST, { F_BITS(HOST_DS_SELECTOR, 2) } },
	{ "FS with TI", HOST, { F_BITS(HOST_FS_SELECTOR, 4) } },
	{ "GS with RPL 1", HOST, { F_BITS(HOST_GS_SELECTOR, 1) } },
	{ "TR with TI", HOST, { F_BITS(HOST_TR_SELECTOR, 4) } },
	{ "FS base not canonical", HOST, { F_SET(HOST_FS_BASE, NOT_CANONICAL) } },
	{ "GS base not canonical", HOST, { F_SET(HOST_GS_BASE, NOT_CANONICAL) } },
	{ "TR base not canonical", HOST, { F_SET(HOST_TR_BASE, NOT_CANONICAL) } },
	{ "GDTR base not canonical", HOST, { F_SET(HOST_GDTR_BASE, NOT_CANONICAL) } },
	{ "IDTR base not canonical", HOST, { F_SET(HOST_IDTR_BASE, NOT_CANONICAL) } },
	{ "FS base at the top", ENTERS, { F_SET(HOST_FS_BASE, ~0ul) } },
};

static const struct entry_case pat[] = {
	{ "PAT 2 is reserved", HOST,
	  { F_BITS(EXIT_CONTROLS, EXIT_LOAD_PAT), F_SET(HOST_PAT, 0x0002) } },
	{ "PAT 3 is reserved", HOST,
	  { F_BITS(EXIT_CONTROLS, EXIT_LOAD_PAT), F_SET(HOST_PAT, 0x03ul << 56) } },
	{ "PAT 8 is reserved", HOST,
	  { F_BITS(EXIT_CONTROLS, EXIT_LOAD_PAT), F_SET(HOST_PAT, 0x08ul << 32) } },
	{ "PAT is not looked at if not loaded", ENTERS, { F_SET(HOST_PAT, ~0ul) } },
};

static const struct entry_case cet[] = {
	{ "CR4.CET without CR0.WP", HOST,
	  { F_BITS(HOST_CR4, CR4_CET), F_CLEAR(HOST_CR0, CR0_WP) } },
};

void guest_main(void)
{
	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	registers();
	entry_cases("segments", entry_base_long64, segments, ARRAY_SIZE(segments));
	if (vmx_allows(MSR_VMX_EXIT_CTLS, EXIT_LOAD_PAT))
		entry_cases("PAT", entry_base_long64, pat, ARRAY_SIZE(pat));
	else
		skip("\"load IA32_PAT\" is not allowed", "PAT: checks");
	if (rdmsr(MSR_VMX_CR4_FIXED1) & CR4_CET)
		entry_cases("CET", entry_base_long64, cet, ARRAY_SIZE(cet));
	else
		skip("no CET", "CET: checks");
}
