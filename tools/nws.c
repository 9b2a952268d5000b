/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nws.c - messages, allocation, number parsing, time and signals for the nwsim command.
 */
#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nws.h"

static void message(const char *fmt, va_list ap)
{
	fputs("nwsim: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void nws_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

int nws_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
	return NWS_EXIT_USAGE;
}

void nws_output_lost(const char *what, int error)
{
	static bool said;

	if (!said)
		nws_error("cannot write %s: %s", what, strerror(error ? error : EIO));
	said = true;
}

int nws_stdout_done(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	nws_output_lost("the output", errno);
	return NWS_EXIT_USAGE;
}

void *nws_realloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p) {
		nws_error("out of host memory (%zu bytes wanted)", size);
		exit(NWS_EXIT_USAGE);
	}
	return p;
}

char *nws_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(nws_realloc(NULL, n), s, n);
}

char *nws_base_name(const char *path)
{
	char *copy = nws_strdup(path), *base = nws_strdup(basename(copy));

	free(copy);
	return base;
}

static void buf_vprintf(struct nws_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	if (b->size < b->len + (size_t)n + 1) {
		b->size = 2 * b->size + (size_t)n + 1;
		b->s = nws_realloc(b->s, b->size);
	}
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void nws_buf_printf(struct nws_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void nws_buf_free(struct nws_buf *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

char *nws_format(const char *fmt, ...)
{
	struct nws_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	return b.s;
}

bool nws_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *digits = "0123456789";
	unsigned long long v;
	int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		base = 16;
		digits = "0123456789abcdefABCDEF";
	}
	/* strtoull alone would take spaces, signs and a second 0x. */
	if (!*text || text[strspn(text, digits)])
		return false;
	errno = 0;
	v = strtoull(text, NULL, base);
	if (errno || v < min || v > max)
		return false;
	*value = v;
	return true;
}

bool nws_parse_seconds(const char *text, uint64_t max_us, uint64_t *us)
{
	const char *dot = strchr(text, '.');
	char whole[24];
	size_t n = dot ? (size_t)(dot - text) : strlen(text);
	uint64_t v = 0, frac = 0, unit = 100000;

	if (n == 0 || n >= sizeof(whole))
		return false;
	memcpy(whole, text, n);
	whole[n] = 0;
	if (strpbrk(whole, "xX") || !nws_parse_u64(whole, 0, max_us / 1000000, &v))
		return false;
	if (dot && !dot[1])
		return false;
	for (const char *p = dot ? dot + 1 : ""; *p; p++, unit /= 10) {
		if (!isdigit((unsigned char)*p) || unit == 0)
			return false;
		frac += (uint64_t)(*p - '0') * unit;
	}
	v = v * 1000000 + frac;
	if (v > max_us)
		return false;
	*us = v;
	return true;
}

double nws_now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool nws_ignored(int signal_number)
{
	struct sigaction a;

	return !sigaction(signal_number, NULL, &a) && a.sa_handler == SIG_IGN;
}

void nws_end_signals(sigset_t *set)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!nws_ignored(ends[i]))
			sigaddset(set, ends[i]);
}
