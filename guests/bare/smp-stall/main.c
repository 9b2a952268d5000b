/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-stall - what a stalled CPU stores, another CPU sees when the stall is over.
 *
 * Claim:    CPU 1 stalls by the magic NOP and then stores, or stalls in an instruction that stores itself (a stall rule for
 *           BTC): CPU 0, which looks all the time, sees the store not before the stall is over, and then at once;
 *           meanwhile it executes at full speed. An interrupt that arrives during the stall is taken after it. A CPU that
 *           stalls for longer than any hang limit does not end the run before the others have come as far.
 * Manual:   SDM Vol. 3A, "Memory ordering": a store is visible to others after it is executed. The length of stalls is
 *           the simulator's (include/nw_abi.h, `nwsim run --stall').
 * Expected: all claims hold; clocks=N on the command line says how long BTC stalls.
 */
#include "smp.h"
#include "stall.h"

#define VECTOR          0x60
#define ROUNDS          8
#define LOOK_TICKS      40      /* at most, from one look to the next */
#define HANDLER_TICKS   200     /* the interrupt that waited is taken first */
#define SEND_AT         100     /* looks before the interrupt is sent */
#define LEFT_TICKS      2000000

/*
 * TSC before, then the stall and the store to *word, one instruction or two; then the TSC after. An interrupt may be taken
 * between the two: RSI, not RAX, has what is needed then.
 */
uint64_t stall_nop(volatile uint32_t *word, uint64_t clocks, uint64_t *after);
uint64_t stall_btc(volatile uint32_t *word, uint64_t clocks, uint64_t *after);

#define RDTSC64         "lfence; rdtsc; shl $32, %rdx; or %rdx, %rax\n"
#define STALL(name, instructions) \
asm(".text\n" #name ":\n" \
    "mov %rdx, %r8; " RDTSC64 \
    "mov %rax, %r9; mov %rsi, %rax\n" \
    instructions \
    RDTSC64 \
    "mov %rax, (%r8); mov %r9, %rax; ret\n")
STALL(stall_nop, STALL_NOP(NW_MAGIC_STALL) "movl $1, (%rdi)\n");
STALL(stall_btc, "btcl $0, (%rdi)\n");

typedef uint64_t stall(volatile uint32_t *word, uint64_t clocks, uint64_t *after);

static volatile uint32_t word __attribute__((aligned(64)));
static stall *stalled;
static uint64_t clocks, before_tsc, after_tsc;
static volatile uint64_t handler_tsc;
static struct smp_barrier barrier;

static void handler(struct trap_frame *frame)
{
	(void)frame;
	handler_tsc = rdtsc();
	apic_eoi();
}

static void work(void *argument)
{
	(void)argument;
	smp_barrier(&barrier, 2);
	asm volatile("sti" : : : "memory");
	before_tsc = stalled(&word, clocks, &after_tsc);
	asm volatile("cli" : : : "memory");
}

static void test(const char *name, stall *f, uint64_t ticks)
{
	struct tally slow = { .what = "one look takes no longer while CPU 1 stalls" };
	unsigned early = 0, late = 0, interrupted = 0;
	int64_t delay = 0;

	stalled = f;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t last, now, looks = 0;

		word = 0;
		handler_tsc = 0;
		smp_run(1, work, NULL);
		smp_barrier(&barrier, 2);
		now = rdtsc();
		do {
			last = now;
			if (++looks == SEND_AT)
				smp_ipi(1, VECTOR);     /* long before the end of the stall */
			now = rdtsc();
			if (looks != SEND_AT)
				tally_equal(&slow, now - last > LOOK_TICKS, false);
		} while (!word);
		smp_wait(1);
		delay = (int64_t)(now - before_tsc - ticks);
		early += delay < 0;
		late += delay > LOOK_TICKS + HANDLER_TICKS;
		interrupted += !handler_tsc || handler_tsc < before_tsc + ticks;
		if (!i)
			note("%s: %lu looks, the store is seen %ld ticks after the end of the stall", name, looks, delay);
	}
	check(!early, "%s: the store is not seen before the stall is over (%u of %u)", name, early, ROUNDS);
	check(!late, "%s: and is seen at once (%u of %u later)", name, late, ROUNDS);
	check(!interrupted, "%s: no interrupt is taken during the stall (%u of %u)", name, interrupted, ROUNDS);
	check(after_tsc - before_tsc >= ticks && after_tsc - before_tsc < ticks + HANDLER_TICKS,
	      "%s: CPU 1 measures the same (%lu, %lu ticks of them stalled)", name, after_tsc - before_tsc, ticks);
	tally_check(&slow, "%s", name);
}

/* The last of the guest: CPU 1 does not come back. */
static void test_hang(void)
{
	uint64_t begin;

	stalled = stall_nop;
	clocks = 1ul << 40;
	word = 0;
	smp_run(1, work, NULL);
	smp_barrier(&barrier, 2);
	begin = rdtsc();
	while (rdtsc() - begin < LEFT_TICKS && !word)
		;
	check(!word, "a CPU that hangs leaves the other one at work, which ends the run");
}

void guest_main(void)
{
	uint64_t btc_clocks = param_number("clocks", 25000);
	struct clock_ratio ratio;

	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("stalls of a given length are the simulator's");
	if (btc_clocks < 1000 || btc_clocks > 1000000)
		bail("command line: clocks=%lu; 1000 to 1000000 are accepted", btc_clocks);
	smp_need(2);
	trap_set(VECTOR, handler);
	clocks = 25000;         /* 1 ms */
	test("magic NOP, then a store", stall_nop, mul_div(clocks, ratio.numerator, ratio.denominator));
	test("stalled BTC", stall_btc, mul_div(btc_clocks, ratio.numerator, ratio.denominator));
	test_hang();
}
