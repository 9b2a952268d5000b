/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_run.c - nwsim run GUEST: a bare-metal guest, or several of the list.
 */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
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
	nws_error("guest %s is not built (%s/%s.elf): " NWS_REMEDY, name, NWS_BARE_DIR, name);
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
	o->host_limit_us = NWS_HOST_LIMIT_US;
	words[0] = nws_format("guests.list: %s", g->name);
	rc = nws_options_parse(o, n, words, false);
	return rc ? rc : nws_options_parse(o, argc, argv, true);
}

/* file: NULL, or the name that comes first, as other loaders have it. */
static char *command_line(const struct nws_options *o, const char *file)
{
	struct nws_buf b = { 0 };

	nws_buf_printf(&b, "%s", file ? file : "");
	if (o->window_set)
		nws_buf_printf(&b, "%swindow=%u", b.len ? " " : "", o->window);
	if (o->append)
		nws_buf_printf(&b, "%s%s", b.len ? " " : "", o->append);
	return b.s;
}

/* "FILE[,WORDS]": the module's string is the file's base name and the words. */
static int add_module(struct nws_target *t, const char *text)
{
	const char *comma = strchr(text, ',');
	char *file = comma ? nws_format("%.*s", (int)(comma - text), text) : nws_strdup(text);
	char *path = nws_path_given("--initrd", file), *base = nws_base_name(file);

	if (path) {
		t->module[t->n_modules].path = path;
		t->module[t->n_modules++].string = comma ? nws_format("%s %s", base, comma + 1) : nws_strdup(base);
	}
	free(base);
	free(file);
	return path ? 0 : -1;
}

static int add_files(const struct nws_options *o, struct nws_target *t, char **disk)
{
	for (unsigned i = 0; i < o->n_modules; i++)
		if (add_module(t, o->module[i]))
			return -1;
	if (o->disk)
		t->disk = *disk = nws_path_given("--disk", o->disk);
	return o->disk && !*disk ? -1 : 0;
}

/* The target has its kernel, iso or nothing (the disk is booted then). */
static int run_target(const struct nws_options *o, struct nws_target *t)
{
	char *disk = NULL;
	int rc = NWS_EXIT_USAGE;

	if (!t->kernel && (o->n_modules || o->append || o->window_set))
		nws_error("an image brings its own kernel: --initrd, --append and --window cannot be combined with it");
	else if (!add_files(o, t, &disk))
		rc = nws_session(o, t);
	for (unsigned i = 0; i < t->n_modules; i++) {
		free((char *)t->module[i].path);
		free((char *)t->module[i].string);
	}
	free(disk);
	free(t->cmdline);
	return rc;
}

static int run_file(const struct nws_options *o, const struct nws_guest *g, char *path, struct nws_result *result)
{
	struct nws_target t = {
		.name = g->name, .claim = g->claim, .kernel = path, .tap_required = true, .result = result
	};
	int rc;

	if (!path)
		return NWS_EXIT_USAGE;
	t.cmdline = command_line(o, NULL);
	rc = run_target(o, &t);
	free(path);
	return rc;
}

/* A file that somebody else made: what it is decides how it starts. */
static int run_path(struct nws_options *o)
{
	struct nws_target t = { .by_path = true, .tap_required = true };
	char *path = nws_path_given("guest", o->guest), *base = nws_base_name(o->guest), err[NW_BOOT_ERRLEN];
	enum nw_boot_kind kind = NW_BOOT_SECTOR;
	enum nw_boot_media media;
	int rc = NWS_EXIT_USAGE;

	t.name = base;
	if (path && nw_boot_find_media(path, &media, err)) {
		nws_error("%s", err);
	} else if (path && media == NW_BOOT_DISK && o->disk) {
		nws_error("%s is a disk: --disk cannot be combined with it", o->guest);
	} else if (path) {
		if (media == NW_BOOT_ISO)
			t.iso = path;
		else if (media == NW_BOOT_DISK)
			o->disk = path;
		else
			t.kernel = path;
		/* An error is reported later, with everything else about the file. */
		if (t.kernel && nw_boot_inspect(path, &kind, err))
			kind = NW_BOOT_SECTOR;
		t.cmdline = command_line(o, kind == NW_BOOT_MULTIBOOT ? base : NULL);
		rc = run_target(o, &t);
	}
	free(base);
	free(path);
	return rc;
}

static int run_disk(const struct nws_options *o)
{
	struct nws_target t = { .by_path = true, .cmdline = nws_strdup("") };
	char *base = nws_base_name(o->disk);
	int rc;

	t.name = base;
	rc = run_target(o, &t);
	free(base);
	return rc;
}

int nws_run_guest(const struct nws_guest *g, int argc, char **argv, const char *trace, struct nws_result *result)
{
	struct nws_options o;
	int rc, n;
	char **words = nws_words(g->options, &n);

	nws_options_init(&o, false);
	rc = parse_listed(&o, g, n, words, argc, argv);
	if (trace)
		o.trace = trace;
	if (result)
		o.json = false;
	if (!rc)
		rc = run_file(&o, g, listed_file(g->name), result);
	nws_options_free(&o);
	nws_words_free(words, n);
	return rc;
}

int nws_guest_check(const struct nws_guest *g, int argc, char **argv, uint64_t *memory_mib, enum nws_verdict *expect)
{
	char *file = listed_file(g->name);
	struct nws_options o;
	int rc = NWS_EXIT_USAGE, n;
	char **words = nws_words(g->options, &n);

	nws_options_init(&o, false);
	if (file)
		rc = parse_listed(&o, g, n, words, argc, argv);
	*memory_mib = o.memory_mib;
	*expect = o.expect;
	nws_options_free(&o);
	nws_words_free(words, n);
	free(file);
	return rc;
}

static int run_listed(const struct nws_options *o, int argc, char **argv)
{
	struct nws_guests list;
	const struct nws_guest *g;
	int rc;

	if (nws_guests_load(&list))
		return NWS_EXIT_USAGE;
	g = o->guest ? nws_guests_find(&list, o->guest) : NULL;
	if (nws_options_several(o))
		rc = nws_batch(&list, o, argc, argv);
	else if (g)
		rc = nws_run_guest(g, argc, argv, NULL, NULL);
	else
		rc = nws_usage(
			"no guest '%s'; `nwsim list' shows the guests, and a path needs a '/' (./%s)",
			o->guest, o->guest);
	nws_guests_free(&list);
	return rc;
}

int nws_cmd_run(int argc, char **argv)
{
	struct nws_options o;
	int rc;

	nws_options_init(&o, false);
	rc = nws_options_command(&o, &argc, &argv);
	if (!rc && nws_options_several(&o))
		rc = run_listed(&o, argc, argv);
	else if (!rc && !o.guest)
		rc = run_disk(&o);
	else if (!rc && strchr(o.guest, '/'))
		rc = run_path(&o);
	else if (!rc)
		rc = run_listed(&o, argc, argv);
	nws_options_free(&o);
	return rc;
}
