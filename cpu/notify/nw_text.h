/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_text.h - strict numbers and safe quotations for the one-line errors of nw_param.c and nw_stall.c.
 *
 * Private to cpu/notify.
 */
#ifndef NW_TEXT_H
#define NW_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for a quotation: 40 characters of the text, "..." and the terminating 0. */
#define NW_TEXT_QUOTE 44

/*
 * The whole of text[0..len) as a decimal or 0x number. No sign, blank, empty or trailing text. Returns 0, or -1 when
 * it is not a number or does not fit in 64 bits.
 */
int nw_text_number(const char *text, size_t len, uint64_t *value);

/* Copies text[0..len) for an error line: cut to NW_TEXT_QUOTE, what is not printable ASCII becomes '?'. Returns out. */
const char *nw_text_quote(char out[NW_TEXT_QUOTE], const char *text, size_t len);

#endif
