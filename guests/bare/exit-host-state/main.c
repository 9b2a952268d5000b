/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-host-state - what a VM exit loads.
 *
 * Claim:    a VM exit loads IA32_SYSENTER_CS with all 32 bits, the bases of FS, GS, GDTR and IDTR,
 *           limits of FFFFH, DR7 = 400H, and the MSRs of the host-state area and the VM-exit load
 *           area.
 * Manual:   SDM Vol. 3C, "Loading host state" (27.5), "Loading MSRs" (27.6).
 * Expected: all claims hold.
 */
#include "l1.h"

#define MSR_SYSENTER_CS         0x174
#define MSR_SYSENTER_ESP        0x175
#define MSR_SYSENTER_EIP        0x176
#define MSR_PAT                 0x277
#define MSR_GS_BASE             0xc0000101
#define MSR_STAR                0xc0000081

struct msr_entry { uint32_t index, reserved; uint64_t value; };
struct __attribute__((packed)) table_register { uint16_t limit; uint64_t base; };

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct msr_entry load[1] __attribute__((aligned(16)));

static void l1_main(void)
{
	wrmsr(MSR_SYSENTER_CS, 0x1111);
	wrmsr(MSR_SYSENTER_ESP, 0x2222);
	wrmsr(MSR_SYSENTER_EIP, 0x3333);
	wrmsr(MSR_FS_BASE, 0x4444);
	wrmsr(MSR_GS_BASE, 0x5555);
	wrmsr(MSR_STAR, 0x6666);
	asm volatile("mov %0, %%dr7" : : "r"(0x401ul));
}

static void check_tables(void)
{
	struct table_register gdtr, idtr;

	asm volatile("sgdt %0" : "=m"(gdtr));
	asm volatile("sidt %0" : "=m"(idtr));
	check_equal(gdtr.base, desc_gdt_base(), "GDTR base");
	check_equal(gdtr.limit, 0xffff, "GDTR limit");
	check_equal(idtr.base, desc_idt_base(), "IDTR base");
	check_equal(idtr.limit, 0xffff, "IDTR limit");
}

static void check_selectors(void)
{
	uint16_t tr, ldtr, fs;

	asm volatile("str %0" : "=r"(tr));
	asm volatile("sldt %0" : "=r"(ldtr));
	asm volatile("mov %%fs, %0" : "=r"(fs));
	check_equal(tr, SEL_TSS, "TR");
	check_equal(ldtr, 0, "LDTR");
	check_equal(fs, 0, "FS");
}

void guest_main(void)
{
	uint64_t dr7, pat = rdmsr(MSR_PAT);
	struct l1 l1;

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	vmcs_write(HOST_SYSENTER_CS, 0x89abcdef);
	vmcs_write(HOST_SYSENTER_ESP, 0xffffffff80001000);
	vmcs_write(HOST_SYSENTER_EIP, 0xffffffff80002000);
	vmcs_write(HOST_FS_BASE, 0xffffffff80003000);
	vmcs_write(HOST_GS_BASE, 0xffffffff80004000);
	vmcs_write(EXIT_CONTROLS, vmcs_read(EXIT_CONTROLS) |
		   vmx_controls(MSR_VMX_EXIT_CTLS, EXIT_LOAD_PAT, "load IA32_PAT"));
	vmcs_write(HOST_PAT, 0x0606060606060606);
	load[0] = (struct msr_entry){ MSR_STAR, 0, 0x1234567812345678 };
	vmcs_write(EXIT_MSR_LOAD_ADDRESS, (uint64_t)load);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 1);
	check(vmx_run(&l1) && l1.exit.reason == REASON_VMCALL, "L1 runs and exits");
	asm volatile("mov %%dr7, %0" : "=r"(dr7));

	check_equal(rdmsr(MSR_SYSENTER_CS), 0x89abcdef, "IA32_SYSENTER_CS has 32 bits");
	check_equal(rdmsr(MSR_SYSENTER_ESP), 0xffffffff80001000, "IA32_SYSENTER_ESP");
	check_equal(rdmsr(MSR_SYSENTER_EIP), 0xffffffff80002000, "IA32_SYSENTER_EIP");
	check_equal(rdmsr(MSR_FS_BASE), 0xffffffff80003000, "FS base");
	check_equal(rdmsr(MSR_GS_BASE), 0xffffffff80004000, "GS base");
	check_equal(rdmsr(MSR_PAT), 0x0606060606060606, "IA32_PAT");
	check_equal(rdmsr(MSR_STAR), 0x1234567812345678, "IA32_STAR, from the load area");
	check_equal(dr7, 0x400, "DR7");
	check_equal(vmcs_read(GUEST_SYSENTER_CS), 0x1111, "the guest's IA32_SYSENTER_CS is saved");
	check_equal(vmcs_read(GUEST_SYSENTER_ESP), 0x2222, "and IA32_SYSENTER_ESP");
	check_equal(vmcs_read(GUEST_SYSENTER_EIP), 0x3333, "and IA32_SYSENTER_EIP");
	check_equal(vmcs_read(GUEST_ES_BASE + 2 * 4), 0x4444, "and the base of FS");
	check_equal(vmcs_read(GUEST_ES_BASE + 2 * 5), 0x5555, "and the base of GS");
	check_equal(vmcs_read(GUEST_DR7), 0x401, "and DR7");
	check_tables();
	check_selectors();
	vmcs_write(EXIT_MSR_LOAD_COUNT, 0);
	wrmsr(MSR_PAT, pat);
}
