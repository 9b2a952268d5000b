/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guests.h - the list of bare-metal guests (guests/bare/guests.list).
 *
 * One guest per line, five fields separated by '|', blanks around a field do not count, '#' starts a comment line:
 *   name|group|options|expected verdict|claim
 * options: options of `nwsim run` as words, shell quoting does not apply; the expectation may be empty (pass).
 */
#ifndef NWS_GUESTS_H
#define NWS_GUESTS_H

#include <stddef.h>
#include <stdio.h>

struct nws_guest {
	char *name, *group, *options, *expect, *claim;
};

struct nws_guests {
	struct nws_guest *g;
	size_t n;
};

/* Reads a list; `name` is for messages. 0, or -1 after one line (file, line, what is accepted) on standard error. */
int nws_guests_read(struct nws_guests *list, FILE *f, const char *name);

/* Finds and reads the list of the installation; an absent list is an error that names the remedy. */
int nws_guests_load(struct nws_guests *list);

/* The guest of this name, NULL when there is none. */
const struct nws_guest *nws_guests_find(const struct nws_guests *list, const char *name);
/* Frees the list; its guests go with it. */
void nws_guests_free(struct nws_guests *list);

/* Cuts text at blanks into words: argv[0] is left for the caller, argv[argc] is NULL. */
char **nws_words(const char *text, int *argc);
/* Frees what nws_words() returned, with its argv[0]. */
void nws_words_free(char **argv, int argc);

#endif
