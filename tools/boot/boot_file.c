/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot_file.c - libnwboot: reading guest files and writing RAM images.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot_internal.h"

#define FILE_SIZE_MAX   0x7fffffff      /* more cannot fit into the guest */
#define WHERE_MAX       200             /* of a longer path, the error message shows the end */

int boot_fail(char *err, int code, const char *where, const char *format, ...)
{
	size_t length = strlen(where);
	bool cut = length > WHERE_MAX;
	int n = snprintf(err, NW_BOOT_ERRLEN, "%s%s: ", cut ? "..." : "", where + (cut ? length - WHERE_MAX : 0));
	va_list args;

	va_start(args, format);
	vsnprintf(err + n, NW_BOOT_ERRLEN - (size_t)n, format, args);
	va_end(args);
	return code;
}

static int read_all(int fd, uint8_t *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

static int read_open_file(int fd, struct boot_file *file, char *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return boot_fail(err, NW_BOOT_EIO, file->path, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return boot_fail(err, NW_BOOT_EFORMAT, file->path, "not a regular file");
	if (st.st_size > FILE_SIZE_MAX)
		return boot_fail(err, NW_BOOT_ELIMIT, file->path, "larger than 2 GiB");
	file->size = (size_t)st.st_size;
	file->data = malloc(file->size ? file->size : 1);
	if (!file->data)
		return boot_fail(err, NW_BOOT_EIO, file->path, "no memory for %zu bytes", file->size);
	errno = 0;
	if (read_all(fd, file->data, file->size)) {
		boot_file_free(file);
		return boot_fail(err, NW_BOOT_EIO, file->path, "read error: %s",
				 errno ? strerror(errno) : "the file became shorter");
	}
	return 0;
}

int boot_file_read(const char *path, struct boot_file *file, char *err)
{
	int fd, result;

	memset(file, 0, sizeof(*file));
	file->path = path;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return boot_fail(err, NW_BOOT_EIO, path, "cannot be opened: %s", strerror(errno));
	result = read_open_file(fd, file, err);
	close(fd);
	return result;
}

void boot_file_free(struct boot_file *file)
{
	free(file->data);
	file->data = NULL;
	file->size = 0;
}

static int write_at(int fd, const uint8_t *data, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, data + done, size - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

static int write_pieces(int fd, const struct boot_piece *pieces, size_t count, uint32_t base, uint64_t size)
{
	if (ftruncate(fd, (off_t)size))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_at(fd, pieces[i].data, pieces[i].size, (off_t)(pieces[i].address - base)))
			return -1;
	return 0;
}

int boot_file_write(const char *path, const struct boot_piece *pieces, size_t count, uint32_t base, uint64_t size,
		    char *err)
{
	char temporary[NW_BOOT_PATH_MAX + 8];
	int fd, failed;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return boot_fail(err, NW_BOOT_EIO, path, "cannot be created: %s", strerror(errno));
	failed = write_pieces(fd, pieces, count, base, size);
	if (close(fd))
		failed = -1;
	if (failed || rename(temporary, path)) {
		boot_fail(err, NW_BOOT_EIO, path, "cannot be written: %s", strerror(errno));
		unlink(temporary);
		return NW_BOOT_EIO;
	}
	return 0;
}
