/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lib.c - serial output on COM1, polled; claims; strings.
 */
#include <stdarg.h>

#include "foreign.h"

#define COM1            0x3f8
#define LCR             (COM1 + 3)
#define LCR_8N1         3
#define LSR             (COM1 + 5)
#define LSR_THR_EMPTY   0x20

unsigned failures;

static void put(char c)
{
	if (c == '\n')
		put('\r');
	while (!(in8(LSR) & LSR_THR_EMPTY))
		;
	out8(COM1, (uint8_t)c);
}

static void put_number(uint32_t v, unsigned base)
{
	char digits[12];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	while (n)
		put(digits[--n]);
}

void say(const char *s, ...)
{
	va_list ap;

	out8(LCR, LCR_8N1);
	va_start(ap, s);
	for (; *s; s++) {
		if (*s != '%') {
			put(*s);
			continue;
		}
		s++;
		if (*s == 's')
			for (const char *t = va_arg(ap, const char *); *t; t++)
				put(*t);
		else
			put_number(va_arg(ap, uint32_t), *s == 'x' ? 16 : 10);
	}
	va_end(ap);
}

void claim(bool ok, const char *text)
{
	say("%s: %s\n", ok ? "PASS" : "FAIL", text);
	failures += !ok;
}

bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool has_word(const char *text, const char *word)
{
	while (*text) {
		const char *w = word;

		while (*w && *w == *text) {
			w++;
			text++;
		}
		if (!*w && (!*text || *text == ' '))
			return true;
		while (*text && *text != ' ')
			text++;
		while (*text == ' ')
			text++;
	}
	return false;
}
