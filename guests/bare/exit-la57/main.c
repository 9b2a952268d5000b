/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-la57 - a guest with another CR4.LA57 than its host.
 *
 * Claim:    a 32-bit guest may set CR4.LA57 with MOV to CR4, and the VM exit brings the host's CR4
 *           back; VM entry accepts the same in the guest-state area. Bases in the host-state and
 *           guest-state areas are canonical by the width that the processor supports, whatever
 *           CR4.LA57 is; host RIP is canonical by the host's CR4.
 * Manual:   SDM Vol. 3C, "Checks on host control registers, MSRs, and SSP" (26.2.2), "Loading host
 *           control registers, debug registers, MSRs" (27.5.1); Vol. 3A, 4.5.
 * Expected: all claims hold on a CPU with 5-level paging; skipped on others.
 */
#include "entry_check.h"

#define WIDE            0x00ff800000000000ul    /* canonical for 57 bits, not for 48 */

extern const char set_la57_32[], set_la57_32_done[];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "set_la57_32: mov %cr4, %eax; or $0x1000, %eax; mov %eax, %cr4; set_la57_32_done: vmcall; hlt\n"
    ".code64\n"
    ".text\n");

static void guest_sets_la57(void)
{
	uint64_t cr4 = read_cr4();
	struct l1 l1;

	l1_setup(&l1, L1_PROT32, set_la57_32, l1_stack32_top, 0);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	check_equal(l1.exit.reason, REASON_VMCALL, "a 32-bit guest sets CR4.LA57");
	check_equal(l1.exit.rip, (uint64_t)set_la57_32_done, "and gets to its VMCALL");
	check_equal(vmcs_read(GUEST_CR4) & CR4_LA57, CR4_LA57, "the VM exit saves the guest's CR4");
	check_equal(read_cr4(), cr4, "and loads the host's");
	l1_skip_instruction(&l1, 3);
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) | PROC_HLT);
	check(vmx_run(&l1) && l1.exit.reason == REASON_HLT, "the guest goes on with CR4.LA57");
	check_equal(read_cr4(), cr4, "and the host comes back again");
}

static const struct entry_case widths[] = {
	{ "host FS base", ENTERS, { F_SET(HOST_FS_BASE, WIDE) } },
	{ "host GS base", ENTERS, { F_SET(HOST_GS_BASE, WIDE) } },
	{ "host SYSENTER_ESP", ENTERS, { F_SET(HOST_SYSENTER_ESP, WIDE) } },
	{ "host SYSENTER_EIP", ENTERS, { F_SET(HOST_SYSENTER_EIP, WIDE) } },
	{ "host SYSENTER_EIP above 57 bits", HOST, { F_SET(HOST_SYSENTER_EIP, WIDE << 1) } },
	{ "host RIP", HOST, { F_SET(HOST_RIP, WIDE) } },
	{ "guest FS base", ENTERS, { F_SET(GUEST_ES_BASE + 2 * 4, WIDE) } },
	{ "guest GS base", ENTERS, { F_SET(GUEST_ES_BASE + 2 * 5, WIDE) } },
	{ "guest TR base", ENTERS, { F_SET(GUEST_ES_BASE + 2 * 7, WIDE) } },
	{ "guest GDTR base", ENTERS, { F_SET(GUEST_GDTR_BASE, WIDE) } },
	{ "guest IDTR base", ENTERS, { F_SET(GUEST_IDTR_BASE, WIDE) } },
	{ "guest IDTR base above 57 bits", GUEST, { F_SET(GUEST_IDTR_BASE, WIDE << 1) } },
	{ "guest SYSENTER_ESP", ENTERS, { F_SET(GUEST_SYSENTER_ESP, WIDE) } },
	{ "guest SYSENTER_EIP", ENTERS, { F_SET(GUEST_SYSENTER_EIP, WIDE) } },
	{ "guest RIP", ENTERS, { F_SET(GUEST_RIP, WIDE) } },
};

void guest_main(void)
{
	vmx_on();
	if (!(rdmsr(MSR_VMX_CR4_FIXED1) & CR4_LA57))
		skip_all("CPU lacks 5-level paging");
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	entry_cases("4-level paging, 57-bit address", entry_base_long64, widths, ARRAY_SIZE(widths));
	guest_sets_la57();
}
