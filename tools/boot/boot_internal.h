/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_internal.h - what the parts of libnwboot share: files, the pieces of guest RAM, and one parser per format.
 * The parsers work on memory and are tested there with malformed input.
 */
#ifndef BOOT_INTERNAL_H
#define BOOT_INTERNAL_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "nw_boot.h"
#include "nw_handoff.h"

#define BOOT_MIB                0x100000u
#define BOOT_LOW_END            BOOT_MIB        /* nothing is loaded below: BIOS, VGA, hand-off area */
#define BOOT_TOP_RESERVED       NW_BLOCK_SIZE   /* nothing is loaded into the last block: the BIOS's ACPI tables */
#define BOOT_NO_LIMIT           0x100000000u
#define BOOT_PAGE               4096u
#define BOOT_LINUX_ADDRESS      0x100000u       /* load address and 32-bit entry of a kernel that is loaded high */
#define BOOT_SEGMENTS_MAX       32
#define BOOT_PIECES_MAX         (BOOT_SEGMENTS_MAX + NW_HO_MODULES_MAX + 2)

/* A whole file in memory. */
struct boot_file {
	const char *path;
	uint8_t *data;
	size_t size;
};

/* Bytes that go to one place in guest RAM. */
struct boot_piece {
	const uint8_t *data;
	uint32_t size;
	uint32_t address;
};

/* A guest in its RAM: the pieces, the range [start, end) including zero-filled memory, and where it starts. */
struct boot_layout {
	enum nw_boot_kind kind;
	uint32_t entry;
	uint64_t start, end;
	size_t count;
	struct boot_piece pieces[BOOT_PIECES_MAX];
};

/* What a bzImage says about itself. */
struct boot_linux {
	const uint8_t *header;          /* at offset 0x1f1 of the file */
	size_t header_size;
	const uint8_t *kernel;          /* protected-mode part */
	uint32_t kernel_size;
	uint64_t run_end;               /* end of the memory it needs until it has set up paging; 0 = not said (< 2.10) */
	uint64_t initrd_limit;          /* first address that the initrd may not touch */
	uint32_t cmdline_max;           /* without the final NUL */
};

static inline uint16_t boot_get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline uint32_t boot_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t boot_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static inline void boot_put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static inline uint64_t boot_page_up(uint64_t address)
{
	return (address + BOOT_PAGE - 1) & ~(uint64_t)(BOOT_PAGE - 1);
}

/* Formats "where: text" into err and returns code. */
int boot_fail(char *err, int code, const char *where, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* boot_file.c */
int boot_file_read(const char *path, struct boot_file *file, char *err);
void boot_file_free(struct boot_file *file);
/* Writes pieces as an image of `size` bytes that starts at guest address `base`; holes are left sparse. */
int boot_file_write(const char *path, const struct boot_piece *pieces, size_t count, uint32_t base, uint64_t size,
		    char *err);

/* boot_kind.c: which format; 0 or NW_BOOT_EFORMAT */
int boot_identify(const struct boot_file *file, enum nw_boot_kind *kind, char *err);

/* boot_elf.c: fills the layout with the segments of a multiboot ELF; all of them end at or below limit */
int boot_elf_layout(const struct boot_file *file, uint64_t limit, struct boot_layout *layout, char *err);

/* boot_multiboot.c */
struct boot_multiboot {
	size_t offset;                  /* of the header in the file */
	uint32_t flags;
};
/* Finds the header. False: there is none. */
bool boot_multiboot_find(const struct boot_file *file, struct boot_multiboot *header);
/* Does it say where it is loaded (flag bit 16)? */
bool boot_multiboot_has_addresses(const struct boot_multiboot *header);
/* Fills the layout from the header's address fields or the ELF program headers; see boot_elf_layout(). */
int boot_multiboot_layout(const struct boot_file *file, uint64_t limit, struct boot_layout *layout, char *err);

/* boot_linux.c */
int boot_linux_parse(const struct boot_file *file, struct boot_linux *image, char *err);
/* Adds kernel and initrd (may be NULL) to the layout; all of them end at or below limit. */
int boot_linux_layout(const struct boot_file *file, const struct boot_linux *image, const struct boot_file *initrd,
		      uint64_t limit, struct boot_layout *layout, char *err);

/* boot_handoff.c: the hand-off area, NW_HANDOFF_SIZE bytes, zeroed by the caller */
void boot_handoff_header(uint8_t *area, uint32_t protocol, const struct boot_layout *layout);
int boot_handoff_cmdline(uint8_t *area, const char *cmdline, uint32_t max, const char *kernel, char *err);
void boot_handoff_linux(uint8_t *area, const struct boot_linux *image, const struct boot_piece *initrd);
/* modules: the last request->module_count pieces of the layout */
int boot_handoff_multiboot(uint8_t *area, const struct nw_boot_request *request, const struct boot_layout *layout,
			   char *err);

#endif
