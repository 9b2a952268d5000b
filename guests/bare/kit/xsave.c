/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xsave.c - XCR0 and the layout of XSAVE areas, from CPUID leaf 0DH alone.
 */
#include "xsave.h"

#define CPUID1_ECX_XSAVE        (1u << 26)
#define SUBLEAF_ALIGN64         (1u << 1)       /* ECX: on a 64-byte boundary when compacted */

uint64_t xsave_enable(void)
{
	struct cpuid c;

	if (!(cpuid(1, 0).ecx & CPUID1_ECX_XSAVE))
		return 0;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	c = cpuid(0xd, 0);
	asm volatile("xsetbv" : : "c"(0), "a"(c.eax), "d"(c.edx));
	return xgetbv(0);
}

unsigned xsave_compacted(unsigned i, uint64_t xcomp_bv)
{
	unsigned offset = XSAVE_EXTENDED;

	for (unsigned n = 2; n < 63; n++) {
		struct cpuid c;

		if (!(xcomp_bv >> n & 1))
			continue;
		c = cpuid(0xd, n);
		if (c.ecx & SUBLEAF_ALIGN64)
			offset = (offset + 63) & ~63u;
		if (n == i)
			break;
		offset += c.eax;
	}
	return offset;
}

unsigned xsave_standard(unsigned i)
{
	return cpuid(0xd, i).ebx;
}
