/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-injection - VM entry checks the event that it is to inject.
 *
 * Claim:    type, vector, error code and instruction length of the VM-entry interruption
 *           information are accepted and refused as the manual says; interrupts, NMIs and software
 *           events never deliver an error code, and nothing does in real mode, whatever
 *           IA32_VMX_BASIC[56] says of hardware exceptions.
 * Manual:   SDM Vol. 3C, "Checks on VM-entry control fields" (26.2.1.3).
 * Expected: all claims hold.
 */
#include "entry_check.h"

#define BASIC_ANY_ERROR_CODE    (1ul << 56)
#define MISC_LENGTH_0           (1ul << 30)
#define TYPE(t)                 ((t) << 8)
#define INFO(type, vector)      F_SET(ENTRY_INTERRUPTION_INFO, INFO_VALID | TYPE(type) | (vector))
#define INFO_EC(type, vector) \
	F_SET(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_ERROR_CODE | TYPE(type) | (vector))
#define LENGTH(n)               F_SET(ENTRY_INSTRUCTION_LENGTH, n)
#define IF_ON                   F_BITS(GUEST_RFLAGS, RFLAGS_IF)

enum { EXTERNAL, RESERVED1, NMI, HARDWARE, SOFTWARE_INT, PRIVILEGED, SOFTWARE_EXC, OTHER };

static const struct entry_case cases[] = {
	{ "nothing valid, all other bits set", ENTERS,
	  { F_SET(ENTRY_INTERRUPTION_INFO, 0x7fffffff) } },
	{ "external interrupt", ENTERS, { INFO(EXTERNAL, 0xff), IF_ON } },
	{ "type 1 is reserved", CONTROLS, { INFO(RESERVED1, 0) } },
	{ "bit 14", CONTROLS,
	  { F_SET(ENTRY_INTERRUPTION_INFO, INFO_VALID | TYPE(NMI) | 2 | 1 << 14) } },
	{ "bit 30", CONTROLS,
	  { F_SET(ENTRY_INTERRUPTION_INFO, INFO_VALID | TYPE(NMI) | 2 | 1 << 30) } },
	{ "NMI", ENTERS, { INFO(NMI, 2) } },
	{ "NMI with vector 3", CONTROLS, { INFO(NMI, 3) } },
	{ "hardware exception 6", ENTERS, { INFO(HARDWARE, 6) } },
	{ "hardware exception 31", ENTERS, { INFO(HARDWARE, 31) } },
	{ "hardware exception 32", CONTROLS, { INFO(HARDWARE, 32) } },
	{ "#GP with error code", ENTERS, { INFO_EC(HARDWARE, 13) } },
	{ "error code above 16 bits", CONTROLS,
	  { INFO_EC(HARDWARE, 13), F_SET(ENTRY_ERROR_CODE, 0x10000) } },
	{ "the error code is not looked at without its bit", ENTERS,
	  { INFO(HARDWARE, 6), F_SET(ENTRY_ERROR_CODE, 0x10000) } },
	{ "external interrupt with error code", CONTROLS,
	  { INFO_EC(EXTERNAL, 0x80), IF_ON } },
	{ "NMI with error code", CONTROLS, { INFO_EC(NMI, 2) } },
	{ "software interrupt with error code", CONTROLS,
	  { INFO_EC(SOFTWARE_INT, 13), LENGTH(2) } },
	{ "privileged software exception with error code", CONTROLS,
	  { INFO_EC(PRIVILEGED, 1), LENGTH(1) } },
	{ "software exception with error code", CONTROLS,
	  { INFO_EC(SOFTWARE_EXC, 3), LENGTH(1) } },
	{ "software interrupt of 15 bytes", ENTERS, { INFO(SOFTWARE_INT, 0x80), LENGTH(15) } },
	{ "software interrupt of 16 bytes", CONTROLS,
	  { INFO(SOFTWARE_INT, 0x80), LENGTH(16) } },
	{ "software exception of 16 bytes", CONTROLS, { INFO(SOFTWARE_EXC, 3), LENGTH(16) } },
	{ "privileged software exception of 2^31 bytes", CONTROLS,
	  { INFO(PRIVILEGED, 1), LENGTH(1ul << 31) } },
	{ "hardware exception of 16 bytes", ENTERS, { INFO(HARDWARE, 6), LENGTH(16) } },
};

static const struct entry_case monitor_trap[] = {
	{ "pending MTF VM exit", ENTERS, { INFO(OTHER, 0) } },
	{ "other event with vector 1", CONTROLS, { INFO(OTHER, 1) } },
	{ "pending MTF VM exit with error code", CONTROLS, { INFO_EC(OTHER, 0) } },
};

static const struct entry_case any_error_code[] = {
	{ "#GP without error code", ENTERS, { INFO(HARDWARE, 13) } },
	{ "#UD with error code", ENTERS, { INFO_EC(HARDWARE, 6) } },
};

static const struct entry_case fixed_error_code[] = {
	{ "#GP without error code", CONTROLS, { INFO(HARDWARE, 13) } },
	{ "#UD with error code", CONTROLS, { INFO_EC(HARDWARE, 6) } },
};

static const struct entry_case length0_allowed[] = {
	{ "software interrupt of 0 bytes", ENTERS, { INFO(SOFTWARE_INT, 0x80), LENGTH(0) } },
};

static const struct entry_case length0_refused[] = {
	{ "software interrupt of 0 bytes", CONTROLS, { INFO(SOFTWARE_INT, 0x80), LENGTH(0) } },
};

/* CR0.PE = 0 comes with nothing else of real mode: the controls are checked first. */
static const struct entry_case real_mode[] = {
	{ "CR0.PE = 0: #GP with error code", CONTROLS,
	  { INFO_EC(HARDWARE, 13), F_CLEAR(GUEST_CR0, CR0_PE) } },
	{ "CR0.PE = 0: #UD with error code", CONTROLS,
	  { INFO_EC(HARDWARE, 6), F_CLEAR(GUEST_CR0, CR0_PE) } },
};

void guest_main(void)
{
	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	entry_cases("64-bit", entry_base_long64, cases, ARRAY_SIZE(cases));
	if (vmx_allows(MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG))
		entry_cases("64-bit", entry_base_long64, monitor_trap, ARRAY_SIZE(monitor_trap));
	else
		skip("no monitor trap flag", "injection of a pending MTF VM exit");
	if (rdmsr(MSR_VMX_BASIC) & BASIC_ANY_ERROR_CODE)
		entry_cases("IA32_VMX_BASIC[56] = 1", entry_base_long64, any_error_code,
			    ARRAY_SIZE(any_error_code));
	else
		entry_cases("IA32_VMX_BASIC[56] = 0", entry_base_long64, fixed_error_code,
			    ARRAY_SIZE(fixed_error_code));
	if (rdmsr(MSR_VMX_MISC) & MISC_LENGTH_0)
		entry_cases("IA32_VMX_MISC[30] = 1", entry_base_long64, length0_allowed,
			    ARRAY_SIZE(length0_allowed));
	else
		entry_cases("IA32_VMX_MISC[30] = 0", entry_base_long64, length0_refused,
			    ARRAY_SIZE(length0_refused));
	entry_cases("32-bit", entry_base_prot32, real_mode, ARRAY_SIZE(real_mode));
}
