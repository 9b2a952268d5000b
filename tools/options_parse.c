/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_parse.c - argp parser of `nwsim run` and `nwsim linux`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "bochsrc.h"
#include "cpumodel.h"
#include "nws.h"
#include "options.h"
#include "options_check.h"
#include "options_saved.h"
#include "options_table.h"

/* What a parse needs besides the result. */
struct parse {
	struct nws_options *o;
	bool operands;
	const struct argp_option *table;
	const char *saved;      /* the words are those of the run saved in this directory, NULL = typed */
};

static uint64_t number(const struct argp_state *state, const char *option, const char *arg, uint64_t min,
		       uint64_t max)
{
	uint64_t v;

	if (!nws_parse_u64(arg, min, max, &v))
		nws_options_fail(state, "%s: '%s' is not accepted; give a number %" PRIu64 "..%" PRIu64, option, arg,
				 min, max);
	return v;
}

/* Index of arg in two words. */
static bool second_of(const struct argp_state *state, const char *option, const char *arg, const char *a,
		      const char *b)
{
	if (strcmp(arg, a) && strcmp(arg, b))
		nws_options_fail(state, "%s: '%s' is not accepted; give %s or %s", option, arg, a, b);
	return !strcmp(arg, b);
}

static void set_param(const struct argp_state *state, struct nws_options *o, const char *name,
		      const char *value)
{
	char err[NW_PARAM_ERRLEN];

	if (nw_param_set(&o->params, name, value, err))
		nws_options_fail(state, "parameter %s", err);
}

static void parse_param(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *name;

	if (!eq)
		nws_options_fail(state, "--param %s: give NAME=VALUE; `nwsim params' lists the names", arg);
	name = nws_format("%.*s", (int)(eq - arg), arg);
	set_param(state, o, name, eq + 1);
	free(name);
}

static void parse_stall(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	char err[NW_STALL_ERRLEN];
	unsigned n = o->stall_set.count;

	if (!nws_bochsrc_text_ok(arg))
		nws_options_fail(state, "--stall: a rule has no control characters, '\"' or '$'");
	if (nw_stall_add(&o->stall_set, arg, err))
		nws_options_fail(state, "--stall: %s", err);
	o->stall[n] = arg;
}

static void parse_append(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	char *old = o->append;

	for (const char *p = arg; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			nws_options_fail(state, "--append: only printable ASCII characters are accepted");
	if ((old ? strlen(old) + 1 : 0) + strlen(arg) > NWS_APPEND_MAX)
		nws_options_fail(state, "--append: more than %d characters", NWS_APPEND_MAX);
	o->append = old ? nws_format("%s %s", old, arg) : nws_strdup(arg);
	free(old);
}

static void parse_initrd(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	if (o->linux_command) {
		o->initrd = arg;
		return;
	}
	if (o->n_modules == NWS_MODULES_MAX)
		nws_options_fail(state, "--initrd: more than %d modules", NWS_MODULES_MAX);
	for (const char *p = arg; *p; p++)
		if ((unsigned char)*p < ' ')
			nws_options_fail(state, "--initrd: no control characters are accepted");
	o->module[o->n_modules++] = arg;
}

/* The kernels that `make kvm' builds; with "-debug" those of KVM_DEBUG=1. */
static bool is_series(const char *text)
{
	static const char *const names[] = { "5.10", "6.1", "6.1-stock" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (!strncmp(text, names[i], length) && (!text[length] || !strcmp(text + length, "-debug")))
			return true;
	}
	return false;
}

static error_t parse_linux(int key, char *arg, const struct argp_state *state, struct nws_options *o)
{
	switch (key) {
	case O_SERIES:
		if (!is_series(arg))
			nws_options_fail(state, "--kernel-series: 5.10, 6.1 or 6.1-stock, each also with -debug, is accepted, not '%s'", arg);
		o->series = arg;
		return 0;
	case O_SELFTESTS:
		if (!*arg || strchr(arg, ' '))
			nws_options_fail(state, "--selftests: names with commas between them, or all, are accepted, not '%s'", arg);
		o->selftests = arg;
		return 0;
	case O_LEVELS:
		if (strcmp(arg, "stall") && strcmp(arg, "db-loop"))
			nws_options_fail(state, "--levels: stall or db-loop is accepted, not '%s'", arg);
		o->levels = arg;
		/* The attacker has one CPU, L0's other work the other one. */
		if (o->cpus == 1)
			o->cpus = 2;
		if (o->memory_mib < NWS_MEMORY_LEVELS)
			o->memory_mib = NWS_MEMORY_LEVELS;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void parse_model(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	if (!nws_cpumodel_find(arg))
		nws_options_fail(state, "--cpu: no model '%s'; the simulator has %s", arg, nws_cpumodel_names());
	o->cpu = arg;
}

static error_t parse_machine(int key, char *arg, const struct argp_state *state, struct nws_options *o)
{
	switch (key) {
	case O_CPU:
		parse_model(state, o, arg);
		return 0;
	case O_CPUS:
		o->cpus = (unsigned)number(state, "--cpus", arg, 1, NWS_CPUS_MAX);
		return 0;
	case O_QUANTUM:
		o->quantum = (unsigned)number(state, "--quantum", arg, 1, NWS_QUANTUM_MAX);
		return 0;
	case O_IPS:
		o->ips = number(state, "--ips", arg, NWS_IPS_MIN, NWS_IPS_MAX);
		return 0;
	case O_MEMORY:
		o->memory_mib = number(state, "--memory", arg, NWS_MEMORY_MIN, NWS_MEMORY_MAX);
		return 0;
	case O_APPEND:
		parse_append(state, o, arg);
		return 0;
	case O_TIME_LIMIT:
		if (!nws_parse_seconds(arg, NWS_TIME_LIMIT_MAX_US, &o->time_limit_us))
			nws_options_fail(state,
					 "--time-limit: '%s' is not accepted; give seconds 0..1000000, at most 6 decimals",
					 arg);
		return 0;
	case O_UART:
		o->uart_baud = second_of(state, "--uart", arg, "fast", "baud");
		return 0;
	case O_IDLE:
		o->idle_step = second_of(state, "--idle", arg, "jump", "step");
		return 0;
	case O_RESET:
		o->reset_boot = second_of(state, "--reset", arg, "end", "boot");
		return 0;
	case O_KERNEL:
		o->kernel = arg;
		return 0;
	case O_INITRD:
		parse_initrd(state, o, arg);
		return 0;
	case O_ISO:
		o->iso = arg;
		return 0;
	case O_DISK:
		o->disk = arg;
		return 0;
	case O_DISK_WRITE:
		o->disk_write = true;
		return 0;
	case O_PLATFORM:
		o->platform = second_of(state, "--platform", arg, "pc", "test") ? NWS_PLATFORM_TEST
										: NWS_PLATFORM_PC;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_result(int key, char *arg, const struct argp_state *state, struct nws_options *o)
{
	switch (key) {
	case O_JSON:
		o->json = true;
		return 0;
	case O_TRACE:
		o->trace = arg;
		return 0;
	case O_LOG:
		o->log = arg;
		return 0;
	case O_EXPECT:
		if (nws_verdict_parse(arg, &o->expect))
			nws_options_fail(state, "--expect: '%s' is not accepted; give one of %s", arg,
					 nws_verdict_names());
		return 0;
	case O_EXIT_STATUS:
		o->guest_status = !second_of(state, "--exit-status", arg, "guest", "verdict");
		return 0;
	case O_HOST_LIMIT:
		if (!nws_parse_seconds(arg, NWS_TIME_LIMIT_MAX_US, &o->host_limit_us))
			nws_options_fail(state, "--host-limit: '%s' is not accepted; give seconds 0..1000000, at most 6 decimals", arg);
		return 0;
	case O_SIMULATOR:
		o->simulator = arg;
		return 0;
	case O_KEEP:
		o->keep = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void parse_save_at(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	size_t n = strlen(arg);
	char *digits = n > 3 && !strcmp(arg + n - 3, "tsc") ? nws_format("%.*s", (int)n - 3, arg) : NULL;

	o->save_in_ticks = digits != NULL;
	o->save_at_set = digits ? nws_parse_u64(digits, 0, INT64_MAX, &o->save_at)
				: nws_parse_seconds(arg, NWS_TIME_LIMIT_MAX_US, &o->save_at);
	free(digits);
	if (!o->save_at_set)
		nws_options_fail(state,
				 "--save-at: '%s' is not accepted; give seconds 0..1000000, at most 6 decimals, or ticks as 123tsc",
				 arg);
}

static error_t parse_saved(int key, char *arg, const struct argp_state *state, struct nws_options *o)
{
	switch (key) {
	case O_SAVE:
		o->save = arg;
		return 0;
	case O_SAVE_AT:
		parse_save_at(state, o, arg);
		return 0;
	case O_SAVE_THEN:
		o->save_go_on = second_of(state, "--save-then", arg, "end", "go");
		return 0;
	case O_RESTORE:
		o->restore = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_operand(char *arg, const struct argp_state *state, const struct parse *p)
{
	if (!p->operands)
		nws_options_fail(state, "'%s': only options are accepted here", arg);
	if (p->o->linux_command) { /* words after "--" */
		parse_append(state, p->o, arg);
		nws_options_remember(p->o, p->table, O_APPEND, arg);
	} else {
		p->o->names = nws_realloc(p->o->names, (p->o->n_names + 1) * sizeof(*p->o->names));
		p->o->names[p->o->n_names++] = arg;
		p->o->guest = p->o->names[0];
		nws_options_remember_guest(p->o, arg);
	}
	return 0;
}

static error_t parse_several(int key, char *arg, const struct argp_state *state, struct nws_options *o)
{
	switch (key) {
	case O_ALL:
		o->all = true;
		return 0;
	case O_GROUP:
		if (o->n_groups == NWS_GROUPS_MAX)
			nws_options_fail(state, "--group: more than %d groups", NWS_GROUPS_MAX);
		o->group[o->n_groups++] = arg;
		return 0;
	case O_JOBS:
		o->jobs = (unsigned)number(state, "--jobs", arg, 0, NWS_JOBS_MAX);
		return 0;
	case O_TAP:
		o->tap = true;
		return 0;
	case O_RESULTS:
		o->results = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct nws_options *o = p->o;

	switch (key) {
	case O_WINDOW:
		o->window = (uint32_t)number(state, "--window", arg, 0, UINT32_MAX);
		o->window_set = true;
		break;
	case O_THRESHOLD:
		set_param(state, o, "threshold", arg);
		break;
	case O_PARAM:
		parse_param(state, o, arg);
		break;
	case O_STALL:
		parse_stall(state, o, arg);
		break;
	case ARGP_KEY_ARG:
		return parse_operand(arg, state, p);
	case ARGP_KEY_END:
		nws_options_check(state, o, p->operands);
		return 0;
	default:
		if (parse_machine(key, arg, state, o) == 0 || parse_linux(key, arg, state, o) == 0)
			break;
		if (p->saved && key > ARGP_KEY_ARG && key < ARGP_KEY_END)
			nws_options_fail(state, "--restore %s: its file words has an option that no saved run has", p->saved);
		if (parse_several(key, arg, state, o) == 0 || parse_result(key, arg, state, o) == 0)
			return 0;
		return parse_saved(key, arg, state, o);
	}
	if (p->operands) /* the list's own options: a restored run takes them from there, too */
		nws_options_remember(o, p->table, key, arg);
	return 0;
}

static int parse(struct parse *p, int argc, char **argv, unsigned flags)
{
	struct argp_option all[NWS_OPTIONS_TABLE_MAX];
	struct argp argp = { .parser = parse_key };

	p->table = all;
	nws_options_table(all, &argp, p->o->linux_command);
	return nws_args_parse(&argp, argc, argv, flags, p) ? NWS_EXIT_USAGE : 0;
}

int nws_options_parse(struct nws_options *o, int argc, char **argv, bool operands)
{
	return parse(&(struct parse){ .o = o, .operands = operands }, argc, argv, 0);
}

int nws_options_parse_saved(struct nws_options *o, int argc, char **argv, const char *dir)
{
	int rc = parse(&(struct parse){ .o = o, .operands = true, .saved = dir }, argc, argv,
		       ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT);

	for (int i = 1; !rc && i < argc; i++)
		rc = !strcmp(argv[i], "--"); /* would hide what is typed behind them */
	return rc ? nws_usage("--restore %s: its file words is not one of a saved run", dir) : 0;
}
