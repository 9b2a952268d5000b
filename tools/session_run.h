/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session_run.h - what session.c and session_prepare.c share: the state of one run.
 */
#ifndef NWS_SESSION_RUN_H
#define NWS_SESSION_RUN_H

#include <stdio.h>

#include "boot/nw_boot.h"
#include "cpumodel.h"
#include "nw_summary.h"
#include "output.h"
#include "report.h"
#include "runner.h"
#include "session.h"
#include "snapshot.h"
#include "workdir.h"

/* Files of one run and what came out of it. */
struct session {
	const struct nws_options *o;
	const struct nws_target *t;
	const struct nws_cpumodel *cpu;
	uint32_t ips;
	char *simulator, *bios, *vgabios, *boot_rom, *build_flags;
	struct nws_workdir dir;
	struct nws_snapshot save;
	struct nws_output trace, log;
	struct nw_boot_plan plan;
	enum nw_boot_kind kind;
	struct nws_serial serial;
	struct nws_run_result result;
	struct nw_summary sum;
	struct nws_report report;
	char *message, *kernel_panic;
};

/* Finds the files and fills the private directory. 0, or -1 after one line on standard error. */
int nws_session_prepare(struct session *s);
/* A new file in the private directory; NULL after one line on standard error. */
FILE *nws_session_create(const struct session *s, const char *name);
/* TSC tick at which the run is to be saved. */
uint64_t nws_session_save_tick(const struct session *s);

#endif
