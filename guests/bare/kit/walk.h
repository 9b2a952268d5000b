/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk.h - one linear page of a 64-bit L1 with paging structures of its own, one page each, so that
 * every access of a page walk has a guest-physical page that EPT can treat differently.
 */
#ifndef KIT_WALK_H
#define KIT_WALK_H

#include "ept.h"

#define WALK_LINEAR     0x8000000000ul          /* first address of the second PML4 entry */

#define PTE_P           (1ul << 0)
#define PTE_W           (1ul << 1)
#define PTE_U           (1ul << 2)
#define PTE_A           (1ul << 5)
#define PTE_D           (1ul << 6)
#define PTE_XD          (1ul << 63)

/*
 * Makes the tables and loads CR3 of the current VMCS: present, writable, user, accessed and dirty
 * flags clear. Everything that the kit maps stays mapped. The data page holds near returns.
 */
void walk_setup(void);
/* The page of the paging structure of a level, 4 (PML4) to 1 (page table); level 0: the data page. */
uint64_t walk_page(unsigned level);
/* The entry of that paging structure that WALK_LINEAR uses. */
uint64_t *walk_entry(unsigned level);
/* Sets the accessed flags of all levels and the dirty flag of the last. */
void walk_set_flags(void);

#endif
