/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot.h - the directory of a saved run.
 *
 *   info           what it is: format, tick, bytes of serial output, guest; text, key=value
 *   words          the command line of the run, a NUL behind each word
 *   config         what the run is made of, as in the head of its trace: options, content hashes, build flags
 *   serial         the guest's output so far
 *   state/         the simulator's own files; state/memory.ram.zst is the guest's RAM
 *   sums           SHA-256 of all these files, see snapshot_sums.c
 *
 * It is written under a temporary name beside its own and renamed when it is complete.
 */
#ifndef NWS_SNAPSHOT_H
#define NWS_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "workdir.h"

/* Names of the simulator's directories in the private directory. */
#define NWS_F_SAVE      "save"
#define NWS_F_RESTORE   "restore"

struct nws_snapshot {
	const char *dir;                /* as the user named it */
	char *tmp;                      /* absolute, NULL: finished or never begun */
	FILE *serial;                   /* everything the guest has printed */
	uint64_t tick, serial_bytes;    /* once it is finished */
	uint64_t size;                  /* bytes on disk */
};

/*
 * Before the run: checks that dir can be created, begins it and links it into the private directory. 0, or -1 after one
 * line on standard error.
 */
int nws_snapshot_begin(struct nws_snapshot *s, const char *dir, struct nws_workdir *w);

/* Has the simulator written the state? */
bool nws_snapshot_taken(const struct nws_snapshot *s);

/*
 * After the run: adds the words and the file config, compresses the RAM, renames. 0, or -1 after one line; then nothing
 * is left.
 */
int nws_snapshot_finish(struct nws_snapshot *s, const char *guest, char *const *words, const char *config);

/* Removes what nws_snapshot_begin() began, unless it is finished. */
void nws_snapshot_abandon(struct nws_snapshot *s);

/*
 * The command line of the saved run, after a check of all files of the directory: number of words in *n. NULL after one
 * line, which for a directory that is damaged names the first file that is missing, changed or too many.
 */
char **nws_snapshot_words(const char *dir, int *n);

/*
 * Checks that the run that config (a file) describes is the saved one, and makes the state ready in the private
 * directory. 0, or -1 after one line that says what differs.
 */
int nws_snapshot_restore(const char *dir, const char *config, uint64_t memory_bytes, const struct nws_workdir *w);

/* Tick at which the run was saved. */
uint64_t nws_snapshot_tick(const char *dir);

/* The guest's output up to the moment of saving, for reading; NULL after one line. */
FILE *nws_snapshot_serial(const char *dir);

/* Prints what the snapshot is, after the same check. Exit status of the command. */
int nws_snapshot_show(const char *dir);

/* ---- Shared by the files of this module -------------------------------------------------------------- */

/* Opens a regular file for reading, and nothing else: to open a pipe would wait. NULL, and errno, if it cannot. */
FILE *nws_snapshot_open_path(const char *path);
/* Opens a file of the directory; NULL after one line. */
FILE *nws_snapshot_open(const char *dir, const char *name, const char *mode);
/* Closes what was written. 0 when everything has reached the file, else -1 after one line. */
int nws_snapshot_close(FILE *f, const char *dir, const char *name);

/* Bytes of the regular files in a directory. */
uint64_t nws_snapshot_size(const char *path);

/*
 * snapshot_ram.c: replaces memory.ram of the directory by memory.ram.zst; makes memory.ram in dir from that of state, which
 * may have up to `limit` bytes. 0, or -1 after one line.
 */
int nws_ram_compress(const char *dir);
int nws_ram_expand(const char *state, const char *dir, uint64_t limit);

/* snapshot_sums.c: writes the file sums of the directory; checks the directory by it. 0, or -1 after one line. */
int nws_sums_write(const char *dir);
int nws_sums_check(const char *dir);

#endif
