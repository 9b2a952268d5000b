/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_samples.h - small valid guests made in memory, for the tests of libnwboot. Each builder returns the size.
 */
#ifndef BOOT_SAMPLES_H
#define BOOT_SAMPLES_H

#include <elf.h>
#include <stdbool.h>

#include "boot_internal.h"

#define SAMPLE_MAX              0x8000
#define SAMPLE_SEGMENT_1        0x100000u       /* text: headers and multiboot header, 0x180 bytes */
#define SAMPLE_SEGMENT_2        0x180000u       /* data: 0x100 bytes, then 0x2300 bytes of zeros */
#define SAMPLE_TEXT_SIZE        0x180u
#define SAMPLE_DATA_SIZE        0x100u
#define SAMPLE_DATA_MEMORY      0x2400u
#define SAMPLE_ENTRY            0x100140u
#define SAMPLE_MB_OFFSET        0x100u
#define SAMPLE_PHDR_OFFSET      0x40u
#define SAMPLE_LINUX_SETUP      1024u           /* boot sector and one setup sector */
#define SAMPLE_LINUX_KERNEL     0x2000u
#define SAMPLE_LINUX_PREF       0x1000000u
#define SAMPLE_LINUX_INIT       0x234567u

static inline void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put64(uint8_t *p, uint64_t v)
{
	boot_put32(p, (uint32_t)v);
	boot_put32(p + 4, (uint32_t)(v >> 32));
}

static inline void sample_multiboot(uint8_t *p, uint32_t flags)
{
	boot_put32(p, 0x1badb002);
	boot_put32(p + 4, flags);
	boot_put32(p + 8, 0u - 0x1badb002u - flags);
}

/* Address fields: the text at SAMPLE_SEGMENT_1, then SAMPLE_DATA_MEMORY zeros; not an ELF file. */
static inline size_t sample_flat(uint8_t *image)
{
	static const uint32_t fields[5] = {
		SAMPLE_SEGMENT_1 + 0x40, SAMPLE_SEGMENT_1, SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE,
		SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE + SAMPLE_DATA_MEMORY, SAMPLE_ENTRY
	};

	memset(image, 0, SAMPLE_MAX);
	sample_multiboot(image + SAMPLE_MB_OFFSET, 0x10000);
	for (int i = 0; i < 5; i++)
		boot_put32(image + SAMPLE_MB_OFFSET + 12 + 4 * i, fields[i]);
	return SAMPLE_MB_OFFSET - 0x40 + SAMPLE_TEXT_SIZE;
}

static inline void sample_phdr32(uint8_t *image, unsigned number, Elf32_Phdr phdr)
{
	memcpy(image + SAMPLE_PHDR_OFFSET + number * sizeof(phdr), &phdr, sizeof(phdr));
}

static inline void sample_phdr64(uint8_t *image, unsigned number, Elf64_Phdr phdr)
{
	memcpy(image + SAMPLE_PHDR_OFFSET + number * sizeof(phdr), &phdr, sizeof(phdr));
}

static inline size_t sample_contents(uint8_t *image)
{
	sample_multiboot(image + SAMPLE_MB_OFFSET, 3);
	for (size_t i = 0; i < SAMPLE_DATA_SIZE; i++)
		image[SAMPLE_TEXT_SIZE + i] = (uint8_t)(i * 7 + 1);
	return SAMPLE_TEXT_SIZE + SAMPLE_DATA_SIZE;
}

static inline size_t sample_elf32(uint8_t *image)
{
	Elf32_Ehdr ehdr = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT, .e_entry = SAMPLE_ENTRY,
		.e_phoff = SAMPLE_PHDR_OFFSET, .e_ehsize = sizeof(ehdr), .e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 3,
	};

	memset(image, 0, SAMPLE_MAX);
	memcpy(image, &ehdr, sizeof(ehdr));
	sample_phdr32(image, 0, (Elf32_Phdr){ .p_type = PT_LOAD, .p_vaddr = SAMPLE_SEGMENT_1,
		.p_paddr = SAMPLE_SEGMENT_1, .p_filesz = SAMPLE_TEXT_SIZE, .p_memsz = SAMPLE_TEXT_SIZE });
	sample_phdr32(image, 1, (Elf32_Phdr){ .p_type = PT_LOAD, .p_offset = SAMPLE_TEXT_SIZE,
		.p_vaddr = SAMPLE_SEGMENT_2, .p_paddr = SAMPLE_SEGMENT_2, .p_filesz = SAMPLE_DATA_SIZE,
		.p_memsz = SAMPLE_DATA_MEMORY });
	sample_phdr32(image, 2, (Elf32_Phdr){ .p_type = PT_GNU_STACK });
	return sample_contents(image);
}

static inline size_t sample_elf64(uint8_t *image)
{
	Elf64_Ehdr ehdr = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_entry = SAMPLE_ENTRY,
		.e_phoff = SAMPLE_PHDR_OFFSET, .e_ehsize = sizeof(ehdr), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};

	memset(image, 0, SAMPLE_MAX);
	memcpy(image, &ehdr, sizeof(ehdr));
	sample_phdr64(image, 0, (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = SAMPLE_SEGMENT_1,
		.p_paddr = SAMPLE_SEGMENT_1, .p_filesz = SAMPLE_TEXT_SIZE, .p_memsz = SAMPLE_TEXT_SIZE });
	sample_phdr64(image, 1, (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = SAMPLE_TEXT_SIZE,
		.p_vaddr = SAMPLE_SEGMENT_2, .p_paddr = SAMPLE_SEGMENT_2, .p_filesz = SAMPLE_DATA_SIZE,
		.p_memsz = SAMPLE_DATA_MEMORY });
	sample_phdr64(image, 2, (Elf64_Phdr){ .p_type = PT_GNU_STACK });
	return sample_contents(image);
}

/* A bzImage; version 0x20f has all fields, 0x206 ends after cmdline_size. */
static inline size_t sample_linux(uint8_t *image, unsigned version)
{
	memset(image, 0, SAMPLE_MAX);
	image[0x1f1] = 1;
	boot_put32(image + 0x1f4, SAMPLE_LINUX_KERNEL / 16);
	put16(image + 0x1fe, 0xaa55);
	image[0x200] = 0xeb;
	image[0x201] = version >= 0x20a ? 0x268 - 0x202 : 0x23c - 0x202;
	memcpy(image + 0x202, "HdrS", 4);
	put16(image + 0x206, version);
	image[0x211] = 0x01;
	boot_put32(image + 0x214, 0x100000);
	boot_put32(image + 0x22c, 0x7fffffff);
	boot_put32(image + 0x238, 100);
	if (version >= 0x20a) {
		put64(image + 0x258, SAMPLE_LINUX_PREF);
		boot_put32(image + 0x260, SAMPLE_LINUX_INIT);
	}
	for (size_t i = 0; i < SAMPLE_LINUX_KERNEL; i++)
		image[SAMPLE_LINUX_SETUP + i] = (uint8_t)(i * 5 + 3);
	return SAMPLE_LINUX_SETUP + SAMPLE_LINUX_KERNEL;
}

static inline size_t sample_sector(uint8_t *image)
{
	memset(image, 0, SAMPLE_MAX);
	image[0] = 0xf4;
	put16(image + 510, 0xaa55);
	return 512;
}

#endif
