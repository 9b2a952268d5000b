/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_linux.c - libnwboot: Linux bzImage files.
 *
 * Source: Documentation/x86/boot.rst of Linux ("The Linux/x86 Boot Protocol", "32-bit Boot Protocol").
 */
#include <inttypes.h>

#include "boot_internal.h"

#define SECTOR                  512u
#define SETUP_SECTS_DEFAULT     4u
#define CMDLINE_MAX_DEFAULT     255u
#define HEADER_MAX              (0x290 - BP_HEADER)     /* what boot_params has room for */
#define PROTOCOL_2_06           0x206u
#define PROTOCOL_2_10           0x20au
#define LOADED_HIGH             0x01u

/* Offsets in the file, and in struct boot_params. */
#define BP_HEADER               0x1f1
#define BP_SETUP_SECTS          0x1f1
#define BP_SYSSIZE              0x1f4
#define BP_JUMP_LENGTH          0x201   /* the header ends 0x202 + this */
#define BP_VERSION              0x206
#define BP_LOADFLAGS            0x211
#define BP_INITRD_ADDR_MAX      0x22c
#define BP_CMDLINE_SIZE         0x238   /* 2.06 */
#define BP_PREF_ADDRESS         0x258   /* 2.10 */
#define BP_INIT_SIZE            0x260   /* 2.10 */
#define BP_2_06_END             0x23c
#define BP_2_10_END             0x264

/* The memory that the kernel uses before it reads the memory map itself. */
static int read_run_end(const struct boot_file *file, struct boot_linux *image, char *err)
{
	const uint8_t *d = file->data;
	uint64_t pref = boot_get64(d + BP_PREF_ADDRESS);

	if (pref >= BOOT_NO_LIMIT)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "preferred address 0x%" PRIx64 " is not below 4 GiB", pref);
	image->run_end = pref + boot_get32(d + BP_INIT_SIZE);
	return 0;
}

static int read_kernel(const struct boot_file *file, struct boot_linux *image, char *err)
{
	const uint8_t *d = file->data;
	uint32_t sectors = d[BP_SETUP_SECTS] ? d[BP_SETUP_SECTS] : SETUP_SECTS_DEFAULT;
	uint64_t offset = (uint64_t)(sectors + 1) * SECTOR;
	uint64_t size = (uint64_t)boot_get32(d + BP_SYSSIZE) * 16;

	/* The field counts 16 bytes; a kernel of another kind may end within the last of them. */
	if (offset <= file->size && size > file->size - offset && size - (file->size - offset) < 16)
		size = file->size - offset;
	if (!size || offset > file->size || size > file->size - offset)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "truncated: a bzImage of 0x%" PRIx64 " + 0x%" PRIx64 " bytes, the file has 0x%zx",
				 offset, size, file->size);
	image->kernel = d + offset;
	image->kernel_size = (uint32_t)size;
	return 0;
}

int boot_linux_parse(const struct boot_file *file, struct boot_linux *image, char *err)
{
	const uint8_t *d = file->data;
	unsigned version;
	size_t end;

	memset(image, 0, sizeof(*image));
	if (file->size < BP_2_06_END)
		return boot_fail(err, NW_BOOT_EFORMAT, file->path, "truncated bzImage header");
	version = boot_get16(d + BP_VERSION);
	end = 0x202u + d[BP_JUMP_LENGTH];
	if (version < PROTOCOL_2_06 || !(d[BP_LOADFLAGS] & LOADED_HIGH))
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "boot protocol %u.%02u, loadflags 0x%02x: 2.06 or later with LOADED_HIGH is accepted",
				 version >> 8, version & 0xff, d[BP_LOADFLAGS]);
	if (end > file->size || end < (version >= PROTOCOL_2_10 ? BP_2_10_END : BP_2_06_END))
		return boot_fail(err, NW_BOOT_EFORMAT, file->path,
				 "bzImage header ends at 0x%zx, too short for protocol %u.%02u", end, version >> 8,
				 version & 0xff);
	image->header = d + BP_HEADER;
	image->header_size = end - BP_HEADER < HEADER_MAX ? end - BP_HEADER : HEADER_MAX;
	image->initrd_limit = (uint64_t)boot_get32(d + BP_INITRD_ADDR_MAX) + 1;
	image->cmdline_max = boot_get32(d + BP_CMDLINE_SIZE);
	if (!image->cmdline_max)
		image->cmdline_max = CMDLINE_MAX_DEFAULT;
	if (version >= PROTOCOL_2_10 && read_run_end(file, image, err))
		return NW_BOOT_EFORMAT;
	return read_kernel(file, image, err);
}

/*
 * The initrd goes directly behind what the kernel needs, so that the image stays small; a kernel that does not say
 * what it needs gets it as high as possible, as boot loaders do.
 */
static int place_initrd(const struct boot_linux *image, const struct boot_file *initrd, uint64_t limit,
			struct boot_layout *layout, char *err)
{
	uint64_t top = image->initrd_limit < limit ? image->initrd_limit : limit;
	uint64_t address = boot_page_up(layout->end);

	if (!initrd->size)
		return boot_fail(err, NW_BOOT_EFORMAT, initrd->path, "empty initial RAM disk");
	if (address > top || initrd->size > top - address)
		return boot_fail(err, NW_BOOT_ELIMIT, initrd->path,
				 "initial RAM disk of 0x%zx bytes does not fit between 0x%" PRIx64 " and 0x%" PRIx64
				 ": more guest memory is needed", initrd->size, address, top);
	if (!image->run_end)
		address = (top - initrd->size) & ~(uint64_t)(BOOT_PAGE - 1);
	layout->pieces[layout->count++] = (struct boot_piece){
		initrd->data, (uint32_t)initrd->size, (uint32_t)address
	};
	layout->end = address + initrd->size;
	return 0;
}

int boot_linux_layout(const struct boot_file *file, const struct boot_linux *image, const struct boot_file *initrd,
		      uint64_t limit, struct boot_layout *layout, char *err)
{
	uint64_t needed = BOOT_LINUX_ADDRESS + (uint64_t)image->kernel_size;

	if (image->run_end > needed)
		needed = image->run_end;
	if (needed > limit)
		return boot_fail(err, NW_BOOT_ELIMIT, file->path,
				 "the kernel needs RAM up to 0x%" PRIx64 ", 0x%" PRIx64
				 " is usable: more guest memory is needed", needed, limit);
	layout->kind = NW_BOOT_LINUX;
	layout->entry = BOOT_LINUX_ADDRESS;
	layout->start = BOOT_LINUX_ADDRESS;
	layout->end = needed;
	layout->count = 1;
	layout->pieces[0] = (struct boot_piece){ image->kernel, image->kernel_size, BOOT_LINUX_ADDRESS };
	if (initrd)
		return place_initrd(image, initrd, limit, layout, err);
	layout->end = BOOT_LINUX_ADDRESS + (uint64_t)image->kernel_size;
	return 0;
}
