/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * columns.c - breaks lines between words.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "columns.h"
#include "nws.h"

#define COLUMNS_MIN 40          /* in less, nothing is readable anyway */
#define COLUMNS_MAX 10000

unsigned nws_columns(int fd)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	uint64_t n;

	if (text && nws_parse_u64(text, 1, COLUMNS_MAX, &n))
		return n < COLUMNS_MIN ? COLUMNS_MIN : (unsigned)n;
	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
}

bool nws_terminal(int fd)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(fd);
}

unsigned nws_wrap(FILE *f, const char *text, unsigned column, unsigned indent, unsigned columns)
{
	while (*text) {
		unsigned blanks = (unsigned)strspn(text, " "), len = (unsigned)strcspn(text + blanks, " ");

		if (columns && column > indent && column + blanks + len > columns) {
			fprintf(f, "\n%*s", (int)indent, "");
			column = indent;
			text += blanks;
			blanks = 0;
		}
		fprintf(f, "%.*s", (int)(blanks + len), text);
		column += blanks + len;
		text += blanks + len;
	}
	return column;
}
