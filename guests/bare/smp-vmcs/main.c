/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-vmcs - window and control go with the VMCS to another CPU.
 *
 * Claim:    after VMCLEAR on CPU 0 and VMPTRLD on CPU 1, field 0x4024 and the control read there as they were written, and
 *           the loop is left after the time of that window; so is it on CPU 0 with what CPU 1 wrote, when the VMCS comes back.
 *           The VMCS that CPU 0 uses meanwhile has its own window.
 * Manual:   SDM Vol. 3C, "Initializing a VMCS", "Migrating a VMCS" (software use of VMCS data), VMCLEAR, VMPTRLD.
 * Expected: all claims hold; on silicon intervals are printed and not judged.
 */
#include "loop32.h"
#include "smp.h"

static uint8_t vmxon[4096] __attribute__((aligned(4096)));
static uint8_t wanders[4096] __attribute__((aligned(4096)));
static uint8_t stays[4096] __attribute__((aligned(4096)));
static struct l1 wanderer, stayer;
static struct clock_ratio ratio;
static const char *missing;
static uint64_t base;                   /* interval at window 0 */

/* What CPU 1 found. */
static struct { uint64_t window, controls, interval; uint32_t reason; bool refused; } found;

static void prepare(void *argument)
{
	(void)argument;
	missing = vmx_missing();
	if (!missing)
		vmx_on_region(vmxon);
}

static void visit(void *argument)
{
	vmcs_load(&wanderer);
	found.window = vmcs_read(INSTRUCTION_TIMEOUT);
	found.controls = vmcs_read(PROC_BASED_CONTROLS2);
	found.refused = !vmx_run(&wanderer);
	found.reason = wanderer.exit.reason;
	found.interval = vmx_interval_tsc(&wanderer);
	vmcs_write(INSTRUCTION_TIMEOUT, *(uint32_t *)argument);
	vmcs_clear(&wanderer);
}

static void check_interval(uint64_t interval, uint32_t window, const char *where)
{
	note("%s, window %u: interval %lu TSC ticks", where, window, interval);
	if (in_simulator())
		check_equal(interval - base, mul_div(window, ratio.numerator, ratio.denominator),
			    "%s, window %u: later than window 0 by W*EBX/EAX", where, window);
}

static void run_here(struct l1 *l1, uint32_t window, const char *where)
{
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	check_equal(l1->exit.reason, REASON_INSTRUCTION_TIMEOUT, "%s, window %u: instruction timeout", where, window);
	check_interval(vmx_interval_tsc(l1), window, where);
}

/* CPU 1 takes the VMCS with `window` and gives it back with `next`. */
static void round_trip(uint32_t window, uint32_t next)
{
	vmcs_load(&wanderer);
	vmcs_write(INSTRUCTION_TIMEOUT, window);
	vmcs_clear(&wanderer);
	vmcs_load(&stayer);
	smp_run(1, visit, &next);
	run_here(&stayer, 400, "CPU 0, its own VMCS");
	smp_wait(1);
	check_equal(found.window, window, "CPU 1, window %u: VMREAD", window);
	check(found.controls & PROC2_INSTRUCTION_TIMEOUT, "CPU 1, window %u: the control is set", window);
	check(!found.refused && found.reason == REASON_INSTRUCTION_TIMEOUT, "CPU 1, window %u: instruction timeout (%u)",
	      window, found.reason);
	check_interval(found.interval, window, "CPU 1");
	vmcs_load(&wanderer);
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), next, "back on CPU 0: VMREAD");
	run_here(&wanderer, next, "back on CPU 0");
}

void guest_main(void)
{
	smp_need(2);
	vmx_on();
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	smp_run(1, prepare, NULL);
	smp_wait(1);
	if (missing)
		skip_all("CPU 1: %s", missing);
	loop32_setup_in(stays, &stayer, LOOP32_AC);
	timeout_enable(400);
	loop32_setup_in(wanders, &wanderer, LOOP32_AC);
	timeout_enable(0);
	if (!vmx_run(&wanderer) || wanderer.exit.reason != REASON_INSTRUCTION_TIMEOUT)
		bail("the loop is not left by an instruction timeout");
	base = vmx_interval_tsc(&wanderer);
	round_trip(3000, 70);
	round_trip(0, 1000000);
}
