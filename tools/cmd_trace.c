/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_trace.c - nwsim trace dump FILE, nwsim trace summary FILE.
 */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "cmd.h"
#include "nw_dump.h"
#include "nws.h"
#include "report.h"

struct arguments {
	const char *action, *file;
	bool json;
};

static int dump(struct nwt_reader *r)
{
	char line[NW_DUMP_LINE], err[NWT_ERRLEN];
	struct nwt_record rec;
	struct nw_dump d;
	int rc;

	for (size_t i = 0; i < nwt_config_count(r); i++)
		printf("# %s=%s\n", nwt_config_at(r, i)->key, nwt_config_at(r, i)->value);
	nw_dump_init(&d, r);
	nw_dump_heading(&d, line, sizeof(line));
	puts(line);
	while ((rc = nwt_next(r, &rec, err)) > 0) {
		nw_dump_record(&d, &rec, line, sizeof(line));
		if (puts(line) < 0)
			break;
	}
	if (rc < 0)
		return nws_usage("%s", err);
	return NWS_EXIT_MET;
}

static void print_config(const struct nwt_reader *r)
{
	static const char *const keys[] = { "guest", "options", "cmdline", "cpu.model", "version.nwsim" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = nwt_config_get(r, keys[i]);

		if (value && *value)
			printf("  %-15s %s\n", keys[i], value);
	}
}

static json_t *config_json(const struct nwt_reader *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < nwt_config_count(r); i++)
		json_object_set_new(o, nwt_config_at(r, i)->key, nws_json_text(nwt_config_at(r, i)->value));
	return o;
}

static int summary(struct nwt_reader *r, const struct arguments *a)
{
	static struct nw_summary sum;
	struct nws_trace_report t = { .sum = &sum };
	char err[NWT_ERRLEN];
	int status = NWS_EXIT_MET;

	nw_summary_init(&sum);
	nws_trace_clock(&t, r);
	if (nw_summary_read(&sum, r, err)) {
		status = nws_usage("%s", err);
	} else if (a->json) {
		json_t *o = json_object();

		json_object_set_new(o, "config", config_json(r));
		nws_trace_json(o, &t);
		if (nws_json_print(stdout, o))
			status = NWS_EXIT_USAGE;
	} else {
		printf("%s\n", a->file);
		print_config(r);
		printf("  ended by        %s\n",
		       sum.has_verdict ? nws_end_name(sum.verdict_kind) : "no verdict");
		nws_trace_text(stdout, &t);
	}
	nw_summary_free(&sum);
	return status;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			return ARGP_ERR_UNKNOWN;
		if (state->arg_num == 0)
			a->action = arg;
		else
			a->file = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int nws_cmd_trace(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "Summary as JSON", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options, .parser = parse_key, .args_doc = "dump|summary FILE",
		.doc = "Show an event trace (.nwt): every record, or what it adds up to.",
	};
	struct arguments a = { 0 };
	char err[NWT_ERRLEN];
	struct nwt_reader *r;
	int status;

	argp_err_exit_status = NWS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return NWS_EXIT_USAGE;
	if (!a.action || (strcmp(a.action, "dump") && strcmp(a.action, "summary")))
		return nws_usage("trace: '%s' is not accepted; give dump FILE or summary FILE",
				 a.action ? a.action : "");
	if (!a.file)
		return nws_usage("trace %s: FILE is missing; `nwsim run --trace FILE' makes one", a.action);
	if (a.json && !strcmp(a.action, "dump"))
		return nws_usage("trace dump has no --json; give trace summary --json FILE");
	r = nwt_open(a.file, err);
	if (!r)
		return nws_usage("%s", err);
	status = strcmp(a.action, "dump") ? summary(r, &a) : dump(r);
	nwt_reader_close(r);
	if (status == NWS_EXIT_MET && (fflush(stdout) || ferror(stdout)))
		return nws_usage("cannot write the output: %s", strerror(errno));
	return status;
}
