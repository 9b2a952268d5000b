/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads the distribution's modules with their default parameters.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "distro.h"
#include "out.h"

static int load(const char *name)
{
	char path[256];
	int fd, rc;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = (int)syscall(SYS_finit_module, fd, "", 0);
	if (rc) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	close(fd);
	return 0;
}

void load_modules(void)
{
	FILE *f = fopen("/modules/list", "re");
	char name[200], loaded[512] = "";
	bool ok = f != NULL;

	while (ok && fgets(name, sizeof(name), f)) {
		name[strcspn(name, "\n")] = 0;
		if (load(name)) {
			tap(false, "modules load", "%s: %s", name, strerror(errno));
			ok = false;
			break;
		}
		strncat(loaded, " ", sizeof(loaded) - strlen(loaded) - 1);
		strncat(loaded, name, sizeof(loaded) - strlen(loaded) - 1);
	}
	if (!f)
		tap(false, "modules load", "no list of modules in the initramfs: %s", strerror(errno));
	else if (ok)
		tap(true, "modules load", " ");
	say("# modules:%s", loaded);
	if (f)
		fclose(f);
}
