/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_list.c - nwsim list: the bare-metal guests.
 */
#include <argp.h>
#include <string.h>

#include "cmd.h"
#include "guests.h"
#include "nws.h"

static void print_guests(const struct nws_guests *list)
{
	const char *group = "";
	int width = 4;

	for (size_t i = 0; i < list->n; i++)
		if ((int)strlen(list->g[i].name) > width)
			width = (int)strlen(list->g[i].name);
	for (size_t i = 0; i < list->n; i++) {
		const struct nws_guest *g = &list->g[i];

		if (strcmp(group, g->group))
			printf("%s%s:\n", i ? "\n" : "", g->group);
		group = g->group;
		printf("  %-*s  %s", width, g->name, g->claim);
		if (*g->options)
			printf(" [%s]", g->options);
		if (strcmp(g->expect, "pass"))
			printf(" (expected: %s)", g->expect);
		putchar('\n');
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
