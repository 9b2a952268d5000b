/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_check.c - `nwsim run` and `nwsim linux`: options that are right one by one, and may not fit together.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nws.h"
#include "options.h"
#include "options_check.h"

/* argp's own convention (message, hint, exit status) would print two lines. */
void nws_options_fail(const struct argp_state *state, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", state->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(NWS_EXIT_USAGE);
}

/* A rule for a processor that is not there would never match. */
static void check_stall_cpus(const struct argp_state *state, const struct nws_options *o)
{
	for (unsigned i = 0; i < o->stall_set.count; i++) {
		const struct nw_stall_rule *r = &o->stall_set.rule[i];

		if (r->match_cpu && r->cpu >= o->cpus)
			nws_options_fail(state, "--stall: cpu=%u is not accepted; 0..%u, the run has %u CPU%s (--cpus)",
					 r->cpu, o->cpus - 1, o->cpus, o->cpus > 1 ? "s" : "");
	}
}

static void check_linux(const struct argp_state *state, const struct nws_options *o)
{
	if (o->series && (o->kernel || o->iso))
		nws_options_fail(state, "--kernel-series names a kernel of the build; it cannot be combined with --kernel "
				 "and --iso");
	if (o->selftests && (o->kernel || o->initrd || o->iso))
		nws_options_fail(state, "--selftests needs a kernel of the build; it cannot be combined with --kernel, "
				 "--initrd and --iso");
	if (o->levels && (o->kernel || o->initrd || o->iso || o->selftests || o->window_set))
		nws_options_fail(state, "--levels brings its own guests; it cannot be combined with --kernel, --initrd, --iso, "
				 "--selftests and --window");
}

/* What is right for one guest only, or for several only. */
static void check_several(const struct argp_state *state, const struct nws_options *o)
{
	if (!nws_options_several(o))
		return;
	if (o->all && (o->n_names || o->n_groups))
		nws_options_fail(state, "--all runs every guest: names and --group cannot be combined with it; words for the "
				 "guests need --append");
	if (!o->n_names && !o->n_groups && !o->all)
		nws_options_fail(state, "--jobs, --tap and --results are for guests of the list: give names, --group or --all");
	for (unsigned i = 0; i < o->n_names; i++)
		if (strchr(o->names[i], '/'))
			nws_options_fail(state, "'%s': only one guest can be run by its path, without --jobs, --tap and --results; "
					 "words for the guest need --append", o->names[i]);
	if (o->trace || o->log || o->keep || o->guest_status || o->disk || o->n_modules)
		nws_options_fail(state, "--trace, --log, --keep, --exit-status guest, --disk and --initrd are for one guest; "
				 "--results DIR keeps outputs and traces of several");
	if (o->tap && o->json)
		nws_options_fail(state, "--tap and --json cannot be combined");
}

static void check_saved(const struct argp_state *state, const struct nws_options *o)
{
	if (o->disk_write && (o->save || o->restore))
		nws_options_fail(state, "--disk-write: the image is not part of a saved run; do without it");
	if (!o->save != !o->save_at_set || (o->save_go_on && !o->save))
		nws_options_fail(state, "--save DIR and --save-at TIME belong together, and --save-then to them");
	if (o->save && o->keep)
		nws_options_fail(state, "--keep: the directory of a run that is saved does not repeat it; do without --save");
	if ((o->save || o->restore) && nws_options_several(o))
		nws_options_fail(state, "--save and --restore are for one guest");
}

void nws_options_check(const struct argp_state *state, const struct nws_options *o, bool operands)
{
	if (operands && !o->linux_command && !o->guest && !o->disk && !o->restore && !nws_options_several(o))
		nws_options_fail(state, "GUEST is missing; `nwsim list' shows the guests, --disk boots a disk");
	if (operands) {
		check_several(state, o);
		check_stall_cpus(state, o);
	}
	if (o->disk_write && !o->disk)
		nws_options_fail(state, "--disk-write: --disk FILE is missing");
	check_linux(state, o);
	check_saved(state, o);
}
