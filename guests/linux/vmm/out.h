/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMM's output: whole lines on standard output, written at once.
 */
#ifndef NW_OUT_H
#define NW_OUT_H

/* Console to raw output (a newline stays one byte); no effect when standard output is no terminal. */
void out_raw_console(void);

/* One line; the newline is added. Lines longer than 1023 bytes are cut. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Waits until the last byte has left the serial port. */
void out_drain(void);

#endif
