/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_kind.c - libnwboot: telling guest formats apart.
 */
#include <elf.h>

#include "boot_internal.h"

#define SECTOR_SIZE             512
#define SECTOR_MARK_OFFSET      0x1fe
#define SECTOR_MARK             0xaa55
#define LINUX_MAGIC_OFFSET      0x202
#define LINUX_MAGIC             0x53726448 /* "HdrS" */

int boot_identify(const struct boot_file *file, enum nw_boot_kind *kind, char *err)
{
	const uint8_t *d = file->data;
	struct boot_multiboot header;
	bool sector_mark = file->size >= SECTOR_SIZE && boot_get16(d + SECTOR_MARK_OFFSET) == SECTOR_MARK;

	if (file->size >= SELFMAG && !memcmp(d, ELFMAG, SELFMAG))
		*kind = NW_BOOT_MULTIBOOT;
	else if (sector_mark && file->size >= LINUX_MAGIC_OFFSET + 4 &&
		 boot_get32(d + LINUX_MAGIC_OFFSET) == LINUX_MAGIC)
		*kind = NW_BOOT_LINUX;
	else if (boot_multiboot_find(file, &header) && boot_multiboot_has_addresses(&header))
		*kind = NW_BOOT_MULTIBOOT;
	else if (sector_mark && file->size == SECTOR_SIZE)
		*kind = NW_BOOT_SECTOR;
	else
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "not a guest: a multiboot ELF, a Linux bzImage, a boot sector (55 AA at its end), a disk "
				 "or an ISO 9660 image is accepted");
	return 0;
}
