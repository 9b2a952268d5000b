/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_options.h - the command line of bench/bench.
 */
#ifndef NWB_BENCH_OPTIONS_H
#define NWB_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum nwb_file {
	NWB_STOCK,              /* unpatched simulator */
	NWB_NWSIM,              /* patched simulator */
	NWB_BOOT_ROM,
	NWB_KERNEL,
	NWB_INITRD,
	NWB_GUEST,              /* the CPU-bound guest */
	NWB_FILES
};

struct nwb_options {
	char *file[NWB_FILES];          /* absolute paths; NULL when not needed */
	char *bios, *vgabios;           /* absolute paths */
	const char *cpu;                /* a model that both simulators boot Linux on */
	uint64_t ips, memory_mib;
	const char *append;             /* more words for the kernel, "" = none */
	const char *marker;             /* the VMM's first line begins with it */
	uint64_t repeat;                /* Linux boots per configuration */
	uint64_t pairs;                 /* pairs of processes for the CPU-bound guest */
	uint64_t limit_s;               /* host seconds to wait for one mark */
	bool linux_boot, cpu_bound;     /* which measurements */
	bool json;
};

/*
 * Parses the command line and finds all files. 0, or -1 after one line on standard error; a usage error that argp finds
 * ends the program with status 2.
 */
int nwb_options_parse(struct nwb_options *o, int argc, char **argv);
void nwb_options_free(struct nwb_options *o);

#endif
