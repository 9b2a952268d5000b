/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_coverage.c - nwsim coverage FILE...: which kinds of notify VM exit the traces contain, with the holes by name.
 */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "coverage_report.h"
#include "nws.h"
#include "output.h"

struct arguments {
	const char *html, *require;
	char **file;
	unsigned files;
};

enum { KEY_HTML = 1, KEY_REQUIRE };

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_HTML:
		a->html = arg;
		return 0;
	case KEY_REQUIRE:
		a->require = arg;
		return 0;
	case ARGP_KEY_ARGS:
		a->file = state->argv + state->next;
		a->files = (unsigned)(state->argc - state->next);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int read_trace(struct nw_coverage *c, const char *path)
{
	char err[NWT_ERRLEN];
	struct nwt_reader *r = nwt_open(path, err);
	struct nwt_record rec;
	int rc;

	if (!r)
		return nws_usage("%s", err);
	nw_coverage_trace(c);
	while ((rc = nwt_next(r, &rec, err)) > 0)
		nw_coverage_add(c, &rec);
	nwt_reader_close(r);
	return rc < 0 ? nws_usage("%s", err) : NWS_EXIT_MET;
}

/* Before anything is read: can it be written, and is it none of the traces? */
static int open_html(struct nws_output *html, const struct arguments *a)
{
	if (nws_output_open(html, "coverage: --html", a->html))
		return NWS_EXIT_USAGE;
	for (unsigned i = 0; i < a->files; i++)
		if (nws_output_apart(html, "a trace", a->file[i]))
			return NWS_EXIT_USAGE;
	return NWS_EXIT_MET;
}

static int write_html(const struct nw_coverage *c, struct nws_output *html)
{
	FILE *f = nws_output_stream(html);
	bool bad;

	if (!f)
		return NWS_EXIT_USAGE;
	nws_coverage_html(f, c);
	bad = ferror(f) != 0;
	bad |= fclose(f) != 0;
	if (bad)
		return nws_usage("cannot write %s: %s", html->name, strerror(errno));
	return nws_output_commit(html) ? NWS_EXIT_USAGE : NWS_EXIT_MET;
}

/* What --require names has no hole, and no rule was contradicted. */
static int judge(const struct nw_coverage *c, const char *require)
{
	struct nws_coverage_figures f;

	nws_coverage_figures(c, &f);
	if (f.contradictions)
		return NWS_EXIT_NOT_MET;
	if (require && f.single_seen < f.single_possible)
		return NWS_EXIT_NOT_MET;
	return require && !strcmp(require, "pairs") && f.pairs_seen < f.pairs_possible ? NWS_EXIT_NOT_MET : NWS_EXIT_MET;
}

int nws_cmd_coverage(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "html", KEY_HTML, "FILE", 0, "Write the report as HTML, too", 0 },
		{ "require", KEY_REQUIRE, "WHAT", 0, "bins or pairs: exit status 1 unless all that are possible were seen", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options, .parser = parse_key, .args_doc = "FILE...",
		.doc = "Functional coverage of event traces (.nwt): which kinds of notify VM exit they contain, and which not.",
	};
	static struct nw_coverage c;
	struct nws_output html = NWS_OUTPUT_NONE;
	struct arguments a = { 0 };
	int status = NWS_EXIT_MET;

	if (nws_args_parse(&argp, argc, argv, 0, &a))
		return NWS_EXIT_USAGE;
	if (!a.files)
		return nws_usage("coverage: FILE is missing; `nwsim run --trace FILE' makes one");
	if (a.require && strcmp(a.require, "bins") && strcmp(a.require, "pairs"))
		return nws_usage("coverage: --require=%s is not accepted; bins or pairs", a.require);
	if (nw_coverage_init(&c))
		return nws_usage("coverage: no memory");
	if (a.html && open_html(&html, &a)) {
		nws_output_abandon(&html);
		nw_coverage_free(&c);
		return NWS_EXIT_USAGE;
	}
	/* A damaged one counts as far as it goes; what the others say is shown all the same. */
	for (unsigned i = 0; i < a.files; i++)
		if (read_trace(&c, a.file[i]))
			status = NWS_EXIT_USAGE;
	if (c.traces)
		nws_coverage_text(stdout, &c);
	if (status == NWS_EXIT_MET && a.html)
		status = write_html(&c, &html);
	if (status == NWS_EXIT_MET)
		status = nws_stdout_done(status);
	if (status == NWS_EXIT_MET)
		status = judge(&c, a.require);
	nws_output_abandon(&html);
	nw_coverage_free(&c);
	return status;
}
