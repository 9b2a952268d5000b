/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* walk.c - paging structures of one linear page. SDM Vol. 3A, "4-level paging". */
#include "walk.h"

#define NEAR_RETURN     0xc3

static uint8_t pages[5][4096] __attribute__((aligned(4096)));   /* level 0: the data */

uint64_t walk_page(unsigned level)
{
	return (uint64_t)pages[level];
}

uint64_t *walk_entry(unsigned level)
{
	return (uint64_t *)pages[level] + (WALK_LINEAR >> (3 + 9 * level) & 511);
}

void walk_setup(void)
{
	memset(pages, 0, sizeof(pages));
	memset(pages[0], NEAR_RETURN, sizeof(pages[0]));
	*(uint64_t *)pages[4] = *(uint64_t *)read_cr3();
	for (unsigned level = 1; level <= 4; level++)
		*walk_entry(level) = walk_page(level - 1) | PTE_P | PTE_W | PTE_U;
	vmcs_write(GUEST_CR3, walk_page(4));
}

void walk_set_flags(void)
{
	for (unsigned level = 1; level <= 4; level++)
		*walk_entry(level) |= PTE_A;
	*walk_entry(1) |= PTE_D;
}
