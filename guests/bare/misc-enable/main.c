/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * misc-enable - the bits of IA32_MISC_ENABLE do what CPUID and EFER then show.
 *
 * Claim:    after reset fast strings and MONITOR are on, CPUID is not limited and XD is not disabled; the bits
 *           that say what is unavailable cannot be written and agree with CPUID; MONITOR, CPUID limit and XD
 *           disable change CPUID.1:ECX[3], CPUID.0:EAX and CPUID.80000001H:EDX[20] and back, MONITOR then
 *           raises #UD and EFER.NXE is reserved.
 * Manual:   SDM Vol. 4 table 2-2 (IA32_MISC_ENABLE, 1A0H); Vol. 2, MONITOR, CPUID.
 * Expected: all claims hold. On silicon firmware may have left other values: what is to be switched is
 *           switched back.
 */
#include "try.h"

#define IA32_MISC_ENABLE        0x1a0
#define FAST_STRINGS            (1ul << 0)
#define PERFMON_AVAILABLE       (1ul << 7)
#define BTS_UNAVAILABLE         (1ul << 11)
#define PEBS_UNAVAILABLE        (1ul << 12)
#define EIST                    (1ul << 16)
#define MONITOR_FSM             (1ul << 18)
#define LIMIT_CPUID             (1ul << 22)
#define XD_DISABLE              (1ul << 34)
#define READ_ONLY               (PERFMON_AVAILABLE | BTS_UNAVAILABLE | PEBS_UNAVAILABLE)

#define CPUID1_ECX_MONITOR      (1u << 3)
#define CPUID1_ECX_EIST         (1u << 7)
#define CPUID1_EDX_DS           (1u << 21)
#define CPUID_EXT1_EDX_NX       (1u << 20)
#define EFER_NXE                (1ul << 11)

static uint64_t start;

static void test_start(void)
{
	check(start & FAST_STRINGS, "fast strings are on");
	check(!(start & LIMIT_CPUID), "CPUID is not limited");
	check(!(start & XD_DISABLE), "XD is not disabled");
	check_equal(!!(start & MONITOR_FSM), !!(cpuid(1, 0).ecx & CPUID1_ECX_MONITOR),
		    "MONITOR is on as CPUID says");
	check_equal(!!(start & PERFMON_AVAILABLE), cpuid(0, 0).eax >= 0xa && (cpuid(0xa, 0).eax & 0xff) != 0,
		    "performance monitoring is available as CPUID says");
	if (!(cpuid(1, 0).edx & CPUID1_EDX_DS))
		check_equal(start & (BTS_UNAVAILABLE | PEBS_UNAVAILABLE), BTS_UNAVAILABLE | PEBS_UNAVAILABLE,
			    "BTS and PEBS are unavailable, as CPUID says");
	if (cpuid(1, 0).ecx & CPUID1_ECX_EIST)
		check(start & EIST, "SpeedStep is on");
}

static void test_read_only(void)
{
	wrmsr_try(IA32_MISC_ENABLE, start ^ READ_ONLY);
	check_equal(rdmsr(IA32_MISC_ENABLE) & READ_ONLY, start & READ_ONLY, "read-only bits keep their value");
	wrmsr(IA32_MISC_ENABLE, start);
}

static uint64_t flip(uint64_t bit)
{
	wrmsr(IA32_MISC_ENABLE, start ^ bit);
	return (rdmsr(IA32_MISC_ENABLE) ^ start) & bit;
}

static int do_monitor(void)
{
	static uint64_t line;

	return try_instruction("monitor", : : "a"(&line), "c"(0), "d"(0) : "memory");
}

static void test_monitor(void)
{
	if (!(start & MONITOR_FSM)) {
		skip("MONITOR is off", "MONITOR can be switched off");
		return;
	}
	check_equal((uint64_t)do_monitor(), (uint64_t)NO_EXCEPTION, "MONITOR works");
	check(flip(MONITOR_FSM), "MONITOR can be switched off");
	check_equal(cpuid(1, 0).ecx & CPUID1_ECX_MONITOR, 0, "MONITOR off: CPUID.1:ECX[3]");
	check_equal((uint64_t)do_monitor(), VECTOR_UD, "MONITOR off: #UD");
	wrmsr(IA32_MISC_ENABLE, start);
	check_equal(cpuid(1, 0).ecx & CPUID1_ECX_MONITOR, CPUID1_ECX_MONITOR, "MONITOR on again");
}

static void test_limit(void)
{
	uint32_t leaves = cpuid(0, 0).eax;

	check(flip(LIMIT_CPUID), "CPUID can be limited");
	check_equal(cpuid(0, 0).eax & 0xff, 2, "CPUID limited: CPUID.0:EAX");
	wrmsr(IA32_MISC_ENABLE, start);
	check_equal(cpuid(0, 0).eax, leaves, "CPUID not limited again");
}

static void test_xd(void)
{
	uint64_t efer = rdmsr(MSR_EFER);

	if (!(cpuid(0x80000001, 0).edx & CPUID_EXT1_EDX_NX) || (efer & EFER_NXE)) {
		skip("no XD, or in use", "XD can be disabled");
		return;
	}
	check(flip(XD_DISABLE), "XD can be disabled");
	check_equal(cpuid(0x80000001, 0).edx & CPUID_EXT1_EDX_NX, 0, "XD disabled: CPUID.80000001H:EDX[20]");
	check(!wrmsr_try(MSR_EFER, efer | EFER_NXE), "XD disabled: EFER.NXE is reserved");
	wrmsr(MSR_EFER, efer);
	wrmsr(IA32_MISC_ENABLE, start);
	check(wrmsr_try(MSR_EFER, efer | EFER_NXE), "XD enabled again: EFER.NXE can be set");
	wrmsr(MSR_EFER, efer);
}

void guest_main(void)
{
	if (!rdmsr_try(IA32_MISC_ENABLE, &start)) {
		check(false, "IA32_MISC_ENABLE exists");
		return;
	}
	test_start();
	test_read_only();
	test_monitor();
	test_limit();
	test_xd();
}
