/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * output.h - files that a command writes for its user: under a temporary name beside the target, renamed when complete.
 *
 * Opening finds out, before anything is run, whether the file can be written. Neither a device nor a link is ever
 * replaced: a link stays and the file that it names is replaced.
 */
#ifndef NWS_OUTPUT_H
#define NWS_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct nws_output {
	const char *option;     /* begins the messages, "" = nothing before the name */
	const char *name;       /* as the user gave it */
	char *path;             /* what is replaced: absolute, no link; NULL = not open */
	char *tmp;              /* name of the temporary file; NULL = it has none, and vanishes with the process */
	int fd;                 /* temporary file, -1 = none */
	bool exists;            /* there is a file to replace: */
	dev_t dev;
	ino_t ino;
};

#define NWS_OUTPUT_NONE { .fd = -1 }

/*
 * Begins the output `name`: a new or a regular file, not below /dev (but /dev/shm), /proc and /sys, not what standard
 * output or standard error go to. 0, or -1 after one line on standard error; then nothing is open.
 * option and name have to outlive *o.
 */
int nws_output_open(struct nws_output *o, const char *option, const char *name);

/* The same with a temporary file that has a name from the beginning: for file systems without O_TMPFILE. */
int nws_output_open_named(struct nws_output *o, const char *option, const char *name);

/*
 * Refuses an output that is the input file `path` or below the input directory `path`; path may be NULL, and what is not
 * open is right. 0, or -1 after one line with `what`, the name of the input.
 */
int nws_output_apart(const struct nws_output *o, const char *what, const char *path);

/* Refuses two outputs that are the same file. 0, or -1 after one line. */
int nws_outputs_apart(const struct nws_output *a, const struct nws_output *b);

/* Copies the file `from` into the output. 0, or -1 after one line. */
int nws_output_copy(struct nws_output *o, const char *from);

/* The output as a stream, to be closed before the commit; NULL after one line. */
FILE *nws_output_stream(struct nws_output *o);

/* Gives the file its name. 0, or -1 after one line; then the target is as before. Nothing is open afterwards. */
int nws_output_commit(struct nws_output *o);

/* Throws away what is open; nothing when nothing is. */
void nws_output_abandon(struct nws_output *o);

/* All of it for a file that is there: open, copy, commit. 0, or -1 after one line. */
int nws_output_file(const char *option, const char *from, const char *to);

#endif
