/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task32_switch.h - instructions of a 32-bit L1 that switch to the task of task32.h, each way there is. For the guests
 * whose subject is that: it defines code and functions, and is included by one file of a guest.
 */
#ifndef TASK32_SWITCH_H
#define TASK32_SWITCH_H

#include "l1.h"
#include "task32.h"

#define RFLAGS_NT       (1ul << 14)
#define VECTOR          20              /* reserved by Intel, raised by nothing but INT n here */

extern const char jmp_tss[], call_tss[], iret_nt[], int_gate[], ud_gate[], gp_gate[], jmp_busy[], jmp_absent[];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "jmp_tss: ljmp $0x30, $0\n"
    "call_tss: lcall $0x30, $0\n"
    "iret_nt: iret\n"
    "int_gate: int $20\n"
    "ud_gate: ud2\n"
    "gp_gate: mov %ebx, %ds\n"
    "jmp_busy: ljmp $0x38, $0\n"
    "jmp_absent: ljmp $0x40, $0\n"
    ".code64\n"
    ".text\n");

/* Tables of the L1 with a task gate for each exception. */
static inline void task32_gates(void)
{
	task32_setup();
	for (unsigned v = 0; v < 32; v++)
		task32_gate(v);
}

/* The next VM entry goes to this code. */
static inline void task32_begin(const char *code, uint64_t rflags, uint32_t interruptibility)
{
	vmcs_write(GUEST_RIP, (uint64_t)code);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_INTERRUPTIBILITY, interruptibility);
}

#endif
