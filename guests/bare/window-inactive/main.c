/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-inactive - the notify window in HLT, MWAIT, UMWAIT, TPAUSE and shutdown (P8).
 *
 * Claim:    inactive=open: an L1 that is inactive for 100 N crystal clocks, N being notify window and internal threshold,
 *           does not time out. What ends the state exits (the VMX-preemption timer) or goes on (TPAUSE's own time).
 *           inactive=closed: it times out when it would have if the instruction that made it inactive had stalled, to the
 *           tick, with RIP behind the instruction and the activity state saved; what ends the state before N
 *           clocks have passed leaves no timeout behind.
 * Manual:   SDM Vol. 3C, "Guest non-register state" (activity state), "VMX-preemption timer", "Other causes of VM exits";
 *           Vol. 2, "MWAIT", "UMWAIT", "TPAUSE". Whether the window counts in these states is not published.
 * Expected: all claims hold; inactive=1 says that such states are closed. On silicon that counts the first claims fail: a
 *           finding. threshold= is the internal threshold in crystal clocks.
 */
#include "l1.h"
#include "timer.h"

#define FACTOR          100
#define MISC_SHUTDOWN   (1ul << 7)
#define CPUID_MONITOR   (1u << 3)       /* CPUID.1:ECX */
#define CPUID_WAITPKG   (1u << 5)       /* CPUID.(7,0):ECX */
#define STR2(x) #x
#define STR(x)  STR2(x)

/* Each: two instructions of one tick, then the one that counts, then a VMCALL. */
#define CODE(name, before, instruction) \
	extern const char name[], name##_next[]; \
	asm(".text\n" #name ": " before "; " instruction "\n" #name "_next: vmcall\n")
CODE(stalled, "nop; nop", ".byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL));
CODE(halted, "nop; nop", "hlt");
CODE(mwaits, "nop; monitor", "xor %ecx, %ecx; mwait");
CODE(umwaits, "nop; umonitor %rbx", "umwait %ecx");
CODE(tpauses, "nop; nop", "tpause %ecx");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t line[64] __attribute__((aligned(64)));
static struct l1 l1;
static struct clock_ratio ratio;
static uint64_t limit, limit_ticks, stall_ticks;
static bool closed;

static void begin(const char *code, uint32_t activity, uint64_t timer_ticks)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_ACTIVITY_STATE, activity);
	vmcs_write(GUEST_PREEMPTION_TIMER, timer_ticks >> (rdmsr(MSR_VMX_MISC) & 31));
	l1.gpr[RAX] = (uint64_t)line;
	l1.gpr[RBX] = (uint64_t)line;
	l1.gpr[RCX] = l1.gpr[RDX] = 0;
}

/* A deadline far away in EDX:EAX. */
static void wait_until(uint64_t ticks)
{
	uint64_t end = rdtsc() + ticks;

	l1.gpr[RAX] = (uint32_t)end;
	l1.gpr[RDX] = end >> 32;
}

static void expect(uint32_t reason, const char *what, const char *rip, uint32_t activity)
{
	if (!l1_run_to(&l1, reason, "%s: exit", what))
		return;
	check_equal(l1.exit.rip, (uint64_t)rip, "%s: RIP", what);
	check_equal(l1.exit.activity, activity, "%s: activity state", what);
}

/* at: instructions between the last window of a stall in the third instruction and that of this state. */
static void test_state(const char *what, const char *code, const char *next, uint32_t entered, uint32_t saved, int at,
		       bool timed)
{
	begin(code, entered, FACTOR * limit_ticks);
	if (timed)
		wait_until(2 * FACTOR * limit_ticks);
	expect(closed ? REASON_INSTRUCTION_TIMEOUT : REASON_PREEMPTION_TIMER, what, next, saved);
	if (closed)
		check_equal(vmx_interval_tsc(&l1) + (uint64_t)(int64_t)at, stall_ticks, "%s: as late as a stall", what);
	else
		check(vmx_interval_tsc(&l1) >= (FACTOR - 1) * limit_ticks, "%s: after %u N (%lu ticks)", what, FACTOR,
		      vmx_interval_tsc(&l1));
	begin(code, entered, limit_ticks / 2);
	if (timed)
		wait_until(2 * FACTOR * limit_ticks);
	expect(REASON_PREEMPTION_TIMER, what, next, saved);
}

static void test_own_time(void)
{
	begin(tpauses, ACTIVITY_ACTIVE, 2 * FACTOR * limit_ticks);
	wait_until(closed ? limit_ticks / 2 : FACTOR * limit_ticks);
	expect(REASON_VMCALL, "TPAUSE ends by itself", tpauses_next, ACTIVITY_ACTIVE);
}

/* Many short waits in a row: each ends in a window. */
static void test_many(void)
{
	begin(halted, ACTIVITY_ACTIVE, limit_ticks / 2);
	for (unsigned i = 0; i < 5; i++) {
		if (!vmx_run(&l1) || l1.exit.reason != REASON_PREEMPTION_TIMER)
			break;
		vmcs_write(GUEST_PREEMPTION_TIMER, (limit_ticks / 2) >> (rdmsr(MSR_VMX_MISC) & 31));
	}
	check_equal(l1.exit.reason, REASON_PREEMPTION_TIMER, "HLT again and again");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "HLT again and again: activity state");
}

static void measure_stall(void)
{
	begin(stalled, ACTIVITY_ACTIVE, FACTOR * limit_ticks);
	vmx_run(&l1);
	begin(stalled, ACTIVITY_ACTIVE, FACTOR * limit_ticks);
	l1.gpr[RAX] = limit + 1;
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "a stall of N + 1"))
		stall_ticks = vmx_interval_tsc(&l1);
}

void guest_main(void)
{
	limit = param_number("window", 0) + param_number("threshold", 131072);
	closed = param_number("inactive", 0);
	vmx_on();
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	limit_ticks = mul_div(limit, ratio.numerator, ratio.denominator);
	l1_setup(&l1, L1_LONG64, halted, stack + sizeof(stack), 0);
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("CPU lacks the VMX-preemption timer");
	timeout_enable((uint32_t)param_number("window", 0));
	if (in_simulator())
		measure_stall();
	else if (closed)
		bail("inactive=1 is the simulator's");

	test_state("HLT", halted, halted_next, ACTIVITY_ACTIVE, ACTIVITY_HLT, 0, false);
	if (cpuid(1, 0).ecx & CPUID_MONITOR)
		test_state("MWAIT", mwaits, mwaits_next, ACTIVITY_ACTIVE, ACTIVITY_ACTIVE, -1, false);
	else
		skip("no MONITOR", "MWAIT");
	if (cpuid(7, 0).ecx & CPUID_WAITPKG &&
	    vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_USER_WAIT)) {
		test_state("UMWAIT", umwaits, umwaits_next, ACTIVITY_ACTIVE, ACTIVITY_ACTIVE, 0, true);
		test_state("TPAUSE", tpauses, tpauses_next, ACTIVITY_ACTIVE, ACTIVITY_ACTIVE, 0, true);
		test_own_time();
	} else {
		skip("no WAITPKG", "UMWAIT and TPAUSE");
	}
	/* The last window is the VM entry itself: one tick of the entry and two instructions earlier. */
	test_state("HLT entered by the VM entry", halted, halted, ACTIVITY_HLT, ACTIVITY_HLT, 3, false);
	if (rdmsr(MSR_VMX_MISC) & MISC_SHUTDOWN)
		test_state("shutdown entered by the VM entry", halted, halted, ACTIVITY_SHUTDOWN, ACTIVITY_SHUTDOWN, 3,
			   false);
	else
		skip("not announced", "shutdown");
	test_many();
}
