/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_parse.c - argp parser of `nwsim run` and `nwsim linux`.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bochsrc.h"
#include "cpumodel.h"
#include "nws.h"
#include "options.h"
#include "options_saved.h"
#include "options_table.h"

/* What a parse needs besides the result. */
struct parse {
	struct nws_options *o;
	bool operands;
	const struct argp_option *table;
};

/* argp's own convention (message, hint, exit status) would print two lines. */
NWS_PRINTF(2, 3) static void fail(const struct argp_state *state, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", state->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(NWS_EXIT_USAGE);
}

static uint64_t number(const struct argp_state *state, const char *option, const char *arg, uint64_t min,
		       uint64_t max)
{
	uint64_t v;

	if (!nws_parse_u64(arg, min, max, &v))
		fail(state, "%s: '%s' is not accepted; give a number %" PRIu64 "..%" PRIu64, option, arg,
		     min, max);
	return v;
}

/* Index of arg in two words. */
static bool second_of(const struct argp_state *state, const char *option, const char *arg, const char *a,
		      const char *b)
{
	if (strcmp(arg, a) && strcmp(arg, b))
		fail(state, "%s: '%s' is not accepted; give %s or %s", option, arg, a, b);
	return !strcmp(arg, b);
}

static void set_param(const struct argp_state *state, struct nws_options *o, const char *name,
		      const char *value)
{
	char err[NW_PARAM_ERRLEN];

	if (nw_param_set(&o->params, name, value, err))
		fail(state, "parameter %s", err);
}

static void parse_param(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *name;

	if (!eq)
		fail(state, "--param %s: give NAME=VALUE; `nwsim params' lists the names", arg);
	name = nws_format("%.*s", (int)(eq - arg), arg);
	set_param(state, o, name, eq + 1);
	free(name);
}

static void parse_stall(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	char err[NW_STALL_ERRLEN];
	unsigned n = o->stall_set.count;

	if (!nws_bochsrc_text_ok(arg))
		fail(state, "--stall: a rule has no control characters, '\"' or '$'");
	if (nw_stall_add(&o->stall_set, arg, err))
		fail(state, "--stall: %s", err);
	o->stall[n] = arg;
}

/* A rule for a processor that is not there would never match. */
static void check_stall_cpus(const struct argp_state *state, const struct nws_options *o)
{
	for (unsigned i = 0; i < o->stall_set.count; i++) {
		const struct nw_stall_rule *r = &o->stall_set.rule[i];

		if (r->match_cpu && r->cpu >= o->cpus)
			fail(state, "--stall: cpu=%u is not accepted; 0..%u, the run has %u CPU%s (--cpus)", r->cpu, o->cpus - 1,
			     o->cpus, o->cpus > 1 ? "s" : "");
	}
}

static void parse_append(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	char *old = o->append;

	for (const char *p = arg; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			fail(state, "--append: only printable ASCII characters are accepted");
	if ((old ? strlen(old) + 1 : 0) + strlen(arg) > NWS_APPEND_MAX)
		fail(state, "--append: more than %d characters", NWS_APPEND_MAX);
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
		fail(state, "--initrd: more than %d modules", NWS_MODULES_MAX);
	for (const char *p = arg; *p; p++)
		if ((unsigned char)*p < ' ')
			fail(state, "--initrd: no control characters are accepted");
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
			fail(state, "--kernel-series: 5.10, 6.1 or 6.1-stock is accepted, not '%s'", arg);
		o->series = arg;
		return 0;
	case O_SELFTESTS:
		if (!*arg || strchr(arg, ' '))
			fail(state, "--selftests: names with commas between them, or all, are accepted, not '%s'", arg);
		o->selftests = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void check_linux(const struct argp_state *state, const struct nws_options *o)
{
	if (o->series && (o->kernel || o->iso))
		fail(state, "--kernel-series names a kernel of the build; it cannot be combined with --kernel and --iso");
	if (o->selftests && (o->kernel || o->initrd || o->iso))
		fail(state, "--selftests needs a kernel of the build; it cannot be combined with --kernel, --initrd and --iso");
}

static void parse_model(const struct argp_state *state, struct nws_options *o, const char *arg)
{
	if (!nws_cpumodel_find(arg))
		fail(state, "--cpu: no model '%s'; the simulator has %s", arg, nws_cpumodel_names());
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
			fail(state,
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
			fail(state, "--expect: '%s' is not accepted; give one of %s", arg,
			     nws_verdict_names());
		return 0;
	case O_EXIT_STATUS:
		o->guest_status = !second_of(state, "--exit-status", arg, "guest", "verdict");
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
		fail(state,
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
		fail(state, "'%s': only options are accepted here", arg);
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
			fail(state, "--group: more than %d groups", NWS_GROUPS_MAX);
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

/* What is right for one guest only, or for several only. */
static void check_several(const struct argp_state *state, const struct nws_options *o)
{
	if (!nws_options_several(o))
		return;
	if (!o->n_names && !o->n_groups && !o->all)
		fail(state, "--jobs, --tap and --results are for guests of the list: give names, --group or --all");
	for (unsigned i = 0; i < o->n_names; i++)
		if (strchr(o->names[i], '/'))
			fail(state,
			     "'%s': only one guest can be run by its path, without --jobs, --tap and --results; "
			     "words for the guest need --append",
			     o->names[i]);
	if (o->trace || o->log || o->keep || o->guest_status || o->disk || o->n_modules)
		fail(state, "--trace, --log, --keep, --exit-status guest, --disk and --initrd are for one guest; "
		     "--results DIR keeps outputs and traces of several");
	if (o->tap && o->json)
		fail(state, "--tap and --json cannot be combined");
}

static void check_saved(const struct argp_state *state, const struct nws_options *o)
{
	if (o->disk_write && (o->save || o->restore))
		fail(state, "--disk-write: the image is not part of a saved run; do without it");
	if (!o->save != !o->save_at_set || (o->save_go_on && !o->save))
		fail(state, "--save DIR and --save-at TIME belong together, and --save-then to them");
	if ((o->save || o->restore) && nws_options_several(o))
		fail(state, "--save and --restore are for one guest");
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
		if (p->operands && !o->linux_command && !o->guest && !o->disk && !o->restore && !nws_options_several(o))
			fail(state, "GUEST is missing; `nwsim list' shows the guests, --disk boots a disk");
		if (p->operands) {
			check_several(state, o);
			check_stall_cpus(state, o);
		}
		if (o->disk_write && !o->disk)
			fail(state, "--disk-write: --disk FILE is missing");
		check_linux(state, o);
		check_saved(state, o);
		return 0;
	default:
		if (parse_machine(key, arg, state, o) == 0 || parse_linux(key, arg, state, o) == 0)
			break;
		if (parse_several(key, arg, state, o) == 0 || parse_result(key, arg, state, o) == 0)
			return 0;
		return parse_saved(key, arg, state, o);
	}
	if (p->operands) /* the list's own options: a restored run takes them from there, too */
		nws_options_remember(o, p->table, key, arg);
	return 0;
}

int nws_options_parse(struct nws_options *o, int argc, char **argv, bool operands)
{
	struct argp_option all[NWS_OPTIONS_TABLE_MAX];
	struct argp argp = { .parser = parse_key };
	struct parse p = { o, operands, all };

	nws_options_table(all, &argp, o->linux_command);
	argp_err_exit_status = NWS_EXIT_USAGE;
	return argp_parse(&argp, argc, argv, 0, NULL, &p) ? NWS_EXIT_USAGE : 0;
}
