/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-priority - instructions of an L1 at CPL 3: fault or VM exit?
 *
 * Claim:    with every exit enabled, the faults that depend on the privilege level and #UD come before
 *           the VM exit of an instruction, except that VMX instructions and MOV DR exit at any level.
 * Manual:   SDM Vol. 3C, "Relative priority of faults and VM exits", "Instructions that cause VM exits
 *           unconditionally", "Instructions that cause VM exits conditionally"; Vol. 2 and 3D for the
 *           single instructions.
 * Expected: all claims hold on any CPU; instructions that the CPU lacks are skipped.
 */
#include "l1.h"

#define CR4_TSD         (1ul << 2)
#define CR4_DE          (1ul << 3)
#define CR4_OSXSAVE     (1ul << 18)
#define CPUID1_MONITOR  (1u << 3)
#define CPUID1_XSAVE    (1u << 26)
#define CPUID7_INVPCID  (1u << 10)
#define PROC2_INVPCID   (1u << 12)
#define FAULT           0x100           /* want: FAULT + vector, or a basic exit reason */
#define GP              (FAULT + VECTOR_GP)
#define UD              (FAULT + VECTOR_UD)

#define GUEST_CS        0x0802
#define AR_CODE64_3     0xa0fb
#define AR_DATA_3       0xc0f3

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

#define CODES(X) \
	X(hlt, "hlt", GP) \
	X(clts, "clts", GP) \
	X(lmsw, "lmsw %ax", GP) \
	X(to_cr0, "mov %rax, %cr0", GP) \
	X(from_cr3, "mov %cr3, %rax", GP) \
	X(to_cr3, "mov %rax, %cr3", GP) \
	X(to_cr4, "mov %rax, %cr4", GP) \
	X(from_cr8, "mov %cr8, %rax", GP) \
	X(to_cr8, "mov %rax, %cr8", GP) \
	X(rdmsr, "rdmsr", GP) \
	X(wrmsr, "wrmsr", GP) \
	X(invlpg, "invlpg (%rbx)", GP) \
	X(lgdt, "lgdt (%rbx)", GP) \
	X(lidt, "lidt (%rbx)", GP) \
	X(lldt, "lldt %ax", GP) \
	X(ltr, "ltr %ax", GP) \
	X(invd, "invd", GP) \
	X(wbinvd, "wbinvd", GP) \
	X(rdpmc, "rdpmc", GP) \
	X(in, "in $0x80, %al", GP) \
	X(outs, "outsb", GP) \
	X(rdtsc, "rdtsc", 16) \
	X(sgdt, "sgdt (%rbx)", REASON_GDTR_IDTR) \
	X(str, "str %ax", REASON_LDTR_TR) \
	X(cpuid, "cpuid", REASON_CPUID) \
	X(pause, "pause", 40) \
	X(from_dr0, "mov %dr0, %rax", REASON_MOV_DR) \
	X(to_dr7, "mov %rax, %dr7", REASON_MOV_DR) \
	X(vmcall, "vmcall", REASON_VMCALL) \
	X(vmclear, "vmclear (%rbx)", 19) \
	X(vmlaunch, "vmlaunch", 20) \
	X(vmptrld, "vmptrld (%rbx)", 21) \
	X(vmptrst, "vmptrst (%rbx)", 22) \
	X(vmread, "vmread %rax, %rcx", 23) \
	X(vmresume, "vmresume", 24) \
	X(vmwrite, "vmwrite %rax, %rcx", 25) \
	X(vmxoff, "vmxoff", 26) \
	X(vmxon, "vmxon (%rbx)", 27) \
	X(invept, "invept (%rbx), %rax", 50)

#define DECLARE(n, code, want) extern const char l1_##n[]; asm("l1_" #n ": " code "\n");
#define ROW(n, code, want) { code, l1_##n, want },
CODES(DECLARE)
static const struct instruction { const char *name, *code; unsigned want; } instructions[] = { CODES(ROW) };
extern const char l1_invpcid[], l1_xsetbv[], l1_monitor[], l1_mwait[], l1_from_dr4[];
asm("l1_invpcid: invpcid (%rbx), %rax\n"
    "l1_xsetbv: xsetbv\n"
    "l1_monitor: monitor\n"
    "l1_mwait: mwait\n"
    "l1_from_dr4: mov %dr4, %rax\n");

static void enable_exits(void)
{
	static const uint32_t controls[] = {
		PROC_HLT, 1u << 9 /* INVLPG */, 1u << 10 /* MWAIT */, 1u << 11 /* RDPMC */, PROC_RDTSC,
		1u << 15 /* CR3 load */, 1u << 16 /* CR3 store */, 1u << 19 /* CR8 load */,
		1u << 20 /* CR8 store */, PROC_MOV_DR, 1u << 24 /* I/O */, 1u << 29 /* MONITOR */,
		1u << 30 /* PAUSE */,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(controls); i++)
		vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, controls[i]);
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_MSR_BITMAPS);
	if (!vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_DESCRIPTOR_TABLE))
		skip_all("CPU lacks descriptor-table exiting");
	vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, 1u << 6 /* WBINVD */);
	vmcs_write(CR0_GUEST_HOST_MASK, ~0u);
	vmcs_write(CR4_GUEST_HOST_MASK, ~0u);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP | 1u << VECTOR_UD);
}

static void enter_ring3(void)
{
	for (unsigned field = GUEST_ES_SELECTOR; field <= GUEST_ES_SELECTOR + 10; field += 2) {
		bool code = field == GUEST_CS;

		vmcs_write(field, (code ? SEL_CODE64 : SEL_DATA) | 3);
		vmcs_write(field - GUEST_ES_SELECTOR + GUEST_ES_ACCESS_RIGHTS,
			   code ? AR_CODE64_3 : AR_DATA_3);
	}
}

static void test(const char *name, const char *code, unsigned want)
{
	bool fault = want & FAULT;

	l1_restart(code, stack + sizeof(stack));
	l1.gpr[RBX] = (uint64_t)stack;
	if (!l1_run_to(&l1, fault ? REASON_EXCEPTION_NMI : want, "%s %s", name, fault ? "faults" : "exits"))
		return;
	if (fault)
		check_equal(l1.exit.interruption_info & 0xff, want & 0xff, "%s: vector", name);
	check_equal(l1.exit.rip, (uint64_t)code, "%s: RIP", name);
}

void guest_main(void)
{
	struct cpuid features;

	vmx_on();
	features = cpuid(1, 0);
	l1_setup(&l1, L1_LONG64, l1_hlt, stack + sizeof(stack), 0);
	enable_exits();
	enter_ring3();
	for (unsigned i = 0; i < ARRAY_SIZE(instructions); i++)
		test(instructions[i].name, instructions[i].code, instructions[i].want);
	if (features.ecx & CPUID1_XSAVE) {
		vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) & ~CR4_OSXSAVE);
		test("xsetbv with CR4.OSXSAVE = 0", l1_xsetbv, UD);
		vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) | CR4_OSXSAVE);
		test("xsetbv", l1_xsetbv, GP);
	}
	if (features.ecx & CPUID1_MONITOR) {
		test("monitor", l1_monitor, UD);
		test("mwait", l1_mwait, UD);
	}
	if (cpuid(7, 0).ebx & CPUID7_INVPCID) {
		test("invpcid that is not enabled", l1_invpcid, UD);
		if (vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_INVPCID))
			test("invpcid", l1_invpcid, GP);
	}
	vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) | CR4_TSD | CR4_DE);
	test("rdtsc with CR4.TSD = 1", l1_rdtsc, GP);
	test("mov %dr4, %rax with CR4.DE = 1", l1_from_dr4, REASON_MOV_DR);
}
