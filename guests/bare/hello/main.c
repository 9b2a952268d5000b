/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hello - the kit works and says what machine it is on.
 *
 * Claim:    the environment is as the kit promises: 64-bit mode, interrupts disabled, exceptions
 *           caught, .bss cleared, the command line readable.
 * Manual:   CPUID.15H: SDM Vol. 2, CPUID. IA32_VMX_PROCBASED_CTLS2 bit 63: SDM Vol. 3D, appendix
 *           A.3.3.
 * Expected: all claims hold on any 64-bit CPU; the comment lines are the machine's properties.
 */
#include "kit.h"
#include "vmx.h"

static unsigned cleared[1024];
static unsigned ud_seen;

static void on_ud(struct trap_frame *f)
{
	ud_seen++;
	f->rip += 2;                    /* UD2 */
}

static void show_name(void)
{
	char name[49] = "";

	if (cpuid(0x80000000, 0).eax < 0x80000004)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		struct cpuid c = cpuid(0x80000002 + i, 0);

		memcpy(name + 16 * i, &c, 16);
	}
	note("CPU: %s, family/model/stepping 0x%x", name, cpuid(1, 0).eax);
}

static void show_clock(void)
{
	struct clock_ratio r;

	if (clock_ratio(&r))
		note("CPUID.15H: TSC = crystal * %u / %u, crystal %u Hz", r.numerator,
		     r.denominator, r.crystal_hz);
	else
		note("CPUID.15H: no ratio of TSC and crystal clock");
}

static void show_vmx(void)
{
	const char *missing = vmx_missing();

	if (missing) {
		note("VMX: %s", missing);
		return;
	}
	note("VMX: basic 0x%lx, secondary controls 0x%lx, EPT 0x%lx", rdmsr(MSR_VMX_BASIC),
	     rdmsr(MSR_VMX_PROC_CTLS2), rdmsr(MSR_VMX_EPT_VPID_CAP));
	note("VMX: instruction timeout (MSR 0x48B bit 63): %s",
	     vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_INSTRUCTION_TIMEOUT) ? "yes" : "no");
}

void guest_main(void)
{
	uint64_t rflags, t;
	unsigned sum = 0;
	uint16_t cs;

	note("simulator signature: %s", in_simulator() ? "nwsim" : "none");
	show_name();
	show_clock();
	show_vmx();
	note("command line: window=%lu (default 0)", param_number("window", 0));

	asm volatile("mov %%cs, %0" : "=r"(cs));
	check_equal(cs, SEL_CODE64, "CS is the kit's 64-bit code segment");
	check(rdmsr(MSR_EFER) & (1u << 10), "EFER.LMA is set");
	asm volatile("pushf; pop %0" : "=r"(rflags));
	check_equal(rflags & RFLAGS_IF, 0, "interrupts are disabled");
	for (unsigned i = 0; i < ARRAY_SIZE(cleared); i++)
		sum |= cleared[i];
	check_equal(sum, 0, ".bss is cleared");
	trap_set(VECTOR_UD, on_ud);
	asm volatile("ud2");
	trap_set(VECTOR_UD, NULL);
	check_equal(ud_seen, 1, "#UD is caught and returned from");
	check(!wrmsr_try(MSR_FS_BASE, 1ul << 63), "WRMSR of a non-canonical FS base is caught");
	check(wrmsr_try(MSR_FS_BASE, 0), "WRMSR of a good one is not");
	check_equal(mul_div(1ul << 40, 1ul << 30, 1ul << 20), 1ul << 50,
		    "128-bit multiply and divide");
	t = rdtsc();
	check(rdtsc() > t, "the TSC advances");
}
