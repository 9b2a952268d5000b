/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options.h - options of `nwsim run` and `nwsim linux`.
 */
#ifndef NWS_OPTIONS_H
#define NWS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/nw_boot.h"
#include "boot/nw_handoff.h"
#include "nw_param.h"
#include "nw_stall.h"
#include "verdict.h"

/* What the machine has besides a PC's devices. */
enum nws_platform {
	NWS_PLATFORM_AUTO,              /* TEST for a multiboot guest that is given as a file, else PC */
	NWS_PLATFORM_PC,
	NWS_PLATFORM_TEST               /* fw_cfg and the test device */
};

#define NWS_MODULES_MAX         NW_HO_MODULES_MAX
#define NWS_GROUPS_MAX          16
#define NWS_JOBS_MAX            256

struct nws_options {
	bool linux_command;             /* `nwsim linux`: other operands and three more options */
	const char *guest;              /* run: NAME or PATH */
	const char **names;             /* run: all operands, of which guest is the first */
	unsigned n_names;
	bool all;                       /* run: every guest of the list */
	const char *group[NWS_GROUPS_MAX];
	unsigned n_groups;
	unsigned jobs;                  /* guests at a time, 0 = one for each CPU of the host */
	bool tap;                       /* results of several guests as TAP */
	const char *results;            /* directory for the outputs of several guests, NULL = none */
	const char *kernel, *initrd, *iso;      /* linux; NULL = default */
	const char *series;             /* linux: which kernel of the build, NULL = default */
	const char *selftests;          /* linux: KVM's selftests to run, NULL = none */
	const char *levels;             /* linux: the attack of three levels, NULL = one level less */
	const char *module[NWS_MODULES_MAX];    /* run: FILE[,WORDS] */
	unsigned n_modules;
	const char *disk;               /* NULL = none */
	bool disk_write;                /* the guest's changes go to the file */
	enum nws_platform platform;

	bool window_set;
	uint32_t window;                /* crystal clocks */
	struct nw_params params;
	const char *stall[NW_STALL_RULES_MAX];
	struct nw_stall_set stall_set;  /* checks the texts above */

	const char *cpu;                /* CPU model */
	unsigned cpus;                  /* number of CPUs */
	unsigned quantum;               /* ticks by which one of several CPUs may be ahead */
	uint64_t ips;                   /* 0 = the model's */
	uint64_t memory_mib;
	char *append;                   /* words for the guest's command line, NULL = none */
	uint64_t time_limit_us;         /* simulated, 0 = none */
	bool uart_baud, idle_step, reset_boot;

	bool json, guest_status;
	uint64_t host_limit_us;         /* host time, 0 = none */
	enum nws_verdict expect;
	const char *trace, *log, *simulator, *keep;

	const char *save, *restore;     /* directories of saved runs, NULL = none */
	bool save_at_set, save_in_ticks, save_go_on;
	uint64_t save_at;               /* microseconds, or TSC ticks */
	char **word;                    /* what a saved run needs of the command line, ends with NULL; NULL = nothing */
	unsigned n_words;
};

/* Default limit of simulated time: ends a guest that waits for ever, and is far above the longest notify window. */
#define NWS_TIME_LIMIT_US       (3600ull * 1000000)
#define NWS_TIME_LIMIT_MAX_US   (1000000ull * 1000000)
/*
 * Default limit of host time for a guest of the list, which ends within seconds: only a guest that spins, or a simulator
 * that does, gets there, however slow and loaded the host is.
 */
#define NWS_HOST_LIMIT_US       (600ull * 1000000)
/* Less than Linux takes as a command line (2048 with its end), as nwsim adds some words. */
#define NWS_APPEND_MAX          1800
#define NWS_CPUS_MAX            8
/*
 * Limit of `cpu: quantum=`. By default a store is seen less than 64 ticks early or late, 29 ns at 2.2 GHz: less than
 * a cache line needs from core to core on silicon, and two busy CPUs run at three quarters of the speed of one.
 */
#define NWS_QUANTUM_MAX         1024
#define NWS_QUANTUM_DEFAULT     64
#define NWS_MEMORY_MIN          NW_BOOT_MEMORY_MIN_MIB
#define NWS_MEMORY_MAX          NW_BOOT_MEMORY_MAX_MIB
#define NWS_MEMORY_BARE         64
#define NWS_MEMORY_LINUX        256
#define NWS_MEMORY_LEVELS       1024

/* The defaults of `nwsim linux' or `nwsim run'. */
void nws_options_init(struct nws_options *o, bool linux_command);
/* Frees what the options own; strings of argv are not theirs. */
void nws_options_free(struct nws_options *o);
/* More than one guest of the list, or an option that is about several? */
bool nws_options_several(const struct nws_options *o);

/*
 * Parses argv[1..] on top of what *o has. argv[0] is the name for messages ("nwsim run", "guests.list: ac-loop").
 * operands: is GUEST accepted (not so in the list's own options)? Returns 0, or NWS_EXIT_USAGE after a message; --help
 * exits. The strings of argv must outlive *o.
 */
int nws_options_parse(struct nws_options *o, int argc, char **argv, bool operands);

/*
 * Parses a command line, that of a saved run before it when --restore names one: *argc and *argv are then the joined one,
 * which has to outlive *o and is never freed. As nws_options_parse() otherwise.
 */
int nws_options_command(struct nws_options *o, int *argc, char ***argv);

/* Adds a stall rule that is known to be right (a constant of the program); text must outlive *o. */
void nws_options_stall(struct nws_options *o, const char *text);

/*
 * The options that define the run's result, in one fixed order, without --append and --stall, which have entries of
 * their own in the trace's head. The caller frees it.
 */
char *nws_options_canonical(const struct nws_options *o);

#endif
