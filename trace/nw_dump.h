/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_dump.h - records as text lines, through the type table of the file they come from.
 *
 *       123456       1402.90  cpu0 vm_exit reason=75 (instruction timeout (notify)) qualification=0x0 ...
 *
 * Columns: TSC ticks, the same in crystal clocks (when the configuration has clock.num and clock.den: that many TSC
 * ticks per that many crystal clocks), processor, event, fields. All functions return what snprintf() would, end the
 * text with a 0 byte and no newline, and write printable text only, whatever is in the file.
 */
#ifndef NW_DUMP_H
#define NW_DUMP_H

#include "nw_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest line, including the terminating 0. */
#define NW_DUMP_LINE 4096

struct nw_dump {
	const struct nwt_reader *reader;
	uint32_t num, den;      /* TSC ticks per crystal clocks, 0 = unknown */
};

/* Takes the clock ratio from the configuration of the trace. */
void nw_dump_init(struct nw_dump *d, const struct nwt_reader *r);

/* Titles of the columns. */
int nw_dump_heading(const struct nw_dump *d, char *buf, size_t len);

/* One record. A type that the file does not describe is shown with its number and plain fields. */
int nw_dump_record(const struct nw_dump *d, const struct nwt_record *rec, char *buf, size_t len);

/* One value as its unit says: enum values by name, addresses in hexadecimal, times also in crystal clocks. */
int nw_dump_value(const struct nw_dump *d, const struct nwt_field_info *field, uint64_t value, char *buf, size_t len);

/* A number of TSC ticks in crystal clocks, two decimals, rounded down. Needs a known clock ratio. */
int nw_dump_crystal(const struct nw_dump *d, uint64_t tsc, char *buf, size_t len);

#ifdef __cplusplus
}
#endif

#endif
