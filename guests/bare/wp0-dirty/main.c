/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wp0-dirty - with CR0.WP = 0 a supervisor writes through read-only pages, and the dirty flag is set.
 *
 * Claim:    a write to a 4 KiB and to a 2 MiB page whose entry has R/W = 0 succeeds with CR0.WP = 0 and sets D; with
 *           CR0.WP = 1 it is #PF.
 * Manual:   SDM Vol. 3A, "Determination of access rights" and "Accessed and dirty flags".
 * Expected: all claims hold on any CPU.
 */
#include "kit.h"

#define PRESENT         0x001ul
#define WRITABLE        0x002ul
#define ACCESSED        0x020ul
#define DIRTY           0x040ul
#define LARGE           0x080ul
#define VECTOR_PF       14
#define WINDOW          (1ul << 39)     /* second entry of the PML4 */

extern uint64_t boot_pml4[512];

static uint64_t pdpt[512] __attribute__((aligned(4096)));
static uint64_t pd[512] __attribute__((aligned(4096)));
static uint64_t pt[512] __attribute__((aligned(4096)));
static uint64_t page[512] __attribute__((aligned(4096)));

static void write(void *address)
{
	*(volatile uint64_t *)address = 0x1234;
}

static void flush(void)
{
	write_cr3(read_cr3());
}

static void one(uint64_t *entry, void *address, const char *size)
{
	*entry &= ~(DIRTY | ACCESSED);
	flush();
	check_equal(trap_catch(write, address), VECTOR_PF + 1, "%s page, WP = 1: #PF", size);
	check_equal(*entry & DIRTY, 0, "%s page, WP = 1: D stays clear", size);
	write_cr0(read_cr0() & ~CR0_WP);
	check_equal(trap_catch(write, address), 0, "%s page, WP = 0: the write succeeds", size);
	write_cr0(read_cr0() | CR0_WP);
	check_equal(*entry & DIRTY, DIRTY, "%s page, WP = 0: D is set", size);
}

void guest_main(void)
{
	uint64_t *small = (uint64_t *)WINDOW, *large = (uint64_t *)(WINDOW + 0x200000);
	uint64_t address = (uint64_t)page;

	pt[0] = address | PRESENT;
	pd[0] = (uint64_t)pt | PRESENT | WRITABLE;
	pd[1] = (address & ~0x1ffffful) | LARGE | PRESENT;
	pdpt[0] = (uint64_t)pd | PRESENT | WRITABLE;
	boot_pml4[WINDOW >> 39] = (uint64_t)pdpt | PRESENT | WRITABLE;
	one(&pt[0], small, "4 KiB");
	check_equal(page[0], 0x1234, "the value is in memory");
	page[0] = 0;
	one(&pd[1], (uint8_t *)large + (address & 0x1fffff), "2 MiB");
	check_equal(page[0], 0x1234, "the value is in memory");
}
