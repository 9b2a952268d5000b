/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spr-msrs - Sapphire Rapids has the MSRs that its CPUID announces, and CPUID announces no other.
 *
 * Claim:    for every feature of the table below the MSR can be read exactly when CPUID (or the
 *           MSR that enumerates it) says so; IA32_ARCH_CAPABILITIES has the *_NO bits of Sapphire Rapids;
 *           IA32_SPEC_CTRL takes exactly the bits that CPUID.(7,0) and (7,2) enumerate; IA32_MCi_STATUS takes
 *           nothing but 0; an MSR that does not exist raises #GP.
 * Manual:   SDM Vol. 4 table 2-2; Vol. 3B 17.3 (machine check); Vol. 2, CPUID leaves 1, 6, 7.
 * Expected: all claims hold on Sapphire Rapids; other CPUs are skipped.
 */
#include "try.h"

#define FAMILY_MODEL(eax)       ((eax) & 0x0fff0ff0)
#define SAPPHIRE_RAPIDS         0x000806f0
#define IA32_SPEC_CTRL          0x48
#define IA32_PRED_CMD           0x49
#define IA32_ARCH_CAPABILITIES  0x10a
#define IA32_MCG_CAP            0x179
#define IA32_MCG_STATUS         0x17a
#define IA32_MC0_CTL            0x400
/* 0x40000000 to 0x400000ff: never implemented by a processor (SDM Vol. 4 2.1). */
#define NO_MSR                  0x40000000

enum reg { EAX, EBX, ECX, EDX };

static const struct feature {
	uint32_t leaf, subleaf;
	enum reg reg;
	unsigned bit;
	uint32_t msr;
	const char *name;
} features[] = {
	{ 1, 0, EDX, 14, IA32_MCG_CAP, "IA32_MCG_CAP" },
	{ 1, 0, EDX, 14, IA32_MCG_STATUS, "IA32_MCG_STATUS" },
	{ 1, 0, EDX, 22, 0x19b, "IA32_THERM_INTERRUPT" },
	{ 1, 0, EDX, 22, 0x19c, "IA32_THERM_STATUS" },
	{ 1, 0, EDX, 22, 0x19a, "IA32_CLOCK_MODULATION" },
	{ 1, 0, ECX, 7, 0x198, "IA32_PERF_STATUS" },
	{ 1, 0, ECX, 7, 0x199, "IA32_PERF_CTL" },
	{ 1, 0, ECX, 15, 0x345, "IA32_PERF_CAPABILITIES" },
	{ 1, 0, EDX, 21, 0x600, "IA32_DS_AREA" },
	{ 6, 0, EAX, 6, 0x1b1, "IA32_PACKAGE_THERM_STATUS" },
	{ 6, 0, EAX, 6, 0x1b2, "IA32_PACKAGE_THERM_INTERRUPT" },
	{ 6, 0, EAX, 7, 0x770, "IA32_PM_ENABLE" },
	{ 6, 0, EAX, 13, 0xdb0, "IA32_PKG_HDC_CTL" },
	{ 6, 0, EAX, 19, 0x17d0, "IA32_HW_FEEDBACK_PTR" },
	{ 6, 0, ECX, 0, 0xe7, "IA32_MPERF" },
	{ 6, 0, ECX, 0, 0xe8, "IA32_APERF" },
	{ 6, 0, ECX, 3, 0x1b0, "IA32_ENERGY_PERF_BIAS" },
	{ 7, 0, EBX, 1, 0x3b, "IA32_TSC_ADJUST" },
	{ 7, 0, EBX, 25, 0x570, "IA32_RTIT_CTL" },
	{ 7, 0, ECX, 5, 0xe1, "IA32_UMWAIT_CONTROL" },
	{ 7, 0, ECX, 13, 0x981, "IA32_TME_CAPABILITY" },
	{ 7, 0, ECX, 31, 0x6e1, "IA32_PKRS" },
	{ 7, 0, EDX, 19, 0x14ce, "IA32_LBR_CTL" },
	{ 7, 0, EDX, 26, IA32_SPEC_CTRL, "IA32_SPEC_CTRL" },
	{ 7, 0, EDX, 29, IA32_ARCH_CAPABILITIES, "IA32_ARCH_CAPABILITIES" },
	{ 7, 0, EDX, 30, 0xcf, "IA32_CORE_CAPABILITIES" },
	{ 0xd, 1, EAX, 3, 0xda0, "IA32_XSS" },
	{ 0xd, 1, EAX, 4, 0x1c4, "IA32_XFD" },
};

static uint32_t cpuid_register(const struct feature *f)
{
	struct cpuid c = cpuid(f->leaf, f->subleaf);
	const uint32_t value[] = { c.eax, c.ebx, c.ecx, c.edx };

	return value[f->reg];
}

static void test_features(void)
{
	uint64_t value;

	for (unsigned i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *f = &features[i];

		check_equal(rdmsr_try(f->msr, &value), cpuid_register(f) >> f->bit & 1,
			    "%s (0x%x) exists as CPUID says", f->name, f->msr);
	}
	check(!rdmsr_try(NO_MSR, &value), "reading an MSR that does not exist raises #GP");
	check(!wrmsr_try(NO_MSR, 0), "writing an MSR that does not exist raises #GP");
}

/* What Sapphire Rapids is not susceptible to, and what it is (Intel, "Affected processors"). */
static void test_capabilities(void)
{
	static const struct { unsigned bit; bool set; const char *name; } bits[] = {
		{ 0, true, "RDCL_NO" }, { 1, true, "IBRS_ALL" }, { 2, false, "RSBA" },
		{ 3, true, "SKIP_L1DFL_VMENTRY" }, { 4, false, "SSB_NO" }, { 5, true, "MDS_NO" },
		{ 6, true, "PSCHANGE_MC_NO" }, { 8, true, "TAA_NO" }, { 13, true, "SBDR_SSDP_NO" },
		{ 14, true, "FBSDP_NO" }, { 15, true, "PSDP_NO" }, { 26, true, "GDS_NO" },
	};
	uint64_t value;

	if (!rdmsr_try(IA32_ARCH_CAPABILITIES, &value))
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
		check_equal(value >> bits[i].bit & 1, bits[i].set, "IA32_ARCH_CAPABILITIES: %s", bits[i].name);
}

static void test_spec_ctrl(void)
{
	struct tally t = { .what = "IA32_SPEC_CTRL takes the enumerated bits and no other" };
	uint32_t leaf70 = cpuid(7, 0).edx, leaf72 = cpuid(7, 0).eax >= 2 ? cpuid(7, 2).edx : 0;
	uint64_t want = 0, start;

	if (!rdmsr_try(IA32_SPEC_CTRL, &start))
		return;
	want |= leaf70 >> 26 & 1 ? 1u << 0 : 0;         /* IBRS */
	want |= leaf70 >> 27 & 1 ? 1u << 1 : 0;         /* STIBP */
	want |= leaf70 >> 31 & 1 ? 1u << 2 : 0;         /* SSBD */
	want |= leaf72 >> 0 & 1 ? 1u << 7 : 0;          /* PSFD */
	want |= leaf72 >> 1 & 1 ? 3u << 3 : 0;          /* IPRED_DIS_U, _S */
	want |= leaf72 >> 2 & 1 ? 3u << 5 : 0;          /* RRSBA_DIS_U, _S */
	want |= leaf72 >> 3 & 1 ? 1u << 8 : 0;          /* DDPD_U */
	want |= leaf72 >> 4 & 1 ? 1u << 10 : 0;         /* BHI_DIS_S */
	for (unsigned i = 0; i < 64; i++)
		tally_equal(&t, wrmsr_try(IA32_SPEC_CTRL, start ^ 1ul << i), want >> i & 1);
	wrmsr(IA32_SPEC_CTRL, start);
	tally_check(&t, "WRMSR");
	check(wrmsr_try(IA32_PRED_CMD, 1), "IA32_PRED_CMD takes IBPB");
	check(!wrmsr_try(IA32_PRED_CMD, 1ul << 63), "IA32_PRED_CMD refuses reserved bits");
}

static void test_machine_check(void)
{
	struct tally status = { .what = "IA32_MCi_STATUS takes 0 and nothing else" };
	uint64_t cap;

	if (!rdmsr_try(IA32_MCG_CAP, &cap))
		return;
	check((cap & 0xff) > 0, "IA32_MCG_CAP: there are %lu banks", cap & 0xff);
	for (unsigned i = 0; i < (cap & 0xff); i++) {
		tally_equal(&status, wrmsr_try(IA32_MC0_CTL + 4 * i + 1, 0), true);
		tally_equal(&status, wrmsr_try(IA32_MC0_CTL + 4 * i + 1, 1), false);
	}
	tally_check(&status, "WRMSR");
}

void guest_main(void)
{
	if (FAMILY_MODEL(cpuid(1, 0).eax) != SAPPHIRE_RAPIDS)
		skip_all("not a Sapphire Rapids");
	test_features();
	test_capabilities();
	test_spec_ctrl();
	test_machine_check();
}
