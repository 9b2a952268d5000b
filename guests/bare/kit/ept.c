/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ept.c - one-to-one EPT tables. SDM Vol. 3C, "The extended page table mechanism". */
#include "ept.h"

#define EPT_UNCACHED            (0ul << 3)
#define EPTP_WALK_4             (3ul << 3)
#define EPTP_WRITE_BACK         6ul
#define MMIO_FROM               0xc0000000ul    /* as in boot.S */
#define LARGE_PAGE              0x200000ul

typedef uint64_t table[512] __attribute__((aligned(4096)));

static table all_pml4, all_pdpt, all_pd[4];
static table range_pml4, range_pdpt, range_pd, range_pt;
static table split_pt[8];       /* page tables of the large pages that ept_entry() has split */
static unsigned splits;

static uint64_t pointer(table pml4)
{
	return (uint64_t)pml4 | EPTP_WALK_4 | EPTP_WRITE_BACK;
}

uint64_t ept_map_all(void)
{
	splits = 0;
	all_pml4[0] = (uint64_t)all_pdpt | EPT_RWX | EPT_USER_X;
	for (uint64_t i = 0; i < 4; i++)
		all_pdpt[i] = (uint64_t)all_pd[i] | EPT_RWX | EPT_USER_X;
	for (uint64_t i = 0; i < 4 * 512; i++) {
		uint64_t address = i * LARGE_PAGE;

		all_pd[i / 512][i % 512] = address | EPT_LARGE | EPT_RWX | EPT_USER_X |
					   (address < MMIO_FROM ? EPT_WRITE_BACK : EPT_UNCACHED);
	}
	return pointer(all_pml4);
}

uint64_t ept_map_range(uint64_t from, uint64_t to)
{
	uint64_t region = from / LARGE_PAGE;

	if (from % 4096 || to % 4096 || from >= to || (to - 1) / LARGE_PAGE != region ||
	    region >= 512)
		bail("ept_map_range: 0x%lx to 0x%lx is not within one 2 MiB region below 1 GiB",
		     from, to);
	range_pml4[0] = (uint64_t)range_pdpt | EPT_RWX;
	range_pdpt[0] = (uint64_t)range_pd | EPT_RWX;
	memset(range_pd, 0, sizeof(range_pd));
	memset(range_pt, 0, sizeof(range_pt));
	range_pd[region] = (uint64_t)range_pt | EPT_RWX;
	for (uint64_t page = from; page < to; page += 4096)
		range_pt[page / 4096 % 512] = page | EPT_RWX | EPT_WRITE_BACK;
	return pointer(range_pml4);
}

static void split(uint64_t *pde)
{
	uint64_t *pt = split_pt[splits], large = *pde & ~EPT_LARGE;

	if (++splits > ARRAY_SIZE(split_pt))
		bail("too many large EPT pages to split");
	for (uint64_t i = 0; i < 512; i++)
		pt[i] = large + i * 4096;
	*pde = (uint64_t)pt | EPT_RWX | EPT_USER_X;
}

uint64_t *ept_entry(uint64_t address, unsigned level)
{
	uint64_t *pde = &all_pd[address >> 30][address >> 21 & 511];

	if (level == 4)
		return &all_pml4[0];
	if (level == 3)
		return &all_pdpt[address >> 30];
	if (level == 2)
		return pde;
	if (*pde & EPT_LARGE)
		split(pde);
	return (uint64_t *)(*pde & EPT_ADDRESS) + (address >> 12 & 511);
}

void ept_flush(void)
{
	uint64_t descriptor[2] = { 0, 0 };
	uint64_t all_contexts = 2;

	asm volatile("invept %0, %1" : : "m"(descriptor), "r"(all_contexts) : "cc", "memory");
}
