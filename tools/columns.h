/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * columns.h - text that fits the terminal.
 */
#ifndef NWS_COLUMNS_H
#define NWS_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Columns of what file descriptor fd writes to: those of the environment variable COLUMNS, else of the terminal; 0 when it is none,
 * so that lines in pipes and files are not cut.
 */
unsigned nws_columns(int fd);

/* Is fd a terminal that can erase a line? One without a name, or named dumb, is not. */
bool nws_terminal(int fd);

/*
 * Prints text, whose first character comes to column `column` (counted from 0), and goes on in the next line, behind `indent` blanks,
 * before a word that would not fit; 0 = everything fits. No newline at the end. Returns the column behind the text.
 */
unsigned nws_wrap(FILE *f, const char *text, unsigned column, unsigned indent, unsigned columns);

#endif
