/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * la57.h - to 5-level paging and back: CR4.LA57 can only be changed with paging off, from 32-bit code.
 */
#ifndef KIT_LA57_H
#define KIT_LA57_H

#include "kit.h"

#define CR4_LA57                (1ul << 12)
#define CPUID7_ECX_LA57         (1u << 16)

/*
 * Leaves 64-bit mode, loads CR3 and CR4 and returns to 64-bit mode. Code, stack and tables have to
 * lie below 4 GiB, mapped one to one by both sets of tables. Interrupts have to be disabled.
 */
void la57_switch(uint64_t cr3, uint64_t cr4);
/* 5-level paging of the same addresses as the kit's own tables; la57_off() returns to these. */
void la57_on(void);
void la57_off(void);

#endif
