/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serial.c - bounded store of the guest's output lines.
 */
#include <stdlib.h>
#include <string.h>

#include "nws.h"
#include "serial.h"

void nws_serial_init(struct nws_serial *s, void (*on_line)(void *ctx, const char *line), void *ctx)
{
	memset(s, 0, sizeof(*s));
	s->on_line = on_line;
	s->ctx = ctx;
}

static void keep(struct nws_serial *s, const char *line)
{
	char **slot;

	if (s->n_first < NWS_LINES_FIRST) {
		if (!s->first)
			s->first = nws_realloc(NULL, NWS_LINES_FIRST * sizeof(*s->first));
		s->first[s->n_first++] = nws_strdup(line);
		return;
	}
	if (!s->last) {
		s->last = nws_realloc(NULL, NWS_LINES_LAST * sizeof(*s->last));
		memset(s->last, 0, NWS_LINES_LAST * sizeof(*s->last));
	}
	slot = &s->last[s->n_after++ % NWS_LINES_LAST];
	free(*slot);
	*slot = nws_strdup(line);
}

static void end_line(struct nws_serial *s)
{
	while (s->len && s->line[s->len - 1] == '\r')
		s->len--;
	s->line[s->len] = 0;
	if (s->on_line)
		s->on_line(s->ctx, s->line);
	keep(s, s->line);
	s->len = 0;
}

void nws_serial_feed(struct nws_serial *s, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n')
			end_line(s);
		else if (s->len < NWS_LINE_MAX)
			s->line[s->len++] = data[i] ? data[i] : ' '; /* NUL would end the text */
	}
}

void nws_serial_finish(struct nws_serial *s)
{
	if (s->len)
		end_line(s);
}

size_t nws_serial_kept(const struct nws_serial *s)
{
	return s->n_first + (size_t)(s->n_after < NWS_LINES_LAST ? s->n_after : NWS_LINES_LAST);
}

uint64_t nws_serial_dropped(const struct nws_serial *s)
{
	return s->n_after < NWS_LINES_LAST ? 0 : s->n_after - NWS_LINES_LAST;
}

const char *nws_serial_line(const struct nws_serial *s, size_t i)
{
	if (i < s->n_first)
		return s->first[i];
	return s->last[(nws_serial_dropped(s) + i - s->n_first) % NWS_LINES_LAST];
}

void nws_serial_free(struct nws_serial *s)
{
	for (size_t i = 0; i < s->n_first; i++)
		free(s->first[i]);
	for (size_t i = 0; s->last && i < NWS_LINES_LAST; i++)
		free(s->last[i]);
	free(s->first);
	free(s->last);
	memset(s, 0, sizeof(*s));
}
