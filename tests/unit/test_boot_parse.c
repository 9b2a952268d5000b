/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_boot_parse.c - the parsers of libnwboot: what they accept, and that no malformed file gets through or makes
 * them read outside the file (each input is in a heap block of exactly its size, for address checkers).
 */
#include <check.h>
#include <stdlib.h>

#include "boot_samples.h"
#include "tap.h"

#define LIMIT   0x1000000u      /* 16 MiB */

static uint8_t image[SAMPLE_MAX];
static char err[NW_BOOT_ERRLEN];
static struct boot_layout layout;

/* ---- Helpers ----------------------------------------------------------------------------------------- */

/* What a layout promises, whatever the file was. */
static void check_layout(const uint8_t *data, size_t size, uint64_t limit)
{
	ck_assert_uint_ge(layout.start, BOOT_LOW_END);
	ck_assert_uint_le(layout.end, limit);
	for (size_t i = 0; i < layout.count; i++) {
		const struct boot_piece *p = &layout.pieces[i];

		ck_assert(p->data >= data && p->data <= data + size);
		ck_assert_uint_le(p->size, (size_t)(data + size - p->data));
		ck_assert_uint_ge(p->address, layout.start);
		ck_assert_uint_le((uint64_t)p->address + p->size, layout.end);
		for (size_t k = 0; k < i; k++)
			ck_assert((uint64_t)p->address + p->size <= layout.pieces[k].address ||
				  (uint64_t)layout.pieces[k].address + layout.pieces[k].size <= p->address);
	}
}

/* Identifies and parses a copy of the bytes as nw_boot_prepare does; 0 or the error. */
static int parse(const uint8_t *bytes, size_t size)
{
	struct boot_file file = { .path = "guest", .data = malloc(size ? size : 1), .size = size };
	struct boot_linux kernel;
	enum nw_boot_kind kind;
	int result;

	if (size)
		memcpy(file.data, bytes, size);
	memset(err, 0, sizeof(err));
	result = boot_identify(&file, &kind, err);
	if (!result && kind == NW_BOOT_MULTIBOOT)
		result = boot_multiboot_layout(&file, LIMIT, &layout, err);
	else if (!result && kind == NW_BOOT_LINUX) {
		result = boot_linux_parse(&file, &kernel, err);
		if (!result)
			result = boot_linux_layout(&file, &kernel, NULL, 1u << 31, &layout, err);
	}
	if (!result && kind != NW_BOOT_SECTOR)
		check_layout(file.data, size, kind == NW_BOOT_LINUX ? 1u << 31 : LIMIT);
	if (result)
		ck_assert_int_eq(strncmp(err, "guest: ", 7), 0);
	free(file.data);
	return result;
}

static void refused(size_t size, int code, const char *text)
{
	ck_assert_int_eq(parse(image, size), code);
	ck_assert_msg(strstr(err, text) != NULL, "\"%s\" lacks \"%s\"", err, text);
}

static Elf32_Phdr get_phdr32(unsigned number)
{
	Elf32_Phdr phdr;

	memcpy(&phdr, image + SAMPLE_PHDR_OFFSET + number * sizeof(phdr), sizeof(phdr));
	return phdr;
}

static Elf64_Phdr get_phdr64(unsigned number)
{
	Elf64_Phdr phdr;

	memcpy(&phdr, image + SAMPLE_PHDR_OFFSET + number * sizeof(phdr), sizeof(phdr));
	return phdr;
}

static size_t sample(int kind)
{
	switch (kind) {
	case 0:
		return sample_elf32(image);
	case 1:
		return sample_elf64(image);
	case 2:
		return sample_linux(image, 0x206);
	case 3:
		return sample_linux(image, 0x20f);
	case 4:
		return sample_flat(image);
	default:
		return sample_sector(image);
	}
}

static bool is_multiboot(int kind)
{
	return kind < 2 || kind == 4;
}

/* ---- Every kind -------------------------------------------------------------------------------------- */

START_TEST(valid_file_is_accepted)
{
	ck_assert_int_eq(parse(image, sample(_i)), 0);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	size_t size = sample(_i);

	for (size_t n = 0; n < size; n++) {
		bool sector = n == 512 && boot_get16(image + 510) == 0xaa55; /* the first 512 bytes of a bzImage */
		bool rounded = (_i == 2 || _i == 3) && n > size - 16; /* its size is counted in 16 bytes */

		ck_assert_int_eq(parse(image, n), sector || rounded ? 0 : NW_BOOT_EFORMAT);
	}
}
END_TEST

/* Any single wrong byte in the headers: refused or a layout that keeps its promises (checked in parse). */
START_TEST(any_header_byte_is_harmless)
{
	size_t size = sample(_i), headers = is_multiboot(_i) ? SAMPLE_TEXT_SIZE : 0x270;
	unsigned refusals = 0;

	for (size_t at = 0; at < headers; at++) {
		uint8_t saved = image[at];

		for (unsigned v = 0; v < 256; v++) {
			image[at] = (uint8_t)v;
			refusals += parse(image, size) != 0;
		}
		image[at] = saved;
	}
	ck_assert_uint_gt(refusals, 255);
}
END_TEST

/* Many wrong fields at once, the same ones in every run. */
START_TEST(random_damage_is_harmless)
{
	uint32_t seed = 12345 + (uint32_t)_i;

	for (int round = 0; round < 20000; round++) {
		size_t size = sample(_i);

		for (int k = 0; k < 3; k++) {
			seed = seed * 1664525 + 1013904223;
			boot_put32(image + (seed >> 8) % 0x180 + (is_multiboot(_i) ? 0x10 : 0x1e0), seed & 0x80 ? ~0u : seed);
		}
		parse(image, size);
	}
}
END_TEST

START_TEST(other_files_are_refused)
{
	memset(image, 0, sizeof(image));
	refused(0, NW_BOOT_EFORMAT, "is accepted");
	refused(512, NW_BOOT_EFORMAT, "is accepted");
	sample_sector(image);
	refused(513, NW_BOOT_EFORMAT, "boot sector");
}
END_TEST

/* ---- ELF --------------------------------------------------------------------------------------------- */

START_TEST(elf_layout)
{
	size_t size = sample(_i);

	ck_assert_int_eq(parse(image, size), 0);
	ck_assert_uint_eq(layout.entry, SAMPLE_ENTRY);
	ck_assert_uint_eq(layout.start, SAMPLE_SEGMENT_1);
	ck_assert_uint_eq(layout.end, SAMPLE_SEGMENT_2 + SAMPLE_DATA_MEMORY);
	ck_assert_uint_eq(layout.count, 2);
	ck_assert_uint_eq(layout.pieces[1].address, SAMPLE_SEGMENT_2);
	ck_assert_uint_eq(layout.pieces[1].size, SAMPLE_DATA_SIZE);
}
END_TEST

START_TEST(elf_header_fields)
{
	size_t size = sample_elf32(image);

	image[EI_DATA] = ELFDATA2MSB;
	refused(size, NW_BOOT_EFORMAT, "little-endian ELF32 or ELF64 is accepted");
	sample_elf32(image);
	image[EI_CLASS] = 3;
	refused(size, NW_BOOT_EFORMAT, "ELF class 3");
	sample_elf32(image);
	put16(image + offsetof(Elf32_Ehdr, e_type), ET_DYN);
	refused(size, NW_BOOT_EFORMAT, "ELF type 3");
	sample_elf32(image);
	put16(image + offsetof(Elf32_Ehdr, e_machine), EM_ARM);
	refused(size, NW_BOOT_EFORMAT, "machine 40");
	sample_elf32(image);
	put16(image + offsetof(Elf32_Ehdr, e_phnum), 0);
	refused(size, NW_BOOT_EFORMAT, "program headers");
	sample_elf32(image);
	put16(image + offsetof(Elf32_Ehdr, e_phentsize), 8);
	refused(size, NW_BOOT_EFORMAT, "program headers");
	sample_elf32(image);
	boot_put32(image + offsetof(Elf32_Ehdr, e_phoff), 0xfffffff0);
	refused(size, NW_BOOT_EFORMAT, "program headers");
}
END_TEST

START_TEST(elf_multiboot_header)
{
	size_t size = sample_elf32(image);

	image[SAMPLE_MB_OFFSET + 8]++;
	refused(size, NW_BOOT_EFORMAT, "without a Multiboot 1 header");
	sample_elf32(image);
	sample_multiboot(image + SAMPLE_MB_OFFSET, 0x8);
	refused(size, NW_BOOT_EFORMAT, "bits 0 to 2 and 16 are accepted");
	sample_multiboot(image + SAMPLE_MB_OFFSET, 0x4); /* a video mode is a wish */
	ck_assert_int_eq(parse(image, size), 0);
	sample_multiboot(image + SAMPLE_MB_OFFSET, 0x20000); /* upper bits are optional for the loader */
	ck_assert_int_eq(parse(image, size), 0);
}
END_TEST

/* Section 3.1: the whole header is in the first 8192 bytes, on a 4-byte boundary. */
START_TEST(elf_multiboot_header_place)
{
	sample_elf32(image);
	memset(image + SAMPLE_MB_OFFSET, 0, 12);
	sample_multiboot(image + 8192 - 12, 3);
	ck_assert_int_eq(parse(image, 0x4000), 0);
	memset(image + 8192 - 12, 0, 12);
	sample_multiboot(image + 8192 - 8, 3);
	refused(0x4000, NW_BOOT_EFORMAT, "first 8192 bytes");
	memset(image + 8192 - 8, 0, 12);
	sample_multiboot(image + 0x202, 3);
	refused(0x4000, NW_BOOT_EFORMAT, "first 8192 bytes");
}
END_TEST

/* ---- Address fields ---------------------------------------------------------------------------------- */

static void set_field(unsigned number, uint32_t value)
{
	boot_put32(image + SAMPLE_MB_OFFSET + 12 + 4 * number, value);
}

START_TEST(address_fields_layout)
{
	size_t size = sample_flat(image);

	ck_assert_int_eq(parse(image, size), 0);
	ck_assert_uint_eq(layout.start, SAMPLE_SEGMENT_1);
	ck_assert_uint_eq(layout.entry, SAMPLE_ENTRY);
	ck_assert_uint_eq(layout.end, SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE + SAMPLE_DATA_MEMORY);
	ck_assert_uint_eq(layout.pieces[0].size, SAMPLE_TEXT_SIZE);
	set_field(2, 0); /* up to the end of the file */
	set_field(3, 0); /* no .bss */
	ck_assert_int_eq(parse(image, size + 8), 0);
	ck_assert_uint_eq(layout.end, SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE + 8);
}
END_TEST

START_TEST(address_fields_that_do_not_fit)
{
	static const struct {
		unsigned field;
		uint32_t value;
		int code;
		const char *text;
	} cases[] = {
		{ 0, SAMPLE_SEGMENT_1 - 4, NW_BOOT_EFORMAT, "does not go with the header" },
		{ 0, 0xffffffff, NW_BOOT_EFORMAT, "does not go with the header" },
		{ 1, SAMPLE_SEGMENT_1 - 0x1000, NW_BOOT_EFORMAT, "does not go with the header" },
		{ 2, SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE + 1, NW_BOOT_EFORMAT, "truncated" },
		{ 2, 0xffffffff, NW_BOOT_EFORMAT, "truncated" },
		{ 2, SAMPLE_SEGMENT_1 - 1, NW_BOOT_EFORMAT, "truncated" },
		{ 3, SAMPLE_SEGMENT_1 + 1, NW_BOOT_ELIMIT, "outside the usable RAM" },
		{ 3, LIMIT + 1, NW_BOOT_ELIMIT, "outside the usable RAM" },
		{ 4, SAMPLE_SEGMENT_1 - 1, NW_BOOT_EFORMAT, "entry" },
		{ 4, 0xffffffff, NW_BOOT_EFORMAT, "entry" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = sample_flat(image);

		set_field(cases[i].field, cases[i].value);
		refused(size, cases[i].code, cases[i].text);
	}
}
END_TEST

START_TEST(address_fields_in_low_memory)
{
	size_t size = sample_flat(image);

	for (unsigned i = 0; i < 5; i++)
		set_field(i, boot_get32(image + SAMPLE_MB_OFFSET + 12 + 4 * i) - SAMPLE_SEGMENT_1 + 0x10000);
	refused(size, NW_BOOT_ELIMIT, "outside the usable RAM");
}
END_TEST

START_TEST(address_fields_win_over_elf)
{
	sample_flat(image);
	memcpy(image, ELFMAG, SELFMAG);
	ck_assert_int_eq(parse(image, 0x4000), 0);
	ck_assert_uint_eq(layout.pieces[0].size, SAMPLE_TEXT_SIZE);
}
END_TEST

START_TEST(elf_segment_in_low_memory)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = get_phdr32(0);

	phdr.p_paddr = BOOT_LOW_END - 1;
	sample_phdr32(image, 0, phdr);
	refused(size, NW_BOOT_ELIMIT, "segment 0: physical 0xfffff");
	phdr.p_paddr = NW_HANDOFF_ADDRESS;
	sample_phdr32(image, 0, phdr);
	refused(size, NW_BOOT_ELIMIT, "0x100000-0x1000000 is accepted");
}
END_TEST

START_TEST(elf_segment_at_the_end_of_memory)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = get_phdr32(1);

	phdr.p_paddr = LIMIT - phdr.p_memsz;
	sample_phdr32(image, 1, phdr);
	ck_assert_int_eq(parse(image, size), 0);
	phdr.p_paddr++;
	sample_phdr32(image, 1, phdr);
	refused(size, NW_BOOT_ELIMIT, "segment 1");
	phdr.p_paddr = 0xfffffff0;
	sample_phdr32(image, 1, phdr);
	refused(size, NW_BOOT_ELIMIT, "segment 1");
}
END_TEST

START_TEST(elf64_numbers_beyond_4_gib)
{
	size_t size = sample_elf64(image);
	Elf64_Phdr good = get_phdr64(1), phdr = good;

	phdr.p_paddr = 0x100000000ull + SAMPLE_SEGMENT_2;
	sample_phdr64(image, 1, phdr);
	refused(size, NW_BOOT_ELIMIT, "0x100180000");
	phdr = good;
	phdr.p_memsz = ~0ull - 0x1000;
	sample_phdr64(image, 1, phdr);
	refused(size, NW_BOOT_ELIMIT, "segment 1");
	phdr = good;
	phdr.p_offset = ~0ull - 0x10;
	sample_phdr64(image, 1, phdr);
	refused(size, NW_BOOT_EFORMAT, "truncated: segment 1");
	phdr = good;
	phdr.p_filesz = ~0ull - 0x10;
	phdr.p_memsz = ~0ull;
	sample_phdr64(image, 1, phdr);
	refused(size, NW_BOOT_EFORMAT, "truncated: segment 1");
}
END_TEST

START_TEST(elf_segments_overlap)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = get_phdr32(1);

	phdr.p_paddr = SAMPLE_SEGMENT_1 + SAMPLE_TEXT_SIZE;
	sample_phdr32(image, 1, phdr);
	ck_assert_int_eq(parse(image, size), 0);
	phdr.p_paddr--;
	sample_phdr32(image, 1, phdr);
	refused(size, NW_BOOT_EFORMAT, "overlaps another segment");
}
END_TEST

START_TEST(elf_file_size_larger_than_memory_size)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = get_phdr32(1);

	phdr.p_memsz = phdr.p_filesz - 1;
	sample_phdr32(image, 1, phdr);
	refused(size, NW_BOOT_EFORMAT, "larger than memory size");
}
END_TEST

START_TEST(elf_number_of_segments)
{
	size_t size = 0x1000;

	for (unsigned n = BOOT_SEGMENTS_MAX; n <= BOOT_SEGMENTS_MAX + 1; n++) {
		sample_elf32(image);
		put16(image + offsetof(Elf32_Ehdr, e_phnum), n);
		boot_put32(image + offsetof(Elf32_Ehdr, e_phoff), 0x800);
		for (unsigned i = 0; i < n; i++) {
			Elf32_Phdr phdr = { .p_type = PT_LOAD, .p_paddr = SAMPLE_SEGMENT_1 + i * 0x1000,
					    .p_memsz = 0x1000 };

			memcpy(image + 0x800 + i * sizeof(phdr), &phdr, sizeof(phdr));
		}
		if (n == BOOT_SEGMENTS_MAX)
			ck_assert_int_eq(parse(image, size), 0);
		else
			refused(size, NW_BOOT_EFORMAT, "more than 32 loadable segments");
	}
}
END_TEST

START_TEST(elf_entry_is_physical_or_virtual)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = get_phdr32(0);

	phdr.p_vaddr = 0xc0100000;
	sample_phdr32(image, 0, phdr);
	ck_assert_int_eq(parse(image, size), 0);
	ck_assert_uint_eq(layout.entry, SAMPLE_ENTRY);
	boot_put32(image + offsetof(Elf32_Ehdr, e_entry), 0xc0100140);
	ck_assert_int_eq(parse(image, size), 0);
	ck_assert_uint_eq(layout.entry, SAMPLE_ENTRY);
	boot_put32(image + offsetof(Elf32_Ehdr, e_entry), 0xc0100000 + SAMPLE_TEXT_SIZE);
	refused(size, NW_BOOT_EFORMAT, "in none of the loadable segments");
}
END_TEST

START_TEST(elf_without_segments)
{
	size_t size = sample_elf32(image);
	Elf32_Phdr phdr = { .p_type = PT_NOTE };

	sample_phdr32(image, 0, phdr);
	sample_phdr32(image, 1, phdr);
	refused(size, NW_BOOT_EFORMAT, "no loadable ELF segment");
}
END_TEST

/* ---- Linux ------------------------------------------------------------------------------------------- */

static struct boot_file kernel_file(size_t size)
{
	return (struct boot_file){ .path = "guest", .data = image, .size = size };
}

START_TEST(linux_protocol)
{
	size_t size = sample_linux(image, 0x20f);

	put16(image + 0x206, 0x205);
	refused(size, NW_BOOT_EFORMAT, "boot protocol 2.05");
	sample_linux(image, 0x20f);
	image[0x211] = 0;
	refused(size, NW_BOOT_EFORMAT, "LOADED_HIGH is accepted");
	sample_linux(image, 0x20f);
	image[0x201] = 0x263 - 0x202;
	refused(size, NW_BOOT_EFORMAT, "too short for protocol 2.15");
	sample_linux(image, 0x20f);
	put64(image + 0x258, 1ull << 32);
	refused(size, NW_BOOT_EFORMAT, "preferred address");
}
END_TEST

START_TEST(linux_setup_sectors_default_to_four)
{
	size_t size = sample_linux(image, 0x20f);
	struct boot_file file = kernel_file(SAMPLE_MAX);
	struct boot_linux kernel;

	image[0x1f1] = 0;
	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_ptr_eq(kernel.kernel, image + 5 * 512);
	refused(size, NW_BOOT_EFORMAT, "truncated");
}
END_TEST

START_TEST(linux_command_line_size)
{
	struct boot_file file = kernel_file(sample_linux(image, 0x20f));
	struct boot_linux kernel;

	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_uint_eq(kernel.cmdline_max, 100);
	boot_put32(image + 0x238, 0);
	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_uint_eq(kernel.cmdline_max, 255);
}
END_TEST

START_TEST(linux_kernel_needs_its_memory)
{
	struct boot_file file = kernel_file(sample_linux(image, 0x20f));
	uint64_t needed = SAMPLE_LINUX_PREF + SAMPLE_LINUX_INIT;
	struct boot_linux kernel;

	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, NULL, needed, &layout, err), 0);
	ck_assert_uint_eq(layout.end, 0x100000 + SAMPLE_LINUX_KERNEL);
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, NULL, needed - 1, &layout, err), NW_BOOT_ELIMIT);
	ck_assert_ptr_nonnull(strstr(err, "more guest memory is needed"));
}
END_TEST

START_TEST(linux_initrd_follows_the_kernel)
{
	struct boot_file file = kernel_file(sample_linux(image, 0x20f));
	uint64_t expected = boot_page_up(SAMPLE_LINUX_PREF + SAMPLE_LINUX_INIT);
	struct boot_file initrd = { .path = "initrd", .data = image, .size = 5000 };
	struct boot_linux kernel;

	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, expected + 5000, &layout, err), 0);
	ck_assert_uint_eq(layout.pieces[1].address, expected);
	ck_assert_uint_eq(layout.end, expected + 5000);
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, expected + 4999, &layout, err), NW_BOOT_ELIMIT);
	ck_assert_ptr_nonnull(strstr(err, "initrd: initial RAM disk of 0x1388 bytes does not fit"));
	kernel.initrd_limit = expected + 4999;
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, 1u << 31, &layout, err), NW_BOOT_ELIMIT);
	initrd.size = 0;
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, 1u << 31, &layout, err), NW_BOOT_EFORMAT);
}
END_TEST

START_TEST(linux_initrd_of_an_old_kernel_is_high)
{
	struct boot_file file = kernel_file(sample_linux(image, 0x206));
	struct boot_file initrd = { .path = "initrd", .data = image, .size = 5000 };
	struct boot_linux kernel;

	ck_assert_int_eq(boot_linux_parse(&file, &kernel, err), 0);
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, 0x7f00000, &layout, err), 0);
	ck_assert_uint_eq(layout.pieces[1].address, 0x7f00000 - 0x2000);
	ck_assert_uint_eq(kernel.initrd_limit, 0x80000000u); /* the field is the last byte that may be used */
	kernel.initrd_limit = 0x4000000;
	ck_assert_int_eq(boot_linux_layout(&file, &kernel, &initrd, 0x7f00000, &layout, err), 0);
	ck_assert_uint_eq(layout.pieces[1].address, 0x4000000 - 0x2000);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("boot_parse");
	TCase *t = tcase_create("all kinds");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, valid_file_is_accepted, 0, 6);
	tcase_add_loop_test(t, every_truncation_is_refused, 0, 6);
	tcase_add_loop_test(t, any_header_byte_is_harmless, 0, 5);
	tcase_add_loop_test(t, random_damage_is_harmless, 0, 5);
	tcase_add_test(t, other_files_are_refused);
	suite_add_tcase(s, t);
	t = tcase_create("elf");
	tcase_add_loop_test(t, elf_layout, 0, 2);
	tcase_add_test(t, elf_header_fields);
	tcase_add_test(t, elf_multiboot_header);
	tcase_add_test(t, elf_multiboot_header_place);
	tcase_add_test(t, address_fields_layout);
	tcase_add_test(t, address_fields_that_do_not_fit);
	tcase_add_test(t, address_fields_in_low_memory);
	tcase_add_test(t, address_fields_win_over_elf);
	tcase_add_test(t, elf_segment_in_low_memory);
	tcase_add_test(t, elf_segment_at_the_end_of_memory);
	tcase_add_test(t, elf64_numbers_beyond_4_gib);
	tcase_add_test(t, elf_segments_overlap);
	tcase_add_test(t, elf_file_size_larger_than_memory_size);
	tcase_add_test(t, elf_number_of_segments);
	tcase_add_test(t, elf_entry_is_physical_or_virtual);
	tcase_add_test(t, elf_without_segments);
	suite_add_tcase(s, t);
	t = tcase_create("linux");
	tcase_add_test(t, linux_protocol);
	tcase_add_test(t, linux_setup_sectors_default_to_four);
	tcase_add_test(t, linux_command_line_size);
	tcase_add_test(t, linux_kernel_needs_its_memory);
	tcase_add_test(t, linux_initrd_follows_the_kernel);
	tcase_add_test(t, linux_initrd_of_an_old_kernel_is_high);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
