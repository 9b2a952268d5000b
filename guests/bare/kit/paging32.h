/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paging32.h - paging for the 32-bit L1: its pages one to one, for user and supervisor, and nothing above 4 MiB.
 */
#ifndef KIT_PAGING32_H
#define KIT_PAGING32_H

#include "l1.h"

/* The first address without a page. */
#define PAGING32_END    0x400000u

/* Turns paging on in the current VMCS, which is that of a 32-bit L1. */
void paging32_enable(void);

#endif
