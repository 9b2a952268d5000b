/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpumodel.c - table of the CPU models.
 *
 * tsc_hz: crystal frequency (CPUID.15H:ECX) * EBX / EAX where the model enumerates it, 3.5 GHz (CPUID.16H:EAX) for
 * skylake_x, whose ECX is 0. At another rate (--ips) the leaf follows. Models without the leaf announce no
 * frequency; they run at 50 MHz, which makes waiting guests fast.
 *
 * msrs_complete: the model has the MSRs that Linux expects of it, so that any other one may fault as on silicon.
 */
#include <string.h>

#include "cpumodel.h"
#include "nws.h"

#define NO_LEAF 50000000u

static const struct nws_cpumodel models[] = {
	{ "sapphire_rapids",            2200000000u, true },
	{ "arrow_lake",                 4185600000u, false },
	{ "tigerlake",                  2419200000u, false },
	{ "corei7_icelake_u",           1497600000u, false },
	{ "corei3_cnl",                 2208000000u, false },
	{ "corei7_skylake_x",           3500000000u, false },
	{ "broadwell_ult",              NO_LEAF, false },
	{ "corei7_haswell_4770",        NO_LEAF, false },
	{ "corei7_ivy_bridge_3770k",    NO_LEAF, false },
	{ "corei7_sandy_bridge_2600k",  NO_LEAF, false },
	{ "corei5_arrandale_m520",      NO_LEAF, false },
	{ "corei5_lynnfield_750",       NO_LEAF, false },
	{ "core2_penryn_t9600",         NO_LEAF, false },
	{ "atom_n270",                  NO_LEAF, false },
	{ "core_duo_t2400_yonah",       NO_LEAF, false },
	{ "p4_prescott_celeron_336",    NO_LEAF, false },
	{ "p4_willamette",              NO_LEAF, false },
	{ "p3_katmai",                  NO_LEAF, false },
	{ "p2_klamath",                 NO_LEAF, false },
	{ "pentium_mmx",                NO_LEAF, false },
	{ "pentium",                    NO_LEAF, false },
	{ "i486dx4",                    NO_LEAF, false },
	{ "i386",                       NO_LEAF, false },
	{ "ryzen",                      NO_LEAF, false },
	{ "trinity_apu",                NO_LEAF, false },
	{ "zambezi",                    NO_LEAF, false },
	{ "phenom_8650_toliman",        NO_LEAF, false },
	{ "turion64_tyler",             NO_LEAF, false },
	{ "athlon64_venice",            NO_LEAF, false },
	{ "athlon64_clawhammer",        NO_LEAF, false },
	{ "athlon_xp",                  NO_LEAF, false },
	{ "amd_k6_2_chomper",           NO_LEAF, false },
};

#define N_MODELS (sizeof(models) / sizeof(models[0]))

const struct nws_cpumodel *nws_cpumodel_find(const char *name)
{
	for (size_t i = 0; i < N_MODELS; i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

char *nws_cpumodel_names(void)
{
	struct nws_buf b = { 0 };

	for (size_t i = 0; i < N_MODELS; i++)
		nws_buf_printf(&b, "%s%s", i ? ", " : "", models[i].name);
	return b.s;
}
