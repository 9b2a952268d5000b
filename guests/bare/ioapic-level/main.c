/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ioapic-level - level-triggered and edge-triggered interrupts of the I/O APIC.
 *
 * Claim:    a level-triggered interrupt sets remote IRR when it is accepted, is not sent again
 *           until its EOI, and then again as long as the line is active; masking holds it back
 *           without losing it, while an edge at a masked pin is lost; writing an entry keeps its
 *           read-only bits; the local APIC's TMR tells the two kinds apart.
 * Manual:   82093AA data sheet, "I/O redirection table registers"; SDM Vol. 3A, "Interrupt
 *           acceptance for fixed interrupts", "Signaling interrupt servicing completion".
 * Expected: all claims hold. The line is that of the real-time clock (IRQ 8): active from its
 *           periodic interrupt until register C is read.
 */
#include "lapic.h"

#define IOAPIC          0xfec00000ul
#define PIN             8
#define OTHER_PIN       9
#define VECTOR          0x58
#define ENTRY_LEVEL     (1u << 15)
#define ENTRY_REMOTE_IRR (1u << 14)
#define ENTRY_MASKED    (1u << 16)
#define ENTRY_LOW(pin)  (0x10 + 2 * (pin))

#define RTC_A           0x0a
#define RTC_B           0x0b
#define RTC_C           0x0c
#define RTC_RATE_1024   0x26            /* divider on, 1024 Hz */
#define RTC_PIE         0x40
#define RTC_PF          0x40

static uint8_t rtc_read(uint8_t reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static void rtc_write(uint8_t reg, uint8_t value)
{
	outb(0x70, reg);
	outb(0x71, value);
}

static uint32_t ioapic_read(uint8_t reg)
{
	*(volatile uint32_t *)IOAPIC = reg;
	return *(volatile uint32_t *)(IOAPIC + 0x10);
}

static void ioapic_write(uint8_t reg, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC = reg;
	*(volatile uint32_t *)(IOAPIC + 0x10) = value;
}

/* The line goes inactive, and active again within two periods of 977 us. */
static void line_restart(void)
{
	rtc_read(RTC_C);
}

static void wait_periods(unsigned n)
{
	pit2_start();
	for (unsigned i = 0; i < n; i++) {
		uint16_t from = pit2_read();

		while ((uint16_t)(from - pit2_read()) < PIT_HZ / 1024)
			;
	}
}

static void test_level(void)
{
	uint32_t entry = ENTRY_LEVEL | VECTOR;

	ioapic_write(ENTRY_LOW(PIN), entry | ENTRY_MASKED);
	line_restart();
	wait_periods(2);
	interrupts_open();
	check_equal(arrived.count, 0, "level, masked: no interrupt");
	ioapic_write(ENTRY_LOW(PIN), entry);
	interrupts_open();
	check(arrived.count == 1 && arrived.vector[0] == VECTOR,
	      "level, unmasked while active: interrupt");
	check(apic_vector_bit(APIC_ISR, VECTOR), "level: in service");
	check(apic_vector_bit(APIC_TMR, VECTOR), "level: TMR is set");
	check(ioapic_read(ENTRY_LOW(PIN)) & ENTRY_REMOTE_IRR, "level: remote IRR is set");

	ioapic_write(ENTRY_LOW(OTHER_PIN), ENTRY_MASKED | 0x59);
	check(!apic_vector_bit(APIC_IRR, VECTOR), "level: not sent again during its service");
	ioapic_write(ENTRY_LOW(PIN), entry);
	check(ioapic_read(ENTRY_LOW(PIN)) & ENTRY_REMOTE_IRR,
	      "level: writing the entry keeps remote IRR");
	check(!apic_vector_bit(APIC_IRR, VECTOR), "level: writing the entry does not send it");

	apic_eoi();
	check(apic_vector_bit(APIC_IRR, VECTOR), "EOI with the line active: sent again");
	interrupts_open();
	check_equal(arrived.count, 2, "EOI with the line active: delivered again");
	line_restart();
	apic_eoi();
	check(!apic_vector_bit(APIC_IRR, VECTOR), "EOI with the line inactive: not sent");
	check(!(ioapic_read(ENTRY_LOW(PIN)) & ENTRY_REMOTE_IRR), "EOI: remote IRR is clear");
	wait_periods(2);
	check(apic_vector_bit(APIC_IRR, VECTOR), "the line active anew: sent");
	interrupts_open();
	check_equal(arrived.count, 3, "the line active anew: delivered");
	line_restart();
	apic_eoi();
}

static void test_edge(void)
{
	ioapic_write(ENTRY_LOW(PIN), ENTRY_MASKED | VECTOR);
	arrived_clear();
	line_restart();
	wait_periods(2);
	ioapic_write(ENTRY_LOW(PIN), VECTOR);
	interrupts_open();
	check_equal(arrived.count, 0, "edge at a masked pin: lost");
	line_restart();
	wait_periods(2);
	interrupts_open();
	check_equal(arrived.count, 1, "edge, unmasked: interrupt");
	check(!apic_vector_bit(APIC_TMR, VECTOR), "edge: TMR is clear");
	check(!(ioapic_read(ENTRY_LOW(PIN)) & ENTRY_REMOTE_IRR), "edge: no remote IRR");
	apic_eoi();
	interrupts_open();
	check_equal(arrived.count, 1, "edge: once, although the line is active");
}

void guest_main(void)
{
	uint8_t b;

	apic_enable();
	arrived_start(false);
	rtc_write(RTC_A, RTC_RATE_1024);
	b = rtc_read(RTC_B);
	rtc_write(RTC_B, b | RTC_PIE);
	rtc_read(RTC_C);
	wait_periods(2);
	if (!(rtc_read(RTC_C) & RTC_PF))
		skip_all("no periodic interrupt of the real-time clock");
	ioapic_write(ENTRY_LOW(PIN) + 1, apic_id() << 24);
	test_level();
	test_edge();
	ioapic_write(ENTRY_LOW(PIN), ENTRY_MASKED | VECTOR);
	rtc_write(RTC_B, b);
	rtc_read(RTC_C);
}
