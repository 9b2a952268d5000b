/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x2apic - the local APIC's registers as MSRs.
 *
 * Claim:    every MSR of 800H to 8FFH that is no register, read-only registers on WRMSR, write-only
 *           ones on RDMSR and reserved bits are #GP; the ICR is one register of 64 bits that reads
 *           back; SELF IPI sends to the processor itself; physical destination FFFFFFFFH is a
 *           broadcast, FFH is none; logical destinations match the derived LDR.
 * Manual:   SDM Vol. 3A, "x2APIC register address space", "Reserved bit checking", "ICR operation in
 *           x2APIC mode", "SELF IPI register".
 * Expected: all claims hold on a CPU with x2APIC. Bits 12 of SVR and the CMCI register depend on the
 *           model and are not judged.
 */
#include "lapic.h"

#define CMCI            0x2f0
#define CURRENT         APIC_TIMER_CURRENT

static bool is_in(unsigned reg, const unsigned *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == reg)
			return true;
	return false;
}

static bool readable(unsigned reg)
{
	static const unsigned list[] = {
		APIC_ID, APIC_VERSION, APIC_TPR, APIC_PPR, APIC_LDR, APIC_SVR, APIC_ESR, APIC_ICR,
		APIC_LVT_TIMER, APIC_LVT_THERMAL, APIC_LVT_PERFMON, APIC_LVT_LINT0, APIC_LVT_LINT1,
		APIC_LVT_ERROR, APIC_TIMER_INITIAL, CURRENT, APIC_TIMER_DIVIDE,
	};

	return (reg >= APIC_ISR && reg < APIC_ESR) || is_in(reg, list, ARRAY_SIZE(list));
}

static bool writable(unsigned reg)
{
	static const unsigned list[] = {
		APIC_TPR, APIC_EOI, APIC_SVR, APIC_ESR, APIC_ICR, APIC_LVT_TIMER, APIC_LVT_THERMAL,
		APIC_LVT_PERFMON, APIC_LVT_LINT0, APIC_LVT_LINT1, APIC_LVT_ERROR, APIC_TIMER_INITIAL,
		APIC_TIMER_DIVIDE, APIC_SELF_IPI,
	};

	return is_in(reg, list, ARRAY_SIZE(list));
}

static void test_existence(void)
{
	struct tally read = { .what = "RDMSR takes the readable registers, all else is #GP" },
		     write = { .what = "WRMSR of registers that cannot be written is #GP" };
	uint64_t value;

	for (unsigned reg = 0; reg < 0x1000; reg += 16) {
		if (reg == CMCI)
			continue;
		tally_equal(&read, x2apic_read_try(reg, &value), readable(reg));
		if (!writable(reg))
			tally_equal(&write, wrmsr_try(MSR_X2APIC(reg), 0), false);
	}
	tally_check(&read, "800H to 8FFH");
	tally_check(&write, "800H to 8FFH");
}

static void test_reserved(void)
{
	static const struct { unsigned reg; uint64_t value; } cases[] = {
		{ APIC_TPR, 0x100 }, { APIC_TPR, 1ul << 32 }, { APIC_EOI, 1 }, { APIC_ESR, 1 },
		{ APIC_SVR, 1u << 13 | 0x1ff }, { APIC_SVR, 1ul << 32 | 0x1ff },
		{ APIC_SELF_IPI, 0x140 }, { APIC_SELF_IPI, 1ul << 32 | 0x40 },
		{ APIC_ICR, ICR_SELF | 1u << 13 | 0x40 }, { APIC_ICR, ICR_SELF | 1u << 16 | 0x40 },
		{ APIC_ICR, ICR_SELF | 1u << 20 | 0x40 }, { APIC_ICR, ICR_SELF | 1u << 31 | 0x40 },
		{ APIC_TIMER_DIVIDE, 4 }, { APIC_TIMER_DIVIDE, 0x10 },
		{ APIC_TIMER_INITIAL, 1ul << 32 },
		{ APIC_LVT_TIMER, LVT_MASK_BIT | 1u << 19 }, { APIC_LVT_TIMER, LVT_MASK_BIT | 1u << 8 },
		{ APIC_LVT_ERROR, LVT_MASK_BIT | 1u << 8 }, { APIC_LVT_ERROR, LVT_MASK_BIT | 1u << 17 },
		{ APIC_LVT_LINT0, LVT_MASK_BIT | 1u << 11 }, { APIC_LVT_THERMAL, LVT_MASK_BIT | 1u << 13 },
		{ APIC_LVT_PERFMON, 1ul << 32 | LVT_MASK_BIT },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		check(!wrmsr_try(MSR_X2APIC(cases[i].reg), cases[i].value),
		      "WRMSR %XH, 0x%lx: #GP", MSR_X2APIC(cases[i].reg), cases[i].value);
	interrupts_open();
	check_equal(arrived.count, 0, "none of them sent an interrupt");
}

static bool came(uint8_t vector)
{
	bool one;

	interrupts_open();
	one = arrived.count == 1 && arrived.vector[0] == vector;
	arrived_clear();
	return one;
}

static void test_ipi(void)
{
	uint64_t self = (uint64_t)apic_id() << 32, ldr = rdmsr(MSR_X2APIC(APIC_LDR));
	uint64_t icr = self | ICR_FIXED | ICR_ASSERT | 0x61;

	wrmsr(MSR_X2APIC(APIC_SELF_IPI), 0x60);
	check(came(0x60), "SELF IPI arrives");
	wrmsr(MSR_X2APIC(APIC_ICR), icr);
	check(came(0x61), "ICR: its own ID");
	check_equal(rdmsr(MSR_X2APIC(APIC_ICR)), icr, "ICR reads back, 64 bits");
	wrmsr(MSR_X2APIC(APIC_ICR), ldr << 32 | ICR_LOGICAL | ICR_ASSERT | 0x62);
	check(came(0x62), "ICR: its own logical ID");
	wrmsr(MSR_X2APIC(APIC_ICR), (ldr ^ 3) << 32 | ICR_LOGICAL | ICR_ASSERT | 0x63);
	check(!came(0x63), "ICR: another bit of the cluster");
	wrmsr(MSR_X2APIC(APIC_ICR), (ldr ^ 0x10000) << 32 | ICR_LOGICAL | ICR_ASSERT | 0x64);
	check(!came(0x64), "ICR: another cluster");
	wrmsr(MSR_X2APIC(APIC_ICR), 0xfffffffful << 32 | ICR_ASSERT | 0x65);
	check(came(0x65), "ICR: physical FFFFFFFFH is a broadcast");
	wrmsr(MSR_X2APIC(APIC_ICR), 0xfful << 32 | ICR_ASSERT | 0x66);
	check(!came(0x66), "ICR: physical FFH is none");
	wrmsr(MSR_X2APIC(APIC_ICR), 0xfffffffful << 32 | ICR_LOGICAL | ICR_ASSERT | 0x67);
	check(came(0x67), "ICR: logical FFFFFFFFH is a broadcast");
	wrmsr(MSR_X2APIC(APIC_SELF_IPI), 5);
	check(apic_errors() & ESR_SEND_ILLEGAL_VECTOR, "SELF IPI with vector 5: send illegal vector");
	check(!came(5), "and no interrupt");
}

void guest_main(void)
{
	if (!x2apic_available())
		skip_all("CPU lacks x2APIC");
	apic_enable();
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD))
		x2apic_enable();
	if (apic_id() == 0xff)
		skip_all("this processor has the ID FFH");
	arrived_start(true);
	test_existence();
	test_reserved();
	test_ipi();
}
