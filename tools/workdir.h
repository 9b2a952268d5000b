/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workdir.h - the private directory of one run.
 *
 * A small guard process removes a temporary directory when this process ends, however it ends.
 */
#ifndef NWS_WORKDIR_H
#define NWS_WORKDIR_H

#include <sys/types.h>

struct nws_workdir {
	char *path;             /* absolute */
	int guard_fd;           /* -1: there is nothing to remove (--keep) */
	pid_t guard;
};

/*
 * Creates the directory: `keep` (new or empty) when not NULL, else a temporary one in $TMPDIR or /tmp. 0, or -1 after
 * one line on standard error.
 */
int nws_workdir_create(struct nws_workdir *w, const char *keep);

/* The same for a directory that stays; `option` begins the messages. */
int nws_workdir_create_kept(struct nws_workdir *w, const char *option, const char *keep);

/*
 * Has a file or directory (absolute path) removed, too, when this process ends, if it is still there: what gets its own name
 * when it is complete. 0, or -1 after one line on standard error.
 */
int nws_workdir_guard(struct nws_workdir *w, const char *path);

/* Removes a temporary directory with everything in it, and what else is guarded, and waits until that is done. */
void nws_workdir_remove(struct nws_workdir *w);

/* Makes `name` in the directory a symbolic link to target (absolute). 0, or -1 after one line on standard error. */
int nws_workdir_link(const struct nws_workdir *w, const char *name, const char *target);

/* Path of a name in the directory; the caller frees it. */
char *nws_workdir_path(const struct nws_workdir *w, const char *name);

/* Removes a directory with everything in it; what cannot be removed stays, without a word. */
void nws_remove_tree(const char *path);

#endif
