/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_run.c - nwsim run GUEST: a bare-metal guest.
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "guests.h"
#include "nws.h"
#include "options.h"
#include "paths.h"
#include "session.h"

/* "NAME" of the list: its file, or NULL after one line that names the remedy. */
static char *listed_file(const char *name)
{
	static const char *const suffix[] = { "elf", "bin" };

	for (int i = 0; i < 2; i++) {
		char *file = nws_format("%s/%s.%s", NWS_BARE_DIR, name, suffix[i]);
		char *path = nws_path_find(file);

		free(file);
		if (path)
			return path;
	}
	nws_error("guest %s is not built (%s/%s.elf): run ./quickstart", name, NWS_BARE_DIR, name);
	return NULL;
}

/* The guest's own options first, then the user's over them. The options point into words. */
static int parse_listed(struct nws_options *o, const struct nws_guest *g, int n, char **words, int argc,
			char **argv)
{
	int rc;

	nws_options_free(o);
	nws_options_init(o, false);
	nws_verdict_parse(g->expect, &o->expect);
	words[0] = nws_format("guests.list: %s", g->name);
	rc = nws_options_parse(o, n, words, false);
	return rc ? rc : nws_options_parse(o, argc, argv, true);
}

static char *command_line(const struct nws_options *o)
{
	struct nws_buf b = { 0 };

	nws_buf_printf(&b, "%s", "");
	if (o->window_set)
		nws_buf_printf(&b, "window=%u", o->window);
	if (o->append)
		nws_buf_printf(&b, "%s%s", b.len ? " " : "", o->append);
	return b.s;
}

static int run_file(struct nws_options *o, const char *name, const char *claim, char *path)
{
	struct nws_target t = { .name = name, .claim = claim, .kernel = path, .tap_required = true };
	int rc;

	if (!path)
		return NWS_EXIT_USAGE;
	t.cmdline = command_line(o);
	rc = nws_session(o, &t);
	free(t.cmdline);
	free(path);
	return rc;
}

static int run_listed(struct nws_options *o, int argc, char **argv)
{
	struct nws_guests list;
	const struct nws_guest *g;
	int rc, n;

	if (nws_guests_load(&list))
		return NWS_EXIT_USAGE;
	g = nws_guests_find(&list, o->guest);
	if (g) {
		char **words = nws_words(g->options, &n);

		rc = parse_listed(o, g, n, words, argc, argv);
		if (!rc)
			rc = run_file(o, g->name, g->claim, listed_file(g->name));
		nws_words_free(words, n);
	} else {
		rc = nws_usage(
			"no guest '%s'; `nwsim list' shows the guests, and a path needs a '/' (./%s)",
			o->guest, o->guest);
	}
	nws_guests_free(&list);
	return rc;
}

int nws_cmd_run(int argc, char **argv)
{
	struct nws_options o;
	int rc;

	nws_options_init(&o, false);
	rc = nws_options_parse(&o, argc, argv, true);
	if (!rc && strchr(o.guest, '/')) {
		char *path = nws_path_given("guest", o.guest);
		char *copy = nws_strdup(o.guest);

		rc = run_file(&o, basename(copy), NULL, path);
		free(copy);
	} else if (!rc) {
		rc = run_listed(&o, argc, argv);
	}
	nws_options_free(&o);
	return rc;
}
