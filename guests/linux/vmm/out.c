/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output by whole lines. The console is written directly, not through /dev/kmsg, which would add
 * time stamps and limit the rate.
 */
#include <stdarg.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "out.h"

void out_raw_console(void)
{
	struct termios t;

	if (tcgetattr(STDOUT_FILENO, &t))
		return;
	t.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(STDOUT_FILENO, TCSANOW, &t);
}

void say(const char *format, ...)
{
	char line[1025];
	const char *p = line;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, p, (size_t)n);

		if (done <= 0)
			return;
		p += done;
		n -= (int)done;
	}
}

void out_drain(void)
{
	tcdrain(STDOUT_FILENO);
}
