/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-base - IA32_APIC_BASE: transitions between disabled, xAPIC and x2APIC, relocation.
 *
 * Claim:    every legal transition is taken and read back, every other and every reserved bit is
 *           #GP; CPUID.1:EDX[9] follows the global enable; an APIC that was disabled can be used
 *           again; the register page moves to the address written.
 * Manual:   SDM Vol. 3A, "Enabling or disabling the local APIC", "Local APIC status and location",
 *           "x2APIC state transitions".
 * Expected: all claims hold. What a disabled APIC keeps of its state is not architectural and not
 *           judged.
 */
#include "lapic.h"

#define CPUID_1_EDX_APIC        (1u << 9)
#define TIMER_VECTOR            0x40
#define OTHER_ADDRESS           0xfee40000ul

static uint64_t enabled;        /* the MSR as found: xAPIC mode */

static bool cpuid_apic(void)
{
	return cpuid(1, 0).edx & CPUID_1_EDX_APIC;
}

static uint32_t page_read(uint64_t address, unsigned reg)
{
	return *(volatile uint32_t *)(address + reg);
}

static bool timer_works(void)
{
	if (!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EN))
		return false;
	apic_enable();
	arrived_start(true);
	apic_timer_start(TIMER_VECTOR, 1000);
	for (unsigned i = 0; i < 100000 && !arrived.count; i++)
		interrupts_open();
	arrived_stop();
	return arrived.count == 1 && arrived.vector[0] == TIMER_VECTOR;
}

static void legal(uint64_t value, const char *what)
{
	bool taken = wrmsr_try(MSR_APIC_BASE, value);

	check(taken, "%s: allowed", what);
	check_equal(rdmsr(MSR_APIC_BASE), value, "%s: and read back", what);
}

static void illegal(uint64_t value, const char *what)
{
	uint64_t before = rdmsr(MSR_APIC_BASE);

	check(!wrmsr_try(MSR_APIC_BASE, value), "%s: #GP", what);
	check_equal(rdmsr(MSR_APIC_BASE), before, "%s: nothing changed", what);
}

static void test_reserved(const char *state)
{
	uint64_t now = rdmsr(MSR_APIC_BASE);
	unsigned width = cpuid(0x80000008, 0).eax & 0xff;
	struct tally t = { .what = "bits 7:0 and 9 are reserved" };

	for (unsigned bit = 0; bit < 10; bit++) {
		if (bit == 8)
			continue;
		tally_equal(&t, wrmsr_try(MSR_APIC_BASE, now | 1ul << bit), false);
	}
	tally_check(&t, "%s", state);
	check(!wrmsr_try(MSR_APIC_BASE, now | 1ul << width), "%s: so is bit MAXPHYADDR", state);
	check_equal(rdmsr(MSR_APIC_BASE), now, "%s: nothing of it was stored", state);
}

static void test_disable(void)
{
	uint64_t off = enabled & ~APIC_BASE_EN;
	uint32_t version = page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION);

	illegal(off | APIC_BASE_EXTD, "xAPIC to invalid");
	legal(off, "xAPIC to disabled");
	check(!cpuid_apic(), "disabled: CPUID.1:EDX[9] is 0");
	check(page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION) != version,
	      "disabled: no registers at the address");
	test_reserved("disabled");
	illegal(off | APIC_BASE_EXTD, "disabled to invalid");
	if (x2apic_available())
		illegal(enabled | APIC_BASE_EXTD, "disabled to x2APIC");
	legal(enabled, "disabled to xAPIC");
	check(cpuid_apic(), "enabled again: CPUID.1:EDX[9] is 1");
	check_equal(page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION), version,
		    "enabled again: registers at the address");
	check(timer_works(), "enabled again: a timer interrupt is delivered");
}

static void test_pending_is_lost(void)
{
	apic_enable();
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | 0x50, 0);
	check(apic_vector_bit(APIC_IRR, 0x50), "an interrupt is pending");
	wrmsr(MSR_APIC_BASE, enabled & ~APIC_BASE_EN);
	arrived_start(false);
	interrupts_open();
	arrived_stop();
	check_equal(arrived.count, 0, "a disabled APIC delivers none");
	wrmsr(MSR_APIC_BASE, enabled);
	if (apic_vector_bit(APIC_IRR, 0x50)) {
		apic_enable();
		arrived_start(true);
		interrupts_open();
		arrived_stop();
	}
	apic_enable();
}

static void test_x2apic(void)
{
	uint32_t id = apic_id(), version = apic_read(APIC_VERSION);
	uint64_t value;

	if (!x2apic_available()) {
		skip("CPU lacks x2APIC", "x2APIC mode");
		illegal(enabled | APIC_BASE_EXTD, "xAPIC to x2APIC");
		return;
	}
	check(!x2apic_read_try(APIC_ID, &value), "xAPIC: RDMSR of the ID register is #GP");
	legal(enabled | APIC_BASE_EXTD, "xAPIC to x2APIC");
	check_equal(rdmsr(MSR_X2APIC(APIC_ID)), id, "x2APIC: the same ID");
	check_equal(rdmsr(MSR_X2APIC(APIC_LDR)), (uint64_t)(id & ~0xfu) << 12 | 1u << (id & 0xf),
		    "x2APIC: the logical ID is derived from it");
	check(page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION) != version,
	      "x2APIC: no registers at the address");
	check(timer_works(), "x2APIC: a timer interrupt is delivered");
	test_reserved("x2APIC");
	illegal(enabled, "x2APIC to xAPIC");
	illegal((enabled & ~APIC_BASE_EN) | APIC_BASE_EXTD, "x2APIC to invalid");
	legal(enabled & ~APIC_BASE_EN, "x2APIC to disabled");
	check(!cpuid_apic(), "disabled from x2APIC: CPUID.1:EDX[9] is 0");
	legal(enabled, "disabled to xAPIC, a second time");
	check_equal(page_read(APIC_DEFAULT_ADDRESS, APIC_ID) >> 24, id, "and the same ID");
	check(timer_works(), "xAPIC again: a timer interrupt is delivered");
}

static void test_relocation(void)
{
	uint32_t version = page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION);
	uint64_t moved = (enabled & 0xfff) | OTHER_ADDRESS;

	legal(moved, "another address");
	check_equal(page_read(OTHER_ADDRESS, APIC_VERSION), version, "the registers are there");
	check(page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION) != version, "and not at the old one");
	check(timer_works(), "another address: a timer interrupt is delivered");
	legal(enabled, "back to the old address");
	check_equal(page_read(APIC_DEFAULT_ADDRESS, APIC_VERSION), version,
		    "the registers are there");
}

void guest_main(void)
{
	enabled = rdmsr(MSR_APIC_BASE);
	if (!(enabled & APIC_BASE_EN))
		bail("the local APIC is disabled in IA32_APIC_BASE");
	if (enabled & APIC_BASE_EXTD || (enabled & ~0xffful) != APIC_DEFAULT_ADDRESS)
		skip_all("the firmware left the local APIC in x2APIC mode or moved it");
	check(enabled & APIC_BASE_BSP, "this is the bootstrap processor");
	check(cpuid_apic(), "CPUID.1:EDX[9] is 1");
	test_reserved("xAPIC");
	test_disable();
	if (!cpuid_apic())
		return;         /* cannot be enabled again */
	test_pending_is_lost();
	test_x2apic();
	test_relocation();
}
