/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_list.c - nwsim list: the bare-metal guests.
 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "guests.h"
#include "nws.h"

static void print_guest(const struct nws_guest *g, int width)
{
	printf("  %-*s  %s", width, g->name, g->claim);
	if (*g->options)
		printf(" [%s]", g->options);
	if (strcmp(g->expect, "pass"))
		printf(" (expected: %s)", g->expect);
	putchar('\n');
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
	int width = 4;

	for (size_t i = 0; i < list->n; i++)
		if ((int)strlen(list->g[i].name) > width)
			width = (int)strlen(list->g[i].name);
	for (size_t i = 0; i < list->n; i++) {
		if (!first_of_group(list, i))
			continue;
		printf("%s%s:\n", i ? "\n" : "", list->g[i].group);
		for (size_t k = i; k < list->n; k++)
			if (!strcmp(list->g[k].group, list->g[i].group))
				print_guest(&list->g[k], width);
	}
}

int nws_cmd_list(int argc, char **argv)
{
	static const struct argp argp = {
		.doc = "Show the bare-metal guests that `nwsim run' knows: name, claim, [default options], expectation.",
	};
	struct nws_guests list;

	argp_err_exit_status = NWS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, NULL) || nws_guests_load(&list))
		return NWS_EXIT_USAGE;
	print_guests(&list);
	nws_guests_free(&list);
	return NWS_EXIT_MET;
}
