/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serial.h - cuts the guest's serial output into lines and keeps a bounded number of them.
 *
 * The guest may print without end: the first and the last lines are kept, the ones between are counted. A line is cut
 * at NWS_LINE_MAX bytes. Every complete line is given to a callback first, so nothing is missed by a reader.
 */
#ifndef NWS_SERIAL_H
#define NWS_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#define NWS_LINE_MAX    4096
#define NWS_LINES_FIRST 4000    /* kept from the beginning ... */
#define NWS_LINES_LAST  1000    /* ... and from the end */

struct nws_serial {
	void (*on_line)(void *ctx, const char *line);
	void *ctx;
	char line[NWS_LINE_MAX + 1];
	size_t len;
	char **first;           /* NWS_LINES_FIRST entries once used */
	char **last;            /* ring of NWS_LINES_LAST */
	size_t n_first;
	uint64_t n_after;       /* lines after the first ones, kept or not */
};

/* on_line is called with ctx for each complete line, without its end. */
void nws_serial_init(struct nws_serial *s, void (*on_line)(void *ctx, const char *line), void *ctx);
/* The next n bytes of output, which may end anywhere in a line. */
void nws_serial_feed(struct nws_serial *s, const char *data, size_t n);
/* End of the run: an unfinished line counts as a line. */
void nws_serial_finish(struct nws_serial *s);

/* Number of lines kept. */
size_t nws_serial_kept(const struct nws_serial *s);
/* The ith of them, counted from 0; it lives until the next line comes. */
const char *nws_serial_line(const struct nws_serial *s, size_t i);
/* Lines dropped between the first and the last ones. */
uint64_t nws_serial_dropped(const struct nws_serial *s);

/* Frees the lines that were kept. */
void nws_serial_free(struct nws_serial *s);

#endif
