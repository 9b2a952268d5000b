/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-sipi - the notify window of an L1 that waits for a SIPI (P8).
 *
 * Claim:    inactive=open: an L1 in the wait-for-SIPI state for 100 N crystal clocks, N being notify window and internal
 *           threshold, does not time out; the SIPI exits. A parked processor would otherwise leave its guest for ever.
 *           inactive=closed: it times out after N clocks with the activity state saved, and the SIPI, which comes
 *           later, is lost to it.
 * Manual:   SDM Vol. 3C, "Guest non-register state" (activity state), "Other causes of VM exits".
 * Expected: all claims hold; inactive=1 says that such states are closed.
 */
#include "l1.h"
#include "smp.h"

#define MISC_WAIT       (1ul << 8)
#define FACTOR          100
#define ICR_SIPI        0x4600u
#define VECTOR          0x9a

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static volatile bool finished, refused;
static const char *missing;
static uint64_t limit_ticks;

static void idle(void)
{
	for (;;)
		pause_cpu();
}

static void run(void *argument)
{
	(void)argument;
	missing = vmx_missing();
	if (!missing && !timeout_available())
		missing = "CPU lacks the instruction-timeout control (MSR 0x48B bit 63)";
	if (!missing) {
		vmx_on();
		l1_setup(&l1, L1_LONG64, idle, stack + sizeof(stack), 0);
		timeout_enable((uint32_t)param_number("window", 0));
		vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_WAIT_FOR_SIPI);
		refused = !vmx_run(&l1);
	}
	finished = true;
}

static void send_sipi(void)
{
	uint32_t id = smp_apic_id(1);

	if (rdmsr(MSR_APIC_BASE) & 1ul << 10) {
		wrmsr(0x830, (uint64_t)id << 32 | ICR_SIPI | VECTOR);
		return;
	}
	apic_write(APIC_ICR_HIGH, id << 24);
	apic_write(APIC_ICR, ICR_SIPI | VECTOR);
}

static void wait(uint64_t ticks)
{
	for (uint64_t end = rdtsc() + ticks; rdtsc() < end && !finished;)
		pause_cpu();
}

void guest_main(void)
{
	bool closed = param_number("inactive", 0);
	uint64_t limit = param_number("window", 0) + param_number("threshold", 131072);
	struct clock_ratio ratio;

	if (!(rdmsr(MSR_VMX_MISC) & MISC_WAIT))
		skip_all("CPU does not announce the wait-for-SIPI state");
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	limit_ticks = mul_div(limit, ratio.numerator, ratio.denominator);
	smp_need(2);
	smp_run(1, run, NULL);
	wait(1000000 + FACTOR * limit_ticks);
	if (missing)
		skip_all("CPU 1: %s", missing);
	check_equal(finished, closed, "left before the SIPI is sent");
	if (!finished)
		send_sipi();
	wait(100000000);
	check(finished && !refused, "the other CPU comes back from L1");
	check_equal(l1.exit.reason, closed ? REASON_INSTRUCTION_TIMEOUT : REASON_SIPI, "exit reason");
	check_equal(l1.exit.activity, ACTIVITY_WAIT_FOR_SIPI, "activity state wait-for-SIPI is saved");
	check_equal(l1.exit.rip, (uint64_t)idle, "RIP");
	check_equal(l1.exit.interruptibility, 0, "nothing is blocked");
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "no IDT-vectoring information");
	if (closed && in_simulator())
		check(vmx_interval_tsc(&l1) - limit_ticks < 100, "after N clocks (%lu ticks)", vmx_interval_tsc(&l1));
}
