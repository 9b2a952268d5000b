/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main.c - the nwsim command: finds the sub-command and calls it.
 */
#include <argp.h>
#include <signal.h>
#include <string.h>

#include "cmd.h"
#include "nws.h"

#ifndef PACKAGE_STRING
#define PACKAGE_STRING "nwsim"
#endif
#ifndef PACKAGE_BUGREPORT
#define PACKAGE_BUGREPORT ""
#endif

const char *argp_program_version = PACKAGE_STRING;

struct command {
	const char *name, *full;
	int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
	{ "run", "nwsim run", nws_cmd_run },
	{ "linux", "nwsim linux", nws_cmd_linux },
	{ "list", "nwsim list", nws_cmd_list },
	{ "params", "nwsim params", nws_cmd_params },
	{ "trace", "nwsim trace", nws_cmd_trace },
	{ "coverage", "nwsim coverage", nws_cmd_coverage },
	{ "snapshot", "nwsim snapshot", nws_cmd_snapshot },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char doc[] =
	"Simulate Intel's notify VM exit (instruction timeout) and check hypervisors against it.\v"
	"Commands:\n"
	"  run GUEST...        run a bare-metal guest, or several\n"
	"  linux               boot Linux with the companion KVM patches\n"
	"  list                show the bare-metal guests\n"
	"  params              show the parameters of the model\n"
	"  trace dump FILE     show the records of an event trace\n"
	"  trace summary FILE  show what a trace adds up to\n"
	"  coverage FILE...    show which kinds of notify exit traces contain\n"
	"  snapshot DIR        show what a saved run is\n"
	"\n"
	"`nwsim COMMAND --help' explains a command.";

/* Stops at the command's name: what follows is the command's. */
static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	int *first = state->input;

	(void)arg;
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	*first = state->next - 1;
	state->next = state->argc;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { .parser = parse_key, .args_doc = "COMMAND ...", .doc = doc };
	int first = 0;

	/* A caller may have set it to ignored; then children could not be waited for. */
	signal(SIGCHLD, SIG_DFL);
	argv[0] = (char *)"nwsim";
	argp_err_exit_status = NWS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &first))
		return NWS_EXIT_USAGE;
	if (!first)
		return nws_usage(
			"a command is missing: run, linux, list, params, trace, coverage or snapshot; `nwsim --help' explains them");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (!strcmp(argv[first], commands[i].name)) {
			argv[first] = (char *)commands[i].full;
			return commands[i].run(argc - first, argv + first);
		}
	}
	return nws_usage("no command '%s'; the commands are run, linux, list, params, trace, coverage and snapshot",
			 argv[first]);
}
