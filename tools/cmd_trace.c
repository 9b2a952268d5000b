/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_trace.c - nwsim trace dump FILE, nwsim trace summary FILE.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cmd.h"
#include "nws.h"
#include "report.h"
#include "trace_dump.h"

struct arguments {
	const char *action, *file;
	bool json;
	struct nws_dump_filter filter;
	bool filtered;                  /* an option of dump was given */
};

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
	char err[NWT_ERRLEN], name[NWS_NAME];
	int status = NWS_EXIT_MET;

	nw_summary_init(&sum);
	nws_trace_head(&t, r);
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
		       sum.has_verdict ? nws_end_name(sum.verdict_kind, name) : "no verdict");
		nws_trace_text(stdout, &t);
	}
	nw_summary_free(&sum);
	return status;
}

enum { O_CONFIG = 0x100, O_NO_CONFIG, O_TYPE, O_CPU, O_FROM, O_TO };

static uint64_t number(const char *option, const char *arg, uint64_t max)
{
	uint64_t v;

	if (!nws_parse_u64(arg, 0, max, &v))
		exit(nws_usage("trace dump %s: '%s' is not accepted; give a number 0..%" PRIu64, option, arg, max));
	return v;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	a->filtered |= key >= O_CONFIG && key <= O_TO;
	switch (key) {
	case O_CONFIG:
		a->filter.config = NWS_DUMP_WHOLE;
		return 0;
	case O_NO_CONFIG:
		a->filter.config = NWS_DUMP_NO_CONFIG;
		return 0;
	case O_TYPE:
		a->filter.types = arg;
		return 0;
	case O_CPU:
		a->filter.cpu = number("--cpu", arg, UINT8_MAX);
		a->filter.one_cpu = true;
		return 0;
	case O_FROM:
		a->filter.from = number("--from", arg, UINT64_MAX);
		return 0;
	case O_TO:
		a->filter.to = number("--to", arg, UINT64_MAX);
		return 0;
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
		{ NULL, 0, NULL, 0, "Options of dump:", 1 },
		{ "config", O_CONFIG, NULL, 0, "The whole configuration, with how the simulator was built", 1 },
		{ "no-config", O_NO_CONFIG, NULL, 0, "No configuration", 1 },
		{ "type", O_TYPE, "NAME[,NAME...]", 0, "Only records of these types, such as expiry,vm_exit", 1 },
		{ "cpu", O_CPU, "N", 0, "Only records of this CPU, counted from 0", 1 },
		{ "from", O_FROM, "TICK", 0, "Only records from this TSC tick on", 1 },
		{ "to", O_TO, "TICK", 0, "Only records up to this TSC tick", 1 },
		{ NULL, 0, NULL, 0, "Option of summary:", 2 },
		{ "json", 'j', NULL, 0, "As one JSON object", 2 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options, .parser = parse_key, .args_doc = "dump|summary FILE",
		.doc = "Show an event trace (.nwt): its records, or what they add up to.",
	};
	struct arguments a = { .filter.to = UINT64_MAX };
	char err[NWT_ERRLEN];
	struct nwt_reader *r;
	int status;

	if (nws_args_parse(&argp, argc, argv, 0, &a))
		return NWS_EXIT_USAGE;
	if (!a.action || (strcmp(a.action, "dump") && strcmp(a.action, "summary")))
		return nws_usage("trace: '%s' is not accepted; give dump FILE or summary FILE",
				 a.action ? a.action : "");
	if (!a.file)
		return nws_usage("trace %s: FILE is missing; `nwsim run --trace FILE' makes one", a.action);
	if (a.json && !strcmp(a.action, "dump"))
		return nws_usage("trace dump has no --json; give trace summary --json FILE");
	if (a.filtered && strcmp(a.action, "dump"))
		return nws_usage("--config, --no-config, --type, --cpu, --from and --to are for trace dump");
	r = nwt_open(a.file, err);
	if (!r)
		return nws_usage("%s", err);
	status = strcmp(a.action, "dump") ? summary(r, &a) : nws_trace_dump(r, &a.filter);
	nwt_reader_close(r);
	return nws_stdout_done(status);
}
