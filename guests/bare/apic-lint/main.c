/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-lint - interrupts of the 8259A through LINT0 of the local APIC.
 *
 * Claim:    LVT LINT0 with ExtINT delivers the vector of the 8259A and puts nothing in service in
 *           the local APIC; fixed delivers its own vector, NMI an NMI; masked, or with the APIC
 *           disabled by software, nothing arrives, and what waits does once it is unmasked; an APIC
 *           disabled in IA32_APIC_BASE lets the 8259A through.
 * Manual:   SDM Vol. 3A, "Local vector table", "Enabling or disabling the local APIC".
 * Expected: all claims hold where the 8259A is connected to LINT0 of this processor; elsewhere the
 *           guest is skipped.
 */
#include "lapic.h"

#define PIC_VECTOR      0x30            /* IRQ 0 */
#define FIXED_VECTOR    0x77
#define LVT_EXTINT      (7u << 8)
#define LVT_NMI         (4u << 8)
#define PIT_PERIOD      1193            /* 1 ms */

static volatile unsigned nmis;

static void pic_init(uint8_t mask)
{
	outb(0x20, 0x11);               /* ICW1: edge, cascade, ICW4 */
	outb(0x21, PIC_VECTOR);
	outb(0x21, 0x04);
	outb(0x21, 0x03);               /* ICW4: 8086, automatic EOI */
	outb(0x21, mask);
}

static void wait_periods(unsigned n)
{
	pit2_start();
	for (unsigned i = 0; i < n; i++) {
		uint16_t from = pit2_read();

		while ((uint16_t)(from - pit2_read()) < PIT_PERIOD)
			;
	}
}

static unsigned seen(uint8_t vector)
{
	unsigned n = 0;

	for (unsigned i = 0; i < arrived.count && i < ARRIVED_MAX; i++)
		n += arrived.vector[i] == vector;
	return n;
}

/* The interrupt of the PIT waits at the 8259A; LINT0 is set up, interrupts are enabled. */
static unsigned arrives(uint32_t lint0, uint8_t vector)
{
	apic_write(APIC_LVT_LINT0, LVT_MASK_BIT);
	pic_init(0xfe);
	arrived_clear();
	apic_write(APIC_LVT_LINT0, lint0);
	wait_periods(2);
	interrupts_open();
	pic_init(0xff);
	return seen(vector);
}

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	nmis++;
}

static void test_delivery(void)
{
	check_equal(seen(FIXED_VECTOR), 0, "ExtINT: only the vector of the 8259A");
	check(!apic_vector_bit(APIC_ISR, PIC_VECTOR), "ExtINT: nothing in service in the local APIC");
	check(!arrives(LVT_MASK_BIT | LVT_EXTINT, PIC_VECTOR), "masked: nothing arrives");

	apic_write(APIC_LVT_LINT0, LVT_MASK_BIT);
	pic_init(0xfe);
	arrived_clear();
	wait_periods(2);
	interrupts_open();
	check_equal(arrived.count, 0, "masked with the interrupt waiting: nothing arrives");
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	interrupts_open();
	check(seen(PIC_VECTOR), "unmasked: it arrives");
	pic_init(0xff);

	check(arrives(FIXED_VECTOR, FIXED_VECTOR), "fixed: the vector of the LVT arrives");
	check(!seen(PIC_VECTOR), "fixed: that of the 8259A does not");
	check(apic_vector_bit(APIC_ISR, FIXED_VECTOR), "fixed: it is in service");
	apic_eoi();

	trap_set(VECTOR_NMI, on_nmi);
	arrives(LVT_NMI, PIC_VECTOR);
	check(nmis, "NMI: an NMI arrives");
	check_equal(arrived.count, 0, "NMI: no interrupt");
	trap_set(VECTOR_NMI, NULL);
}

static void test_disabled(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	apic_write(APIC_SVR, 0xff);
	check(!arrives(LVT_EXTINT, PIC_VECTOR), "disabled by software: nothing arrives");
	if (base & APIC_BASE_EXTD)
		return;
	wrmsr(MSR_APIC_BASE, base & ~APIC_BASE_EN);
	pic_init(0xfe);
	arrived_clear();
	wait_periods(2);
	interrupts_open();
	check(seen(PIC_VECTOR), "disabled in IA32_APIC_BASE: the 8259A interrupts directly");
	pic_init(0xff);
	wrmsr(MSR_APIC_BASE, base);
}

void guest_main(void)
{
	apic_enable();
	arrived_start(false);
	outb(0x43, 0x34);               /* channel 0, mode 2 */
	outb(0x40, PIT_PERIOD & 0xff);
	outb(0x40, PIT_PERIOD >> 8);
	if (!arrives(LVT_EXTINT, PIC_VECTOR))
		skip_all("the 8259A is not connected to LINT0 of this processor");
	check(true, "ExtINT: the vector of the 8259A arrives");
	test_delivery();
	test_disabled();
}
