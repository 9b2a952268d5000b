/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpumodel.c - table of the CPU models.
 *
 * tsc_hz: crystal frequency (CPUID.15H:ECX) * EBX / EAX where the model enumerates it, 3.5 GHz (CPUID.16H:EAX) for
 * skylake_x, whose ECX is 0. A guest that trusts the leaf keeps correct time only when the simulated TSC runs at
 * this rate. Models without the leaf announce no frequency; they run at 50 MHz, which makes waiting guests fast.
 *
 * excluded: AMX needs XFD, which Bochs 3.0 does not have: Linux then writes an XCR0 value that rightly faults. With
 * LA57, Bochs 3.0 panics on the return from system-management mode.
 */
#include <string.h>

#include "cpumodel.h"
#include "nws.h"

#define NO_LEAF 50000000u

static const struct nws_cpumodel models[] = {
	{ "sapphire_rapids",            2200000000u, "amx amx_int8 amx_bf16 la57" },
	{ "arrow_lake",                 4185600000u, "" },
	{ "tigerlake",                  2419200000u, "" },
	{ "corei7_icelake_u",           1497600000u, "" },
	{ "corei3_cnl",                 2208000000u, "" },
	{ "corei7_skylake_x",           3500000000u, "" },
	{ "broadwell_ult",              NO_LEAF, "" },
	{ "corei7_haswell_4770",        NO_LEAF, "" },
	{ "corei7_ivy_bridge_3770k",    NO_LEAF, "" },
	{ "corei7_sandy_bridge_2600k",  NO_LEAF, "" },
	{ "corei5_arrandale_m520",      NO_LEAF, "" },
	{ "corei5_lynnfield_750",       NO_LEAF, "" },
	{ "core2_penryn_t9600",         NO_LEAF, "" },
	{ "atom_n270",                  NO_LEAF, "" },
	{ "core_duo_t2400_yonah",       NO_LEAF, "" },
	{ "p4_prescott_celeron_336",    NO_LEAF, "" },
	{ "p4_willamette",              NO_LEAF, "" },
	{ "p3_katmai",                  NO_LEAF, "" },
	{ "p2_klamath",                 NO_LEAF, "" },
	{ "pentium_mmx",                NO_LEAF, "" },
	{ "pentium",                    NO_LEAF, "" },
	{ "i486dx4",                    NO_LEAF, "" },
	{ "i386",                       NO_LEAF, "" },
	{ "ryzen",                      NO_LEAF, "" },
	{ "trinity_apu",                NO_LEAF, "" },
	{ "zambezi",                    NO_LEAF, "" },
	{ "phenom_8650_toliman",        NO_LEAF, "" },
	{ "turion64_tyler",             NO_LEAF, "" },
	{ "athlon64_venice",            NO_LEAF, "" },
	{ "athlon64_clawhammer",        NO_LEAF, "" },
	{ "athlon_xp",                  NO_LEAF, "" },
	{ "amd_k6_2_chomper",           NO_LEAF, "" },
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
