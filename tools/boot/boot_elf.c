/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_elf.c - libnwboot: the loadable segments of ELF files.
 *
 * Source: System V gABI, chapters 4 and 5.
 */
#include <elf.h>
#include <inttypes.h>

#include "boot_internal.h"

/* A program header with the fields of both classes. */
struct segment {
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

struct elf {
	const struct boot_file *file;
	bool is64;
	uint64_t entry, phoff;
	unsigned phnum, phentsize;
	size_t count;
	struct segment segments[BOOT_SEGMENTS_MAX];
};

static int read_header(struct elf *elf, char *err)
{
	const struct boot_file *f = elf->file;
	const uint8_t *d = f->data;
	unsigned type, machine;

	elf->is64 = f->size > EI_CLASS && d[EI_CLASS] == ELFCLASS64;
	if (f->size < (elf->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return boot_fail(err, NW_BOOT_EFORMAT, f->path, "truncated ELF header");
	if ((!elf->is64 && d[EI_CLASS] != ELFCLASS32) || d[EI_DATA] != ELFDATA2LSB || d[EI_VERSION] != EV_CURRENT)
		return boot_fail(err, NW_BOOT_EFORMAT, f->path,
				 "ELF class %u, data %u, version %u: little-endian ELF32 or ELF64 is accepted",
				 d[EI_CLASS], d[EI_DATA], d[EI_VERSION]);
	type = boot_get16(d + offsetof(Elf64_Ehdr, e_type));
	machine = boot_get16(d + offsetof(Elf64_Ehdr, e_machine));
	if (type != ET_EXEC || (machine != EM_386 && machine != EM_X86_64))
		return boot_fail(err, NW_BOOT_EFORMAT, f->path,
				 "ELF type %u, machine %u: a static executable (type 2) for x86 (3 or 62) is accepted",
				 type, machine);
	if (elf->is64) {
		elf->entry = boot_get64(d + offsetof(Elf64_Ehdr, e_entry));
		elf->phoff = boot_get64(d + offsetof(Elf64_Ehdr, e_phoff));
		elf->phentsize = boot_get16(d + offsetof(Elf64_Ehdr, e_phentsize));
		elf->phnum = boot_get16(d + offsetof(Elf64_Ehdr, e_phnum));
	} else {
		elf->entry = boot_get32(d + offsetof(Elf32_Ehdr, e_entry));
		elf->phoff = boot_get32(d + offsetof(Elf32_Ehdr, e_phoff));
		elf->phentsize = boot_get16(d + offsetof(Elf32_Ehdr, e_phentsize));
		elf->phnum = boot_get16(d + offsetof(Elf32_Ehdr, e_phnum));
	}
	return 0;
}

static void read_segment(const struct elf *elf, const uint8_t *p, struct segment *s)
{
	if (elf->is64) {
		s->offset = boot_get64(p + offsetof(Elf64_Phdr, p_offset));
		s->vaddr = boot_get64(p + offsetof(Elf64_Phdr, p_vaddr));
		s->paddr = boot_get64(p + offsetof(Elf64_Phdr, p_paddr));
		s->filesz = boot_get64(p + offsetof(Elf64_Phdr, p_filesz));
		s->memsz = boot_get64(p + offsetof(Elf64_Phdr, p_memsz));
	} else {
		s->offset = boot_get32(p + offsetof(Elf32_Phdr, p_offset));
		s->vaddr = boot_get32(p + offsetof(Elf32_Phdr, p_vaddr));
		s->paddr = boot_get32(p + offsetof(Elf32_Phdr, p_paddr));
		s->filesz = boot_get32(p + offsetof(Elf32_Phdr, p_filesz));
		s->memsz = boot_get32(p + offsetof(Elf32_Phdr, p_memsz));
	}
}

/* Every comparison is written so that no sum of two numbers from the file can wrap. */
static int check_segment(const struct elf *elf, const struct segment *s, unsigned number, uint64_t limit, char *err)
{
	const struct boot_file *f = elf->file;

	if (s->filesz > s->memsz)
		return boot_fail(err, NW_BOOT_EFORMAT, f->path,
				 "segment %u: file size 0x%" PRIx64 " is larger than memory size 0x%" PRIx64, number,
				 s->filesz, s->memsz);
	if (s->offset > f->size || s->filesz > f->size - s->offset)
		return boot_fail(err, NW_BOOT_EFORMAT, f->path,
				 "truncated: segment %u needs bytes 0x%" PRIx64 " + 0x%" PRIx64 ", the file has 0x%zx",
				 number, s->offset, s->filesz, f->size);
	if (s->paddr < BOOT_LOW_END || s->paddr > limit || s->memsz > limit - s->paddr)
		return boot_fail(err, NW_BOOT_ELIMIT, f->path,
				 "segment %u: physical 0x%" PRIx64 " + 0x%" PRIx64 " is outside the usable RAM, "
				 "0x%x-0x%" PRIx64 " is accepted", number, s->paddr, s->memsz, BOOT_LOW_END, limit);
	for (size_t i = 0; i < elf->count; i++) {
		const struct segment *o = &elf->segments[i];

		if (s->paddr < o->paddr + o->memsz && o->paddr < s->paddr + s->memsz)
			return boot_fail(err, NW_BOOT_EFORMAT, f->path,
					 "segment %u: physical 0x%" PRIx64 " + 0x%" PRIx64 " overlaps another segment",
					 number, s->paddr, s->memsz);
	}
	return 0;
}

static int read_segments(struct elf *elf, uint64_t limit, char *err)
{
	const struct boot_file *f = elf->file;
	size_t wanted = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t type_offset = offsetof(Elf64_Phdr, p_type);

	if (!elf->phnum || elf->phnum == PN_XNUM || elf->phentsize < wanted || elf->phoff > f->size ||
	    (uint64_t)elf->phnum * elf->phentsize > f->size - elf->phoff)
		return boot_fail(err, NW_BOOT_EFORMAT, f->path, "ELF program headers are missing or truncated");
	for (unsigned i = 0; i < elf->phnum; i++) {
		const uint8_t *p = f->data + elf->phoff + (uint64_t)i * elf->phentsize;
		struct segment s;
		int result;

		read_segment(elf, p, &s);
		if (boot_get32(p + type_offset) != PT_LOAD || !s.memsz)
			continue;
		if (elf->count == BOOT_SEGMENTS_MAX)
			return boot_fail(err, NW_BOOT_EFORMAT, f->path, "more than %d loadable segments",
					 BOOT_SEGMENTS_MAX);
		result = check_segment(elf, &s, i, limit, err);
		if (result)
			return result;
		elf->segments[elf->count++] = s;
	}
	if (!elf->count)
		return boot_fail(err, NW_BOOT_EFORMAT, f->path, "no loadable ELF segment");
	return 0;
}

/* The entry is a physical address, or a virtual one that a segment maps: kernels linked high have either. */
static int find_entry(const struct elf *elf, uint32_t *entry, char *err)
{
	for (size_t i = 0; i < elf->count; i++) {
		const struct segment *s = &elf->segments[i];

		if (elf->entry >= s->paddr && elf->entry - s->paddr < s->memsz) {
			*entry = (uint32_t)elf->entry;
			return 0;
		}
	}
	for (size_t i = 0; i < elf->count; i++) {
		const struct segment *s = &elf->segments[i];

		if (elf->entry >= s->vaddr && elf->entry - s->vaddr < s->memsz) {
			*entry = (uint32_t)(s->paddr + (elf->entry - s->vaddr));
			return 0;
		}
	}
	return boot_fail(err, NW_BOOT_EFORMAT, elf->file->path,
			 "entry 0x%" PRIx64 " is in none of the loadable segments", elf->entry);
}

int boot_elf_layout(const struct boot_file *file, uint64_t limit, struct boot_layout *layout, char *err)
{
	struct elf elf = { .file = file };
	int result = read_header(&elf, err);

	if (!result)
		result = read_segments(&elf, limit, err);
	if (!result)
		result = find_entry(&elf, &layout->entry, err);
	if (result)
		return result;
	layout->kind = NW_BOOT_MULTIBOOT;
	layout->start = BOOT_NO_LIMIT;
	layout->end = 0;
	layout->count = 0;
	for (size_t i = 0; i < elf.count; i++) {
		const struct segment *s = &elf.segments[i];

		if (s->paddr < layout->start)
			layout->start = s->paddr;
		if (s->paddr + s->memsz > layout->end)
			layout->end = s->paddr + s->memsz;
		layout->pieces[layout->count++] = (struct boot_piece){
			file->data + s->offset, (uint32_t)s->filesz, (uint32_t)s->paddr
		};
	}
	return 0;
}
