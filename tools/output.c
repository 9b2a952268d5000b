/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * output.c - output files: checked and opened first, renamed when complete.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nws.h"
#include "output.h"

/* ---- Which file ---------------------------------------------------------------------------------------- */

static void complain(const struct nws_output *o, const char *what)
{
	nws_error("%s%s'%s': %s", o->option, *o->option ? " " : "", o->name, what);
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (path[n] == '/' || !path[n]);
}

/* Names that the kernel makes: a file renamed to one would take its place, or cannot be there at all. */
static bool is_system(const char *path)
{
	return (below(path, "/dev") && !below(path, "/dev/shm")) || below(path, "/proc") || below(path, "/sys");
}

static bool is_stream(const struct stat *st, int fd)
{
	struct stat s;

	return !fstat(fd, &s) && s.st_dev == st->st_dev && s.st_ino == st->st_ino;
}

/* Absolute path of the directory that `name` is in, without links; NULL with errno. */
static char *directory_of(const char *name)
{
	char *copy = nws_strdup(name), *dir = realpath(dirname(copy), NULL);
	struct stat st;

	free(copy);
	if (dir && !stat(dir, &st) && !S_ISDIR(st.st_mode)) {
		free(dir);
		dir = NULL;
		errno = ENOTDIR;
	}
	return dir;
}

static int check_existing(struct nws_output *o, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		complain(o, "give the name of a new or a regular file");
		return -1;
	}
	if (is_stream(st, STDOUT_FILENO) || is_stream(st, STDERR_FILENO)) {
		complain(o, "standard output or standard error goes there; give another file");
		return -1;
	}
	o->exists = true;
	o->dev = st->st_dev;
	o->ino = st->st_ino;
	o->path = realpath(o->name, NULL);
	if (!o->path)
		complain(o, strerror(errno));
	return o->path ? 0 : -1;
}

static int check_new(struct nws_output *o, const char *dir)
{
	const char *slash = strrchr(o->name, '/');
	struct stat st;

	if (!lstat(o->name, &st)) {
		complain(o, "a link to nothing; give the name of a new or a regular file");
		return -1;
	}
	o->path = nws_format("%s/%s", strcmp(dir, "/") ? dir : "", slash ? slash + 1 : o->name);
	return 0;
}

/* Sets path, exists, dev and ino. */
static int find_target(struct nws_output *o)
{
	size_t n = strlen(o->name);
	char *dir = n ? directory_of(o->name) : NULL;
	struct stat st;
	int rc = -1;

	if (!n || o->name[n - 1] == '/')
		complain(o, "give the name of a new or a regular file");
	else if (!dir)
		complain(o, errno == ENOENT	? "its directory does not exist; create it first"
			    : errno == ENOTDIR	? "what it is in is not a directory"
						: strerror(errno));
	else if (is_system(dir))
		complain(o, "files of the system are not replaced; give the name of a new or a regular file elsewhere");
	else if (!stat(o->name, &st))
		rc = check_existing(o, &st);
	else if (errno != ENOENT)
		complain(o, strerror(errno));
	else
		rc = check_new(o, dir);
	if (!rc && is_system(o->path)) {
		complain(o, "files of the system are not replaced; give the name of a new or a regular file elsewhere");
		rc = -1;
	}
	free(dir);
	return rc;
}

/* ---- The temporary file -------------------------------------------------------------------------------- */

static mode_t file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int open_temporary(struct nws_output *o, bool named)
{
	char *dir = directory_of(o->path);

	if (!dir)
		return -1;
	/* It needs /proc to get a name later, and not every file system can do it. */
	if (!named && !access("/proc/self/fd", X_OK))
		o->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (o->fd < 0) {
		o->tmp = nws_format("%s/.nwsim-XXXXXX", strcmp(dir, "/") ? dir : "");
		o->fd = mkostemp(o->tmp, O_CLOEXEC);
		if (o->fd >= 0 && fchmod(o->fd, file_mode()))
			complain(o, strerror(errno)); /* it is private then, that is all */
	}
	if (o->fd < 0) {
		int e = errno;
		char *why = nws_format("cannot write into %s: %s", dir, strerror(e));

		complain(o, why);
		free(why);
		free(o->tmp);
		o->tmp = NULL;
	}
	free(dir);
	return o->fd < 0 ? -1 : 0;
}

static int open_output(struct nws_output *o, const char *option, const char *name, bool named)
{
	*o = (struct nws_output){ .option = option, .name = name, .fd = -1 };
	if (!find_target(o) && !open_temporary(o, named))
		return 0;
	nws_output_abandon(o);
	return -1;
}

int nws_output_open(struct nws_output *o, const char *option, const char *name)
{
	return open_output(o, option, name, false);
}

int nws_output_open_named(struct nws_output *o, const char *option, const char *name)
{
	return open_output(o, option, name, true);
}

/* ---- Not the same as another one ----------------------------------------------------------------------- */

int nws_output_apart(const struct nws_output *o, const char *what, const char *path)
{
	char *input = path && o->path ? realpath(path, NULL) : NULL;
	struct stat st;
	int rc = 0;

	if (input && !stat(input, &st) &&
	    (below(o->path, input) || (o->exists && st.st_dev == o->dev && st.st_ino == o->ino))) {
		char *why = nws_format("%s is read from there; give another file", what);

		complain(o, why);
		free(why);
		rc = -1;
	}
	free(input);
	return rc;
}

int nws_outputs_apart(const struct nws_output *a, const struct nws_output *b)
{
	if (!a->path || !b->path)
		return 0;
	if (strcmp(a->path, b->path) && !(a->exists && b->exists && a->dev == b->dev && a->ino == b->ino))
		return 0;
	nws_error("%s '%s' and %s '%s' are the same file; give two", a->option, a->name, b->option, b->name);
	return -1;
}

/* ---- Writing ------------------------------------------------------------------------------------------- */

static int cannot_write(const struct nws_output *o)
{
	nws_error("cannot write %s: %s", o->name, strerror(errno ? errno : EIO));
	return -1;
}

static int copy_data(int in, int out)
{
	char block[65536];
	ssize_t n, done;

	while ((n = read(in, block, sizeof(block))) > 0) {
		for (char *p = block; n > 0; p += done, n -= done) {
			done = write(out, p, (size_t)n);
			if (done < 0)
				return -1;
		}
	}
	return n < 0 ? -1 : 0;
}

int nws_output_copy(struct nws_output *o, const char *from)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), rc;

	if (in < 0) {
		nws_error("cannot read %s: %s", from, strerror(errno));
		return -1;
	}
	rc = copy_data(in, o->fd) ? cannot_write(o) : 0;
	close(in);
	return rc;
}

FILE *nws_output_stream(struct nws_output *o)
{
	int fd = fcntl(o->fd, F_DUPFD_CLOEXEC, 3);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f) {
		cannot_write(o);
		if (fd >= 0)
			close(fd);
	}
	return f;
}

/* A file without a name cannot replace one: it gets a temporary name for the moment between these two steps. */
static int give_name(struct nws_output *o)
{
	char *from = nws_format("/proc/self/fd/%d", o->fd), *slash = strrchr(o->path, '/');
	int rc = -1;

	errno = EEXIST;
	for (unsigned i = 0; rc && errno == EEXIST && i < 1000; i++) {
		free(o->tmp);
		o->tmp = nws_format("%.*s/.nwsim-%d-%u", (int)(slash - o->path), o->path, (int)getpid(), i);
		rc = linkat(AT_FDCWD, from, AT_FDCWD, o->tmp, AT_SYMLINK_FOLLOW);
	}
	if (rc) {
		free(o->tmp);
		o->tmp = NULL;
	}
	free(from);
	return rc;
}

int nws_output_commit(struct nws_output *o)
{
	int rc = o->tmp ? 0 : give_name(o);

	/* Some file systems tell only now that there is no room. */
	if (close(o->fd))
		rc = -1;
	o->fd = -1;
	if (!rc)
		rc = rename(o->tmp, o->path);
	if (rc) {
		cannot_write(o);
	} else {
		free(o->tmp);
		o->tmp = NULL;
	}
	nws_output_abandon(o);
	return rc ? -1 : 0;
}

void nws_output_abandon(struct nws_output *o)
{
	if (o->tmp)
		unlink(o->tmp);
	if (o->fd >= 0)
		close(o->fd);
	free(o->tmp);
	free(o->path);
	*o = (struct nws_output)NWS_OUTPUT_NONE;
}

int nws_output_file(const char *option, const char *from, const char *to)
{
	struct nws_output o;

	if (nws_output_open(&o, option, to))
		return -1;
	if (!nws_output_copy(&o, from))
		return nws_output_commit(&o);
	nws_output_abandon(&o);
	return -1;
}
