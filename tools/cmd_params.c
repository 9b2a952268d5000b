/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_params.c - nwsim params: the parameter table of the model.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "columns.h"
#include "nw_param.h"
#include "nws.h"
#include "report.h"

#define TEXT 64

static void range_text(const struct nw_param_info *info, char *buf, size_t len)
{
	size_t used = 0;

	if (!info->choices) {
		snprintf(buf, len, "%" PRIu64 "..%" PRIu64, info->min, info->max);
		return;
	}
	for (uint64_t i = 0; i <= info->max && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s%s", i ? "|" : "", info->choices[i]);
}

static void print_lines(const char *text, unsigned columns)
{
	printf("    ");
	nws_wrap(stdout, text, 4, 4, columns);
	putchar('\n');
}

static void print_text(const struct nw_params *p)
{
	unsigned columns = nws_columns(STDOUT_FILENO);

	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		const struct nw_param_info *info = nw_param_info((enum nw_param_id)i);
		char value[TEXT], range[2 * TEXT], *first;

		nw_param_format(p, (enum nw_param_id)i, value, sizeof(value));
		range_text(info, range, sizeof(range));
		first = nws_format("%-16s %-3s  default %s%s%s, range %s", info->name, info->number, value,
				   *info->unit ? " " : "", info->unit, range);
		fputs(i ? "\n" : "", stdout);
		nws_wrap(stdout, first, 0, 22, columns);
		putchar('\n');
		free(first);
		print_lines(info->help, columns);
		print_lines(info->provenance, columns);
	}
}

static json_t *param_json(const struct nw_params *p, enum nw_param_id id)
{
	const struct nw_param_info *info = nw_param_info(id);
	json_t *o = json_object();
	char value[TEXT];

	nw_param_format(p, id, value, sizeof(value));
	json_object_set_new(o, "name", json_string(info->name));
	json_object_set_new(o, "number", json_string(info->number));
	json_object_set_new(o, "unit", json_string(info->unit));
	json_object_set_new(o, "default",
			    info->choices ? json_string(value) : json_integer((json_int_t)info->def));
	if (info->choices) {
		json_t *a = json_array();

		for (uint64_t i = 0; i <= info->max; i++)
			json_array_append_new(a, json_string(info->choices[i]));
		json_object_set_new(o, "choices", a);
	} else {
		json_object_set_new(o, "min", json_integer((json_int_t)info->min));
		json_object_set_new(o, "max", json_integer((json_int_t)info->max));
	}
	json_object_set_new(o, "provenance", json_string(info->provenance));
	json_object_set_new(o, "help", json_string(info->help));
	return o;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	*(bool *)state->input = true;
	return 0;
}

int nws_cmd_params(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "json", 'j', NULL, 0, "As a JSON array", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_key,
		.doc = "Show the parameters of the model: every choice that public documents leave open, with default, "
		       "range and provenance. Set one with `nwsim run --param NAME=VALUE'.",
	};
	struct nw_params p;
	bool json = false;
	json_t *a;

	if (nws_args_parse(&argp, argc, argv, 0, &json))
		return NWS_EXIT_USAGE;
	nw_params_init(&p);
	if (!json) {
		print_text(&p);
		return nws_stdout_done(NWS_EXIT_MET);
	}
	a = json_array();
	for (int i = 0; i < NW_PARAM_COUNT; i++)
		json_array_append_new(a, param_json(&p, (enum nw_param_id)i));
	return nws_json_print(stdout, a) ? NWS_EXIT_USAGE : NWS_EXIT_MET;
}
