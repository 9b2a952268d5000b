/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * amx.h - tiles: the 64-byte configuration of LDTILECFG and the instructions on tiles 0 to 2.
 */
#ifndef KIT_AMX_H
#define KIT_AMX_H

#include "kit.h"

#define CPUID7_EDX_AMX_BF16     (1u << 22)
#define CPUID7_EDX_AMX_TILE     (1u << 24)
#define CPUID7_EDX_AMX_INT8     (1u << 25)

#define AMX_TILES       8
#define AMX_ROWS        16
#define AMX_ROW_BYTES   64
#define AMX_TILE_BYTES  (AMX_ROWS * AMX_ROW_BYTES)

/* SDM Vol. 2, LDTILECFG, "Memory Area Layout" */
struct tilecfg {
	uint8_t palette, start_row, reserved0[14];
	uint16_t colsb[8];
	uint8_t reserved1[16];
	uint8_t rows[8];
	uint8_t reserved2[8];
} __attribute__((aligned(64)));

static inline void ldtilecfg(const struct tilecfg *c)
{
	asm volatile("ldtilecfg (%0)" : : "r"(c) : "memory");
}

static inline void tilerelease(void)
{
	asm volatile("tilerelease" : : : "memory");
}

/* TILELOADD and TILESTORED of tile n, rows 64 bytes apart. */
#define tile_load(n, p)  asm volatile("tileloadd (%0,%1,1), %%tmm" #n : : "r"(p), "r"(64ul) : "memory")
#define tile_store(n, p) asm volatile("tilestored %%tmm" #n ", (%0,%1,1)" : : "r"(p), "r"(64ul) : "memory")

#endif
