/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-smp-frame - another CPU sees the stack frame of an event when its delivery has had its time.
 *
 * Claim:    the delivery of INT n, and of an interrupt that CPU 0 has sent, is stalled on CPU 1: CPU 0, which looks all the
 *           time, sees the frame not before the stall is over, and then at once; CPU 1 goes on at the right instruction. In a loop of #DB whose stack moves on, each frame appears one delivery later
 *           than the one before; the loop begins with the second #DB that follows INT1.
 * Manual:   SDM Vol. 3A, "Memory ordering": a store is visible to others after it is executed. Lengths are the simulator's
 *           (`nwsim run --stall', P4).
 * Expected: all claims hold; clocks=N and cost=N on the command line are what the options say.
 */
#include "dbloop.h"
#include "smp.h"

#define VECTOR          0x60
#define FRAMES          5
#define LOOK_TICKS      100     /* at most, from one look to the next */
#define SEND_TICKS      20000
#define SEND_TAKES      200     /* ticks, from the TSC that is read before */
#define PATTERN         0x5a5a5a5a5a5a5a5aul

static uint64_t stack[512] __attribute__((aligned(16)));
static uint64_t *const top = &stack[512];
static volatile uint64_t begin_tsc;
static struct smp_barrier barrier;

/* Executes INT n, INT1, or interruptible code until *done, with the stack elsewhere. */
enum event { INT_N, INT_1, INTERRUPT };
void on_stack(uint64_t *stack_top, enum event event, volatile uint64_t *done);
extern const char after_int_n[], wait_begin[], wait_end[];
asm(".text\n"
    "on_stack: mov %rsp, %rax; mov %rdi, %rsp; push %rax; push %rax\n"
    "cmp $1, %esi; je 1f; ja 2f\n"
    "int $0x60\n"
    "after_int_n: jmp 3f\n"
    "1: .byte 0xf1; jmp 3f\n"
    "2: sti\n"
    "wait_begin: pause; cmpq $0, (%rdx); je wait_begin\n"
    "wait_end: cli\n"
    "3: pop %rax; pop %rsp; ret\n");

static volatile uint64_t interrupted_rip, sent_tsc;

static void nothing(struct trap_frame *frame)
{
	(void)frame;
}

static void interrupted(struct trap_frame *frame)
{
	interrupted_rip = frame->rip;
	if (sent_tsc)
		apic_eoi();
}

static void int_n(void *argument)
{
	(void)argument;
	smp_barrier(&barrier, 2);
	begin_tsc = rdtsc();
	on_stack(top, INT_N, NULL);
}

static void wait_for_interrupt(void *argument)
{
	(void)argument;
	interrupted_rip = 0;
	smp_barrier(&barrier, 2);
	on_stack(top, INTERRUPT, &interrupted_rip);
}

/* RIP slot of the nth frame below the two words that on_stack() pushes. */
static uint64_t *frame(unsigned n)
{
	uint64_t rsp = (uint64_t)(top - 2);

	while (n--)
		rsp = (rsp & ~15ul) - DBLOOP_FRAME;
	return (uint64_t *)rsp;
}

static void int1(void *argument)
{
	uint64_t dr7 = DR7_INIT;

	(void)argument;
	for (unsigned n = 0; n < FRAMES - 1; n++)
		dr7 |= dbloop_breakpoint(n, BREAK_WRITE, frame(n + 1), 8);
	write_dr7(dr7);
	smp_barrier(&barrier, 2);
	begin_tsc = rdtsc();
	on_stack(top, INT_1, NULL);
	write_dr7(DR7_INIT);
}

static uint64_t seen_tsc(volatile uint64_t *word)
{
	while (*word == PATTERN)
		;
	return rdtsc();
}

static void poison(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(stack); i++)
		stack[i] = PATTERN;
}

static void check_seen(const char *what, int64_t delay, int64_t more)
{
	check(delay >= 0 && delay <= LOOK_TICKS + more, "%s is seen at its time (%ld ticks later)", what, delay);
}

void guest_main(void)
{
	uint64_t clocks = param_number("clocks", 25000), cost = param_number("cost", 500000), seen[FRAMES], stall, begin;
	struct clock_ratio ratio;
	char name[] = "frame 0 of the loop";

	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("stalls of a given length are the simulator's");
	smp_need(2);
	trap_set(VECTOR, interrupted);
	trap_set(VECTOR_DB, nothing);

	poison();
	smp_run(1, int_n, NULL);
	smp_barrier(&barrier, 2);
	seen[0] = seen_tsc(frame(1));
	smp_wait(1);
	stall = mul_div(clocks, ratio.numerator, ratio.denominator);
	check_seen("the frame of a stalled INT n", (int64_t)(seen[0] - begin_tsc - stall), 0);
	check_equal(interrupted_rip, (uint64_t)after_int_n, "INT n: RIP in its frame");

	poison();
	smp_run(1, wait_for_interrupt, NULL);
	smp_barrier(&barrier, 2);
	for (begin = rdtsc(); rdtsc() - begin < SEND_TICKS; )
		;
	sent_tsc = rdtsc();
	smp_ipi(1, VECTOR);
	seen[0] = seen_tsc(frame(1));
	smp_wait(1);
	check_seen("the frame of a stalled interrupt", (int64_t)(seen[0] - sent_tsc - stall), SEND_TAKES);
	check(interrupted_rip >= (uint64_t)wait_begin && interrupted_rip < (uint64_t)wait_end,
	      "interrupt: RIP in its frame (0x%lx)", interrupted_rip);

	poison();
	smp_run(1, int1, NULL);
	smp_barrier(&barrier, 2);
	for (unsigned n = 0; n < FRAMES; n++)
		seen[n] = seen_tsc(frame(n + 1));
	smp_wait(1);
	for (unsigned n = 0; n < FRAMES; n++) {
		name[6] = (char)('1' + n);
		check_seen(name, (int64_t)(seen[n] - begin_tsc - (n ? n - 1 : 0) * cost), 0);
	}
}
