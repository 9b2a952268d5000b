/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_multiboot.c - libnwboot: the Multiboot 1 header, and files that say in it where they are loaded.
 *
 * Source: Multiboot Specification 0.6.96, sections 3.1 and 3.2. Flag bit 2 (a video mode is wished for) is accepted and
 * not fulfilled, as other virtual machines do: the information's flags say that there is no video information.
 */
#include <elf.h>
#include <inttypes.h>

#include "boot_internal.h"

#define MB_SEARCH               8192
#define MB_HEADER_SIZE          12
#define MB_MAGIC                0x1badb002
#define MB_REQUIRED             0xffffu /* flag bits that a loader must understand */
#define MB_PAGE_ALIGN           0x1u
#define MB_MEMORY_INFO          0x2u
#define MB_VIDEO                0x4u
#define MB_ADDRESS_FIELDS       0x10000u

/* Offsets of the address fields in the header. */
#define MB_HEADER_ADDR          12
#define MB_LOAD_ADDR            16
#define MB_LOAD_END_ADDR        20
#define MB_BSS_END_ADDR         24
#define MB_ENTRY_ADDR           28
#define MB_ADDRESS_END          32

bool boot_multiboot_find(const struct boot_file *file, struct boot_multiboot *header)
{
	size_t end = file->size < MB_SEARCH ? file->size : MB_SEARCH;

	for (size_t i = 0; i + MB_HEADER_SIZE <= end; i += 4) {
		const uint8_t *p = file->data + i;

		if (boot_get32(p) == MB_MAGIC && boot_get32(p) + boot_get32(p + 4) + boot_get32(p + 8) == 0) {
			*header = (struct boot_multiboot){ i, boot_get32(p + 4) };
			return true;
		}
	}
	return false;
}

bool boot_multiboot_has_addresses(const struct boot_multiboot *header)
{
	return header->flags & MB_ADDRESS_FIELDS;
}

static int check_flags(const struct boot_file *file, const struct boot_multiboot *header, char *err)
{
	if (header->flags & MB_REQUIRED & ~(MB_PAGE_ALIGN | MB_MEMORY_INFO | MB_VIDEO))
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "multiboot header: flags 0x%x ask for what is not offered, bits 0 to 2 and 16 are "
				 "accepted", header->flags);
	if (boot_multiboot_has_addresses(header) && file->size < header->offset + MB_ADDRESS_END)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path, "truncated multiboot header");
	return 0;
}

/* load: the first byte that is loaded; all sums of two 32-bit numbers are made with 64 bits. */
static int address_layout(const struct boot_file *file, const struct boot_multiboot *header, uint64_t limit,
			  struct boot_layout *layout, char *err)
{
	const uint8_t *h = file->data + header->offset;
	uint64_t header_addr = boot_get32(h + MB_HEADER_ADDR), load = boot_get32(h + MB_LOAD_ADDR);
	uint64_t load_end = boot_get32(h + MB_LOAD_END_ADDR), bss_end = boot_get32(h + MB_BSS_END_ADDR);
	uint32_t entry = boot_get32(h + MB_ENTRY_ADDR);
	uint64_t offset;

	if (load > header_addr || header_addr - load > header->offset)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "multiboot header: load address 0x%" PRIx64 " does not go with the header at 0x%" PRIx64
				 ", byte 0x%zx of the file", load, header_addr, header->offset);
	offset = header->offset - (header_addr - load);
	if (!load_end)
		load_end = load + (file->size - offset);
	if (load_end < load || load_end - load > file->size - offset)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "truncated: the multiboot header says 0x%" PRIx64 "-0x%" PRIx64 ", the file has 0x%zx "
				 "bytes from there", load, load_end, file->size - (size_t)offset);
	if (!bss_end)
		bss_end = load_end;
	if (bss_end < load_end || load < BOOT_LOW_END || bss_end > limit)
		return boot_fail(err, NW_BOOT_ELIMIT, file->path,
				 "multiboot header: 0x%" PRIx64 "-0x%" PRIx64 "-0x%" PRIx64 " is outside the usable RAM, "
				 "0x%x-0x%" PRIx64 " is accepted", load, load_end, bss_end, BOOT_LOW_END, limit);
	if (entry < load || entry >= bss_end)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "multiboot header: entry 0x%x is outside of what is loaded", entry);
	layout->kind = NW_BOOT_MULTIBOOT;
	layout->entry = entry;
	layout->start = load;
	layout->end = bss_end;
	layout->count = 1;
	layout->pieces[0] = (struct boot_piece){ file->data + offset, (uint32_t)(load_end - load), (uint32_t)load };
	return 0;
}

int boot_multiboot_layout(const struct boot_file *file, uint64_t limit, struct boot_layout *layout, char *err)
{
	struct boot_multiboot header;
	int result;

	if (!boot_multiboot_find(file, &header))
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "ELF file without a Multiboot 1 header in its first 8192 bytes");
	result = check_flags(file, &header, err);
	if (result)
		return result;
	if (boot_multiboot_has_addresses(&header))
		return address_layout(file, &header, limit, layout, err);
	return boot_elf_layout(file, limit, layout, err);
}
