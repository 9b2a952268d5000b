/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workdir.c - temporary directory with a guard.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nws.h"
#include "workdir.h"

void nws_remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlinkat(dirfd(d), e->d_name, 0)) {
			char *sub = nws_format("%s/%s", path, e->d_name);

			nws_remove_tree(sub);
			free(sub);
		}
	closedir(d);
	rmdir(path);
}

/* Takes names until the end of the pipe, that is, of the parent process; then removes what has these names. */
static void guard_main(int fd)
{
	int null = open("/dev/null", O_RDWR);
	char *names = NULL;
	size_t len = 0, size = 0;
	sigset_t all;
	ssize_t n;

	/* A session of its own: Ctrl-C and the end of the terminal do not reach it. */
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (null >= 0)
		for (int i = 0; i < 3; i++)
			dup2(null, i);
	do {
		if (size - len < PATH_MAX)
			names = nws_realloc(names, size += 2 * PATH_MAX);
		n = read(fd, names + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	for (char *name = names; name < names + len; name += strlen(name) + 1)
		if (unlink(name))
			nws_remove_tree(name);
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
		guard_main(fd[0]);
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

int nws_workdir_guard(struct nws_workdir *w, const char *path)
{
	size_t n = strlen(path) + 1;

	if (w->guard_fd < 0 && start_guard(w))
		return -1;
	if (write(w->guard_fd, path, n) != (ssize_t)n) {
		nws_error("cannot write into a pipe: %s", strerror(errno));
		return -1;
	}
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
	if (nws_workdir_guard(w, w->path)) {
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
