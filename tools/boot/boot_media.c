/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_media.c - libnwboot: images of disks and CD-ROMs, which the BIOS boots.
 *
 * Sources: ECMA-119 (ISO 9660), sections 6.2 and 8; "El Torito" Bootable CD-ROM Format Specification 1.0, section 2.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot_internal.h"

#define SECTOR                  512u
#define SECTOR_MARK_OFFSET      0x1fe
#define SECTOR_MARK             0xaa55
#define CD_SECTOR               2048u
#define CD_DESCRIPTORS          16u             /* number of the first volume descriptor */
#define CD_DESCRIPTORS_MAX      16u             /* so many are looked at */
#define CD_IDENTIFIER           "CD001"
#define CD_BOOT_RECORD          0
#define CD_TERMINATOR           255
#define CD_BOOT_SYSTEM          "EL TORITO SPECIFICATION"
#define CD_CATALOG_OFFSET       0x47
#define CD_CATALOG_HEADER       1
#define CD_ENTRY_SIZE           32u
#define CD_BOOTABLE             0x88
#define HEAD_SIZE               (CD_SECTOR * (CD_DESCRIPTORS + CD_DESCRIPTORS_MAX))

/* The beginning of a file. */
struct head {
	const char *path;
	int fd;
	uint64_t file_size;
	size_t size;
	uint8_t data[HEAD_SIZE];
};

/* What a file may be that nothing here can read. */
static const struct {
	unsigned offset, length;
	const char *magic, *name;
} unreadable[] = {
	{ 0, 2, "\x1f\x8b", "compressed with gzip" },
	{ 0, 6, "\xfd" "7zXZ\0", "compressed with xz" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "compressed with zstd" },
	{ 0, 3, "BZh", "compressed with bzip2" },
	{ 0, 4, "QFI\xfb", "a qcow2 image" },
	{ 0, 4, "KDMV", "a VMDK image" },
	{ 0, 21, "# Disk DescriptorFile", "a VMDK description" },
	{ 0, 8, "vhdxfile", "a VHDX image" },
	{ 0, 8, "conectix", "a VHD image" },
	{ 0x40, 4, "\x7f\x10\xda\xbe", "a VDI image" },
};

static int read_at(const struct head *h, uint64_t offset, uint8_t *data, size_t size, size_t *done)
{
	*done = 0;
	while (*done < size) {
		ssize_t n = pread(h->fd, data + *done, size - *done, (off_t)(offset + *done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		*done += (size_t)n;
	}
	return 0;
}

static int open_head(struct head *h, const char *path, char *err)
{
	struct stat st;

	memset(h, 0, sizeof(*h));
	h->path = path;
	h->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (h->fd < 0)
		return boot_fail(err, NW_BOOT_EIO, path, "cannot be opened: %s", strerror(errno));
	if (fstat(h->fd, &st) || !S_ISREG(st.st_mode)) {
		close(h->fd);
		return boot_fail(err, NW_BOOT_EFORMAT, path, "not a regular file");
	}
	h->file_size = (uint64_t)st.st_size;
	if (read_at(h, 0, h->data, sizeof(h->data), &h->size)) {
		close(h->fd);
		return boot_fail(err, NW_BOOT_EIO, path, "read error: %s", strerror(errno));
	}
	return 0;
}

static int check_readable(const struct head *h, char *err)
{
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		const uint8_t *p = h->data + unreadable[i].offset;

		if (h->size >= unreadable[i].offset + unreadable[i].length &&
		    !memcmp(p, unreadable[i].magic, unreadable[i].length))
			return boot_fail(err, NW_BOOT_EFORMAT, h->path,
					 "%s: unpack or convert it, raw images and ISO 9660 are accepted",
					 unreadable[i].name);
	}
	return 0;
}

/* The volume descriptor with this number, or NULL when the file has none there. */
static const uint8_t *descriptor(const struct head *h, unsigned number)
{
	size_t offset = (size_t)(CD_DESCRIPTORS + number) * CD_SECTOR;

	if (number >= CD_DESCRIPTORS_MAX || h->size < offset + CD_SECTOR ||
	    memcmp(h->data + offset + 1, CD_IDENTIFIER, strlen(CD_IDENTIFIER)))
		return NULL;
	return h->data + offset;
}

/* The boot catalog begins with a validation entry and the default entry. */
static int check_catalog(const struct head *h, uint32_t sector, char *err)
{
	uint64_t offset = (uint64_t)sector * CD_SECTOR;
	uint8_t c[2 * CD_ENTRY_SIZE];
	unsigned sum = 0;
	size_t n;

	if (offset > h->file_size || h->file_size - offset < sizeof(c))
		return boot_fail(err, NW_BOOT_EFORMAT, h->path,
				 "truncated: the boot catalog is in sector %u, the file has %llu bytes", sector,
				 (unsigned long long)h->file_size);
	if (read_at(h, offset, c, sizeof(c), &n) || n != sizeof(c))
		return boot_fail(err, NW_BOOT_EIO, h->path, "read error");
	for (size_t i = 0; i < CD_ENTRY_SIZE; i += 2)
		sum += boot_get16(c + i);
	if (c[0] != CD_CATALOG_HEADER || c[30] != 0x55 || c[31] != 0xaa || (sum & 0xffff))
		return boot_fail(err, NW_BOOT_EFORMAT, h->path,
				 "damaged El Torito boot catalog in sector %u", sector);
	if (c[CD_ENTRY_SIZE] != CD_BOOTABLE)
		return boot_fail(err, NW_BOOT_EFORMAT, h->path,
				 "the default entry of the El Torito boot catalog is not bootable");
	return 0;
}

static int check_iso(const struct head *h, char *err)
{
	const uint8_t *d;

	for (unsigned i = 0; (d = descriptor(h, i)) && d[0] != CD_TERMINATOR; i++)
		if (d[0] == CD_BOOT_RECORD && !memcmp(d + 7, CD_BOOT_SYSTEM, strlen(CD_BOOT_SYSTEM)))
			return check_catalog(h, boot_get32(d + CD_CATALOG_OFFSET), err);
	return boot_fail(err, NW_BOOT_EFORMAT, h->path,
			 "ISO 9660 image without an El Torito boot record: it cannot be booted");
}

static int check_disk(const struct head *h, char *err)
{
	if (!h->file_size || h->file_size % SECTOR)
		return boot_fail(err, NW_BOOT_EFORMAT, h->path,
				 "%llu bytes: a raw disk image has whole sectors of 512 bytes",
				 (unsigned long long)h->file_size);
	return 0;
}

static bool has_sector_mark(const struct head *h)
{
	return h->size >= SECTOR && boot_get16(h->data + SECTOR_MARK_OFFSET) == SECTOR_MARK;
}

/* A guest that nw_boot_prepare() loads itself? */
static bool is_loaded(const struct head *h)
{
	struct boot_file file = { h->path, (uint8_t *)h->data, h->size };
	enum nw_boot_kind kind;
	char err[NW_BOOT_ERRLEN];

	return !boot_identify(&file, &kind, err) && (kind != NW_BOOT_SECTOR || h->file_size == SECTOR);
}

static int find_media(const struct head *h, enum nw_boot_media *media, char *err)
{
	int result = check_readable(h, err);

	*media = NW_BOOT_NO_MEDIA;
	if (result || is_loaded(h))
		return result;
	if (descriptor(h, 0)) {
		*media = NW_BOOT_ISO;
		return check_iso(h, err);
	}
	if (!has_sector_mark(h))
		return 0;
	*media = NW_BOOT_DISK;
	return check_disk(h, err);
}

int nw_boot_find_media(const char *path, enum nw_boot_media *media, char err[NW_BOOT_ERRLEN])
{
	struct head h;
	int result = open_head(&h, path, err);

	if (result)
		return result;
	result = find_media(&h, media, err);
	close(h.fd);
	return result;
}

int nw_boot_check_disk(const char *path, bool boot, char err[NW_BOOT_ERRLEN])
{
	struct head h;
	int result = open_head(&h, path, err);

	if (result)
		return result;
	result = check_readable(&h, err);
	if (!result)
		result = check_disk(&h, err);
	if (!result && boot && !has_sector_mark(&h))
		result = boot_fail(err, NW_BOOT_EFORMAT, path,
				   "no boot sector: 55 AA is accepted at bytes 510 and 511");
	close(h.fd);
	return result;
}
