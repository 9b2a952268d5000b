/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* timer.c - drivers of the clocks of a PC, just enough to read and to compare them. */
#include "timer.h"

/* ---- Local APIC: SDM Vol. 3A, chapter "Advanced programmable interrupt controller" ----------- */

#define APIC_BASE_ENABLE        (1ul << 11)
#define APIC_BASE_X2APIC        (1ul << 10)
#define APIC_BASE_ADDRESS       0xffffff000ul
#define SVR_ENABLE              (1u << 8)
#define LVT_MASKED              (1u << 16)
#define DIVIDE_BY_1             0x0b
#define X2APIC_MSR(reg)         (0x800 + (reg) / 16)

static volatile uint32_t *apic_base;    /* NULL: x2APIC */

uint32_t apic_read(unsigned reg)
{
	return apic_base ? apic_base[reg / 4] : (uint32_t)rdmsr(X2APIC_MSR(reg));
}

void apic_write(unsigned reg, uint32_t value)
{
	if (apic_base)
		apic_base[reg / 4] = value;
	else
		wrmsr(X2APIC_MSR(reg), value);
}

void apic_enable(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_ENABLE))
		bail("the local APIC is disabled in IA32_APIC_BASE");
	apic_base =
		base & APIC_BASE_X2APIC ? NULL : (volatile uint32_t *)(base & APIC_BASE_ADDRESS);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, SVR_ENABLE | 0xff);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
}

void apic_timer_start(uint8_t vector, uint32_t count)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, vector ? vector : LVT_MASKED | 0xff);
	apic_write(APIC_TIMER_INITIAL, count);
}

uint32_t apic_timer_current(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}

void apic_ipi_self(uint32_t mode_and_vector)
{
	if (!apic_base) {
		wrmsr(X2APIC_MSR(APIC_ICR), (uint64_t)apic_read(APIC_ID) << 32 | mode_and_vector);
		return;
	}
	apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));  /* both hold the number in bits 31:24 */
	apic_write(APIC_ICR, mode_and_vector);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* ---- PIT: Intel 8254 data sheet -------------------------------------------------------------- */

#define PIT_CHANNEL2    0x42
#define PIT_COMMAND     0x43
#define PORT_B          0x61            /* bit 0: gate of channel 2, bit 1: speaker */
#define PIT_CH2_MODE2   0xb4            /* channel 2, low then high byte, mode 2, binary */
#define PIT_CH2_LATCH   0x80

void pit2_start(void)
{
	outb(PORT_B, (inb(PORT_B) & 0x0c) | 0x01);
	outb(PIT_COMMAND, PIT_CH2_MODE2);
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
}

uint16_t pit2_read(void)
{
	uint16_t low;

	outb(PIT_COMMAND, PIT_CH2_LATCH);
	low = inb(PIT_CHANNEL2);
	return (uint16_t)(low | inb(PIT_CHANNEL2) << 8);
}

/* ---- HPET: IA-PC HPET specification 1.0a ----------------------------------------------------- */

#define HPET_BASE               0xfed00000ul
#define HPET_CAPABILITIES       0x000
#define HPET_CONFIGURATION      0x010
#define HPET_MAIN_COUNTER       0x0f0
#define HPET_PERIOD_MAX_FS      100000000u      /* specification: at most 100 ns */
#define HPET_64_BIT             (1u << 13)

static volatile uint32_t *hpet_register(unsigned offset)
{
	return (volatile uint32_t *)(HPET_BASE + offset);
}

uint32_t hpet_period_fs(void)
{
	return *hpet_register(HPET_CAPABILITIES + 4);
}

bool hpet_start(void)
{
	uint32_t period = hpet_period_fs();

	if (!period || period > HPET_PERIOD_MAX_FS ||
	    !(*hpet_register(HPET_CAPABILITIES) & HPET_64_BIT))
		return false;
	*hpet_register(HPET_CONFIGURATION) |= 1;        /* ENABLE_CNF */
	return true;
}

uint64_t hpet_read(void)
{
	return *(volatile uint64_t *)(HPET_BASE + HPET_MAIN_COUNTER);
}

/* ---- PM timer: 82371AB (PIIX4) data sheet, function 3 ---------------------------------------- */

#define PCI_ADDRESS     0xcf8
#define PCI_DATA        0xcfc
#define PIIX4_ACPI_ID   0x71138086u
#define PIIX4_PMBA      0x40            /* base of the power management registers */
#define PIIX4_PMREGMISC 0x80            /* bit 0: those registers are decoded */
#define PM_TMR          0x08

static uint16_t pm_timer_port;

static uint32_t pci_read(unsigned device, unsigned function, unsigned reg)
{
	outl(PCI_ADDRESS, 1u << 31 | device << 11 | function << 8 | reg);
	return inl(PCI_DATA);
}

bool pm_timer_find(void)
{
	for (unsigned device = 0; device < 32; device++) {
		if (pci_read(device, 3, 0) != PIIX4_ACPI_ID)
			continue;
		if (!(pci_read(device, 3, PIIX4_PMREGMISC) & 1))
			return false;
		pm_timer_port = (pci_read(device, 3, PIIX4_PMBA) & 0xffc0) + PM_TMR;
		return true;
	}
	return false;
}

uint32_t pm_timer_read(void)
{
	return inl(pm_timer_port) & 0xffffff;
}
