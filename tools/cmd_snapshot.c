/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_snapshot.c - nwsim snapshot DIR: is a saved run whole, and what is it?
 */
#include <argp.h>

#include "args.h"
#include "cmd.h"
#include "nws.h"
#include "snapshot.h"

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	const char **dir = state->input;

	if (key != ARGP_KEY_ARG || *dir)
		return ARGP_ERR_UNKNOWN;
	*dir = arg;
	return 0;
}

int nws_cmd_snapshot(int argc, char **argv)
{
	static const struct argp argp = { .parser = parse_key, .args_doc = "DIR",
		.doc = "Check all files of the saved run in DIR, and show what it is: guest, tick, size, options." };
	const char *dir = NULL;

	if (nws_args_parse(&argp, argc, argv, 0, &dir))
		return NWS_EXIT_USAGE;
	return dir ? nws_stdout_done(nws_snapshot_show(dir)) : nws_usage("snapshot: DIR is missing, a directory that --save has made");
}
