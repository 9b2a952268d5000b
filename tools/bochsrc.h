/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bochsrc.h - writes the simulator's configuration file.
 *
 * The simulator runs in the private directory and every file is named relative to it, so no path of the host gets
 * into the configuration. Directives: Bochs 3.0 config.cc; `nwsim:` lines: our add-on option.
 */
#ifndef NWS_BOCHSRC_H
#define NWS_BOCHSRC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "nw_param.h"

/* Names in the private directory. */
#define NWS_F_BOCHSRC   "bochsrc"
#define NWS_F_SERIAL    "com1"
#define NWS_F_TRACE     "trace.nwt"
#define NWS_F_CONFIG    "config"
#define NWS_F_BIOS      "bios.rom"
#define NWS_F_VGABIOS   "vgabios.rom"
#define NWS_F_BOOT_ROM  "nwboot.rom"
#define NWS_F_ISO       "cdrom.iso"
#define NWS_F_DISK      "disk.img"
#define NWS_F_REDOLOG   "disk.redolog"
#define NWS_F_LOG       "simulator.log"

/* Longest line Bochs reads (fgets into 512 bytes, and its own limit on one parameter). */
#define NWS_BOCHSRC_LINE_MAX 510

struct nws_bochsrc {
	const char *cpu_model;
	bool ignore_bad_msrs;           /* an unknown MSR reads as 0 instead of raising #GP */
	unsigned cpus, quantum;
	uint32_t ips;
	uint64_t memory_mib;
	bool iso;                       /* boot NWS_F_ISO from a CD-ROM drive */
	bool disk, disk_write;          /* NWS_F_DISK is the hard disk, and it is written */
	bool test_platform;             /* fw_cfg and the test device */
	bool memory_from_boot;          /* libnwboot writes the `memory:` line */
	bool log_errors;                /* log Bochs's error events, not only panics */
	const struct nw_params *params;
	const char *const *stall;
	unsigned n_stall;
	bool uart_baud, idle_step, reset_boot;
	uint64_t time_limit_us;         /* 0 = none */
	bool save, save_go_on, restore; /* NWS_F_SAVE at this tick, NWS_F_RESTORE */
	uint64_t save_at_tsc;
};

/*
 * May this text stand in a bochsrc between double quotes? ('"', '$', control characters may not; Bochs expands '$'
 * even there.)
 */
bool nws_bochsrc_text_ok(const char *text);

/* Writes all lines but libnwboot's. 0, or -1 after one line on standard error (a line that is too long, I/O error). */
int nws_bochsrc_write(FILE *f, const struct nws_bochsrc *b);

#endif
