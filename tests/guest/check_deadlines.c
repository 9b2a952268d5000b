/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_deadlines.c - is every notify VM exit of a trace at its deadline, by the numbers in the trace alone?
 *
 * Reads a trace and recomputes from its configuration, without the model's code:
 *   D = s + max(1, ceil((window + threshold) * num / den))      for the default parameters
 * and that s is the tick of the last VM entry or of an earlier moment of the same entry's run, that the VM exit with
 * reason 75 follows at D, and that no VM exit with reason 75 stands alone. Prints the number of exits checked.
 * Exit status: 0 all hold, 1 one does not, 2 usage or unreadable trace.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nw_trace.h"

#define CPUS 256

struct state {
	bool expired;           /* an expiry waits for its VM exit */
	uint64_t d_tsc;
	uint64_t entry_tsc, window_crystal;
	bool armed;
};

static unsigned __int128 ceil_div(unsigned __int128 a, uint64_t b)
{
	return (a + b - 1) / b;
}

static uint64_t config_number(const struct nwt_reader *r, const char *key)
{
	const char *text = nwt_config_get(r, key);

	if (!text) {
		fprintf(stderr, "check_deadlines: the trace has no configuration entry '%s'\n", key);
		exit(2);
	}
	return strtoull(text, NULL, 0);
}

static int wrong(const struct nwt_record *rec, const char *what, uint64_t is, uint64_t should)
{
	fprintf(stderr, "check_deadlines: tick %" PRIu64 ": %s is %" PRIu64 ", should be %" PRIu64 "\n", rec->time_tsc,
		what, is, should);
	return 1;
}

static int check_expiry(const struct nwt_reader *r, const struct nwt_record *rec, struct state *st)
{
	uint64_t num = config_number(r, "clock.num"), den = config_number(r, "clock.den");
	uint64_t threshold = config_number(r, "param.threshold");
	const char *unit = nwt_config_get(r, "param.threshold_unit");
	unsigned __int128 ticks, window = rec->f[NWT_EXPIRY_WINDOW_CRYSTAL];
	uint64_t d;

	if (unit && !strcmp(unit, "tsc"))
		ticks = ceil_div(window * num, den) + threshold;
	else
		ticks = ceil_div((window + threshold) * num, den);
	if (ticks == 0)
		ticks = 1;
	d = rec->f[NWT_EXPIRY_S] + (uint64_t)ticks;
	st->expired = true;
	st->d_tsc = d;
	if (!st->armed)
		return wrong(rec, "notify exiting armed", 0, 1);
	if (window != st->window_crystal)
		return wrong(rec, "window", (uint64_t)window, st->window_crystal);
	if (rec->f[NWT_EXPIRY_S] < st->entry_tsc)
		return wrong(rec, "s (not before VM entry)", rec->f[NWT_EXPIRY_S], st->entry_tsc);
	if (rec->f[NWT_EXPIRY_D] != d)
		return wrong(rec, "D", rec->f[NWT_EXPIRY_D], d);
	return 0;
}

static int check_exit(const struct nwt_record *rec, struct state *st)
{
	bool expired = st->expired, notify = (rec->f[NWT_EXIT_REASON] & 0xffff) == 75;

	st->expired = st->armed = false;
	if (notify != expired)
		return wrong(rec, "VM exit with reason 75 after an expiry", notify, expired);
	if (notify && rec->time_tsc != st->d_tsc)
		return wrong(rec, "tick of the VM exit", rec->time_tsc, st->d_tsc);
	return 0;
}

int main(int argc, char **argv)
{
	static struct state cpu[CPUS];
	struct nwt_reader *r;
	struct nwt_record rec;
	char err[NWT_ERRLEN];
	unsigned long checked = 0;
	int more, bad = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: check_deadlines TRACE\n");
		return 2;
	}
	r = nwt_open(argv[1], err);
	if (!r) {
		fprintf(stderr, "check_deadlines: %s\n", err);
		return 2;
	}
	while ((more = nwt_next(r, &rec, err)) > 0) {
		struct state *st = &cpu[rec.cpu];

		if (rec.type == NWT_VM_ENTRY) {
			st->entry_tsc = rec.time_tsc;
			st->armed = rec.f[NWT_ENTRY_CONTROL];
			st->window_crystal = rec.f[NWT_ENTRY_WINDOW_CRYSTAL];
		} else if (rec.type == NWT_EXPIRY) {
			bad |= check_expiry(r, &rec, st);
			checked++;
		} else if (rec.type == NWT_VM_EXIT) {
			bad |= check_exit(&rec, st);
		}
	}
	if (more < 0) {
		fprintf(stderr, "check_deadlines: %s\n", err);
		return 2;
	}
	nwt_reader_close(r);
	printf("%lu\n", checked);
	return bad;
}
