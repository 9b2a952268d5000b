/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apicv.h - L1 guests with APIC virtualization: virtual-APIC page, APIC-access page, virtual
 * interrupts, posted-interrupt descriptor. SDM Vol. 3C, chapter "APIC virtualization and virtual
 * interrupts".
 *
 * The L1 is a 64-bit one (l1.h). Page tables and EPT map the pages of this kit part with 4-KiB
 * pages, as the manual asks for the APIC-access page.
 */
#ifndef KIT_APICV_H
#define KIT_APICV_H

#include "l1.h"
#include "lapic.h"

#define POSTED_INTERRUPT_VECTOR         0x0002
#define GUEST_INTERRUPT_STATUS          0x0810
#define VIRTUAL_APIC_ADDRESS            0x2012
#define APIC_ACCESS_ADDRESS             0x2014
#define POSTED_INTERRUPT_DESCRIPTOR     0x2016
#define EOI_EXIT_BITMAP0                0x201c  /* four fields, 2 apart */
#define TPR_THRESHOLD                   0x401c

#define PIN_POSTED_INTERRUPTS           (1u << 7)
#define PROC_INTERRUPT_WINDOW           (1u << 2)
#define PROC_CR8_LOAD                   (1u << 19)
#define PROC_CR8_STORE                  (1u << 20)
#define PROC_TPR_SHADOW                 (1u << 21)
#define PROC2_APIC_ACCESSES             (1u << 0)
#define PROC2_X2APIC_MODE               (1u << 4)
#define PROC2_APIC_REGISTERS            (1u << 8)
#define PROC2_VIRTUAL_INTERRUPTS        (1u << 9)
#define EXIT_ACKNOWLEDGE_INTERRUPT      (1u << 15)

#define REASON_INTERRUPT_WINDOW         7
#define REASON_TPR_BELOW_THRESHOLD      43
#define REASON_APIC_ACCESS              44
#define REASON_VIRTUALIZED_EOI          45
#define REASON_APIC_WRITE               56

#define INFO_TYPE_EXTERNAL_INTERRUPT    (0u << 8)
#define INTERRUPTIBILITY_STI            (1u << 0)
#define INTERRUPTIBILITY_MOV_SS         (1u << 1)
#define ACTIVITY_HLT                    1
#define ACTIVITY_SHUTDOWN               2

/* Exit qualification of APIC-access VM exits, bits 15:12 */
#define ACCESS_READ                     (0u << 12)
#define ACCESS_WRITE                    (1u << 12)
#define ACCESS_FETCH                    (2u << 12)
#define ACCESS_EVENT_DELIVERY           (3u << 12)

struct posted_descriptor {
	uint64_t pir[4];
	uint64_t control;               /* bit 0: outstanding notification; the rest is software's */
	uint64_t software[3];
} __attribute__((aligned(64)));

extern uint8_t virtual_apic_page[4096];
extern uint8_t apic_access_page[4096];
extern struct posted_descriptor posted;

/*
 * l1_setup() and then the given secondary controls, with "use TPR shadow" and, for
 * virtual-interrupt delivery, external-interrupt exiting. The virtual-APIC page is zero, no virtual
 * interrupt is requested. A CPU that lacks a control ends the run as SKIP.
 */
void apicv_setup(struct l1 *l1, const void *entry, void *stack_top, uint32_t controls2);
/* Adds to what apicv_setup() made: process posted interrupts with this notification vector. */
void apicv_posted(uint8_t notification_vector);
/* Adds the VMX-preemption timer: HLT for ever becomes an exit. ticks: of the timer. */
void apicv_time_limit(uint32_t ticks);
/* Sets or clears primary controls. */
void apicv_primary(uint32_t set, uint32_t clear);
/* The next entry starts L1 anew at a function with these RFLAGS (bit 1 is added). */
void apicv_restart(const void *entry, void *stack_top, uint64_t rflags);

/* Requests a virtual interrupt as a VMM does between entries: VIRR, and RVI if it is the highest. */
void apicv_request(uint8_t vector);
uint8_t apicv_rvi(void);
uint8_t apicv_svi(void);
/* Guest interrupt status. */
void apicv_status(uint8_t rvi, uint8_t svi);
/* Makes EOI of this vector exit, or not. */
void apicv_eoi_exit(uint8_t vector, bool exits);

/* Registers of the virtual-APIC page. */
uint32_t vapic_read(unsigned reg);
void vapic_write(unsigned reg, uint32_t value);
bool vapic_vector_bit(unsigned base, uint8_t vector);

/* The VM exit is the expected one; shows it if not. */
bool apicv_run_to(struct l1 *l1, uint32_t reason, const char *what);
/* The 4-KiB entry of an address in page tables or EPT tables (a 2-MiB page is split). */
uint64_t *page_entry(uint64_t root, uint64_t address);

#endif
