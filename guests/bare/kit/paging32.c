/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* paging32.c - one page directory with one 4 MiB page. SDM Vol. 3A, "32-bit paging". */
#include "paging32.h"

#define CR4_PSE         (1ul << 4)
#define PDE_4MIB        0xe7u           /* present, writable, user, accessed, dirty, large */

extern uint32_t paging32_directory[1024];

asm(".section .l1, \"awx\"\n"
    ".balign 4096\n"
    "paging32_directory: .skip 4096\n"
    ".text\n");

void paging32_enable(void)
{
	paging32_directory[0] = PDE_4MIB;
	vmcs_write(GUEST_CR3, (uint64_t)paging32_directory);
	vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) | CR4_PSE);
	vmcs_write(GUEST_CR0, vmcs_read(GUEST_CR0) | CR0_PG);
}
