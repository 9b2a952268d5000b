/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x2apic-virt - RDMSR and WRMSR of 800H to 8FFH with "virtualize x2APIC mode".
 *
 * Claim:    RDMSR reads 8 bytes of the virtual-APIC page, of the TPR alone or, with "APIC-register
 *           virtualization", of every register, defined or not; WRMSR of the TPR and, with
 *           "virtual-interrupt delivery", of EOI and SELF IPI is virtualized, with #GP for reserved
 *           bits; every other access is that of the local APIC, here in xAPIC mode and so #GP. VM
 *           exits by the MSR bitmaps come first.
 * Manual:   SDM Vol. 3C, "Virtualizing MSR-based APIC accesses".
 * Expected: all claims hold on a CPU with "virtualize x2APIC mode"; the newer controls are skipped
 *           where the CPU lacks them.
 */
#include "apicv.h"

#define REASON_RDMSR    31
#define REASON_WRMSR    32

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);
static volatile unsigned faults;
static uint8_t exit_all[4096] __attribute__((aligned(4096)));

/* L1: ECX is the MSR; R14 and R15 are EAX and EDX, in and out. */
void read_msr(void);
void write_msr(void);
extern const char write_msr_end[];
asm(".text\n"
    "read_msr: rdmsr; mov %eax, %r14d; mov %edx, %r15d; ret\n"
    "write_msr: mov %r14d, %eax; mov %r15d, %edx; wrmsr\n"
    "write_msr_end: ret\n");

static void skip_instruction(struct trap_frame *f)
{
	faults++;
	f->rip += 2;
}

static void run_msr(const void *code, uint32_t msr, uint64_t value)
{
	l1_restart(code, stack_top);
	faults = 0;
	l1.gpr[RCX] = msr;
	l1.gpr[R14] = (uint32_t)value;
	l1.gpr[R15] = value >> 32;
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
}

static void test_reads(const char *name, uint32_t controls2)
{
	struct tally virtual = { .what = "RDMSR reads 8 bytes of the virtual-APIC page" },
		     other = { .what = "other RDMSR: #GP of an APIC in xAPIC mode" };

	for (uint32_t msr = 0x800; msr <= 0x8ff; msr++) {
		uint64_t want = 0x1234567800000000ul | msr;

		memcpy(virtual_apic_page + (msr & 0xff) * 16, &want, sizeof(want));
	}
	for (uint32_t msr = 0x800; msr <= 0x8ff; msr++) {
		/* VM entry computes VPPR: its offset does not keep the pattern */
		if (msr == MSR_X2APIC(APIC_PPR) && controls2 & PROC2_VIRTUAL_INTERRUPTS)
			continue;
		run_msr(read_msr, msr, 0);
		if (msr == MSR_X2APIC(APIC_TPR) || controls2 & PROC2_APIC_REGISTERS) {
			tally_equal(&virtual, faults, 0);
			tally_equal(&virtual, l1.gpr[R15] << 32 | l1.gpr[R14],
				    0x1234567800000000ul | msr);
		} else {
			tally_equal(&other, faults, 1);
		}
		tally_equal(&virtual, l1.exit.reason, REASON_VMCALL);
	}
	tally_check(&virtual, "%s", name);
	if (!(controls2 & PROC2_APIC_REGISTERS))
		tally_check(&other, "%s", name);
}

static void test_writes(const char *name, uint32_t controls2)
{
	bool vid = controls2 & PROC2_VIRTUAL_INTERRUPTS;
	struct tally other = { .what = "other WRMSR: #GP of an APIC in xAPIC mode" };

	memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
	for (uint32_t msr = 0x800; msr <= 0x8ff; msr++) {
		if (msr == MSR_X2APIC(APIC_TPR) ||
		    (vid && (msr == MSR_X2APIC(APIC_EOI) || msr == MSR_X2APIC(APIC_SELF_IPI))))
			continue;
		run_msr(write_msr, msr, 0);
		tally_equal(&other, faults, 1);
		tally_equal(&other, l1.exit.reason, REASON_VMCALL);
	}
	tally_check(&other, "%s", name);
	run_msr(write_msr, MSR_X2APIC(APIC_TPR), 0x57);
	check(!faults && vapic_read(APIC_TPR) == 0x57, "%s: WRMSR of the TPR writes VTPR", name);
	run_msr(write_msr, MSR_X2APIC(APIC_TPR), 0x100);
	check_equal(faults, 1, "%s: bit 8 of it is #GP", name);
	run_msr(write_msr, MSR_X2APIC(APIC_TPR), 1ul << 32);
	check_equal(faults, 1, "%s: bit 32 of it is #GP", name);
	check_equal(vapic_read(APIC_TPR), 0x57, "%s: VTPR stays then", name);
}

static void test_interrupts(void)
{
	memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
	apicv_status(0, 0);
	run_msr(write_msr, MSR_X2APIC(APIC_SELF_IPI), 0x61);
	check(l1.exit.reason == REASON_VMCALL && !faults, "self-IPI: no exit");
	check(apicv_rvi() == 0x61 && vapic_vector_bit(APIC_IRR, 0x61), "self-IPI: RVI and VIRR");
	run_msr(write_msr, MSR_X2APIC(APIC_SELF_IPI), 0x1061);
	check_equal(faults, 1, "self-IPI with a reserved bit: #GP");
	run_msr(write_msr, MSR_X2APIC(APIC_SELF_IPI), 0x0f);
	check_equal(l1.exit.reason, REASON_APIC_WRITE, "self-IPI with vector 15: APIC-write exit");
	check_equal(l1.exit.qualification, APIC_SELF_IPI, "self-IPI with vector 15: qualification");
	check_equal(l1.exit.rip, (uint64_t)write_msr_end, "self-IPI with vector 15: after WRMSR");
	check_equal(vapic_read(APIC_SELF_IPI), 0x0f, "self-IPI with vector 15: it was stored");

	apicv_status(0x41, 0x52);
	vapic_write(APIC_ISR + 0x20, 1u << 0x12);
	run_msr(write_msr, MSR_X2APIC(APIC_EOI), 1);
	check_equal(faults, 1, "EOI of 1: #GP");
	check_equal(apicv_svi(), 0x52, "EOI of 1: SVI stays");
	run_msr(write_msr, MSR_X2APIC(APIC_EOI), 0);
	check(!faults && l1.exit.reason == REASON_VMCALL, "EOI: no exit");
	check(apicv_svi() == 0 && !vapic_vector_bit(APIC_ISR, 0x52), "EOI: SVI and VISR");
}

static void test_bitmap(void)
{
	memset(exit_all, 0xff, sizeof(exit_all));
	vmcs_write(MSR_BITMAP_ADDRESS, (uint64_t)exit_all);
	run_msr(read_msr, MSR_X2APIC(APIC_TPR), 0);
	check_equal(l1.exit.reason, REASON_RDMSR, "MSR bitmap: RDMSR of the TPR exits");
	run_msr(write_msr, MSR_X2APIC(APIC_TPR), 0x100);
	check_equal(l1.exit.reason, REASON_WRMSR, "MSR bitmap: WRMSR of the TPR exits before #GP");
}

static const struct { const char *name; uint32_t controls2; } settings[] = {
	{ "virtualize x2APIC mode", 0 },
	{ "and APIC-register virtualization", PROC2_APIC_REGISTERS },
	{ "and virtual-interrupt delivery", PROC2_VIRTUAL_INTERRUPTS },
	{ "and both", PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS },
};

void guest_main(void)
{
	vmx_on();
	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD)
		skip_all("the firmware left the local APIC in x2APIC mode");
	trap_set(VECTOR_GP, skip_instruction);
	for (unsigned i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!vmx_allows(MSR_VMX_PROC_CTLS2, settings[i].controls2)) {
			skip("CPU lacks the control", "%s", settings[i].name);
			continue;
		}
		apicv_setup(&l1, read_msr, stack_top, PROC2_X2APIC_MODE | settings[i].controls2);
		test_reads(settings[i].name, settings[i].controls2);
		test_writes(settings[i].name, settings[i].controls2);
		if (settings[i].controls2 & PROC2_VIRTUAL_INTERRUPTS)
			test_interrupts();
	}
	test_bitmap();
}
