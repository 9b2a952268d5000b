/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * task32.c - see task32.h. The 32-bit L1 has no paging: addresses are those of L0.
 */
#include "l1.h"
#include "task32.h"
#include "vmcs.h"
#include "vmx.h"

/* In the memory that the L1 sees. */
extern const uint8_t task32_tss[];

asm(".section .l1, \"awx\"\n"
    ".globl task32_gdt\n"
    ".balign 128\n"
    "task32_gdt: .skip 9 * 8\n"
    ".balign 128\n"
    "task32_tss: .skip 128\n"
    ".text\n");

static uint64_t descriptor(uint64_t access)
{
	uint64_t base = (uint64_t)task32_tss;

	return 0x67 | (base & 0xffffff) << 16 | access << 40 | (base >> 24 & 0xff) << 56;
}

void task32_setup(void)
{
	memcpy(task32_gdt, l1_gdt32, 5 * sizeof(*task32_gdt));
	task32_gdt[TASK32_AVAILABLE / 8] = descriptor(0x89);
	task32_gdt[TASK32_BUSY / 8] = descriptor(0x8b);
	task32_gdt[TASK32_ABSENT / 8] = descriptor(0x09);
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)task32_gdt);
	vmcs_write(GUEST_GDTR_LIMIT, sizeof(task32_gdt) - 1);
	*(uint16_t *)l1_tss32 = TASK32_BUSY;
}

void task32_gate(unsigned vector)
{
	l1_idt32[vector] = (uint64_t)TASK32_AVAILABLE << 16 | 0x85ull << 40;
}

unsigned task32_access(unsigned selector)
{
	return task32_gdt[selector / 8] >> 40 & 0xff;
}
