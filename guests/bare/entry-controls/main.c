/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-controls - VM entry checks the VMX controls.
 *
 * Claim:    VM entry fails with VM-instruction error 7 exactly for the control settings and
 *           addresses that the manual excludes, among them: controls that are not allowed, a posted-
 *           interrupt descriptor that is not aligned to 64 bytes, "entry to SMM" outside of SMM, and
 *           an MSR area that ends beyond the physical-address width.
 * Manual:   SDM Vol. 3C, "Checks on VMX controls" (26.2.1).
 * Expected: all claims hold; those about features that the CPU lacks are skipped.
 */
#include "entry_check.h"

static uint8_t page[8192] __attribute__((aligned(4096)));
#define PAGE    ((uint64_t)page)

static unsigned physical_width(void)
{
	return cpuid(0x80000008, 0).eax & 0xff;
}

static void basic(void)
{
	uint64_t beyond = 1ul << physical_width();
	const struct entry_case cases[] = {
		{ "the base can be entered", ENTERS, { { 0 } } },
		{ "pin-based bit 31", CONTROLS, { F_BITS(PIN_BASED_CONTROLS, 1u << 31) } },
		{ "pin-based bit 1 is 0", CONTROLS, { F_CLEAR(PIN_BASED_CONTROLS, 1u << 1) } },
		{ "processor-based bit 0", CONTROLS, { F_BITS(PROC_BASED_CONTROLS, 1u << 0) } },
		{ "processor-based bit 1 is 0", CONTROLS,
		  { F_CLEAR(PROC_BASED_CONTROLS, 1u << 1) } },
		{ "secondary bit 21", CONTROLS, { F_BITS(PROC_BASED_CONTROLS2, 1u << 21) } },
		{ "VM-exit bit 0 is 0", CONTROLS, { F_CLEAR(EXIT_CONTROLS, 1u << 0) } },
		{ "VM-entry bit 0 is 0", CONTROLS, { F_CLEAR(ENTRY_CONTROLS, 1u << 0) } },
		{ "VM-entry bit 31", CONTROLS, { F_BITS(ENTRY_CONTROLS, 1u << 31) } },
		{ "entry to SMM, outside of SMM", CONTROLS,
		  { F_BITS(ENTRY_CONTROLS, ENTRY_TO_SMM) } },
		{ "deactivate dual-monitor treatment, outside of SMM", CONTROLS,
		  { F_BITS(ENTRY_CONTROLS, ENTRY_DEACTIVATE_DUAL_MONITOR) } },
		{ "virtual NMIs without NMI exiting", CONTROLS,
		  { F_BITS(PIN_BASED_CONTROLS, PIN_VIRTUAL_NMIS) } },
		{ "NMI-window exiting without virtual NMIs", CONTROLS,
		  { F_BITS(PIN_BASED_CONTROLS, PIN_NMI),
		    F_BITS(PROC_BASED_CONTROLS, PROC_NMI_WINDOW) } },
		{ "save preemption timer without the timer", CONTROLS,
		  { F_CLEAR(PIN_BASED_CONTROLS, PIN_PREEMPTION_TIMER),
		    F_BITS(EXIT_CONTROLS, EXIT_SAVE_PREEMPTION_TIMER) } },
		{ "512 CR3-target values", CONTROLS, { F_SET(CR3_TARGET_COUNT, 512) } },
		{ "MSR bitmap at an odd address", CONTROLS, { F_BITS(MSR_BITMAP_ADDRESS, 1) } },
		{ "MSR bitmap beyond the physical-address width", CONTROLS,
		  { F_SET(MSR_BITMAP_ADDRESS, beyond) } },
		{ "unrestricted guest without EPT", CONTROLS,
		  { F_CLEAR(PROC_BASED_CONTROLS2, PROC2_EPT) } },
		{ "EPT pointer: memory type 1", CONTROLS,
		  { { EPT_POINTER, 1, ~7ul } } },
		{ "EPT pointer: 3 levels", CONTROLS,
		  { { EPT_POINTER, 2 << 3, ~(7ul << 3) } } },
		{ "EPT pointer: bit 8", CONTROLS, { F_BITS(EPT_POINTER, 1 << 8) } },
		{ "EPT pointer beyond the physical-address width", CONTROLS,
		  { F_BITS(EPT_POINTER, beyond) } },
	};

	entry_cases("basic", entry_base_long64, cases, ARRAY_SIZE(cases));
}

static void msr_areas(void)
{
	/* 2^28 + 1 entries of 16 bytes: 16 bytes more than 32 bits can count */
	const uint32_t many = 0x10000001;
	uint64_t top = (1ul << physical_width()) - 16;
	const struct entry_case cases[] = {
		{ "VM-entry load: misaligned", CONTROLS,
		  { F_SET(ENTRY_MSR_LOAD_COUNT, 1), F_SET(ENTRY_MSR_LOAD_ADDRESS, PAGE + 8) } },
		{ "VM-exit load: misaligned", CONTROLS,
		  { F_SET(EXIT_MSR_LOAD_COUNT, 1), F_SET(EXIT_MSR_LOAD_ADDRESS, PAGE + 8) } },
		{ "VM-exit store: misaligned", CONTROLS,
		  { F_SET(EXIT_MSR_STORE_COUNT, 1), F_SET(EXIT_MSR_STORE_ADDRESS, PAGE + 8) } },
		{ "a misaligned area without entries", ENTERS,
		  { F_SET(EXIT_MSR_STORE_ADDRESS, PAGE + 8) } },
		{ "VM-entry load: ends beyond the width", CONTROLS,
		  { F_SET(ENTRY_MSR_LOAD_COUNT, 2), F_SET(ENTRY_MSR_LOAD_ADDRESS, top) } },
	};
	/* the host state fails later, so that a list of 2^28 entries is never gone through */
	const struct entry_case wrapped[] = {
		{ "VM-exit load: 2^28 + 1 entries end beyond the width", CONTROLS,
		  { F_SET(EXIT_MSR_LOAD_COUNT, many), F_SET(EXIT_MSR_LOAD_ADDRESS, top - 16),
		    F_SET(HOST_CS_SELECTOR, 0) } },
		{ "VM-exit store: 2^28 + 1 entries end beyond the width", CONTROLS,
		  { F_SET(EXIT_MSR_STORE_COUNT, many), F_SET(EXIT_MSR_STORE_ADDRESS, top - 16),
		    F_SET(HOST_CS_SELECTOR, 0) } },
		{ "VM-entry load: 2^28 + 1 entries end beyond the width", CONTROLS,
		  { F_SET(ENTRY_MSR_LOAD_COUNT, many), F_SET(ENTRY_MSR_LOAD_ADDRESS, top - 16),
		    F_SET(HOST_CS_SELECTOR, 0) } },
	};

	entry_cases("MSR areas", entry_base_long64, cases, ARRAY_SIZE(cases));
	entry_cases("MSR areas", entry_base_long64, wrapped, ARRAY_SIZE(wrapped));
}

#define TPR_SHADOW      F_BITS(PROC_BASED_CONTROLS, PROC_TPR_SHADOW)

static void apic(void)
{
	const struct entry_case cases[] = {
		{ "TPR shadow", ENTERS, { TPR_SHADOW, F_SET(VIRTUAL_APIC_ADDRESS, PAGE) } },
		{ "virtual-APIC page misaligned", CONTROLS,
		  { TPR_SHADOW, F_SET(VIRTUAL_APIC_ADDRESS, PAGE + 8) } },
		{ "TPR threshold 16", CONTROLS,
		  { TPR_SHADOW, F_SET(VIRTUAL_APIC_ADDRESS, PAGE), F_SET(TPR_THRESHOLD, 16) } },
		{ "TPR threshold above the TPR", CONTROLS,
		  { TPR_SHADOW, F_SET(VIRTUAL_APIC_ADDRESS, PAGE), F_SET(TPR_THRESHOLD, 1) } },
	};

	if (vmx_allows(MSR_VMX_PROC_CTLS, PROC_TPR_SHADOW))
		entry_cases("APIC", entry_base_long64, cases, ARRAY_SIZE(cases));
	else
		skip("no TPR shadow", "APIC: checks");
}

static void posted_base(struct l1 *l1)
{
	entry_base_long64(l1);
	memset(page, 0, sizeof(page));
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_POSTED_INTERRUPTS |
				       PIN_EXTERNAL_INTERRUPT);
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) | PROC_TPR_SHADOW);
	vmcs_write(PROC_BASED_CONTROLS2,
		   vmcs_read(PROC_BASED_CONTROLS2) | PROC2_VIRTUAL_INTERRUPTS);
	vmcs_write(EXIT_CONTROLS, vmcs_read(EXIT_CONTROLS) | EXIT_ACKNOWLEDGE_INTERRUPT);
	vmcs_write(VIRTUAL_APIC_ADDRESS, PAGE);
	vmcs_write(POSTED_INTERRUPT_VECTOR, 0xf2);
	vmcs_write(POSTED_INTERRUPT_DESCRIPTOR, PAGE + 4096 + 64);
	vmcs_write(TPR_THRESHOLD, 0);
}

static void posted(void)
{
	uint64_t beyond = 1ul << physical_width();
	const struct entry_case cases[] = {
		{ "a descriptor that begins 64 bytes into a page", ENTERS, { { 0 } } },
		{ "a descriptor at the last 64 bytes of a page", ENTERS,
		  { F_SET(POSTED_INTERRUPT_DESCRIPTOR, PAGE + 8192 - 64) } },
		{ "a descriptor aligned to 32 bytes", CONTROLS,
		  { F_SET(POSTED_INTERRUPT_DESCRIPTOR, PAGE + 4096 + 32) } },
		{ "a descriptor at an odd address", CONTROLS,
		  { F_SET(POSTED_INTERRUPT_DESCRIPTOR, PAGE + 4096 + 1) } },
		{ "a descriptor beyond the physical-address width", CONTROLS,
		  { F_SET(POSTED_INTERRUPT_DESCRIPTOR, beyond) } },
		{ "vector 255", ENTERS, { F_SET(POSTED_INTERRUPT_VECTOR, 255) } },
		{ "vector 256", CONTROLS, { F_SET(POSTED_INTERRUPT_VECTOR, 256) } },
		{ "without \"acknowledge interrupt on exit\"", CONTROLS,
		  { F_CLEAR(EXIT_CONTROLS, EXIT_ACKNOWLEDGE_INTERRUPT) } },
		{ "without virtual-interrupt delivery", CONTROLS,
		  { F_CLEAR(PROC_BASED_CONTROLS2, PROC2_VIRTUAL_INTERRUPTS) } },
		{ "without virtual-interrupt delivery and TPR shadow", CONTROLS,
		  { F_CLEAR(PROC_BASED_CONTROLS2, PROC2_VIRTUAL_INTERRUPTS),
		    F_CLEAR(PROC_BASED_CONTROLS, PROC_TPR_SHADOW) } },
		{ "virtual-interrupt delivery without external-interrupt exiting", CONTROLS,
		  { F_CLEAR(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT) } },
		{ "virtual-interrupt delivery without TPR shadow", CONTROLS,
		  { F_CLEAR(PROC_BASED_CONTROLS, PROC_TPR_SHADOW) } },
	};

	if (vmx_allows(MSR_VMX_PIN_CTLS, PIN_POSTED_INTERRUPTS) &&
	    vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_VIRTUAL_INTERRUPTS))
		entry_cases("posted interrupts", posted_base, cases, ARRAY_SIZE(cases));
	else
		skip("no posted interrupts", "posted interrupts: checks");
}

void guest_main(void)
{
	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	basic();
	msr_areas();
	apic();
	posted();
}
