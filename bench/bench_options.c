/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_options.c - argp parser of bench/bench.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochsrc.h"
#include "cpumodel.h"
#include "nws.h"
#include "bench_options.h"
#include "paths.h"

enum {
	O_FILE = 0x100,         /* + enum nwb_file */
	O_CPU = O_FILE + NWB_FILES,
	O_IPS,
	O_MEMORY,
	O_APPEND,
	O_MARKER,
	O_REPEAT,
	O_PAIRS,
	O_LIMIT,
	O_ONLY,
	O_JSON
};

static const struct argp_option options[] = {
	{ "stock", O_FILE + NWB_STOCK, "PATH", 0, "Unpatched simulator (default bochs-stock/bochs)", 1 },
	{ "nwsim", O_FILE + NWB_NWSIM, "PATH", 0, "Patched simulator (default bochs/bochs)", 0 },
	{ "boot-rom", O_FILE + NWB_BOOT_ROM, "FILE", 0, "Option ROM (default guests/boot/nwboot.rom)", 0 },
	{ "kernel", O_FILE + NWB_KERNEL, "FILE", 0, "bzImage (default guests/linux/bzImage-5.10)", 0 },
	{ "initrd", O_FILE + NWB_INITRD, "FILE", 0,
	  "Initial RAM file system (default guests/linux/initramfs.cpio)", 0 },
	{ "guest", O_FILE + NWB_GUEST, "FILE", 0, "CPU-bound guest (default bench/cpu-bound.elf)", 0 },
	{ "cpu", O_CPU, "MODEL", 0, "CPU model (default corei7_skylake_x)", 2 },
	{ "ips", O_IPS, "HZ", 0, "TSC frequency (default 2200000000)", 0 },
	{ "memory", O_MEMORY, "MiB", 0, "Guest RAM, 64..2048 (default 256)", 0 },
	{ "append", O_APPEND, "WORDS", 0, "More words for the kernel's command line", 0 },
	{ "marker", O_MARKER, "TEXT", 0, "A boot is over when the guest sends this (default \"NW: vmm start\")", 0 },
	{ "only", O_ONLY, "linux|cpu-bound", 0, "Make one of the two measurements", 3 },
	{ "repeat", O_REPEAT, "N", 0, "Linux boots per configuration, 1..1000 (default 3)", 0 },
	{ "pairs", O_PAIRS, "N", 0, "Pairs of processes for the CPU-bound guest, 1..1000 (default 4)", 0 },
	{ "limit", O_LIMIT, "SECONDS", 0, "Give up when one step takes longer, 1..86400 (default 900)", 0 },
	{ "json", O_JSON, NULL, 0, "Report as JSON on standard output", 0 },
	{ 0 }
};

static const char *const default_file[NWB_FILES] = {
	[NWB_STOCK] = "bochs-stock/bochs",
	[NWB_NWSIM] = "bochs/bochs",
	[NWB_BOOT_ROM] = "guests/boot/nwboot.rom",
	[NWB_KERNEL] = "guests/linux/bzImage-5.10",
	[NWB_INITRD] = "guests/linux/initramfs.cpio",
	[NWB_GUEST] = "bench/cpu-bound.elf",
};

/* What a parse needs besides the result. */
struct parse {
	struct nwb_options *o;
	const char *file[NWB_FILES];
};

static const char *option_name(int key)
{
	const struct argp_option *p = options;

	while (p->key != key)
		p++;
	return p->name;
}

static uint64_t number(int key, const char *arg, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!nws_parse_u64(arg, min, max, &v))
		exit(nws_usage("--%s: '%s' is not accepted; give a number %" PRIu64 "..%" PRIu64,
			       option_name(key), arg, min, max));
	return v;
}

static const char *text(int key, const char *arg)
{
	if (!*arg || !nws_bochsrc_text_ok(arg))
		exit(nws_usage("--%s: give plain text without '\"', '$' and control characters",
			       option_name(key)));
	return arg;
}

static void set_only(struct nwb_options *o, const char *arg)
{
	if (strcmp(arg, "linux") && strcmp(arg, "cpu-bound"))
		exit(nws_usage("--only: '%s' is not accepted; give linux or cpu-bound", arg));
	o->linux_boot = !strcmp(arg, "linux");
	o->cpu_bound = !o->linux_boot;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct nwb_options *o = p->o;

	if (key >= O_FILE && key < O_FILE + NWB_FILES) {
		p->file[key - O_FILE] = arg;
		return 0;
	}
	switch (key) {
	case O_CPU:
		if (!nws_cpumodel_find(arg))
			exit(nws_usage("--cpu: no model '%s'; the simulator has %s", arg, nws_cpumodel_names()));
		o->cpu = arg;
		break;
	case O_IPS: o->ips = number(key, arg, NWS_IPS_MIN, NWS_IPS_MAX); break;
	case O_MEMORY: o->memory_mib = number(key, arg, 64, 2048); break;
	case O_APPEND: o->append = text(key, arg); break;
	case O_MARKER: o->marker = text(key, arg); break;
	case O_REPEAT: o->repeat = number(key, arg, 1, 1000); break;
	case O_PAIRS: o->pairs = number(key, arg, 1, 1000); break;
	case O_LIMIT: o->limit_s = number(key, arg, 1, 86400); break;
	case O_ONLY: set_only(o, arg); break;
	case O_JSON: o->json = true; break;
	case ARGP_KEY_ARG: exit(nws_usage("'%s' is not accepted; bench takes options only", arg));
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static bool needed(const struct nwb_options *o, enum nwb_file f)
{
	if (f == NWB_KERNEL || f == NWB_INITRD)
		return o->linux_boot;
	return f != NWB_GUEST || o->cpu_bound;
}

static int find_files(struct parse *p)
{
	struct nwb_options *o = p->o;

	for (int f = 0; f < NWB_FILES; f++) {
		char *option;

		if (!needed(o, (enum nwb_file)f))
			continue;
		option = nws_format("--%s", option_name(O_FILE + f));
		o->file[f] = nws_path_given(option, p->file[f]);
		if (o->file[f] && f <= NWB_NWSIM && access(o->file[f], X_OK)) {
			nws_error("%s %s: not an executable file", option, o->file[f]);
			free(o->file[f]);
			o->file[f] = NULL;
		}
		free(option);
		if (!o->file[f])
			return -1;
	}
	o->bios = nws_path_bios();
	o->vgabios = o->bios ? nws_path_vgabios() : NULL;
	return o->vgabios ? 0 : -1;
}

int nwb_options_parse(struct nwb_options *o, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse_key, NULL,
		"Measure nwsim against unpatched Bochs 3.0: the same images, clock and build flags, alternating.\v"
		"Default files are relative to the current directory (the top build directory).\n"
		"Exit status: 0 measured, whatever the result; 2 usage or a missing file; 4 a simulator failed.",
		NULL, NULL, NULL
	};
	struct parse p = { .o = o };

	*o = (struct nwb_options){
		.cpu = "corei7_skylake_x", .ips = 2200000000u, .memory_mib = 256, .append = "",
		.marker = "NW: vmm start", .repeat = 3, .pairs = 4, .limit_s = 900,
		.linux_boot = true, .cpu_bound = true,
	};
	memcpy(p.file, default_file, sizeof(default_file));
	argp_err_exit_status = NWS_EXIT_USAGE;
	return argp_parse(&argp, argc, argv, 0, NULL, &p) || find_files(&p) ? -1 : 0;
}

void nwb_options_free(struct nwb_options *o)
{
	for (int f = 0; f < NWB_FILES; f++)
		free(o->file[f]);
	free(o->bios);
	free(o->vgabios);
}
