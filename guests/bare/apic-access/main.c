/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-access - accesses of a guest to its APIC-access page.
 *
 * Claim:    for every register offset, with and without "APIC-register virtualization" and
 *           "virtual-interrupt delivery", reads and writes of 32 bits are virtualized or exit as
 *           the manual's lists say; virtualized ones use the virtual-APIC page, and writes end in
 *           TPR, EOI or self-IPI virtualization, in an APIC-write VM exit after the instruction, or
 *           in nothing; wide and unaligned accesses, fetches, accesses of event delivery and of page
 *           walks cause APIC-access VM exits whose qualification tells them apart.
 * Manual:   SDM Vol. 3C, "Virtualizing memory-mapped APIC accesses"; table "Exit qualification for
 *           APIC-access VM exits from linear accesses and guest-physical accesses".
 * Expected: all claims hold on a CPU with "virtualize APIC accesses"; the lists of the newer
 *           controls are skipped where the CPU lacks them.
 */
#include "apicv.h"

#define VALUE           0x000000e7u     /* written; as ICR: fixed, no shorthand */
#define SELF_IPI_VALUE  (ICR_SELF | 0x61)
#define GUEST_PHYSICAL  (15u << 12)

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);

/* ---- L1: RBX address, RCX value, R15 what was read ------------------------------------------- */

#define ACCESS(name, instruction) \
	void name(void); \
	extern const char name##_end[]; \
	asm(".text\n" #name ": " instruction "\n" #name "_end: ret\n")
ACCESS(read32, "mov (%rbx), %r15d");
ACCESS(read8, "mov (%rbx), %r15b");
ACCESS(read64, "mov (%rbx), %r15");
ACCESS(write32, "mov %ecx, (%rbx)");
ACCESS(write8, "mov %cl, (%rbx)");
ACCESS(write64, "mov %rcx, (%rbx)");
ACCESS(modify32, "addl $0x10, (%rbx)");
ACCESS(jump, "jmp *%rbx");
ACCESS(breakpoint, "mov %rbx, %rsp; int3");

/* ---- What the manual lists ------------------------------------------------------------------- */

static bool is_vector_register(unsigned offset)
{
	return offset >= APIC_ISR && offset < APIC_ESR;
}

static bool is_common(unsigned offset)
{
	switch (offset) {
	case APIC_ID: case APIC_TPR: case APIC_EOI: case APIC_LDR: case APIC_DFR: case APIC_SVR:
	case APIC_ESR: case APIC_ICR: case APIC_ICR_HIGH:
	case APIC_LVT_TIMER: case APIC_LVT_THERMAL: case APIC_LVT_PERFMON: case APIC_LVT_LINT0:
	case APIC_LVT_LINT1: case APIC_LVT_ERROR: case APIC_TIMER_INITIAL: case APIC_TIMER_DIVIDE:
		return true;
	}
	return false;
}

static bool is_virtualized(uint32_t controls2, unsigned offset, bool write)
{
	if (controls2 & PROC2_APIC_REGISTERS)
		return is_common(offset) ||
		       (!write && (offset == APIC_VERSION || is_vector_register(offset)));
	if (controls2 & PROC2_VIRTUAL_INTERRUPTS)
		return offset == APIC_TPR || offset == APIC_EOI || offset == APIC_ICR;
	return offset == APIC_TPR;
}

/* Reason of the exit after a virtualized write. */
static uint32_t write_reason(uint32_t controls2, unsigned offset)
{
	if (offset == APIC_TPR || offset == APIC_ICR_HIGH)
		return REASON_VMCALL;
	if (offset == APIC_EOI && controls2 & PROC2_VIRTUAL_INTERRUPTS)
		return REASON_VMCALL;
	return REASON_APIC_WRITE;
}

/* ---- L0 -------------------------------------------------------------------------------------- */

static void run_access(const void *code, uint64_t address, uint64_t value)
{
	l1_restart(code, stack_top);
	l1.gpr[RAX] = 0;
	l1.gpr[RBX] = address;
	l1.gpr[RCX] = value;
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
}

static uint64_t at(unsigned offset)
{
	return (uint64_t)apic_access_page + offset;
}

static void test_reads(const char *name, uint32_t controls2)
{
	struct tally reason = { .what = "reads of 32 bits: the exit" },
		     data = { .what = "virtualized reads: from the virtual-APIC page" },
		     qualification = { .what = "other reads: qualification" };
	unsigned bad = 0;

	for (unsigned offset = 0; offset < 4096; offset += 16) {
		bool virtual = is_virtualized(controls2, offset, false);

		vapic_write(offset, 0x11110000 + offset);
		run_access(read32, at(offset), 0);
		if (l1.exit.reason != (virtual ? REASON_VMCALL : REASON_APIC_ACCESS) && bad++ < 4)
			note("offset 0x%03x: reason %u", offset, l1.exit.reason);
		tally_equal(&reason, l1.exit.reason, virtual ? REASON_VMCALL : REASON_APIC_ACCESS);
		if (virtual && l1.exit.reason == REASON_VMCALL)
			tally_equal(&data, l1.gpr[R15], 0x11110000 + offset);
		if (!virtual)
			tally_equal(&qualification, l1.exit.qualification, ACCESS_READ | offset);
		vapic_write(offset, 0);
	}
	tally_check(&reason, "%s", name);
	tally_check(&qualification, "%s", name);
	tally_check(&data, "%s", name);
}

static void test_writes(const char *name, uint32_t controls2)
{
	struct tally reason = { .what = "writes of 32 bits: the exit" },
		     page = { .what = "virtualized writes: to the virtual-APIC page" },
		     qualification = { .what = "writes that exit: qualification" },
		     rip = { .what = "APIC-write VM exits: after the instruction" };
	unsigned bad = 0;

	for (unsigned offset = 0; offset < 4096; offset += 16) {
		bool virtual = is_virtualized(controls2, offset, true);
		uint32_t want = virtual ? write_reason(controls2, offset) : REASON_APIC_ACCESS;

		memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
		run_access(write32, at(offset), VALUE);
		if (l1.exit.reason != want && bad++ < 4)
			note("offset 0x%03x: reason %u", offset, l1.exit.reason);
		tally_equal(&reason, l1.exit.reason, want);
		if (virtual && offset != APIC_EOI && offset != APIC_ICR_HIGH)
			tally_equal(&page, vapic_read(offset), VALUE);
		if (want == REASON_APIC_ACCESS)
			tally_equal(&qualification, l1.exit.qualification, ACCESS_WRITE | offset);
		if (want == REASON_APIC_WRITE) {
			tally_equal(&qualification, l1.exit.qualification, offset);
			tally_equal(&rip, l1.exit.rip, (uint64_t)write32_end);
		}
	}
	tally_check(&reason, "%s", name);
	tally_check(&qualification, "%s", name);
	tally_check(&page, "%s", name);
	if (controls2 & (PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS))
		tally_check(&rip, "%s", name);
}

static void claim_exit(uint32_t qualification, uint32_t mask, const char *what)
{
	if (!check_equal(l1.exit.reason, REASON_APIC_ACCESS, "%s: APIC-access VM exit", what))
		vmx_note_exit(&l1);
	check_equal(l1.exit.qualification & mask, qualification, "%s: qualification", what);
}

static void test_widths(void)
{
	vapic_write(APIC_TPR, 0x12345678);
	run_access(read64, at(APIC_TPR), 0);
	claim_exit(ACCESS_READ | APIC_TPR, ~0u, "64-bit read of the TPR");
	run_access(write64, at(APIC_TPR), 0);
	claim_exit(ACCESS_WRITE | APIC_TPR, ~0u, "64-bit write of the TPR");
	run_access(read32, at(APIC_TPR + 2), 0);
	claim_exit(ACCESS_READ | (APIC_TPR + 2), ~0u, "read that crosses the TPR's end");
	run_access(read32, at(APIC_TPR + 4), 0);
	claim_exit(ACCESS_READ | (APIC_TPR + 4), ~0u, "read beyond the TPR's 32 bits");
	run_access(write32, at(APIC_TPR + 8), 0);
	claim_exit(ACCESS_WRITE | (APIC_TPR + 8), ~0u, "write beyond the TPR's 32 bits");
	check_equal(vapic_read(APIC_TPR), 0x12345678, "none of them changed VTPR");
	run_access(read8, at(APIC_TPR), 0);
	check_equal(l1.exit.reason, REASON_VMCALL, "8-bit read of the TPR is virtualized");
	run_access(write8, at(APIC_TPR), 0x56);
	check_equal(l1.exit.reason, REASON_VMCALL, "8-bit write of the TPR is virtualized");
	check_equal(vapic_read(APIC_TPR), 0x56, "and clears the other three bytes");
	run_access(modify32, at(APIC_TPR), 0);
	check_equal(l1.exit.reason, REASON_VMCALL, "read-modify-write of the TPR is virtualized");
	check_equal(vapic_read(APIC_TPR), 0x66, "and computes on VTPR");
}

static void test_unusual(void)
{
	run_access(jump, at(0x7c0), 0);
	claim_exit(ACCESS_FETCH | 0x7c0, ~0u, "instruction fetch");
	check_equal(l1.exit.rip, at(0x7c0), "instruction fetch: RIP");
	run_access(breakpoint, at(0x400), 0);
	claim_exit(ACCESS_EVENT_DELIVERY, 0xf000, "frame of an event on the page");
	check(l1.exit.idt_vectoring_info & INFO_VALID &&
	      (l1.exit.idt_vectoring_info & 0xff) == 3, "it is recorded as being delivered");
}

/* L1's PML4 is on the page: EPT maps it there. */
static void test_page_walk(void)
{
	uint64_t cr3 = read_cr3() & ~0xffful, *entry, old;

	entry = page_entry(vmcs_read(EPT_POINTER), cr3);
	old = *entry;
	*entry = (old & 0xfff) | (uint64_t)apic_access_page;
	run_access(read32, at(APIC_TPR), 0);
	claim_exit(GUEST_PHYSICAL, 0xf000, "page walk through the page");
	*entry = old;
}

/* Virtual-interrupt delivery without APIC-register virtualization: the offsets themselves only. */
static void test_other_bytes(void)
{
	run_access(write8, at(APIC_EOI + 1), 0);
	claim_exit(ACCESS_WRITE | (APIC_EOI + 1), ~0u, "write of byte 1 of EOI");
	run_access(write8, at(APIC_ICR + 2), 0);
	claim_exit(ACCESS_WRITE | (APIC_ICR + 2), ~0u, "write of byte 2 of VICR_LO");
	run_access(read8, at(APIC_ICR + 2), 0);
	claim_exit(ACCESS_READ | (APIC_ICR + 2), ~0u, "read of byte 2 of VICR_LO");
}

static void test_no_shadow(void)
{
	apicv_setup(&l1, read32, stack_top, PROC2_APIC_ACCESSES);
	apicv_primary(0, PROC_TPR_SHADOW);
	run_access(read32, at(APIC_TPR), 0);
	claim_exit(ACCESS_READ | APIC_TPR, ~0u, "no TPR shadow, read of the TPR");
	run_access(write32, at(APIC_TPR), 0);
	claim_exit(ACCESS_WRITE | APIC_TPR, ~0u, "no TPR shadow, write of the TPR");
}

static void test_self_ipi(void)
{
	arrived_start(false);
	memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
	run_access(write32, at(APIC_ICR), SELF_IPI_VALUE);
	check_equal(l1.exit.reason, REASON_VMCALL, "self-IPI through VICR_LO: no exit");
	check_equal(apicv_rvi(), 0x61, "self-IPI: RVI");
	check(vapic_vector_bit(APIC_IRR, 0x61), "self-IPI: VIRR");
	run_access(write32, at(APIC_ICR), ICR_SELF | ICR_ASSERT | 0x52);
	check_equal(l1.exit.reason, REASON_VMCALL, "self-IPI with level = assert: no exit");
	check_equal(apicv_rvi(), 0x61, "lower self-IPI: RVI stays");
	check(vapic_vector_bit(APIC_IRR, 0x52), "lower self-IPI: VIRR");

	const uint32_t others[] = {
		ICR_SELF | 0x0f, ICR_ALL | 0x61, 0x61, ICR_SELF | ICR_NMI | 0x61,
		ICR_SELF | 1u << 15 | 0x61, ICR_SELF | 1u << 13 | 0x61, ICR_SELF | 1u << 12 | 0x61,
		ICR_SELF | 1u << 16 | 0x61, ICR_SELF | 1u << 31 | 0x61,
	};
	struct tally t = { .what = "other values of VICR_LO cause an APIC-write VM exit" };

	for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
		run_access(write32, at(APIC_ICR), others[i]);
		tally_equal(&t, l1.exit.reason, REASON_APIC_WRITE);
		tally_equal(&t, l1.exit.qualification, APIC_ICR);
	}
	tally_check(&t, "self-IPI");
	arrived_stop();
}

static void test_bytes(void)
{
	run_access(write32, at(APIC_ICR_HIGH), 0x12345678);
	check_equal(l1.exit.reason, REASON_VMCALL, "write of VICR_HI: no exit");
	check_equal(vapic_read(APIC_ICR_HIGH), 0x12000000, "write of VICR_HI: bytes 2:0 are cleared");
	run_access(write8, at(APIC_ICR_HIGH + 3), 0x99);
	check_equal(vapic_read(APIC_ICR_HIGH), 0x99000000, "8-bit write of its byte 3");
	run_access(read8, at(APIC_SVR + 1), 0);
	check_equal(l1.exit.reason, REASON_VMCALL, "8-bit read within a register is virtualized");
	run_access(write8, at(APIC_SVR + 1), 1);
	check_equal(l1.exit.reason, REASON_APIC_WRITE, "8-bit write within a register exits after it");
	check_equal(l1.exit.qualification, APIC_SVR + 1, "with its own offset");
}

static const struct { const char *name; uint32_t controls2; } settings[] = {
	{ "TPR shadow only", 0 },
	{ "APIC-register virtualization", PROC2_APIC_REGISTERS },
	{ "virtual-interrupt delivery", PROC2_VIRTUAL_INTERRUPTS },
	{ "both", PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS },
};

void guest_main(void)
{
	vmx_on();
	for (unsigned i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!vmx_allows(MSR_VMX_PROC_CTLS2, settings[i].controls2)) {
			skip("CPU lacks the control", "%s", settings[i].name);
			continue;
		}
		apicv_setup(&l1, read32, stack_top, PROC2_APIC_ACCESSES | settings[i].controls2);
		test_reads(settings[i].name, settings[i].controls2);
		test_writes(settings[i].name, settings[i].controls2);
		if (i == 0) {
			test_widths();
			test_page_walk();
		}
		if (settings[i].controls2 & PROC2_APIC_REGISTERS)
			test_bytes();
		else if (settings[i].controls2 & PROC2_VIRTUAL_INTERRUPTS)
			test_other_bytes();
		if (settings[i].controls2 & PROC2_VIRTUAL_INTERRUPTS)
			test_self_ipi();
	}
	test_no_shadow();
	test_unusual();
}
