/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_boot.c - libnwboot from request to image files: what lies where in guest RAM, the hand-off area, the bochsrc
 * lines, refused requests, and that a failure leaves no file behind.
 */
#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot_samples.h"
#include "tap.h"

#define MEMORY  (64ull * BOOT_MIB)
#define TOP     ((uint32_t)MEMORY - BOOT_PAGE)

static char directory[64], output[80], kernel_path[96], initrd_path[96], module_path[96];
static char err[NW_BOOT_ERRLEN];
static uint8_t image[SAMPLE_MAX];
static struct nw_boot_request request;
static struct nw_boot_plan plan;

/* ---- Helpers ----------------------------------------------------------------------------------------- */

static void put_file(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, size, f), size);
	ck_assert_int_eq(fclose(f), 0);
}

static uint8_t *get_image(size_t number, size_t *size)
{
	FILE *f = fopen(plan.images[number].path, "rb");
	uint8_t *data;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	*size = (size_t)ftell(f);
	rewind(f);
	data = malloc(*size);
	ck_assert_uint_eq(fread(data, 1, *size, f), *size);
	fclose(f);
	return data;
}

/* Number of entries in the output directory, optionally removing the files. */
static int entries(bool clean)
{
	DIR *dir = opendir(output);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir))) {
		char path[512];

		if (e->d_name[0] == '.')
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", output, e->d_name);
		if (clean)
			remove(path);
	}
	closedir(dir);
	return n;
}

static void set_up(void)
{
	strcpy(directory, "/tmp/test_boot.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(output, sizeof(output), "%s/out", directory);
	snprintf(kernel_path, sizeof(kernel_path), "%s/kernel", directory);
	snprintf(initrd_path, sizeof(initrd_path), "%s/initrd", directory);
	snprintf(module_path, sizeof(module_path), "%s/module", directory);
	ck_assert_int_eq(mkdir(output, 0700), 0);
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 11 + 5);
	put_file(initrd_path, image, 5001);
	put_file(module_path, image, 4097);
	request = (struct nw_boot_request){ .kernel = kernel_path, .memory_bytes = MEMORY, .directory = output };
}

static void tear_down(void)
{
	entries(true);
	rmdir(output);
	remove(kernel_path);
	remove(initrd_path);
	remove(module_path);
	rmdir(directory);
}

static void use_elf(void)
{
	put_file(kernel_path, image, sample_elf32(image));
}

static void use_linux(void)
{
	put_file(kernel_path, image, sample_linux(image, 0x20f));
}

static void use_sector(void)
{
	put_file(kernel_path, image, sample_sector(image));
}

static void prepare(void)
{
	ck_assert_msg(nw_boot_prepare(&request, &plan, err) == 0, "%s", err);
}

static void refused(int code, const char *text)
{
	memset(&plan, 0xff, sizeof(plan));
	ck_assert_int_eq(nw_boot_prepare(&request, &plan, err), code);
	ck_assert_msg(strstr(err, text) != NULL, "\"%s\" lacks \"%s\"", err, text);
	ck_assert_ptr_null(strchr(err, '\n'));
	ck_assert_uint_eq(plan.image_count, 0);
	ck_assert_int_eq(entries(false), 0);
}

/* The three images of a payload, in the order that Bochs's block allocation needs. */
static void check_images(uint32_t payload)
{
	ck_assert_uint_eq(plan.image_count, 3);
	ck_assert_uint_eq(plan.memory_mib, MEMORY / BOOT_MIB);
	ck_assert_uint_eq(plan.images[0].address, TOP);
	ck_assert_uint_eq(plan.images[1].address, NW_HANDOFF_ADDRESS);
	ck_assert_uint_eq(plan.images[2].address, payload);
	ck_assert_int_eq(entries(false), 3);
}

static void check_handoff(const uint8_t *area, uint32_t protocol, uint32_t entry)
{
	ck_assert_uint_eq(boot_get32(area + NW_HO_MAGIC), NW_HANDOFF_MAGIC);
	ck_assert_uint_eq(boot_get32(area + NW_HO_VERSION), NW_HANDOFF_VERSION);
	ck_assert_uint_eq(boot_get32(area + NW_HO_PROTOCOL), protocol);
	ck_assert_uint_eq(boot_get32(area + NW_HO_ENTRY), entry);
}

/* ---- Multiboot --------------------------------------------------------------------------------------- */

START_TEST(multiboot_payload)
{
	uint32_t end = SAMPLE_SEGMENT_2 - SAMPLE_SEGMENT_1 + SAMPLE_DATA_MEMORY;
	uint8_t *data;
	size_t size;

	use_elf();
	prepare();
	ck_assert_int_eq(plan.kind, NW_BOOT_MULTIBOOT);
	ck_assert_uint_eq(plan.entry, SAMPLE_ENTRY);
	check_images(SAMPLE_SEGMENT_1);
	data = get_image(2, &size);
	ck_assert_uint_eq(size, end + NW_END_MARK_SIZE);
	ck_assert_mem_eq(data, image, SAMPLE_TEXT_SIZE);
	ck_assert_mem_eq(data + 0x80000, image + SAMPLE_TEXT_SIZE, SAMPLE_DATA_SIZE);
	for (size_t i = 0x80000 + SAMPLE_DATA_SIZE; i < end; i++)
		ck_assert_uint_eq(data[i], 0);
	ck_assert_uint_eq(boot_get32(data + end), NW_END_MARK_0);
	ck_assert_uint_eq(boot_get32(data + end + 4), NW_END_MARK_1);
	free(data);
}
END_TEST

START_TEST(multiboot_handoff)
{
	uint32_t mark = SAMPLE_SEGMENT_2 + SAMPLE_DATA_MEMORY;
	uint8_t *area, *mbi;
	size_t size;

	use_elf();
	request.cmdline = "one two";
	prepare();
	area = get_image(1, &size);
	ck_assert_uint_eq(size, NW_HANDOFF_SIZE);
	check_handoff(area, NW_PROTOCOL_MULTIBOOT, SAMPLE_ENTRY);
	ck_assert_uint_eq(boot_get32(area + NW_HO_EAX), 0x2badb002);
	ck_assert_uint_eq(boot_get32(area + NW_HO_EBX), NW_HANDOFF_ADDRESS + NW_HO_MBI);
	ck_assert_uint_eq(boot_get32(area + NW_HO_PAYLOAD_START), SAMPLE_SEGMENT_1);
	ck_assert_uint_eq(boot_get32(area + NW_HO_PAYLOAD_END), mark);
	mbi = area + NW_HO_MBI;
	ck_assert_uint_eq(boot_get32(mbi), 0x24d);
	ck_assert_uint_eq(boot_get32(mbi + 16), NW_HANDOFF_ADDRESS + NW_HO_CMDLINE);
	ck_assert_str_eq((char *)area + NW_HO_CMDLINE, "one two");
	ck_assert_uint_eq(boot_get32(mbi + 20), 0);
	ck_assert_uint_eq(boot_get32(mbi + 48), NW_HANDOFF_ADDRESS + NW_HO_MMAP);
	ck_assert_str_eq((char *)area + boot_get32(mbi + 64) - NW_HANDOFF_ADDRESS, "nwboot");
	free(area);
}
END_TEST

START_TEST(multiboot_modules)
{
	struct nw_boot_module modules[2] = { { initrd_path, "first" }, { module_path, NULL } };
	uint32_t first = (uint32_t)boot_page_up(SAMPLE_SEGMENT_2 + SAMPLE_DATA_MEMORY), second = first + 0x2000;
	uint8_t *area, *data, *list;
	size_t size;

	use_elf();
	request.modules = modules;
	request.module_count = 2;
	prepare();
	area = get_image(1, &size);
	ck_assert_uint_eq(boot_get32(area + NW_HO_MBI + 20), 2);
	ck_assert_uint_eq(boot_get32(area + NW_HO_MBI + 24), NW_HANDOFF_ADDRESS + NW_HO_MODULES);
	list = area + NW_HO_MODULES;
	ck_assert_uint_eq(boot_get32(list), first);
	ck_assert_uint_eq(boot_get32(list + 4), first + 5001);
	ck_assert_str_eq((char *)area + boot_get32(list + 8) - NW_HANDOFF_ADDRESS, "first");
	ck_assert_uint_eq(boot_get32(list + 16), second);
	ck_assert_uint_eq(boot_get32(list + 20), second + 4097);
	ck_assert_str_eq((char *)area + boot_get32(list + 24) - NW_HANDOFF_ADDRESS, module_path);
	free(area);
	data = get_image(2, &size);
	ck_assert_uint_eq(data[second - SAMPLE_SEGMENT_1 + 4096], (uint8_t)(4096 * 11 + 5));
	free(data);
}
END_TEST

START_TEST(multiboot_module_fits_exactly)
{
	struct nw_boot_module module = { module_path, NULL };
	uint64_t start = boot_page_up(SAMPLE_SEGMENT_2 + SAMPLE_DATA_MEMORY);
	uint64_t room = 8 * BOOT_MIB - BOOT_TOP_RESERVED - BOOT_PAGE - start;

	use_elf();
	request.memory_bytes = 8 * BOOT_MIB;
	request.modules = &module;
	request.module_count = 1;
	ck_assert_int_eq(truncate(module_path, (off_t)room + 1), 0);
	refused(NW_BOOT_ELIMIT, "more guest memory is needed");
	ck_assert_int_eq(truncate(module_path, (off_t)room), 0);
	prepare();
}
END_TEST

START_TEST(multiboot_too_many_modules_or_strings)
{
	struct nw_boot_module modules[NW_HO_MODULES_MAX + 1];
	char longer[NW_HO_STRINGS_SIZE / NW_HO_MODULES_MAX + 1];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	for (size_t i = 0; i <= NW_HO_MODULES_MAX; i++)
		modules[i] = (struct nw_boot_module){ module_path, "" };
	use_elf();
	request.modules = modules;
	request.module_count = NW_HO_MODULES_MAX + 1;
	refused(NW_BOOT_EREQUEST, "33 modules, at most 32 are accepted");
	request.module_count = NW_HO_MODULES_MAX;
	prepare();
	entries(true);
	for (size_t i = 0; i < NW_HO_MODULES_MAX; i++)
		modules[i].string = longer;
	refused(NW_BOOT_ELIMIT, "module strings are too long");
}
END_TEST

START_TEST(multiboot_command_line_size)
{
	static char cmdline[NW_HO_CMDLINE_SIZE + 1];

	use_elf();
	request.cmdline = cmdline;
	memset(cmdline, 'c', NW_HO_CMDLINE_SIZE);
	refused(NW_BOOT_ELIMIT, "4096 bytes is too long, 4095 are accepted");
	cmdline[NW_HO_CMDLINE_SIZE - 1] = 0;
	prepare();
}
END_TEST

/* ---- Linux ------------------------------------------------------------------------------------------- */

START_TEST(linux_images)
{
	uint32_t initrd = (uint32_t)boot_page_up(SAMPLE_LINUX_PREF + SAMPLE_LINUX_INIT);
	uint8_t *area, *bp, *data;
	size_t size;

	use_linux();
	request.initrd = initrd_path;
	request.cmdline = "console=ttyS0";
	prepare();
	ck_assert_int_eq(plan.kind, NW_BOOT_LINUX);
	check_images(0x100000);
	area = get_image(1, &size);
	check_handoff(area, NW_PROTOCOL_LINUX, 0x100000);
	ck_assert_uint_eq(boot_get32(area + NW_HO_ESI), NW_HANDOFF_ADDRESS + NW_HO_BOOT_PARAMS);
	ck_assert_uint_eq(boot_get32(area + NW_HO_EBX), 0);
	ck_assert_uint_eq(boot_get32(area + NW_HO_PAYLOAD_END), initrd + 5008); /* the mark is in one block */
	bp = area + NW_HO_BOOT_PARAMS;
	ck_assert_mem_eq(bp + 0x1f1, image + 0x1f1, 0x1fa - 0x1f1);
	ck_assert_mem_eq(bp + 0x200, image + 0x200, 0x10);
	ck_assert_uint_eq(boot_get16(bp + 0x1fa), 0xffff);
	ck_assert_uint_eq(bp[0x210], 0xff);
	ck_assert_uint_eq(bp[0x211], 0x01);
	ck_assert_uint_eq(boot_get32(bp + 0x218), initrd);
	ck_assert_uint_eq(boot_get32(bp + 0x21c), 5001);
	ck_assert_uint_eq(boot_get32(bp + 0x228), NW_HANDOFF_ADDRESS + NW_HO_CMDLINE);
	ck_assert_str_eq((char *)area + NW_HO_CMDLINE, "console=ttyS0");
	ck_assert_uint_eq(boot_get32(bp + 0x260), SAMPLE_LINUX_INIT);
	ck_assert_uint_eq(bp[0x1ef], 0); /* sentinel of boot.rst: not zero means a careless loader */
	free(area);
	data = get_image(2, &size);
	ck_assert_mem_eq(data, image + SAMPLE_LINUX_SETUP, SAMPLE_LINUX_KERNEL);
	ck_assert_uint_eq(data[initrd - 0x100000 + 5000], (uint8_t)(5000 * 11 + 5));
	ck_assert_uint_eq(boot_get32(data + size - NW_END_MARK_SIZE), NW_END_MARK_0);
	free(data);
}
END_TEST

/* What a loader owns in the header is set, whatever the file has there. */
START_TEST(linux_header_fields_of_the_loader)
{
	uint8_t *area, *bp;
	size_t size = sample_linux(image, 0x20f);

	image[0x211] = 0xc1; /* CAN_USE_HEAP, KEEP_SEGMENTS */
	put64(image + 0x250, 0x123456789ull); /* setup_data */
	boot_put32(image + 0x218, 0xdead0000);
	put_file(kernel_path, image, size);
	prepare();
	area = get_image(1, &size);
	bp = area + NW_HO_BOOT_PARAMS;
	ck_assert_uint_eq(bp[0x211], 0x01);
	ck_assert_uint_eq(boot_get64(bp + 0x250), 0);
	ck_assert_uint_eq(boot_get32(bp + 0x218), 0);
	ck_assert_uint_eq(boot_get32(bp + 0x21c), 0);
	free(area);
}
END_TEST

START_TEST(linux_header_beyond_its_room_is_cut)
{
	uint8_t *area;
	size_t size;

	sample_linux(image, 0x20f);
	image[0x201] = 0x7f + 0x40; /* a header up to 0x2c1, boot_params has room up to 0x290 */
	memset(image + 0x268, 0xaa, 0x60);
	put_file(kernel_path, image, SAMPLE_LINUX_SETUP + SAMPLE_LINUX_KERNEL);
	prepare();
	area = get_image(1, &size);
	ck_assert_uint_eq(area[NW_HO_BOOT_PARAMS + 0x28f], 0xaa);
	ck_assert_uint_eq(area[NW_HO_BOOT_PARAMS + 0x290], 0);
	free(area);
}
END_TEST

START_TEST(linux_command_line_size)
{
	char cmdline[102];

	use_linux();
	memset(cmdline, 'c', 101);
	cmdline[101] = 0;
	request.cmdline = cmdline;
	refused(NW_BOOT_ELIMIT, "101 bytes is too long, 100 are accepted");
	cmdline[100] = 0;
	prepare();
}
END_TEST

START_TEST(linux_initrd_too_large)
{
	use_linux();
	request.initrd = initrd_path;
	ck_assert_int_eq(truncate(initrd_path, (off_t)MEMORY), 0);
	refused(NW_BOOT_ELIMIT, "more guest memory is needed");
	request.memory_bytes = 16 * BOOT_MIB;
	refused(NW_BOOT_ELIMIT, "the kernel needs RAM up to");
}
END_TEST

/* ---- Boot sector ------------------------------------------------------------------------------------- */

START_TEST(sector_image)
{
	uint8_t *area;
	size_t size;

	use_sector();
	prepare();
	ck_assert_int_eq(plan.kind, NW_BOOT_SECTOR);
	ck_assert_uint_eq(plan.entry, 0x7c00);
	ck_assert_uint_eq(plan.image_count, 1);
	area = get_image(0, &size);
	check_handoff(area, NW_PROTOCOL_SECTOR, 0x7c00);
	ck_assert_uint_eq(boot_get32(area + NW_HO_PAYLOAD_END), 0);
	ck_assert_mem_eq(area + NW_HO_SECTOR, image, 512);
	free(area);
}
END_TEST

/* ---- Requests ---------------------------------------------------------------------------------------- */

START_TEST(memory_size)
{
	static const uint64_t bad[] = { 0, 7 * BOOT_MIB, 8 * BOOT_MIB + 4096, 65537ull * BOOT_MIB, ~0ull };

	use_elf();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request.memory_bytes = bad[i];
		refused(NW_BOOT_EREQUEST, "whole MiB from 8 to 65536 are accepted");
	}
	request.memory_bytes = 2048ull * BOOT_MIB;
	prepare();
	ck_assert_uint_eq(plan.images[0].address, 0x7ffff000);
	request.memory_bytes = 65536ull * BOOT_MIB;
	prepare();
	ck_assert_uint_eq(plan.images[0].address, 0xbffff000);
	ck_assert_uint_eq(nw_boot_bochs_mib(3072), 3072);
	ck_assert_uint_eq(nw_boot_bochs_mib(3073), 4097);
	ck_assert_uint_eq(nw_boot_bochs_mib(plan.memory_mib), 65536 + 1024);
}
END_TEST

START_TEST(what_does_not_go_together)
{
	struct nw_boot_module module = { module_path, NULL };

	use_elf();
	request.initrd = initrd_path;
	refused(NW_BOOT_EREQUEST, "the guest is of kind multiboot");
	request.initrd = NULL;
	request.modules = &module;
	request.module_count = 1;
	use_linux();
	refused(NW_BOOT_EREQUEST, "the guest is of kind linux");
	request.module_count = 0;
	use_sector();
	request.cmdline = "x";
	refused(NW_BOOT_EREQUEST, "a boot sector takes no command line");
	request.cmdline = "";
	prepare();
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
	request.kernel = "/nonexistent/kernel";
	refused(NW_BOOT_EIO, "/nonexistent/kernel: cannot be opened");
	request.kernel = directory;
	refused(NW_BOOT_EFORMAT, "not a regular file");
	request.kernel = kernel_path;
	put_file(kernel_path, image, 0);
	refused(NW_BOOT_EFORMAT, "not a guest");
	use_linux();
	request.initrd = "/nonexistent/initrd";
	refused(NW_BOOT_EIO, "/nonexistent/initrd: cannot be opened");
}
END_TEST

START_TEST(directory_that_cannot_be_written)
{
	char longer[NW_BOOT_PATH_MAX];

	use_elf();
	request.directory = "/nonexistent";
	refused(NW_BOOT_EIO, "/nonexistent/nwboot-top.ram: cannot be created");
	memset(longer, 'd', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	request.directory = longer;
	refused(NW_BOOT_EREQUEST, "ddd: path too long, Bochs accepts 511 bytes");
}
END_TEST

/* A file size limit between the small images and the payload: the last write fails, the first files go away. */
START_TEST(full_disk_leaves_nothing)
{
	struct rlimit limit = { NW_HANDOFF_SIZE, NW_HANDOFF_SIZE };

	use_elf();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	refused(NW_BOOT_EIO, "nwboot-payload.ram: cannot be written");
}
END_TEST

START_TEST(name_that_is_taken_leaves_nothing)
{
	char path[128];

	use_elf();
	snprintf(path, sizeof(path), "%s/nwboot-payload.ram", output);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(nw_boot_prepare(&request, &plan, err), NW_BOOT_EIO);
	ck_assert_int_eq(entries(false), 1);
}
END_TEST

START_TEST(second_preparation_replaces_the_first)
{
	use_elf();
	prepare();
	use_linux();
	prepare();
	ck_assert_int_eq(entries(false), 3);
	ck_assert_int_eq(plan.kind, NW_BOOT_LINUX);
}
END_TEST

/* ---- Inspection and bochsrc -------------------------------------------------------------------------- */

START_TEST(inspection)
{
	enum nw_boot_kind kind;

	use_elf();
	ck_assert_int_eq(nw_boot_inspect(kernel_path, &kind, err), 0);
	ck_assert_str_eq(nw_boot_kind_name(kind), "multiboot");
	use_linux();
	ck_assert_int_eq(nw_boot_inspect(kernel_path, &kind, err), 0);
	ck_assert_str_eq(nw_boot_kind_name(kind), "linux");
	use_sector();
	ck_assert_int_eq(nw_boot_inspect(kernel_path, &kind, err), 0);
	ck_assert_str_eq(nw_boot_kind_name(kind), "sector");
	put_file(kernel_path, image, 511);
	ck_assert_int_eq(nw_boot_inspect(kernel_path, &kind, err), NW_BOOT_EFORMAT);
	ck_assert_int_eq(strncmp(err, kernel_path, strlen(kernel_path)), 0);
}
END_TEST

START_TEST(bochsrc_lines)
{
	char expected[1024], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	use_elf();
	prepare();
	ck_assert_int_eq(nw_boot_write_bochsrc(out, &plan, "/share/nwboot.rom", err), 0);
	fclose(out);
	snprintf(expected, sizeof(expected),
		 "memory: guest=64, host=64, block_size=1024\n"
		 "optromimage1: file=\"/share/nwboot.rom\", address=0xd0000\n"
		 "optramimage1: file=\"%s/nwboot-top.ram\", address=0x3fff000\n"
		 "optramimage2: file=\"%s/nwboot-handoff.ram\", address=0x10000\n"
		 "optramimage3: file=\"%s/nwboot-payload.ram\", address=0x100000\n", output, output, output);
	ck_assert_str_eq(text, expected);
	free(text);
}
END_TEST

START_TEST(bochsrc_paths)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	use_elf();
	prepare();
	ck_assert_int_eq(nw_boot_write_bochsrc(out, &plan, "/a$b/nwboot.rom", err), NW_BOOT_EREQUEST);
	strcpy(plan.images[2].path, "/a\"b");
	ck_assert_int_eq(nw_boot_write_bochsrc(out, &plan, "/nwboot.rom", err), NW_BOOT_EREQUEST);
	fclose(out);
	ck_assert_uint_eq(size, 0);
	free(text);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("boot");
	TCase *t = tcase_create("images");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, multiboot_payload);
	tcase_add_test(t, multiboot_handoff);
	tcase_add_test(t, multiboot_modules);
	tcase_add_test(t, multiboot_module_fits_exactly);
	tcase_add_test(t, multiboot_too_many_modules_or_strings);
	tcase_add_test(t, multiboot_command_line_size);
	tcase_add_test(t, linux_images);
	tcase_add_test(t, linux_header_fields_of_the_loader);
	tcase_add_test(t, linux_header_beyond_its_room_is_cut);
	tcase_add_test(t, linux_command_line_size);
	tcase_add_test(t, linux_initrd_too_large);
	tcase_add_test(t, sector_image);
	suite_add_tcase(s, t);
	t = tcase_create("requests");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, memory_size);
	tcase_add_test(t, what_does_not_go_together);
	tcase_add_test(t, files_that_cannot_be_read);
	tcase_add_test(t, directory_that_cannot_be_written);
	tcase_add_test(t, full_disk_leaves_nothing);
	tcase_add_test(t, name_that_is_taken_leaves_nothing);
	tcase_add_test(t, second_preparation_replaces_the_first);
	tcase_add_test(t, inspection);
	tcase_add_test(t, bochsrc_lines);
	tcase_add_test(t, bochsrc_paths);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
