/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_table.h - the options of `nwsim run` and `nwsim linux` as argp wants them: keys, texts.
 */
#ifndef NWS_OPTIONS_TABLE_H
#define NWS_OPTIONS_TABLE_H

#include <argp.h>
#include <stdbool.h>

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
	O_HOST_LIMIT,
	O_SIMULATOR,
	O_KEEP,
	O_KERNEL,
	O_INITRD,
	O_ISO,
	O_SERIES,
	O_SELFTESTS,
	O_LEVELS,
	O_DISK,
	O_DISK_WRITE,
	O_PLATFORM,
	O_ALL,
	O_GROUP,
	O_TAP,
	O_RESULTS,
	O_SAVE,
	O_SAVE_AT,
	O_SAVE_THEN,
	O_RESTORE,
	O_JOBS = 'j'
};

#define NWS_OPTIONS_TABLE_MAX   64

/* Fills all[], whose last entry is zero, and the texts of *argp. */
void nws_options_table(struct argp_option all[NWS_OPTIONS_TABLE_MAX], struct argp *argp, bool linux_command);

#endif
