/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx-abort - a VMX abort leaves its indicator in the VMCS region and stops one CPU only.
 *
 * Claim:    a VM exit that cannot save an MSR writes 1, one that cannot load an MSR writes 4 to bytes 4
 *           to 7 of the VMCS region; that CPU goes on neither in L1 nor in L0, the others do.
 * Manual:   SDM Vol. 3C, "VMX aborts" (27.7), "Format of the VMCS region" (24.2).
 * Expected: all claims hold on any machine with three CPUs. The CPUs that abort need a reset.
 */
#include "l1.h"
#include "smp.h"

#define SAVING_MSRS     1
#define LOADING_MSRS    4
#define RESERVED        1u              /* in bits 63:32 of an entry */
#define MSR_SYSENTER_CS 0x174
#define INDICATOR       1               /* in units of 4 bytes */
#define WAIT            10000000ul      /* ticks */

struct msr_entry { uint32_t index, reserved; uint64_t value; };

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct msr_entry good[1] __attribute__((aligned(16))) = { { MSR_SYSENTER_CS, 0, 0 } };
static struct msr_entry bad[1] __attribute__((aligned(16))) = { { MSR_SYSENTER_CS, RESERVED, 0 } };
static struct l1 l1;
static volatile bool in_l1, returned;

static void l1_main(void)
{
	in_l1 = true;
}

static void enter(unsigned cpu, const struct msr_entry *store, const struct msr_entry *load)
{
	vmx_cpu = cpu;
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	vmcs_write(EXIT_MSR_STORE_ADDRESS, (uint64_t)store);
	vmcs_write(EXIT_MSR_STORE_COUNT, 1);
	vmcs_write(EXIT_MSR_LOAD_ADDRESS, (uint64_t)load);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 1);
	vmx_run(&l1);
	returned = true;
}

static void no_abort(void *argument)
{
	(void)argument;
	enter(1, good, good);
	asm volatile("vmxoff" : : : "cc", "memory");
}

static void abort_saving(void *argument)
{
	(void)argument;
	enter(1, bad, good);
}

static void abort_loading(void *argument)
{
	(void)argument;
	enter(2, good, bad);
}

static uint32_t indicator(void)
{
	return ((volatile uint32_t *)l1.vmcs)[INDICATOR];
}

static void test(const char *name, unsigned cpu, smp_job *job, uint32_t want)
{
	uint64_t begin = rdtsc();

	in_l1 = returned = false;
	smp_run(cpu, job, NULL);
	while (rdtsc() - begin < WAIT && !returned && !(in_l1 && indicator()))
		pause_cpu();
	begin = rdtsc();
	while (rdtsc() - begin < WAIT / 100)
		pause_cpu();
	check(in_l1, "%s: L1 was entered", name);
	check_equal(returned, !want, "%s: L0 of that CPU goes on", name);
	check_equal(indicator(), want, "%s: VMX-abort indicator", name);
}

void guest_main(void)
{
	const char *missing = vmx_missing();

	if (missing)
		skip_all("%s", missing);
	smp_need(3);
	test("MSR areas in order", 1, no_abort, 0);
	smp_wait(1);
	test("MSR-store area", 1, abort_saving, SAVING_MSRS);
	test("MSR-load area", 2, abort_loading, LOADING_MSRS);
}
