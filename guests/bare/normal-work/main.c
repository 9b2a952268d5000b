/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * normal-work - what a well-behaved guest does never causes an instruction timeout; one stall that
 * is too long does.
 *
 * Claim:    with N = window + internal threshold, L1 spends at least 10 N each in code with
 *           interrupts disabled, code with NMIs blocked (by VM entry and by an NMI delivered), REP
 *           MOVSB of 1 MiB and HLT: no exit with reason 75. One stall of N + 1 crystal clocks in
 *           the same guest: exactly one, at the stalled instruction and not during a delivery. One
 *           of N - 1: none.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits" (instruction timeout counts time without an
 *           instruction boundary); "Saving guest state", "Guest non-register state" (blocking by
 *           NMI).
 * Expected: all claims hold. N is window= + threshold= of the command line; guests.list has 0 and 8
 *           crystal clocks. Without threshold= the guest finds N by itself: the smallest stall that
 *           causes an exit. On a machine without stalls N is taken to be window + 131072.
 */
#include "l1.h"
#include "stall.h"
#include "timeout_record.h"
#include "timer.h"

#define FACTOR          10
#define COPY_SIZE       (1024 * 1024)
#define TIMER_VECTOR    0x40
#define TIMER_MIN       1000            /* crystal clocks */
#define IN_NMI_HANDLER  0x4e4d49ul
#define EXITS_MAX       1000            /* a phase with more is given up */
#define THRESHOLD_SPR   131072          /* the one public number, see P1 */

static struct l1 l1;
static struct clock_ratio ratio;
static uint64_t work_ticks, work_crystal;
static uint8_t stack[16384] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);

/* ---- L1 -------------------------------------------------------------------------------------- */

static void spin(void)
{
	uint64_t start = rdtsc();

	while (rdtsc() - start < work_ticks)
		;
}

static void nmi_handler(struct trap_frame *f)
{
	(void)f;
	spin();
	l1_call(IN_NMI_HANDLER);
}

static void wait_for_nothing(void)
{
	asm volatile("nop");
}

static uint8_t from[COPY_SIZE], to[COPY_SIZE];

static void copy(void)
{
	uint64_t start = rdtsc();

	do
		memcpy(to, from, COPY_SIZE);
	while (rdtsc() - start < work_ticks);
}

static volatile unsigned timer_ticks;
static volatile uint64_t halted_ticks;

static void timer_handler(struct trap_frame *f)
{
	(void)f;
	timer_ticks++;
	apic_eoi();
}

static void halt(void)
{
	uint64_t start = rdtsc();

	timer_ticks = 0;
	apic_timer_start(TIMER_VECTOR, (uint32_t)work_crystal);
	while (!timer_ticks)
		asm volatile("sti; hlt; cli" : : : "memory");
	halted_ticks = rdtsc() - start;
}

/* One magic NOP of stall_clocks crystal clocks. */
static uint64_t stall_clocks __attribute__((used));
void stall(void);
extern const char stall_nop[];
asm(".text\n"
    "stall:	mov stall_clocks, %rax\n"
    "stall_nop: " STALL_NOP(NW_MAGIC_STALL)
    "	ret\n");

/* ---- L0 -------------------------------------------------------------------------------------- */

struct phase {
	unsigned timeouts;                      /* exits with reason 75 */
	uint32_t blocking_handler, blocking_end; /* interruptibility at the two VMCALLs */
	struct l1_exit timeout;                 /* the last of them */
};

static void start(const void *function, uint32_t interruptibility, uint32_t inject)
{
	l1_restart(function, stack_top);
	vmcs_write(GUEST_INTERRUPTIBILITY, interruptibility);
	vmcs_write(ENTRY_INTERRUPTION_INFO, inject);
}

/*
 * Runs L1 until its function returns. A timeout is stepped over: RIP moves on by the length of the
 * magic NOP.
 */
static struct phase run(void)
{
	struct phase p = { 0 };

	for (;;) {
		if (!vmx_run(&l1))
			bail("VM entry failed: error %u", l1.entry_failure);
		if (l1.exit.reason == REASON_INSTRUCTION_TIMEOUT) {
			p.timeout = l1.exit;
			if (++p.timeouts > EXITS_MAX)
				return p;
			if (l1.exit.rip == (uint64_t)stall_nop)
				l1_skip_instruction(&l1, NW_MAGIC_NOP_LENGTH);
		} else if (l1.exit.reason == REASON_VMCALL && l1.gpr[RAX] == IN_NMI_HANDLER) {
			p.blocking_handler = l1.exit.interruptibility;
			l1_skip_instruction(&l1, 3);
		} else if (l1.exit.reason == REASON_VMCALL && l1.gpr[RAX] == L1_RETURNED) {
			p.blocking_end = l1.exit.interruptibility;
			return p;
		} else {
			vmx_note_exit(&l1);
			bail("unexpected VM exit");
		}
	}
}

static struct phase run_stall(uint64_t clocks)
{
	stall_clocks = clocks;
	start(stall, 0, 0);
	return run();
}

/* The smallest stall, in crystal clocks, that causes an exit: N. */
static uint64_t find_limit(void)
{
	uint64_t good = 0, bad = 1;

	while (!run_stall(bad).timeouts) {
		good = bad;
		bad *= 2;
		if (bad > UINT32_MAX)
			bail("no stall of up to 2^31 crystal clocks causes an exit");
	}
	while (bad - good > 1) {
		uint64_t middle = (good + bad) / 2;

		if (run_stall(middle).timeouts)
			bad = middle;
		else
			good = middle;
	}
	return bad;
}

static void no_timeout(const struct phase *p, const char *what)
{
	check_equal(p->timeouts, 0, "%s: no exit (%lu crystal clocks of work)", what, work_crystal);
}

static void test_work(void)
{
	struct phase p;

	mark(1);
	start(spin, 0, 0);
	p = run();
	no_timeout(&p, "interrupts disabled");

	mark(2);
	start(spin, INTERRUPTIBILITY_NMI, 0);
	p = run();
	no_timeout(&p, "NMIs blocked by the VM entry");
	check_equal(p.blocking_end & INTERRUPTIBILITY_NMI, INTERRUPTIBILITY_NMI,
		    "they were blocked to the end");

	mark(3);
	trap_set(VECTOR_NMI, nmi_handler);
	start(wait_for_nothing, 0, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI);
	p = run();
	no_timeout(&p, "NMIs blocked by an NMI");
	check_equal(p.blocking_handler & INTERRUPTIBILITY_NMI, INTERRUPTIBILITY_NMI,
		    "they were blocked in its handler");
	check_equal(p.blocking_end & INTERRUPTIBILITY_NMI, 0, "and no longer after its IRET");
	trap_set(VECTOR_NMI, NULL);

	mark(4);
	for (unsigned i = 0; i < COPY_SIZE; i++)
		from[i] = (uint8_t)(i * 7 + (i >> 8));
	start(copy, 0, 0);
	p = run();
	no_timeout(&p, "REP MOVSB of 1 MiB");
	check(!memcmp(from, to, COPY_SIZE), "and the copy is right");

	mark(5);
	trap_set(TIMER_VECTOR, timer_handler);
	start(halt, 0, 0);
	p = run();
	no_timeout(&p, "HLT until a timer interrupt");
	check_equal(timer_ticks, 1, "one interrupt woke it");
	check(halted_ticks >= work_ticks, "not before its time: %lu of %lu TSC ticks", halted_ticks,
	      work_ticks);
	trap_set(TIMER_VECTOR, NULL);
}

static void test_stall(uint64_t limit)
{
	const struct timeout_expect want = {
		.rip = (uint64_t)stall_nop, .rsp = (uint64_t)stack_top - 8, .rflags = RFLAGS_FIXED,
	};
	struct timeout_record record;
	struct phase p;

	mark(6);
	p = run_stall(limit + 1);
	check_equal(p.timeouts, 1, "stall of N + 1 = %lu crystal clocks: exactly one exit",
		    limit + 1);
	timeout_record_init(&record);
	timeout_record_add(&record, &p.timeout, &want);
	timeout_record_check(&record, "stall");
	p = run_stall(limit - 1);
	check_equal(p.timeouts, 0, "stall of N - 1 = %lu: no exit", limit - 1);
}

void guest_main(void)
{
	uint64_t window = param_number("window", 0),
		 limit = window + param_number("threshold", THRESHOLD_SPR);

	vmx_on();
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	apic_enable();
	l1_setup(&l1, L1_LONG64, spin, stack_top, 0);
	timeout_enable((uint32_t)window);
	if (in_simulator() && !param_given("threshold"))
		limit = find_limit();
	note("N = %lu crystal clocks", limit);
	work_crystal = limit * FACTOR < TIMER_MIN ? TIMER_MIN : limit * FACTOR;
	work_ticks = mul_div(work_crystal, ratio.numerator, ratio.denominator);
	test_work();
	if (in_simulator())
		test_stall(limit);
	else
		skip("no simulator", "stalls longer and shorter than N");
}
