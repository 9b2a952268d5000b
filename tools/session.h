/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.h - one run of the simulator from options to report: what `nwsim run` and `nwsim linux` have in common.
 */
#ifndef NWS_SESSION_H
#define NWS_SESSION_H

#include <stdbool.h>

#include "boot/nw_boot.h"
#include "linux_table.h"
#include "options.h"

/* How a run ended, for a caller that reports several. */
struct nws_result {
	bool reported;                  /* it came to a verdict */
	enum nws_verdict verdict;
	unsigned long tests, failed, skipped;   /* of the guest's test lines */
	uint64_t notify_exits, notify_at_deadline;
};

/* What is to be run; paths are absolute. */
struct nws_target {
	const char *name, *claim;       /* for the report; claim may be NULL */
	const char *kernel;             /* what nw_boot_inspect() takes; NULL: the BIOS boots iso or disk */
	const char *initrd, *iso, *disk;        /* NULL = none */
	struct nw_boot_module module[NWS_MODULES_MAX];
	unsigned n_modules;
	bool by_path;                   /* not a guest of the list */
	char *cmdline;                  /* never NULL */
	bool is_linux;                  /* the kernel must be a bzImage */
	bool tap_required;
	struct nws_table *table;        /* takes the VMM's rows; NULL = none wanted */
	struct nws_result *result;      /* filled when not NULL */
};

/* Runs, reports, and returns the exit status of the command. */
int nws_session(const struct nws_options *o, const struct nws_target *t);

#endif
