/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * progress.c - the line on a terminal that says how far a command is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "columns.h"
#include "progress.h"

#define ERASE           "\r\033[K"

/* What is on the terminal, "" = nothing. */
static char shown[256];

/* A line that wraps could not be erased. The last column stays free: some terminals begin a new line there. */
static size_t room(void)
{
	unsigned width = nws_columns(STDERR_FILENO);
	struct winsize w;

	/* It has a lowest value, for texts. */
	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &w) && w.ws_col && w.ws_col < width)
		width = w.ws_col;
	return width && width < sizeof(shown) ? width : sizeof(shown);
}

void nws_progress_show(const char *fmt, ...)
{
	char line[sizeof(shown)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, room(), fmt, ap);
	va_end(ap);
	if (!strcmp(line, shown))
		return;
	strcpy(shown, line);
	fprintf(stderr, ERASE "%s", line);
	fflush(stderr);
}

void nws_progress_erase(void)
{
	if (!*shown)
		return;
	fputs(ERASE, stderr);
	fflush(stderr);
	shown[0] = 0;
}
