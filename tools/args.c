/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * args.c - argp with errors of one line.
 *
 * argp ends each error with a second line that begins with "Try". It goes to the stream of the parser, as do errors of its
 * own, while those of getopt go to standard error at once: the stream drops the hint, and adds it to the others.
 */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "nws.h"

struct errors {
	const char *command;
	char line[512];
	size_t len;
};

struct outer {
	struct errors errors;
	FILE *stream;
	void *input;
};

static void end_of_line(struct errors *e)
{
	e->line[e->len] = 0;
	if (e->len && strncmp(e->line, "Try `", 5))
		fprintf(stderr, "%s; `%s --help' shows what is accepted\n", e->line, e->command);
	e->len = 0;
}

static ssize_t take(void *cookie, const char *data, size_t n)
{
	struct errors *e = cookie;

	for (size_t i = 0; i < n; i++)
		if (data[i] == '\n')
			end_of_line(e);
		else if (e->len < sizeof(e->line) - 1)
			e->line[e->len++] = data[i];
	return (ssize_t)n;
}

static error_t parse_outer(int key, char *arg, struct argp_state *state)
{
	struct outer *o = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = o->input;
	state->err_stream = o->stream;
	return 0;
}

int nws_args_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input)
{
	const struct argp_child child[] = { { argp, 0, NULL, 0 }, { 0 } };
	const struct argp outer = { .parser = parse_outer, .children = child };
	struct outer o = { .errors.command = argv[0], .input = input };
	int rc;

	argp_err_exit_status = NWS_EXIT_USAGE;
	o.stream = fopencookie(&o.errors, "w", (cookie_io_functions_t){ .write = take });
	if (!o.stream)
		return nws_usage("out of host memory");
	setvbuf(o.stream, NULL, _IOLBF, 0);
	rc = argp_parse(&outer, argc, argv, flags, NULL, &o);
	fclose(o.stream);
	return rc ? NWS_EXIT_USAGE : 0;
}
