/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP lines and the small reader of /proc and /sys files.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "distro.h"
#include "out.h"

static unsigned int count, failed;

void tap(bool ok, const char *what, const char *reason, ...)
{
	char text[512];
	va_list args;

	count++;
	failed += !ok;
	say("%sok %u - %s", ok ? "" : "not ", count, what);
	if (ok)
		return;
	va_start(args, reason);
	vsnprintf(text, sizeof(text), reason, args);
	va_end(args);
	say("# %s", text);
}

void tap_skip(const char *what, const char *why)
{
	say("ok %u - %s # SKIP %s", ++count, what, why);
}

void tap_plan(void)
{
	say("1..%u", count);
}

bool tap_all_ok(void)
{
	return count && !failed;
}

bool first_line(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(text, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		text[strcspn(text, "\n")] = 0;
	else
		*text = 0;
	return ok;
}
