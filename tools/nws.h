/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nws.h - what all modules of the nwsim command share: exit codes, messages, small helpers.
 */
#ifndef NWS_H
#define NWS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit status of the command. A signal that ends it early gives 128 + signal number. */
enum nws_exit {
	NWS_EXIT_MET = 0,       /* the run ended as expected */
	NWS_EXIT_NOT_MET = 1,   /* it ended otherwise */
	NWS_EXIT_USAGE = 2,     /* options, configuration, missing files, host resources */
	NWS_EXIT_HUNG = 3,      /* the guest hung and that was not expected */
	NWS_EXIT_FAULT = 4      /* the simulator died, left no verdict, or was stopped at the limit of host time */
};

#if defined(__GNUC__)
#define NWS_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define NWS_PRINTF(a, b)
#endif

/* Prints "nwsim: ..." as one line on standard error. */
void nws_error(const char *fmt, ...) NWS_PRINTF(1, 2);

/* As nws_error(); returns NWS_EXIT_USAGE, so that a caller can say `return nws_usage(...)`. */
int nws_usage(const char *fmt, ...) NWS_PRINTF(1, 2);

/* Standard output does not take `what` (error is errno): one line on standard error, the first time. */
void nws_output_lost(const char *what, int error);

/*
 * The end of what a command prints: status when all of it could be written, else NWS_EXIT_USAGE, the first time after one
 * line on standard error.
 */
int nws_stdout_done(int status);

/* Allocation that ends the program with NWS_EXIT_USAGE when the host has no memory left. */
void *nws_realloc(void *p, size_t size);
/* A copy of s; the caller frees it. */
char *nws_strdup(const char *s);
/* The last part of a path; the caller frees it. */
char *nws_base_name(const char *path);
/* printf into a new string; the caller frees it. */
char *nws_format(const char *fmt, ...) NWS_PRINTF(1, 2);

/*
 * Whole text -> number: decimal or 0x hexadecimal, no sign, no spaces, min <= *value <= max. False (and *value
 * unchanged) otherwise.
 */
bool nws_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/*
 * Seconds with up to six decimals -> microseconds, exactly. False when the text is anything else or the result
 * would exceed max_us.
 */
bool nws_parse_seconds(const char *text, uint64_t max_us, uint64_t *us);

/* Seconds of the host, for differences. */
double nws_now_s(void);

/* The signals that end a command early (INT, TERM, HUP), without those that the caller has set to ignored (nohup). */
void nws_end_signals(sigset_t *set);

/* Is the signal ignored? Watching one that is would make it count. */
bool nws_ignored(int signal_number);

/* A growing byte string. */
struct nws_buf {
	char *s;                /* NUL-terminated once anything was added, else NULL */
	size_t len, size;
};
/* printf to the end of it. {0} is an empty one. */
void nws_buf_printf(struct nws_buf *b, const char *fmt, ...) NWS_PRINTF(2, 3);
/* Frees the string; *b is empty then. */
void nws_buf_free(struct nws_buf *b);

#endif
