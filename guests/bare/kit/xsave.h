/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xsave.h - extended states: XCR0, XSAVE and XRSTOR, and where CPUID leaf 0DH says that they put things.
 */
#ifndef KIT_XSAVE_H
#define KIT_XSAVE_H

#include "kit.h"

#define CR4_OSXSAVE     (1ul << 18)
#define XSTATE_X87      (1ul << 0)
#define XSTATE_SSE      (1ul << 1)
#define XSTATE_AVX      (1ul << 2)
#define XSTATE_TILECFG  (1ul << 17)
#define XSTATE_TILEDATA (1ul << 18)
#define XSTATE_COMPACT  (1ul << 63)

#define XSAVE_HEADER    512     /* XSTATE_BV, XCOMP_BV */
#define XSAVE_EXTENDED  576     /* first byte behind the header */

/* Sets CR4.OSXSAVE and enables every state of CPUID.(0DH,0) in XCR0; returns XCR0, 0 without XSAVE. */
uint64_t xsave_enable(void);
/*
 * Offset of component i in an image that has the components of xcomp_bv, compacted (SDM Vol. 1
 * 13.4.3); with i = 64, the size of the image.
 */
unsigned xsave_compacted(unsigned i, uint64_t xcomp_bv);
/* Offset of component i in the standard format (SDM Vol. 1 13.4.2). */
unsigned xsave_standard(unsigned i);

static inline uint64_t xgetbv(uint32_t index)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}

#define DEFINE_XSAVE(name) \
	static inline void name(void *area, uint64_t rfbm) \
	{ \
		asm volatile(#name "64 (%0)" : : "r"(area), "a"((uint32_t)rfbm), \
			     "d"((uint32_t)(rfbm >> 32)) : "memory"); \
	}
DEFINE_XSAVE(xsave)
DEFINE_XSAVE(xsavec)
DEFINE_XSAVE(xsaveopt)
DEFINE_XSAVE(xsaves)
DEFINE_XSAVE(xrstor)
DEFINE_XSAVE(xrstors)

#endif
