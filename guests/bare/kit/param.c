/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * param.c - words name=value of the multiboot command line; other words (the file name) are
 * ignored.
 */
#include "kit.h"

static char words[512];

bool param_init(const char *cmdline)
{
	size_t n = strlen(cmdline);

	if (n >= sizeof(words))
		return false;
	memcpy(words, cmdline, n + 1);
	return true;
}

/* The text after "name=", or NULL. */
static const char *find(const char *name)
{
	size_t n = strlen(name);

	for (const char *w = words; *w; ) {
		if (!memcmp(w, name, n) && w[n] == '=')
			return w + n + 1;
		while (*w && *w != ' ')
			w++;
		while (*w == ' ')
			w++;
	}
	return NULL;
}

bool param_given(const char *name)
{
	return find(name) != NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

uint64_t param_number(const char *name, uint64_t fallback)
{
	const char *s = find(name);
	uint64_t value = 0;
	int base = 10;
	bool good;

	if (!s)
		return fallback;
	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	good = digit(*s) < base;
	for (; *s && *s != ' '; s++) {
		good = good && digit(*s) < base && value <= (UINT64_MAX - 15) / (unsigned)base;
		value = value * (unsigned)base + (unsigned)digit(*s);
	}
	if (!good)
		bail("command line: %s= is not a number; decimal or 0x... is accepted", name);
	return value;
}
