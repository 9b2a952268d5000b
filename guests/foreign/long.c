/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * long.c - a 64-bit kernel in a 32-bit ELF: the memory map, and RAM above 4 GiB if the map has some. A word `high` on the
 * command line says that it must.
 */
#include "foreign.h"

#define GIB             0x40000000ull
#define BLOCK           0x100000ull
#define SEED            0x9e3779b97f4a7c15ull
#define CFG_SELECT      0x510
#define CFG_DATA        0x511
#define CFG_RAM_SIZE    3

uint32_t kernel(uint32_t magic, struct mb_info *info);

static uint64_t ram_size(void)
{
	uint64_t v = 0;

	out16(CFG_SELECT, CFG_RAM_SIZE);
	for (int i = 0; i < 8; i++)
		v |= (uint64_t)in8(CFG_DATA) << (8 * i);
	return v;
}

/* One word of each MiB gets its own value; afterwards all have kept it. */
static bool keeps(uint64_t start, uint64_t end)
{
	for (uint64_t a = start; a < end; a += BLOCK)
		*(volatile uint64_t *)a = a * SEED;
	for (uint64_t a = start; a < end; a += BLOCK)
		if (*(volatile uint64_t *)a != a * SEED)
			return false;
	return *(volatile uint64_t *)(end - 8) == 0;
}

uint32_t kernel(uint32_t magic, struct mb_info *info)
{
	uint64_t ram = 0, size = ram_size();
	bool high = false;

	claim(magic == 0x2badb002, "64-bit mode, started by a loader");
	for (uint32_t at = info->mmap_addr; at < info->mmap_addr + info->mmap_length;) {
		const struct mb_range *r = (const struct mb_range *)(uintptr_t)at;

		if (r->type == MB_RAM) {
			ram += r->length;
			if (r->address >= 4 * GIB) {
				high = true;
				claim(keeps(r->address, r->address + r->length), "RAM above 4 GiB keeps what is written");
			}
		}
		at += r->size + 4;
	}
	claim(ram <= size && size - ram < 2 * BLOCK, "the map's RAM is fw_cfg's RAM size, without what the BIOS took");
	claim(high == has_word((const char *)(uintptr_t)info->cmdline, "high"), "RAM above 4 GiB, or none");
	say("%u MiB\n", (uint32_t)(size / BLOCK));
	return failures;
}
