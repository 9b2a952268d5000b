/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_text.c - strict numbers and safe quotations. No locale, unlike strtoull() and isprint().
 */
#include <string.h>

#include "nw_text.h"

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

int nw_text_number(const char *text, size_t len, uint64_t *value)
{
	unsigned base = 10;
	uint64_t v = 0;
	size_t i = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (i == len)
		return -1;
	for (; i < len; i++) {
		unsigned d = digit(text[i]);

		if (d >= base || v > (UINT64_MAX - d) / base)
			return -1;
		v = v * base + d;
	}
	*value = v;
	return 0;
}

const char *nw_text_quote(char out[NW_TEXT_QUOTE], const char *text, size_t len)
{
	const size_t room = NW_TEXT_QUOTE - 4;
	size_t n = len > room ? room : len;

	for (size_t i = 0; i < n; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	strcpy(out + n, len > room ? "..." : "");
	return out;
}
