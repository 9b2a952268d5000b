/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lapic.h - the local APIC beyond its timer: register names, interprocessor interrupts, a log of
 * the interrupts that arrived. SDM Vol. 3A, chapter "Advanced programmable interrupt controller".
 */
#ifndef KIT_LAPIC_H
#define KIT_LAPIC_H

#include "timer.h"

#define APIC_ID                 0x020
#define APIC_VERSION            0x030
#define APIC_PPR                0x0a0
#define APIC_LDR                0x0d0
#define APIC_DFR                0x0e0
#define APIC_ISR                0x100   /* eight registers each, 0x10 apart */
#define APIC_TMR                0x180
#define APIC_IRR                0x200
#define APIC_ESR                0x280
#define APIC_ICR                0x300
#define APIC_ICR_HIGH           0x310   /* xAPIC mode only */
#define APIC_LVT_THERMAL        0x330
#define APIC_LVT_PERFMON        0x340
#define APIC_LVT_LINT1          0x360
#define APIC_LVT_ERROR          0x370
#define APIC_SELF_IPI           0x3f0   /* x2APIC mode only */

#define ICR_FIXED               (0u << 8)
#define ICR_LOWEST_PRIORITY     (1u << 8)
#define ICR_NMI                 (4u << 8)
#define ICR_LOGICAL             (1u << 11)
#define ICR_ASSERT              (1u << 14)
#define ICR_SELF                (1u << 18)
#define ICR_ALL                 (2u << 18)

#define LVT_MASK_BIT            (1u << 16)
#define LVT_PERIODIC            (1u << 17)
#define LVT_TSC_DEADLINE        (2u << 17)

#define ESR_SEND_ILLEGAL_VECTOR         (1u << 5)
#define ESR_RECEIVE_ILLEGAL_VECTOR      (1u << 6)
#define ESR_ILLEGAL_REGISTER            (1u << 7)

#define MSR_TSC_DEADLINE        0x6e0
#define MSR_X2APIC(reg)         (0x800u + (reg) / 16)
#define APIC_BASE_BSP           (1ul << 8)
#define APIC_BASE_EXTD          (1ul << 10)
#define APIC_BASE_EN            (1ul << 11)
#define APIC_DEFAULT_ADDRESS    0xfee00000ul

/* Is the CPU able to use x2APIC mode (CPUID.1:ECX[21])? */
bool x2apic_available(void);
/* From xAPIC mode; apic_read() and the like use the MSRs from then on. */
void x2apic_enable(void);
/* Back to xAPIC mode by way of the disabled state; the registers have lost their contents. */
void x2apic_leave(void);
/* RDMSR of an APIC register that reports #GP: true when it gave a value. */
bool x2apic_read_try(unsigned reg, uint64_t *value);

/* This CPU's ID, 8 or 32 bits. */
uint32_t apic_id(void);
/* Bit of a vector in ISR, TMR or IRR. */
bool apic_vector_bit(unsigned base, uint8_t vector);
/* Writes the ICR and, in xAPIC mode, waits until the interrupt was sent. */
void apic_ipi(uint32_t low, uint32_t destination);
/* ESR after the write that loads it: the errors since the last call. */
uint32_t apic_errors(void);

/* ---- The interrupts that arrived, in order --------------------------------------------------- */

#define ARRIVED_MAX     64

struct arrived {
	unsigned count;                 /* goes on counting when the log is full */
	uint8_t vector[ARRIVED_MAX];
};
extern volatile struct arrived arrived;

/* Handlers for all vectors from 0x20 on, which log; eoi: and end the interrupt in the APIC. */
void arrived_start(bool eoi);
/* Empties the log. */
void arrived_clear(void);
/* Unexpected again. */
void arrived_stop(void);
/* Enables interrupts for a few instructions. */
void interrupts_open(void);

#endif
