/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workdir.c - temporary directory with a guard, output files through temporary names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nws.h"
#include "workdir.h"

/* A directory in it is that of a restored run, which is flat. */
static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlinkat(dirfd(d), e->d_name, 0)) {
			char *sub = nws_format("%s/%s", path, e->d_name);

			remove_all(sub);
			free(sub);
		}
	closedir(d);
	rmdir(path);
}

/* Waits for the end of the pipe, that is, of the parent process. */
static void guard_main(const char *path, int fd)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t all;
	char c;

	/* A session of its own: Ctrl-C and the end of the terminal do not reach it. */
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (null >= 0)
		for (int i = 0; i < 3; i++)
			dup2(null, i);
	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	remove_all(path);
	_exit(0);
}

static int start_guard(struct nws_workdir *w)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC)) {
		nws_error("cannot create a pipe: %s", strerror(errno));
		return -1;
	}
	fflush(NULL);
	w->guard = fork();
	if (w->guard == 0) {
		close(fd[1]);
		guard_main(w->path, fd[0]);
	}
	close(fd[0]);
	if (w->guard < 0) {
		nws_error("cannot start a process: %s", strerror(errno));
		close(fd[1]);
		return -1;
	}
	w->guard_fd = fd[1];
	return 0;
}

int nws_workdir_create_kept(struct nws_workdir *w, const char *option, const char *keep)
{
	struct dirent *e;
	DIR *d;

	memset(w, 0, sizeof(*w));
	w->guard_fd = -1;
	if (mkdir(keep, 0777) && errno != EEXIST) {
		nws_error("%s %s: %s", option, keep, strerror(errno));
		return -1;
	}
	d = opendir(keep);
	if (!d) {
		nws_error("%s %s: %s", option, keep, strerror(errno));
		return -1;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			break;
	closedir(d);
	if (e) {
		nws_error("%s %s: the directory is not empty; name a new or an empty one", option, keep);
		return -1;
	}
	w->path = realpath(keep, NULL);
	return w->path ? 0 : -1;
}

int nws_workdir_create(struct nws_workdir *w, const char *keep)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	memset(w, 0, sizeof(*w));
	w->guard_fd = -1;
	if (keep)
		return nws_workdir_create_kept(w, "--keep", keep);
	dir = realpath(tmp && *tmp ? tmp : "/tmp", NULL);
	if (!dir) {
		nws_error("temporary directory %s: %s; set TMPDIR to an existing directory", tmp,
			  strerror(errno));
		return -1;
	}
	w->path = nws_format("%s/nwsim-XXXXXX", dir);
	free(dir);
	if (!mkdtemp(w->path)) {
		nws_error("temporary directory %s: %s; set TMPDIR to a writable directory", w->path,
			  strerror(errno));
		free(w->path);
		w->path = NULL;
		return -1;
	}
	if (start_guard(w)) {
		rmdir(w->path);
		free(w->path);
		w->path = NULL;
		return -1;
	}
	return 0;
}

void nws_workdir_remove(struct nws_workdir *w)
{
	if (w->guard_fd >= 0) {
		close(w->guard_fd);
		while (waitpid(w->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(w->path);
	memset(w, 0, sizeof(*w));
	w->guard_fd = -1;
}

char *nws_workdir_path(const struct nws_workdir *w, const char *name)
{
	return nws_format("%s/%s", w->path, name);
}

int nws_workdir_link(const struct nws_workdir *w, const char *name, const char *target)
{
	char *p = nws_workdir_path(w, name);
	int rc = symlink(target, p);

	if (rc)
		nws_error("%s: %s", p, strerror(errno));
	free(p);
	return rc;
}

int nws_output_check(const char *option, const char *to)
{
	char *copy = nws_strdup(to);
	const char *dir = dirname(copy);
	struct stat st;
	int rc = -1;

	/* Anything but a regular file, /dev/null say, would be replaced by the rename. */
	if (!*to || (stat(to, &st) == 0 && !S_ISREG(st.st_mode)))
		nws_error("%s '%s': give the name of a new or a regular file", option, to);
	else if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		nws_error("%s %s: no directory %s; create it first", option, to, dir);
	else if (access(dir, W_OK | X_OK))
		nws_error("%s %s: cannot write into %s: %s", option, to, dir, strerror(errno));
	else
		rc = 0;
	free(copy);
	return rc;
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

int nws_output_copy(const char *from, const char *to)
{
	char *tmp = nws_format("%s.XXXXXX", to);
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;
	mode_t mask = umask(0);

	umask(mask);
	if (in >= 0)
		out = mkstemp(tmp);
	if (out >= 0) {
		rc = copy_data(in, out);
		if (!rc)
			rc = fchmod(out, 0666 & ~mask);
		if (close(out))
			rc = -1;
		if (!rc)
			rc = rename(tmp, to);
	}
	if (rc) {
		nws_error("cannot write %s: %s", to, strerror(errno));
		if (out >= 0)
			unlink(tmp);
	}
	if (in >= 0)
		close(in);
	free(tmp);
	return rc;
}
