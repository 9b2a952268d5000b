/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * la57.c - a fifth level of paging above the tables of the kit.
 */
#include "la57.h"

#define PAGE_USER_RW    0x7

extern uint64_t boot_pml4[512];
static uint64_t pml5[512] __attribute__((aligned(4096)));

void la57_on(void)
{
	pml5[0] = (uint64_t)boot_pml4 | PAGE_USER_RW;
	la57_switch((uint64_t)pml5, read_cr4() | CR4_LA57);
}

void la57_off(void)
{
	la57_switch((uint64_t)boot_pml4, read_cr4() & ~CR4_LA57);
}
