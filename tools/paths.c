/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paths.c - search for the files a run needs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nws.h"
#include "paths.h"

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/nwsim"
#endif
#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/nwsim"
#endif

static char *readable_file(char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* DIR for an executable DIR/tools/nwsim, else NULL. */
static char *build_root(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	exe[n] = 0;
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = 0;
	slash = strrchr(exe, '/');
	if (!slash || strcmp(slash, "/tools"))
		return NULL;
	*slash = 0;
	return nws_strdup(exe);
}

char *nws_path_find(const char *name)
{
	const char *env = getenv("NWSIM_DATA");
	char *build, *found;

	if (env && *env) {
		char *root = realpath(env, NULL);

		found = root ? readable_file(nws_format("%s/%s", root, name)) : NULL;
		free(root);
		return found;
	}
	build = build_root();
	if (build) {
		/* configure links what is not built, the list of guests, from the source tree */
		found = readable_file(nws_format("%s/%s", build, name));
		free(build);
		if (found)
			return found;
	}
	found = readable_file(nws_format("%s/%s", PKGDATADIR, name));
	if (!found)
		found = readable_file(nws_format("%s/%s", PKGLIBEXECDIR, name));
	return found;
}

char *nws_path_need(const char *what, const char *name, const char *remedy)
{
	char *p = nws_path_find(name);

	if (!p)
		nws_error("%s not found (%s): %s, or name the directory that has it with NWSIM_DATA=DIR", what, name, remedy);
	return p;
}

char *nws_path_given(const char *what, const char *file)
{
	struct stat st;
	char *p = realpath(file, NULL);

	if (!p) {
		nws_error("%s %s: %s; give the path of an existing file", what, file, strerror(errno));
		return NULL;
	}
	if (stat(p, &st) || !S_ISREG(st.st_mode) || access(p, R_OK)) {
		nws_error("%s %s: not a readable regular file", what, file);
		free(p);
		return NULL;
	}
	return p;
}

static char *find_rom(const char *what, const char *own, const char *const *places, const char *package)
{
	char *p = nws_path_find(own);

	for (; !p && *places; places++)
		p = readable_file(nws_strdup(*places));
	if (!p)
		nws_error(
			"%s not found: install the Debian package %s (apt-get install %s), or run ./quickstart",
			what, package, package);
	return p;
}

char *nws_path_bios(void)
{
	static const char *const places[] = {
		"/usr/share/bochs/BIOS-bochs-latest", "/usr/local/share/bochs/BIOS-bochs-latest", NULL
	};

	return find_rom("BIOS ROM image BIOS-bochs-latest", "bios.rom", places, "bochsbios");
}

char *nws_path_vgabios(void)
{
	static const char *const places[] = {
		"/usr/share/vgabios/vgabios.bin", "/usr/share/bochs/VGABIOS-lgpl-latest",
		"/usr/local/share/bochs/VGABIOS-lgpl-latest.bin", NULL
	};

	return find_rom("VGA BIOS ROM image", "vgabios.rom", places, "vgabios");
}
