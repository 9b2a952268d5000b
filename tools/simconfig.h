/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * simconfig.h - the configuration entries at the head of a trace: all that is needed to repeat the run.
 *
 * No paths, host names or times: two machines with the same files write the same bytes. The simulator adds what it
 * knows itself: its version, CPU model, clock ratio and parameters.
 */
#ifndef NWS_SIMCONFIG_H
#define NWS_SIMCONFIG_H

#include <stdio.h>

#include "options.h"

#define NWS_HASHED_MAX 8

struct nws_simconfig {
	const char *guest;              /* listed name, or base name of a file */
	const char *cmdline;            /* the guest's command line, "" = none */
	const char *build_flags_file;   /* NULL = unknown */
	struct {
		const char *key, *path; /* "guest", "kernel", ... */
	} hashed[NWS_HASHED_MAX];
	unsigned n_hashed;
	const struct nw_boot_module *module;
	unsigned n_modules;
};

/* Writes key=value lines. 0, or -1 after one line on standard error. */
int nws_simconfig_write(FILE *f, const struct nws_simconfig *c, const struct nws_options *o);

#endif
