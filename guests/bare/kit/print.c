/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* print.c - a small printf to the serial line and the screen. */
#include "kit.h"

struct spec {
	bool zero, left, is_long;
	unsigned width;
	int precision;          /* -1: none */
};

static void putch(char c)
{
	serial_putc(c);
	screen_putc(c);
}

static void pad(unsigned n, char c)
{
	while (n--)
		putch(c);
}

static void put_field(const char *s, size_t n, const struct spec *sp)
{
	unsigned fill = sp->width > n ? (unsigned)(sp->width - n) : 0;

	if (!sp->left)
		pad(fill, ' ');
	for (size_t i = 0; i < n; i++)
		putch(s[i]);
	if (sp->left)
		pad(fill, ' ');
}

static void put_number(uint64_t value, bool negative, unsigned base, bool upper,
		       const struct spec *sp)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[72];
	size_t at = sizeof(buf), zeros;

	do {
		buf[--at] = digits[value % base];
		value /= base;
	} while (value);
	zeros = sp->zero && !sp->left ? sp->width - (negative ? 1 : 0) : 0;
	while (at > 1 && sizeof(buf) - at < zeros)
		buf[--at] = '0';
	if (negative)
		buf[--at] = '-';
	put_field(buf + at, sizeof(buf) - at, sp);
}

static const char *parse(const char *f, struct spec *sp)
{
	*sp = (struct spec){ .precision = -1 };
	for (; *f == '0' || *f == '-'; f++) {
		sp->zero |= *f == '0';
		sp->left |= *f == '-';
	}
	for (; *f >= '0' && *f <= '9'; f++)
		sp->width = sp->width * 10 + (unsigned)(*f - '0');
	if (*f == '.')
		for (f++, sp->precision = 0; *f >= '0' && *f <= '9'; f++)
			sp->precision = sp->precision * 10 + (*f - '0');
	for (; *f == 'l'; f++)
		sp->is_long = true;
	return f;
}

static void put_string(const char *s, const struct spec *sp)
{
	size_t n = 0;

	while ((sp->precision < 0 || n < (size_t)sp->precision) && s[n])
		n++;
	put_field(s, n, sp);
}

static void put_signed(int64_t v, const struct spec *sp)
{
	put_number(v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0, 10, false, sp);
}

void vprint(const char *fmt, va_list ap)
{
	struct spec sp;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			putch(*fmt);
			continue;
		}
		fmt = parse(fmt + 1, &sp);
		switch (*fmt) {
		case 'd':
			put_signed(sp.is_long ? va_arg(ap, int64_t) : va_arg(ap, int), &sp);
			break;
		case 'u':
		case 'x':
		case 'X':
			put_number(sp.is_long ? va_arg(ap, uint64_t) : va_arg(ap, unsigned),
				   false, *fmt == 'u' ? 10 : 16, *fmt == 'X', &sp);
			break;
		case 'p':
			put_number((uint64_t)va_arg(ap, void *), false, 16, false, &sp);
			break;
		case 's':
			put_string(va_arg(ap, const char *), &sp);
			break;
		case 'c':
			putch((char)va_arg(ap, int));
			break;
		case '\0':
			return;
		default:
			putch(*fmt);
		}
	}
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint(fmt, ap);
	va_end(ap);
}
