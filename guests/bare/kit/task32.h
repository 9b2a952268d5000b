/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task32.h - a second task for the 32-bit L1: its TSS, and a GDT that has it three times. A task switch in VMX non-root
 * operation exits (SDM Vol. 3C, "Unconditional VM exits"), so the TSS is never loaded.
 */
#ifndef TASK32_H
#define TASK32_H

#include <stdint.h>

/* Selectors of the new task: available, busy, not present. */
#define TASK32_AVAILABLE        0x30
#define TASK32_BUSY             0x38
#define TASK32_ABSENT           0x40

extern uint64_t task32_gdt[9];

/* Gives the L1 of the current VMCS (L1_PROT32) this GDT, and its present task a link back to the busy one. */
void task32_setup(void);
/* Makes this entry of the L1's IDT a task gate for the available task. */
void task32_gate(unsigned vector);
/* The access byte of a descriptor of the GDT. */
unsigned task32_access(unsigned selector);

#endif
