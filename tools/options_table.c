/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_table.c - what `nwsim run --help` and `nwsim linux --help` say.
 */
#include <stdio.h>
#include <string.h>

#include "cpumodel.h"
#include "options_table.h"

static const struct argp_option common_options[] = {
	{ NULL, 0, NULL, 0, "Notify VM exit:", 1 },
	{ "window", O_WINDOW, "N", 0, "Notify window the guest shall use, in crystal clocks, 0..4294967295",
	  0 },
	{ "threshold", O_THRESHOLD, "N[crystal|tsc]", 0, "Internal threshold of the processor (P1)", 0 },
	{ "param", O_PARAM, "NAME=VALUE", 0, "Set a parameter of the model; `nwsim params' lists them; may be repeated", 0 },
	{ "stall", O_STALL, "RULE", 0, "Add a stall rule, such as phase=delivery,vector=17,clocks=9; up to 16 times", 0 },
	{ NULL, 0, NULL, 0, "Machine:", 2 },
	{ "cpu", O_CPU, "MODEL", 0, "CPU model (default " NWS_CPU_DEFAULT ")", 0 },
	{ "cpus", O_CPUS, "N", 0, "Number of CPUs, 1..8 (default 1)", 0 },
	{ "quantum", O_QUANTUM, "TICKS", 0,
	  "TSC ticks by which a CPU may be ahead of another one, 1..1024 (default 64); 1 is exact", 0 },
	{ "ips", O_IPS, "HZ", 0, "TSC frequency (default: what the CPU model announces)", 0 },
	{ "memory", O_MEMORY, "MiB", 0, "Guest RAM, 8..65536 (default 64, with linux 256)", 0 },
	{ "append", O_APPEND, "WORDS", 0, "Words for the guest's command line, up to 1800 characters; may be repeated", 0 },
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
	{ "host-limit", O_HOST_LIMIT, "SECONDS", 0,
	  "Stop the simulator after this host time, 0 = never (default: guests of the list 600, others never)", 0 },
	{ "simulator", O_SIMULATOR, "PATH", 0, "Simulator to run", 0 },
	{ "keep", O_KEEP, "DIR", 0, "Work in DIR (new or empty) and keep it", 0 },
	{ NULL, 0, NULL, 0, "Saved runs:", 5 },
	{ "save", O_SAVE, "DIR", 0, "Save the run in DIR (new) when --save-at says", 0 },
	{ "save-at", O_SAVE_AT, "SECONDS|TICKStsc", 0, "Simulated time since power-on at which the run is saved", 0 },
	{ "save-then", O_SAVE_THEN, "end|go", 0, "After saving, end the run (default) or go on with it", 0 },
	{ "restore", O_RESTORE, "DIR", 0, "Continue the run saved in DIR; takes guest and options from there", 0 },
	{ 0 }
};

static const struct argp_option linux_options[] = {
	{ "kernel-series", O_SERIES, "NAME", 0,
	  "Kernel of the build: 5.10 or 6.1 with the companion series, 6.1-stock without it; -debug behind the name: "
	  "it checks its own locks (default 5.10)", 2 },
	{ "selftests", O_SELFTESTS, "LIST", 0,
	  "Run KVM's selftests instead of the VMM: NAME[:ARGUMENT],... or all", 2 },
	{ "levels", O_LEVELS, "ATTACK", 0,
	  "Run QEMU with the same kernel, which runs the attack, stall or db-loop, as a guest of its own", 2 },
	{ "kernel", O_KERNEL, "FILE", 0, "bzImage to boot", 2 },
	{ "initrd", O_INITRD, "FILE", 0, "Initial RAM file system", 2 },
	{ "iso", O_ISO, "FILE", 0, "Boot this CD-ROM image instead", 2 },
	{ 0 }
};

static const struct argp_option run_options[] = {
	{ "initrd", O_INITRD, "FILE[,WORDS]", 0, "Multiboot module, or a Linux kernel's initial RAM file system", 2 },
	{ NULL, 0, NULL, 0, "Several guests of the list:", 4 },
	{ "all", O_ALL, NULL, 0, "Run every guest", 4 },
	{ "group", O_GROUP, "GROUP", 0, "Run the guests of a group; may be repeated", 4 },
	{ "jobs", O_JOBS, "N", 0, "Run N guests at a time (default 1), 0: one for each CPU of the host", 4 },
	{ "tap", O_TAP, NULL, 0, "Results as TAP, one test for each guest", 4 },
	{ "results", O_RESULTS, "DIR", 0, "Keep output and trace of each guest in DIR (new or empty)", 4 },
	{ 0 }
};

static const char run_doc[] =
	"Run a bare-metal guest in the simulator and report its event windows and notify VM exits.\v"
	"GUEST is a name from `nwsim list' or the path of a Multiboot kernel, Linux kernel, boot sector, or image of a disk "
	"or bootable CD-ROM. Without GUEST, the disk of --disk is booted. Several names, --group or --all run these guests, each with "
	"its own options and expectation, and report one line for each.\n"
	"Exit status: 0 ended as expected, 1 did not, 2 usage or configuration, 3 the guest hung, 4 simulator fault or limit of host time.";

static const char linux_doc[] =
	"Boot Linux with the companion KVM patches, attack it from its own guests, and report.\v"
	"Words after -- and those of --append go to the kernel's command line. --window N is passed as nw.window=N.\n"
	"Exit status: as `nwsim run'.";

void nws_options_table(struct argp_option all[NWS_OPTIONS_TABLE_MAX], struct argp *argp, bool linux_command)
{
	const size_t n_common = sizeof(common_options) / sizeof(common_options[0]) - 1;

	_Static_assert((sizeof(common_options) + sizeof(linux_options) + sizeof(run_options)) / sizeof(common_options[0]) <=
		       NWS_OPTIONS_TABLE_MAX, "the table of options is too small");
	memset(all, 0, NWS_OPTIONS_TABLE_MAX * sizeof(*all));
	memcpy(all, common_options, sizeof(common_options));
	if (linux_command) /* over the terminating entry */
		memcpy(all + n_common, linux_options, sizeof(linux_options));
	else
		memcpy(all + n_common, run_options, sizeof(run_options));
	argp->options = all;
	argp->args_doc = linux_command ? "[-- WORDS...]" : "[GUEST...]";
	argp->doc = linux_command ? linux_doc : run_doc;
}
