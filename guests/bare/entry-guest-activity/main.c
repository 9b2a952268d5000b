/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-guest-activity - VM entry checks the guest's non-register state.
 *
 * Claim:    activity state, interruptibility state, pending debug exceptions and the event to inject
 *           are checked against each other as the manual says, with exit qualification 3 for an NMI
 *           that STI blocks and 4 for the VMCS link pointer.
 * Manual:   SDM Vol. 3C, "Checks on guest non-register state" (26.3.1.5), "VM-entry failures during
 *           or after loading guest state" (26.8).
 * Expected: all claims hold; those about activity states that the CPU lacks are skipped.
 */
#include "entry_check.h"

#define INTERRUPTIBILITY_SMI    (1u << 2)
#define MISC_HLT                (1u << 6)
#define MISC_SHUTDOWN           (1u << 7)
#define DEBUGCTL_BTF            (1u << 1)

#define INJECT(info)    F_SET(ENTRY_INTERRUPTION_INFO, INFO_VALID | (info))
#define HARDWARE(n)     INJECT(INFO_TYPE_HARDWARE_EXCEPTION | (n))
#define NMI             INJECT(INFO_TYPE_NMI | 2)
#define INTERRUPT(n)    INJECT(INFO_TYPE_EXTERNAL_INTERRUPT | (n))
#define ACTIVITY(n)     F_SET(GUEST_ACTIVITY_STATE, n)
#define BLOCKING(bits)  F_SET(GUEST_INTERRUPTIBILITY, bits)
#define PENDING(bits)   F_SET(GUEST_PENDING_DEBUG, bits)
#define IF_ON           F_BITS(GUEST_RFLAGS, RFLAGS_IF)
#define TF_ON           F_BITS(GUEST_RFLAGS, RFLAGS_TF)
#define BTF_ON          F_SET(GUEST_DEBUGCTL, DEBUGCTL_BTF)
#define VIRTUAL_NMIS    F_BITS(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS)

static const struct entry_case interruptibility[] = {
	{ "reserved bit 5", GUEST, { BLOCKING(1 << 5) } },
	{ "reserved bit 31", GUEST, { BLOCKING(1u << 31) } },
	{ "STI with IF", ENTERS, { BLOCKING(INTERRUPTIBILITY_STI), IF_ON } },
	{ "STI without IF", GUEST, { BLOCKING(INTERRUPTIBILITY_STI) } },
	{ "STI and MOV SS", GUEST,
	  { BLOCKING(INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS), IF_ON } },
	{ "SMI, outside of SMM", GUEST, { BLOCKING(INTERRUPTIBILITY_SMI) } },
	{ "interrupt without IF", GUEST, { INTERRUPT(0x80) } },
	{ "interrupt and STI", GUEST, { INTERRUPT(0x80), IF_ON, BLOCKING(INTERRUPTIBILITY_STI) } },
	{ "interrupt and MOV SS", GUEST,
	  { INTERRUPT(0x80), IF_ON, BLOCKING(INTERRUPTIBILITY_MOV_SS) } },
	{ "NMI and MOV SS", GUEST, { NMI, BLOCKING(INTERRUPTIBILITY_MOV_SS) } },
	{ "exception and MOV SS", ENTERS, { HARDWARE(6), BLOCKING(INTERRUPTIBILITY_MOV_SS) } },
	{ "NMI and blocking by NMI", ENTERS, { NMI, BLOCKING(INTERRUPTIBILITY_NMI) } },
};

static const struct entry_case virtual_nmis[] = {
	{ "virtual NMI", ENTERS, { NMI, VIRTUAL_NMIS } },
	{ "virtual NMI and blocking by NMI", GUEST,
	  { NMI, VIRTUAL_NMIS, BLOCKING(INTERRUPTIBILITY_NMI) } },
	{ "exception and blocking by virtual NMI", ENTERS,
	  { HARDWARE(6), VIRTUAL_NMIS, BLOCKING(INTERRUPTIBILITY_NMI) } },
};

/* Processors may accept an NMI into blocking by STI; one that does not says so (26.8). */
static const struct entry_case nmi_and_sti[] = {
	{ "NMI and STI", GUEST_NMI, { NMI, IF_ON, BLOCKING(INTERRUPTIBILITY_STI) } },
};

static const struct entry_case pending_debug[] = {
	{ "B0 to B3, enabled breakpoint, BS", ENTERS, { PENDING(0x500f) } },
	{ "bit 4", GUEST, { PENDING(1 << 4) } },
	{ "bit 13", GUEST, { PENDING(1 << 13) } },
	{ "bit 15", GUEST, { PENDING(1 << 15) } },
	{ "bit 17", GUEST, { PENDING(1 << 17) } },
	{ "bit 32", GUEST, { PENDING(1ul << 32) } },
	{ "bit 63", GUEST, { PENDING(1ul << 63) } },
	{ "STI, TF, BS", ENTERS,
	  { BLOCKING(INTERRUPTIBILITY_STI), IF_ON, TF_ON,
	    PENDING(PENDING_DEBUG_BS) } },
	{ "STI, TF, no BS", GUEST, { BLOCKING(INTERRUPTIBILITY_STI), IF_ON, TF_ON } },
	{ "STI, no TF, BS", GUEST,
	  { BLOCKING(INTERRUPTIBILITY_STI), IF_ON, PENDING(PENDING_DEBUG_BS) } },
	{ "MOV SS, TF, BS", ENTERS,
	  { BLOCKING(INTERRUPTIBILITY_MOV_SS), TF_ON, PENDING(PENDING_DEBUG_BS) } },
	{ "MOV SS, TF, no BS", GUEST, { BLOCKING(INTERRUPTIBILITY_MOV_SS), TF_ON } },
	{ "MOV SS, TF, BTF, no BS", ENTERS,
	  { BLOCKING(INTERRUPTIBILITY_MOV_SS), TF_ON, BTF_ON } },
	{ "MOV SS, TF, BTF, BS", GUEST,
	  { BLOCKING(INTERRUPTIBILITY_MOV_SS), TF_ON, BTF_ON, PENDING(PENDING_DEBUG_BS) } },
	{ "no blocking, TF, no BS", ENTERS, { TF_ON } },
	{ "no blocking, no TF, BS", ENTERS, { PENDING(PENDING_DEBUG_BS) } },
};

static const struct entry_case halted[] = {
	{ "HLT", ENTERS, { ACTIVITY(ACTIVITY_HLT) } },
	{ "HLT at DPL 3", GUEST,
	  { ACTIVITY(ACTIVITY_HLT), F_BITS(GUEST_ES_ACCESS_RIGHTS + 2, 0x60),
	    F_BITS(GUEST_ES_ACCESS_RIGHTS + 4, 0x60), F_BITS(GUEST_ES_SELECTOR + 2, 3),
	    F_BITS(GUEST_ES_SELECTOR + 4, 3) } },
	{ "HLT and STI", GUEST, { ACTIVITY(ACTIVITY_HLT), BLOCKING(INTERRUPTIBILITY_STI), IF_ON } },
	{ "HLT and MOV SS", GUEST, { ACTIVITY(ACTIVITY_HLT), BLOCKING(INTERRUPTIBILITY_MOV_SS) } },
	{ "HLT, TF, no BS", GUEST, { ACTIVITY(ACTIVITY_HLT), TF_ON } },
	{ "HLT, no TF, BS", GUEST, { ACTIVITY(ACTIVITY_HLT), PENDING(PENDING_DEBUG_BS) } },
	{ "interrupt into HLT", ENTERS, { ACTIVITY(ACTIVITY_HLT), INTERRUPT(0x80), IF_ON } },
	{ "NMI into HLT", ENTERS, { ACTIVITY(ACTIVITY_HLT), NMI } },
	{ "#DB into HLT", ENTERS, { ACTIVITY(ACTIVITY_HLT), HARDWARE(1) } },
	{ "#MC into HLT", ENTERS, { ACTIVITY(ACTIVITY_HLT), HARDWARE(18) } },
	{ "#UD into HLT", GUEST, { ACTIVITY(ACTIVITY_HLT), HARDWARE(6) } },
	{ "software interrupt into HLT", GUEST,
	  { ACTIVITY(ACTIVITY_HLT), INJECT(INFO_TYPE_SOFTWARE_INTERRUPT | 0x80),
	    F_SET(ENTRY_INSTRUCTION_LENGTH, 2) } },
	{ "software exception into HLT", GUEST,
	  { ACTIVITY(ACTIVITY_HLT), INJECT(INFO_TYPE_SOFTWARE_EXCEPTION | 3),
	    F_SET(ENTRY_INSTRUCTION_LENGTH, 1) } },
};

static const struct entry_case shut_down[] = {
	{ "NMI into shutdown", ENTERS, { ACTIVITY(ACTIVITY_SHUTDOWN), NMI } },
	{ "#MC into shutdown", ENTERS, { ACTIVITY(ACTIVITY_SHUTDOWN), HARDWARE(18) } },
	{ "#DB into shutdown", GUEST, { ACTIVITY(ACTIVITY_SHUTDOWN), HARDWARE(1) } },
	{ "interrupt into shutdown", GUEST,
	  { ACTIVITY(ACTIVITY_SHUTDOWN), INTERRUPT(0x80), IF_ON } },
	{ "interrupt 18 into shutdown", GUEST,
	  { ACTIVITY(ACTIVITY_SHUTDOWN), INTERRUPT(18), IF_ON } },
	{ "shutdown and MOV SS", GUEST,
	  { ACTIVITY(ACTIVITY_SHUTDOWN), BLOCKING(INTERRUPTIBILITY_MOV_SS) } },
};

static const struct entry_case others[] = {
	{ "activity state 4", GUEST, { ACTIVITY(4) } },
	{ "event into wait-for-SIPI", GUEST, { ACTIVITY(ACTIVITY_WAIT_FOR_SIPI), NMI } },
	{ "link pointer misaligned", GUEST_LINK, { F_SET(VMCS_LINK_POINTER, 0x100008) } },
	{ "link pointer to no VMCS", GUEST_LINK, { F_SET(VMCS_LINK_POINTER, 0) } },
	{ "link pointer beyond 52 bits", GUEST_LINK, { F_SET(VMCS_LINK_POINTER, 1ul << 52) } },
};

static void link_to_current(void)
{
	uint64_t current;
	struct l1 l1;
	struct entry_case cases[] = {
		{ "link pointer to the current VMCS", GUEST_LINK, { F_SET(VMCS_LINK_POINTER, 0) } },
	};

	entry_base_long64(&l1);
	asm volatile("vmptrst %0" : "=m"(current) : : "cc");
	cases[0].changes[0].value = current;
	entry_cases("others", entry_base_long64, cases, ARRAY_SIZE(cases));
}

static bool nmi_into_sti_accepted(void)
{
	struct l1 l1;
	bool accepted;

	entry_base_long64(&l1);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_NMI | 2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_STI);
	accepted = vmx_run(&l1) && !(l1.exit.reason & REASON_ENTRY_FAILURE);
	vmcs_write(ENTRY_INTERRUPTION_INFO, 0);
	return accepted;
}

void guest_main(void)
{
	uint64_t misc;

	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	misc = rdmsr(MSR_VMX_MISC);
	entry_cases("blocking", entry_base_long64, interruptibility, ARRAY_SIZE(interruptibility));
	if (vmx_allows(MSR_VMX_PIN_CTLS, PIN_VIRTUAL_NMIS))
		entry_cases("blocking", entry_base_long64, virtual_nmis, ARRAY_SIZE(virtual_nmis));
	else
		skip("no virtual NMIs", "blocking: virtual NMIs");
	if (nmi_into_sti_accepted())
		skip("the CPU accepts it", "blocking: NMI and STI");
	else
		entry_cases("blocking", entry_base_long64, nmi_and_sti, ARRAY_SIZE(nmi_and_sti));
	entry_cases("pending debug", entry_base_long64, pending_debug, ARRAY_SIZE(pending_debug));
	if (misc & MISC_HLT)
		entry_cases("activity", entry_base_long64, halted, ARRAY_SIZE(halted));
	else
		skip("no HLT state", "activity: HLT");
	if (misc & MISC_SHUTDOWN)
		entry_cases("activity", entry_base_long64, shut_down, ARRAY_SIZE(shut_down));
	else
		skip("no shutdown state", "activity: shutdown");
	entry_cases("others", entry_base_long64, others, ARRAY_SIZE(others));
	link_to_current();
}
