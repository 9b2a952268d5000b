/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Options of the VMM: "nw.NAME=VALUE" words of the kernel command line, or arguments.
 */
#ifndef NW_OPTIONS_H
#define NW_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXITS_MAX	64

struct options {
	uint32_t	window_crystal;	/* nw.window: notify window */
	bool		user;		/* nw.flags=user|kernel: exits to user space or counted only */
	uint32_t	exits;		/* nw.exits: notify exits after which an attack is ended */
	uint32_t	time_ms;	/* nw.time_ms: longest attack; 0 = derived from the window */
	bool		invalid;	/* nw.context=valid|invalid: what the exits must say */
	bool		strict;		/* nw.strict=1: a skipped scenario counts as failed */
	char		guest[24];	/* nw.guest: attack of the scenario "responsive" */
	char		scenarios[160];	/* nw.scenario: comma-separated names, empty = all */
};

void options_default(struct options *o);

/*
 * One word. Words which do not start with "nw." are accepted and ignored. Returns 0, or -1 with one
 * line in error: which word, what is accepted.
 */
int options_word(struct options *o, const char *word, char *error, size_t size);

/* All words of a command line, separated by white space; it is modified. Same result. */
int options_line(struct options *o, char *line, char *error, size_t size);

#endif
