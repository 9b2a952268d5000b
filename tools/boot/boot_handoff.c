/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_handoff.c - libnwboot: the hand-off area of nw_handoff.h. The option ROM adds what only the BIOS knows: the
 * memory map and the sizes that follow from it.
 */
#include "boot_internal.h"

#define MB_LOADER_MAGIC         0x2badb002
#define MB_INFO_MEMORY          0x001u
#define MB_INFO_CMDLINE         0x004u
#define MB_INFO_MODULES         0x008u
#define MB_INFO_MMAP            0x040u
#define MB_INFO_LOADER_NAME     0x200u
#define MB_MODULE_SIZE          16

/* Offsets in the multiboot information structure. */
#define MBI_FLAGS               0
#define MBI_CMDLINE             16
#define MBI_MODS_COUNT          20
#define MBI_MODS_ADDR           24
#define MBI_MMAP_ADDR           48
#define MBI_LOADER_NAME         64

/* Offsets in struct boot_params. */
#define BP_HEADER               0x1f1
#define BP_VID_MODE             0x1fa
#define BP_TYPE_OF_LOADER       0x210
#define BP_LOADFLAGS            0x211
#define BP_CODE32_START         0x214
#define BP_RAMDISK_IMAGE        0x218
#define BP_RAMDISK_SIZE         0x21c
#define BP_CMD_LINE_PTR         0x228
#define BP_SETUP_DATA           0x250
#define LOADER_UNDEFINED        0xff
#define LOADED_HIGH             0x01
#define VID_MODE_NORMAL         0xffff

static const char loader_name[] = "nwboot";

static uint32_t address_of(uint32_t offset)
{
	return NW_HANDOFF_ADDRESS + offset;
}

void boot_handoff_header(uint8_t *area, uint32_t protocol, const struct boot_layout *layout)
{
	boot_put32(area + NW_HO_MAGIC, NW_HANDOFF_MAGIC);
	boot_put32(area + NW_HO_VERSION, NW_HANDOFF_VERSION);
	boot_put32(area + NW_HO_PROTOCOL, protocol);
	boot_put32(area + NW_HO_ENTRY, layout->entry);
	boot_put32(area + NW_HO_PAYLOAD_START, (uint32_t)layout->start);
	boot_put32(area + NW_HO_PAYLOAD_END, (uint32_t)layout->end);
}

int boot_handoff_cmdline(uint8_t *area, const char *cmdline, uint32_t max, const char *kernel, char *err)
{
	size_t length = cmdline ? strlen(cmdline) : 0;

	if (max > NW_HO_CMDLINE_SIZE - 1)
		max = NW_HO_CMDLINE_SIZE - 1;
	if (length > max)
		return boot_fail(err, NW_BOOT_ELIMIT, kernel,
				 "command line of %zu bytes is too long, %u are accepted", length, max);
	if (length)
		memcpy(area + NW_HO_CMDLINE, cmdline, length);
	return 0;
}

void boot_handoff_linux(uint8_t *area, const struct boot_linux *image, const struct boot_piece *initrd)
{
	uint8_t *bp = area + NW_HO_BOOT_PARAMS;

	memcpy(bp + BP_HEADER, image->header, image->header_size);
	bp[BP_TYPE_OF_LOADER] = LOADER_UNDEFINED;
	bp[BP_LOADFLAGS] = LOADED_HIGH;
	bp[BP_VID_MODE] = VID_MODE_NORMAL & 0xff;
	bp[BP_VID_MODE + 1] = VID_MODE_NORMAL >> 8;
	boot_put32(bp + BP_CODE32_START, BOOT_LINUX_ADDRESS);
	boot_put32(bp + BP_RAMDISK_IMAGE, initrd ? initrd->address : 0);
	boot_put32(bp + BP_RAMDISK_SIZE, initrd ? initrd->size : 0);
	boot_put32(bp + BP_CMD_LINE_PTR, address_of(NW_HO_CMDLINE));
	memset(bp + BP_SETUP_DATA, 0, 8);
	boot_put32(area + NW_HO_ESI, address_of(NW_HO_BOOT_PARAMS));
}

/* Appends a string to the string space; its address, or 0 when there is no room. */
static uint32_t add_string(uint8_t *area, uint32_t *used, const char *string)
{
	size_t size = strlen(string) + 1;
	uint32_t offset = NW_HO_STRINGS + *used;

	if (size > NW_HO_STRINGS_SIZE - *used)
		return 0;
	memcpy(area + offset, string, size);
	*used += (uint32_t)size;
	return address_of(offset);
}

static int add_modules(uint8_t *area, uint32_t *used, const struct nw_boot_request *request,
		       const struct boot_piece *pieces, char *err)
{
	for (size_t i = 0; i < request->module_count; i++) {
		const struct nw_boot_module *m = &request->modules[i];
		uint8_t *entry = area + NW_HO_MODULES + i * MB_MODULE_SIZE;
		uint32_t string = add_string(area, used, m->string ? m->string : m->path);

		if (!string)
			return boot_fail(err, NW_BOOT_ELIMIT, m->path,
					 "module strings are too long, %u bytes in all are accepted",
					 NW_HO_STRINGS_SIZE);
		boot_put32(entry, pieces[i].address);
		boot_put32(entry + 4, pieces[i].address + pieces[i].size);
		boot_put32(entry + 8, string);
	}
	return 0;
}

int boot_handoff_multiboot(uint8_t *area, const struct nw_boot_request *request, const struct boot_layout *layout,
			   char *err)
{
	uint8_t *mbi = area + NW_HO_MBI;
	uint32_t used = 0;

	boot_put32(mbi + MBI_FLAGS, MB_INFO_MEMORY | MB_INFO_CMDLINE | MB_INFO_MODULES | MB_INFO_MMAP |
				    MB_INFO_LOADER_NAME);
	boot_put32(mbi + MBI_CMDLINE, address_of(NW_HO_CMDLINE));
	boot_put32(mbi + MBI_MODS_COUNT, (uint32_t)request->module_count);
	boot_put32(mbi + MBI_MODS_ADDR, address_of(NW_HO_MODULES));
	boot_put32(mbi + MBI_MMAP_ADDR, address_of(NW_HO_MMAP));
	boot_put32(mbi + MBI_LOADER_NAME, add_string(area, &used, loader_name));
	boot_put32(area + NW_HO_EAX, MB_LOADER_MAGIC);
	boot_put32(area + NW_HO_EBX, address_of(NW_HO_MBI));
	return add_modules(area, &used, request, layout->pieces + layout->count - request->module_count, err);
}
