/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mutant.h - a list of mutants: small changes of cpu/notify, or of the kernel, each of which some test has to notice.
 */
#ifndef NW_MUTANT_H
#define NW_MUTANT_H

#include <stddef.h>

struct mutant {
	unsigned line;          /* of the list */
	char *file;             /* in cpu/notify; of the kernel, see tests/kvm-mutation */
	char *function;         /* the text is looked for there only; "" = anywhere in the file */
	char *from, *to;
	char *equivalent;       /* why no test can notice it, or NULL */
	char *claim;            /* what it breaks, or NULL */
	char *expect;           /* who has to notice it, or NULL */
	char *patch;            /* instead of file, from and to: the patch of the series that is taken back; or NULL */
};

struct mutants {
	struct mutant *m;
	size_t n;
};

/* Reads the list (its head describes the form). Prints one line and ends the program with status 2 on a mistake. */
void mutants_read(struct mutants *list, const char *path);

/*
 * The text of a source file with the mutant in it, to be freed. NULL: it does not apply, with the reason in *why.
 */
char *mutant_apply(const struct mutant *m, const char *source, const char **why);

/* A whole file as text, to be freed. NULL: it cannot be read. */
char *read_text(const char *path);

#endif
