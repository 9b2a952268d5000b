/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_list.c - nwsim list: the bare-metal guests.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "columns.h"
#include "guests.h"
#include "nws.h"
#include "report.h"

#define OPTIONS_INDENT 6        /* long ones fit 80 columns then */

/* In a terminal, options and expectation have lines of their own; else each guest is one line. */
static void print_guest(const struct nws_guest *g, unsigned indent, unsigned columns)
{
	char *options = *g->options ? nws_format("[%s]", g->options) : NULL;
	char *expect = strcmp(g->expect, "pass") ? nws_format("(expected: %s)", g->expect) : NULL;
	const char *part[] = { g->claim, options, expect };

	printf("  %-*s", (int)indent - 2, g->name);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (!part[i])
			continue;
		if (i && columns)
			printf("\n%*s", (int)(indent = OPTIONS_INDENT), "");
		else if (i)
			putchar(' ');
		nws_wrap(stdout, part[i], indent, indent, columns);
	}
	putchar('\n');
	free(options);
	free(expect);
}

/* Is this the first guest of its group? */
static bool first_of_group(const struct nws_guests *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(list->g[k].group, list->g[i].group))
			return false;
	return true;
}

/* Groups in the order in which they begin in the list, wherever their other guests are. */
static void print_guests(const struct nws_guests *list)
{
	unsigned width = 4, columns = nws_columns(STDOUT_FILENO);

	for (size_t i = 0; i < list->n; i++)
		if (strlen(list->g[i].name) > width)
			width = (unsigned)strlen(list->g[i].name);
	for (size_t i = 0; i < list->n; i++) {
		if (!first_of_group(list, i))
			continue;
		printf("%s%s:\n", i ? "\n" : "", list->g[i].group);
		for (size_t k = i; k < list->n; k++)
			if (!strcmp(list->g[k].group, list->g[i].group))
				print_guest(&list->g[k], width + 4, columns);
	}
}

static json_t *guests_json(const struct nws_guests *list)
{
	json_t *a = json_array();

	for (size_t i = 0; i < list->n; i++) {
		const struct nws_guest *g = &list->g[i];
		json_t *o = json_object();

		json_object_set_new(o, "name", nws_json_text(g->name));
		json_object_set_new(o, "group", nws_json_text(g->group));
		json_object_set_new(o, "claim", nws_json_text(g->claim));
		json_object_set_new(o, "options", nws_json_text(g->options));
		json_object_set_new(o, "expected", nws_json_text(g->expect));
		json_array_append_new(a, o);
	}
	return a;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	*(bool *)state->input = true;
	return 0;
}

int nws_cmd_list(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "As a JSON array", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_key,
		.doc = "Show the bare-metal guests that `nwsim run' knows: name, claim, [default options], expectation.",
	};
	struct nws_guests list;
	int status = NWS_EXIT_MET;
	bool json = false;

	if (nws_args_parse(&argp, argc, argv, 0, &json) || nws_guests_load(&list))
		return NWS_EXIT_USAGE;
	if (!json)
		print_guests(&list);
	else if (nws_json_print(stdout, guests_json(&list)))
		status = NWS_EXIT_USAGE;
	nws_guests_free(&list);
	return nws_stdout_done(status);
}
