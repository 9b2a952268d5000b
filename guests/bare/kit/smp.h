/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp.h - further CPUs: found in the ACPI MADT, started by INIT-SIPI-SIPI, given functions to run.
 *
 * A started CPU is in 64-bit mode with the page tables, GDT and IDT of CPU 0, a stack of its own and
 * its local APIC enabled; it has no TSS. Without a job it waits in HLT with interrupts enabled; a
 * job runs with interrupts disabled. Reports are made by CPU 0 only: jobs leave results in memory.
 */
#ifndef KIT_SMP_H
#define KIT_SMP_H

#include "timer.h"

#define SMP_MAX         8
/* Wakes a CPU for a job. */
#define SMP_VECTOR      0xf0

typedef void smp_job(void *argument);

/*
 * Enables the local APIC of CPU 0 and starts the other CPUs, numbered from 1 in the order of the
 * MADT. Returns the number of CPUs, 1 if there is only one or no MADT. Ends the run as an error if a
 * CPU does not come up.
 */
unsigned smp_start(void);
/* As smp_start(), but skips the guest when there are fewer than `needed`. */
unsigned smp_need(unsigned needed);
/* Has CPU `cpu` (1 and up) run the job; returns at once. A CPU has one job at a time. */
void smp_run(unsigned cpu, smp_job *job, void *argument);
/* Waits until the job of that CPU is done. */
void smp_wait(unsigned cpu);
/* With busy=1 on the command line CPU 1 works for the rest of the run, so that CPU 0 is never alone; needs two CPUs. */
void smp_keep_busy(void);
/* Sends a fixed interrupt (SDM Vol. 3A, "Issuing interprocessor interrupts"). */
void smp_ipi(unsigned cpu, uint8_t vector);
/* Sends any interprocessor interrupt: low half of the interrupt command register without a shorthand. */
void smp_send(unsigned cpu, uint32_t mode_and_vector);
/* Sends an NMI. */
void smp_nmi(unsigned cpu);
/* APIC ID of a CPU as the MADT has it. */
uint32_t smp_apic_id(unsigned cpu);

/*
 * Waits for each other: the last of `cpus` to arrive ends it. Zero it before its first use; it can
 * be used again.
 */
struct smp_barrier { volatile uint32_t arrived, round; };
void smp_barrier(struct smp_barrier *b, unsigned cpus);

static inline void pause_cpu(void)
{
	asm volatile("pause" : : : "memory");
}

/* APIC IDs of the usable CPUs in the MADT (ACPI specification 5.2.12); 0 when there is none. */
unsigned madt_cpus(uint32_t *apic_id, unsigned max);

#endif
