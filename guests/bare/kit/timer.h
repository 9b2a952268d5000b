/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timer.h - the clocks of a PC: local APIC timer, PIT channel 2, HPET, ACPI PM timer.
 * Every read returns raw counts of the device; frequencies are those of the device's specification.
 */
#ifndef KIT_TIMER_H
#define KIT_TIMER_H

#include "kit.h"

#define PIT_HZ          1193182u        /* 14.31818 MHz / 12 */
#define PM_TIMER_HZ     3579545u        /* ACPI specification, "Power Management Timer" */

#define APIC_ID         0x020
#define APIC_TPR        0x080
#define APIC_EOI        0x0b0
#define APIC_SVR        0x0f0
#define APIC_ICR        0x300
#define APIC_ICR_HIGH   0x310
#define APIC_LVT_TIMER  0x320
#define APIC_LVT_LINT0  0x350
#define APIC_TIMER_INITIAL      0x380
#define APIC_TIMER_CURRENT      0x390
#define APIC_TIMER_DIVIDE       0x3e0

/*
 * Enables the local APIC (software enable in SVR) in the mode the firmware left it in, xAPIC or
 * x2APIC.
 */
void apic_enable(void);
uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t value);
/*
 * One-shot timer, divide by 1, counts crystal clocks (SDM Vol. 3A, "APIC timer"); vector 0: masked.
 */
void apic_timer_start(uint8_t vector, uint32_t count);
uint32_t apic_timer_current(void);
void apic_eoi(void);
/* Sends an IPI (delivery mode and vector as in the interrupt command register) to this CPU. */
void apic_ipi_self(uint32_t mode_and_vector);
#define APIC_ICR_NMI    0x4400u         /* NMI, assert */

/* Channel 2 in mode 2 with a period of 65536 counts; the speaker stays off. */
void pit2_start(void);
/* Counts down from 65535 to 0, then again. */
uint16_t pit2_read(void);

/* True when there is an HPET at its usual place; its main counter is then running. */
bool hpet_start(void);
/* Length of a count in femtoseconds. */
uint32_t hpet_period_fs(void);
uint64_t hpet_read(void);

/* Finds the PM timer of a PIIX4 ACPI function. False when there is none or it is not enabled. */
bool pm_timer_find(void);
/* 24 bits, counts up. */
uint32_t pm_timer_read(void);

#endif
