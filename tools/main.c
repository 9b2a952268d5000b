/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main.c - the nwsim command: finds the sub-command and calls it.
 */
#include <argp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
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

/*
 * A caller may have closed descriptors 0 to 2. What is opened then would get one of these numbers: a file would take the
 * messages, and a pipe would be closed as standard input. Standard output is opened for reading, so that it still fails.
 */
static int open_standard_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	return 0;
}

/* --help and --version end in argp; everything else asks itself, and is not asked again. */
static void check_stdout(void)
{
	if (nws_stdout_done(NWS_EXIT_MET) != NWS_EXIT_MET)
		_exit(NWS_EXIT_USAGE);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { .parser = parse_key, .args_doc = "COMMAND ...", .doc = doc };
	int first = 0;

	if (open_standard_files())
		return NWS_EXIT_USAGE;
	/* A caller may have set it to ignored; then children could not be waited for. */
	signal(SIGCHLD, SIG_DFL);
	/* A file that grows beyond `ulimit -f' is an error of write() as any other. */
	signal(SIGXFSZ, SIG_IGN);
	atexit(check_stdout);
	argv[0] = (char *)"nwsim";
	if (nws_args_parse(&argp, argc, argv, ARGP_IN_ORDER, &first))
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
