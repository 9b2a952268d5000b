/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-dest - whom an interprocessor interrupt reaches, in xAPIC mode and with one processor.
 *
 * Claim:    the physical ID, the broadcast ID, the logical ID in the flat and the cluster model and
 *           the shorthands reach the processor or not, as the destination says; lowest priority is
 *           delivered like fixed; ICR reads back with the delivery status idle; an NMI is delivered
 *           with IF = 0, and while its handler runs one more is kept; an INIT level de-assert does
 *           nothing.
 * Manual:   SDM Vol. 3A, "Interrupt command register", "Determining IPI destination"; Vol. 3A,
 *           "Handling multiple NMIs".
 * Expected: all claims hold. Other processors must be waiting for a start-up IPI, as after reset.
 */
#include "lapic.h"

#define ICR_ALL_BUT_SELF        (3u << 18)
#define ICR_INIT                (5u << 8)
#define ICR_LEVEL               (1u << 15)
#define DFR_FLAT                0xffffffffu
#define DFR_CLUSTER             0x0fffffffu
#define BROADCAST               0xff

static bool came(uint32_t low, uint32_t destination, uint8_t vector)
{
	arrived_clear();
	apic_ipi(low | ICR_ASSERT | vector, destination);
	interrupts_open();
	return arrived.count == 1 && arrived.vector[0] == vector;
}

static void test_physical(void)
{
	uint32_t id = apic_id();

	check(came(ICR_FIXED, id, 0x41), "physical: its own ID");
	check(!came(ICR_FIXED, id ^ 0x40, 0x42), "physical: another ID");
	check(came(ICR_FIXED, BROADCAST, 0x43), "physical: the broadcast ID");
	check(came(ICR_SELF, 0, 0x44), "shorthand: self");
	check(came(ICR_ALL, 0, 0x45), "shorthand: all including self");
	check(!came(ICR_ALL_BUT_SELF, 0, 0x46), "shorthand: all excluding self");
	apic_write(APIC_ICR_HIGH, 0xff123456);
	apic_write(APIC_ICR, ICR_SELF | ICR_ASSERT | 0x47);
	interrupts_open();
	check_equal(apic_read(APIC_ICR), ICR_SELF | ICR_ASSERT | 0x47, "ICR reads back, idle");
	check_equal(apic_read(APIC_ICR_HIGH) >> 24, 0xff, "so does the destination");
}

static void test_logical(const char *model, uint32_t dfr, uint32_t ldr, const uint8_t *match,
			 const uint8_t *other)
{
	apic_write(APIC_DFR, dfr);
	apic_write(APIC_LDR, ldr << 24);
	check_equal(apic_read(APIC_DFR) >> 28, dfr >> 28, "%s: DFR", model);
	check_equal(apic_read(APIC_LDR) >> 24, ldr, "%s: LDR", model);
	for (; *match; match++)
		check(came(ICR_LOGICAL, *match, 0x51), "%s: 0x%02x reaches LDR 0x%02x", model, *match,
		      ldr);
	for (; *other; other++)
		check(!came(ICR_LOGICAL, *other, 0x52), "%s: 0x%02x does not", model, *other);
	check(!came(ICR_LOGICAL, 0, 0x53), "%s: 0 does not", model);
}

static void test_lowest_priority(void)
{
	apic_write(APIC_DFR, DFR_FLAT);
	apic_write(APIC_LDR, 1u << 24);
	apic_write(APIC_ESR, 0);
	if (!came(ICR_LOGICAL | ICR_LOWEST_PRIORITY, 1, 0x61) && apic_errors() & 1u << 4) {
		skip("CPU does not send it", "lowest priority");
		return;
	}
	check_equal(arrived.count, 1, "lowest priority: delivered");
}

static volatile unsigned nmis, nested;

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	if (nmis++ == 0) {
		for (unsigned i = 0; i < 3; i++)
			apic_ipi(ICR_NMI | ICR_ASSERT, apic_id());
		asm volatile("nop; nop; nop; nop");
		nested = nmis - 1;
	}
}

static void test_nmi(void)
{
	trap_set(VECTOR_NMI, on_nmi);
	apic_ipi(ICR_NMI | ICR_ASSERT, apic_id());
	asm volatile("nop; nop; nop; nop; nop; nop; nop; nop");
	check(nmis != 0, "NMI: delivered with IF = 0");
	check_equal(nested, 0, "NMI: not while its handler runs");
	check_equal(nmis, 2, "NMI: of three during the handler one is kept");
	trap_set(VECTOR_NMI, NULL);
}

static void test_init_deassert(void)
{
	apic_ipi(ICR_INIT | ICR_LEVEL | ICR_ALL, 0);
	check(true, "INIT level de-assert: the processor goes on");
}

void guest_main(void)
{
	apic_enable();
	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD)
		skip_all("the firmware left the local APIC in x2APIC mode");
	arrived_start(true);
	test_physical();
	test_logical("flat", DFR_FLAT, 0x0c, (const uint8_t *)"\x04\x08\x0c\xff",
		     (const uint8_t *)"\x01\x10\xf3");
	test_logical("cluster", DFR_CLUSTER, 0x24, (const uint8_t *)"\x24\x2f\xff",
		     (const uint8_t *)"\x22\x14\x34\xf4");
	test_lowest_priority();
	test_nmi();
	test_init_deassert();
}
