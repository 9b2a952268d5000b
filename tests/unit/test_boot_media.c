/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_boot_media.c - images of disks and CD-ROMs: what is accepted, what is refused and how, and that no damaged one
 * does harm.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot_internal.h"
#include "tap.h"

#define CD_SECTOR       2048u
#define CD_SIZE         (22 * CD_SECTOR)
#define CATALOG         (19 * CD_SECTOR)

static char path[] = "/tmp/nw-media-XXXXXX", err[NW_BOOT_ERRLEN];
static uint8_t image[CD_SIZE];
static size_t size;

static void setup(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	memset(image, 0, sizeof(image));
	size = sizeof(image);
}

static void teardown(void)
{
	unlink(path);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
}

static void write_image(void)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(image, 1, size, f), size);
	fclose(f);
}

static void put_text(size_t offset, const char *text)
{
	memcpy(image + offset, text, strlen(text));
}

static void make_cd(void)
{
	memset(image, 0, sizeof(image));
	image[16 * CD_SECTOR] = 1;
	put_text(16 * CD_SECTOR + 1, "CD001\1");
	put_text(17 * CD_SECTOR + 1, "CD001\1EL TORITO SPECIFICATION");
	boot_put32(image + 17 * CD_SECTOR + 0x47, 19);
	image[18 * CD_SECTOR] = 255;
	put_text(18 * CD_SECTOR + 1, "CD001\1");
	image[CATALOG] = 1;
	memcpy(image + CATALOG + 28, "\xaa\x55\x55\xaa", 4);
	image[CATALOG + 32] = 0x88;
}

static void found(enum nw_boot_media expected)
{
	enum nw_boot_media media = NW_BOOT_NO_MEDIA;

	write_image();
	ck_assert_int_eq(nw_boot_find_media(path, &media, err), 0);
	ck_assert_int_eq(media, expected);
}

static void refused(const char *text)
{
	enum nw_boot_media media;

	write_image();
	ck_assert_int_eq(nw_boot_find_media(path, &media, err), NW_BOOT_EFORMAT);
	ck_assert_msg(strstr(err, text) != NULL, "\"%s\" lacks \"%s\"", err, text);
}

START_TEST(cd)
{
	make_cd();
	found(NW_BOOT_ISO);
	put_text(510, "\x55\xaa"); /* one that is a disk, too */
	found(NW_BOOT_ISO);
}
END_TEST

START_TEST(cd_that_cannot_be_booted)
{
	make_cd();
	image[17 * CD_SECTOR] = 2;
	refused("without an El Torito boot record");
	make_cd();
	image[17 * CD_SECTOR + 7] = 'e';
	refused("without an El Torito boot record");
	make_cd();
	boot_put32(image + 17 * CD_SECTOR + 0x47, 0xffffffff);
	refused("truncated: the boot catalog is in sector 4294967295");
	make_cd();
	boot_put32(image + 17 * CD_SECTOR + 0x47, 22);
	refused("truncated: the boot catalog is in sector 22");
	make_cd();
	image[CATALOG + 28]++;
	refused("damaged El Torito boot catalog");
	make_cd();
	image[CATALOG + 32] = 0;
	refused("not bootable");
}
END_TEST

START_TEST(cd_that_is_cut)
{
	for (size_t n = 16 * CD_SECTOR; n < CATALOG + 64; n += 64) {
		enum nw_boot_media media = NW_BOOT_DISK;

		make_cd();
		size = n;
		write_image();
		if (n < 17 * CD_SECTOR) { /* its first descriptor is not there: nothing that is known here */
			ck_assert_int_eq(nw_boot_find_media(path, &media, err), 0);
			ck_assert_int_eq(media, NW_BOOT_NO_MEDIA);
		} else {
			ck_assert_int_eq(nw_boot_find_media(path, &media, err), NW_BOOT_EFORMAT);
		}
	}
}
END_TEST

/* Descriptors without an end, and any byte of the headers wrong. */
START_TEST(cd_damaged)
{
	static const size_t parts[] = { 16 * CD_SECTOR, 17 * CD_SECTOR, 18 * CD_SECTOR, CATALOG };
	enum nw_boot_media media;

	make_cd();
	for (size_t i = 18; i < 22; i++)
		memcpy(image + i * CD_SECTOR, image + 16 * CD_SECTOR, 7);
	image[17 * CD_SECTOR] = 1;
	refused("without an El Torito boot record");
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		for (size_t i = 0; i < 80; i++) {
			make_cd();
			image[parts[p] + i] ^= 0xff;
			write_image();
			nw_boot_find_media(path, &media, err);
		}
}
END_TEST

START_TEST(disk)
{
	put_text(510, "\x55\xaa");
	size = 1024;
	found(NW_BOOT_DISK);
	ck_assert_int_eq(nw_boot_check_disk(path, true, err), 0);
	size = 1025;
	refused("1025 bytes: a raw disk image has whole sectors");
	size = 512; /* a boot sector */
	found(NW_BOOT_NO_MEDIA);
	size = 1024;
	image[510] = 0;
	found(NW_BOOT_NO_MEDIA);
	ck_assert_int_eq(nw_boot_check_disk(path, false, err), 0);
	ck_assert_int_eq(nw_boot_check_disk(path, true, err), NW_BOOT_EFORMAT);
	ck_assert_ptr_nonnull(strstr(err, "no boot sector"));
	size = 0;
	write_image();
	ck_assert_int_eq(nw_boot_check_disk(path, false, err), NW_BOOT_EFORMAT);
}
END_TEST

START_TEST(what_is_left_to_others)
{
	put_text(0, "\x7f" "ELF");
	put_text(510, "\x55\xaa");
	found(NW_BOOT_NO_MEDIA);
	memset(image, 0, 4);
	put_text(0x202, "HdrS");
	found(NW_BOOT_NO_MEDIA);
}
END_TEST

START_TEST(formats_that_nobody_here_reads)
{
	static const struct {
		size_t offset, length;
		const char *magic, *text;
	} cases[] = {
		{ 0, 2, "\x1f\x8b", "compressed with gzip" },
		{ 0, 6, "\xfd" "7zXZ\0", "compressed with xz" },
		{ 0, 4, "\x28\xb5\x2f\xfd", "compressed with zstd" },
		{ 0, 3, "BZh", "compressed with bzip2" },
		{ 0, 4, "QFI\xfb", "a qcow2 image" },
		{ 0, 4, "KDMV", "a VMDK image" },
		{ 0x40, 4, "\x7f\x10\xda\xbe", "a VDI image" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(image, 0, sizeof(image));
		put_text(510, "\x55\xaa");
		memcpy(image + cases[i].offset, cases[i].magic, cases[i].length);
		refused(cases[i].text);
		ck_assert_int_eq(nw_boot_check_disk(path, false, err), NW_BOOT_EFORMAT);
	}
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
	enum nw_boot_media media;

	ck_assert_int_eq(nw_boot_find_media("/nosuch", &media, err), NW_BOOT_EIO);
	ck_assert_int_eq(nw_boot_find_media("/", &media, err), NW_BOOT_EFORMAT);
	ck_assert_int_eq(nw_boot_check_disk("/nosuch", false, err), NW_BOOT_EIO);
	size = 0;
	found(NW_BOOT_NO_MEDIA);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("boot_media");
	TCase *t = tcase_create("media");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, cd);
	tcase_add_test(t, cd_that_cannot_be_booted);
	tcase_add_test(t, cd_that_is_cut);
	tcase_add_test(t, cd_damaged);
	tcase_add_test(t, disk);
	tcase_add_test(t, what_is_left_to_others);
	tcase_add_test(t, formats_that_nobody_here_reads);
	tcase_add_test(t, files_that_cannot_be_read);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
