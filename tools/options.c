/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options.c - argp parser of `nwsim run` and `nwsim linux`.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bochsrc.h"
#include "cpumodel.h"
#include "nws.h"
#include "options.h"

enum {
	O_WINDOW = 0x100,
	O_THRESHOLD,
	O_PARAM,
	O_STALL,
	O_CPU,
	O_CPUS,
	O_QUANTUM,
	O_IPS,
	O_MEMORY,
	O_APPEND,
	O_TIME_LIMIT,
	O_UART,
	O_IDLE,
	O_RESET,
	O_JSON,
	O_TRACE,
	O_LOG,
	O_EXPECT,
	O_EXIT_STATUS,
	O_SIMULATOR,
	O_KEEP,
	O_KERNEL,
	O_INITRD,
	O_ISO,
	O_DISK,
	O_DISK_WRITE,
	O_PLATFORM
};

static const struct argp_option common_options[] = {
	{ NULL, 0, NULL, 0, "Notify VM exit:", 1 },
	{ "window", O_WINDOW, "N", 0, "Notify window the guest shall use, in crystal clocks, 0..4294967295",
	  0 },
	{ "threshold", O_THRESHOLD, "N[crystal|tsc]", 0, "Internal threshold of the processor (P1)", 0 },
	{ "param", O_PARAM, "NAME=VALUE", 0, "Set a parameter of the model; `nwsim params' lists them", 0 },
	{ "stall", O_STALL, "RULE", 0, "Add a stall rule, such as phase=delivery,vector=17,clocks=9", 0 },
	{ NULL, 0, NULL, 0, "Machine:", 2 },
	{ "cpu", O_CPU, "MODEL", 0, "CPU model (default " NWS_CPU_DEFAULT ")", 0 },
	{ "cpus", O_CPUS, "N", 0, "Number of CPUs, 1..8 (default 1)", 0 },
	{ "quantum", O_QUANTUM, "TICKS", 0,
	  "TSC ticks by which a CPU may be ahead of another one, 1..1024 (default 64); 1 is exact", 0 },
	{ "ips", O_IPS, "HZ", 0, "TSC frequency (default: what the CPU model announces)", 0 },
	{ "memory", O_MEMORY, "MiB", 0, "Guest RAM, 8..65536", 0 },
	{ "append", O_APPEND, "WORDS", 0, "Words for the guest's command line", 0 },
	{ "time-limit", O_TIME_LIMIT, "SECONDS", 0,
	  "End the run after this simulated time, 0 = never (default 3600)", 0 },
	{ "uart", O_UART, "fast|baud", 0, "COM1 transmits at once (default) or at its baud rate", 0 },
	{ "idle", O_IDLE, "jump|step", 0, "A halted CPU jumps to the next timer (default) or walks there",
	  0 },
	{ "reset", O_RESET, "end|boot", 0, "A reset ends the run (default) or boots the guest again", 0 },
	{ "disk", O_DISK, "FILE", 0, "Raw image of a hard disk; the guest's changes to it are thrown away", 0 },
	{ "disk-write", O_DISK_WRITE, NULL, 0, "Write the guest's changes to the image of --disk", 0 },
	{ "platform", O_PLATFORM, "pc|test", 0,
	  "test: with fw_cfg and the test device of other virtual machines (default for a Multiboot file)", 0 },
	{ NULL, 0, NULL, 0, "Result:", 3 },
	{ "json", O_JSON, NULL, 0,
	  "Report as JSON on standard output; the serial output goes to standard error", 0 },
	{ "trace", O_TRACE, "FILE", 0, "Keep the event trace (.nwt)", 0 },
	{ "log", O_LOG, "FILE", 0, "Keep the simulator's log", 0 },
	{ "expect", O_EXPECT, "VERDICT", 0, "Verdict that makes the exit status 0 (default pass)", 0 },
	{ "exit-status", O_EXIT_STATUS, "guest|verdict", 0, "Exit with the guest's own code if it gave one",
	  0 },
	{ "simulator", O_SIMULATOR, "PATH", 0, "Simulator to run", 0 },
	{ "keep", O_KEEP, "DIR", 0, "Work in DIR (new or empty) and keep it", 0 },
	{ 0 }
};

static const struct argp_option linux_options[] = {
	{ "kernel", O_KERNEL, "FILE", 0, "bzImage to boot", 2 },
	{ "initrd", O_INITRD, "FILE", 0, "Initial RAM file system", 2 },
	{ "iso", O_ISO, "FILE", 0, "Boot this CD-ROM image instead", 2 },
	{ 0 }
};

static const struct argp_option run_options[] = {
	{ "initrd", O_INITRD, "FILE[,WORDS]", 0, "Multiboot module, or a Linux kernel's initial RAM file system", 2 },
	{ 0 }
};

/* What a parse needs besides the result. */
struct parse {
	struct nws_options *o;
	bool operands;
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

static error_t parse_operand(char *arg, const struct argp_state *state, const struct parse *p)
{
	if (!p->operands)
		fail(state, "'%s': only options are accepted here", arg);
	if (p->o->linux_command) /* words after "--" */
		parse_append(state, p->o, arg);
	else if (p->o->guest)
		fail(state,
		     "'%s': only one guest can be run, %s was given; words for the guest need --append",
		     arg, p->o->guest);
	else
		p->o->guest = arg;
	return 0;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct nws_options *o = p->o;

	switch (key) {
	case O_WINDOW:
		o->window = (uint32_t)number(state, "--window", arg, 0, UINT32_MAX);
		o->window_set = true;
		return 0;
	case O_THRESHOLD:
		set_param(state, o, "threshold", arg);
		return 0;
	case O_PARAM:
		parse_param(state, o, arg);
		return 0;
	case O_STALL:
		parse_stall(state, o, arg);
		return 0;
	case ARGP_KEY_ARG:
		return parse_operand(arg, state, p);
	case ARGP_KEY_END:
		if (p->operands && !o->linux_command && !o->guest && !o->disk)
			fail(state, "GUEST is missing; `nwsim list' shows the guests, --disk boots a disk");
		if (o->disk_write && !o->disk)
			fail(state, "--disk-write: --disk FILE is missing");
		return 0;
	default:
		if (parse_machine(key, arg, state, o) == 0)
			return 0;
		return parse_result(key, arg, state, o);
	}
}

static const char run_doc[] =
	"Run a bare-metal guest in the simulator and report its event windows and notify VM exits.\v"
	"GUEST is a name from `nwsim list' or the path of a Multiboot kernel, Linux kernel, boot sector, or image of a disk "
	"or bootable CD-ROM. Without GUEST, the disk of --disk is booted.\n"
	"Exit status: 0 ended as expected, 1 did not, 2 usage or configuration, 3 the guest hung, 4 simulator fault.";

static const char linux_doc[] =
	"Boot Linux with the companion KVM patches, attack it from its own guests, and report.\v"
	"Words after -- and those of --append go to the kernel's command line. --window N is passed as nw.window=N.\n"
	"Exit status: as `nwsim run'.";

void nws_options_init(struct nws_options *o, bool linux_command)
{
	memset(o, 0, sizeof(*o));
	o->linux_command = linux_command;
	nw_params_init(&o->params);
	nw_stall_init(&o->stall_set);
	o->cpu = NWS_CPU_DEFAULT;
	o->cpus = 1;
	o->quantum = NWS_QUANTUM_DEFAULT;
	o->memory_mib = linux_command ? NWS_MEMORY_LINUX : NWS_MEMORY_BARE;
	o->time_limit_us = NWS_TIME_LIMIT_US;
	o->expect = NWS_PASS;
}

void nws_options_free(struct nws_options *o)
{
	free(o->append);
	o->append = NULL;
}

int nws_options_parse(struct nws_options *o, int argc, char **argv, bool operands)
{
	const size_t n_common = sizeof(common_options) / sizeof(common_options[0]) - 1;
	struct argp_option all[sizeof(common_options) / sizeof(common_options[0]) +
			       sizeof(linux_options) / sizeof(linux_options[0])] = { 0 };
	struct argp argp = { .options = all, .parser = parse_key };
	struct parse p = { o, operands };

	memcpy(all, common_options, sizeof(common_options));
	if (o->linux_command) /* over the terminating entry */
		memcpy(all + n_common, linux_options, sizeof(linux_options));
	else
		memcpy(all + n_common, run_options, sizeof(run_options));
	argp.args_doc = o->linux_command ? "[-- WORDS...]" : "[GUEST]";
	argp.doc = o->linux_command ? linux_doc : run_doc;
	argp_err_exit_status = NWS_EXIT_USAGE;
	return argp_parse(&argp, argc, argv, 0, NULL, &p) ? NWS_EXIT_USAGE : 0;
}

void nws_options_stall(struct nws_options *o, const char *text)
{
	char err[NW_STALL_ERRLEN];
	unsigned n = o->stall_set.count;

	if (nw_stall_add(&o->stall_set, text, err)) {
		nws_error("%s", err);
		abort();
	}
	o->stall[n] = text;
}

char *nws_options_canonical(const struct nws_options *o)
{
	struct nws_buf b = { 0 };
	char value[64];

	nws_buf_printf(
		&b, "--cpu %s --memory %" PRIu64 " --uart %s --idle %s --time-limit %" PRIu64 ".%06" PRIu64,
		o->cpu, o->memory_mib, o->uart_baud ? "baud" : "fast", o->idle_step ? "step" : "jump",
		o->time_limit_us / 1000000, o->time_limit_us % 1000000);
	if (o->cpus > 1) /* the quantum means nothing to one CPU */
		nws_buf_printf(&b, " --cpus %u --quantum %u", o->cpus, o->quantum);
	if (o->platform)
		nws_buf_printf(&b, " --platform %s", o->platform == NWS_PLATFORM_TEST ? "test" : "pc");
	if (o->ips)
		nws_buf_printf(&b, " --ips %" PRIu64, o->ips);
	if (o->reset_boot)
		nws_buf_printf(&b, " --reset boot");
	if (o->window_set)
		nws_buf_printf(&b, " --window %u", o->window);
	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		const struct nw_param_info *info = nw_param_info((enum nw_param_id)i);

		if (o->params.v[i] == info->def)
			continue;
		nw_param_format(&o->params, (enum nw_param_id)i, value, sizeof(value));
		nws_buf_printf(&b, " --param %s=%s", info->name, value);
	}
	return b.s;
}
