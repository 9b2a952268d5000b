/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot_files.c - saved runs: their files, opened, measured and removed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nws.h"
#include "snapshot.h"

FILE *nws_snapshot_open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		return fdopen(fd, "r");
	if (fd >= 0) {
		close(fd);
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	}
	return NULL;
}

FILE *nws_snapshot_open(const char *dir, const char *name, const char *mode)
{
	char *path = nws_format("%s/%s", dir, name);
	FILE *f = *mode == 'r' ? nws_snapshot_open_path(path) : fopen(path, mode);

	if (!f)
		nws_error("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

int nws_snapshot_close(FILE *f, const char *dir, const char *name)
{
	int bad = ferror(f);

	if (fclose(f) || bad) {
		nws_error("cannot write %s/%s: %s", dir, name, strerror(errno ? errno : EIO));
		return -1;
	}
	return 0;
}

uint64_t nws_snapshot_size(const char *path)
{
	DIR *d = opendir(path);
	uint64_t sum = 0;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *entry = nws_format("%s/%s", path, e->d_name);
		struct stat st;

		if (!stat(entry, &st) && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
		free(entry);
	}
	if (d)
		closedir(d);
	return sum;
}
