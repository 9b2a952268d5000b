/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpumodel.h - the CPU models of the simulator: clock, and whether their MSRs are complete.
 */
#ifndef NWS_CPUMODEL_H
#define NWS_CPUMODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NWS_CPU_DEFAULT "sapphire_rapids"

/* Range of `ips` in the bochsrc. */
#define NWS_IPS_MIN     1000000u
#define NWS_IPS_MAX     4294967295u

struct nws_cpumodel {
	const char *name;       /* as in the bochsrc's `cpu: model=` */
	uint32_t tsc_hz;        /* time-stamp counter frequency = ips */
	bool msrs_complete;     /* an MSR that the model does not have raises #GP; else it reads as 0 */
};

/* NULL when there is no such model. */
const struct nws_cpumodel *nws_cpumodel_find(const char *name);

/* All names on one line, for messages and `nwsim run --help`. The caller frees it. */
char *nws_cpumodel_names(void);

#endif
