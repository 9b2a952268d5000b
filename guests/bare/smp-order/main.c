/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-order - two CPUs access memory in the order of their clocks.
 *
 * Claim:    while CPU A adds 1 to a word with every instruction, CPU B reads the word with every
 *           second instruction. From the TSC that each of them read before, every value B reads is
 *           known: with --quantum=1 it is exact to the instruction, whichever CPU is A, although
 *           A begins with a long string instruction; with a quantum q it is less than q off. What one
 *           CPU executes costs the other no time: RDTSC, n NOPs, RDTSC differ by n + 2 on both, while
 *           CPU 1 executes string instructions between.
 * Manual:   SDM Vol. 3B, "Time-stamp counter"; Vol. 3A, "Memory ordering": program order of one
 *           writer is seen by all. That two CPUs execute one instruction per tick each is the
 *           simulator's timing profile "unit", and --quantum its claim.
 * Expected: all claims hold; quantum=N on the command line says which quantum is simulated.
 */
#include "smp.h"

#define ADDS            4000
#define SAMPLES         1200
#define ROUNDS          6               /* with the roles exchanged each time */
#define CHAINS          64
#define CHAIN_STRIDE    128

/*
 * Both functions begin with RDTSC. The first addition executes FIRST_ADD ticks later: a string
 * instruction of 200 elements comes before it; the first sample FIRST_READ ticks later.
 */
#define FIRST_ADD       207
#define FIRST_READ      3
uint64_t order_add(volatile uint32_t *word);
uint64_t order_read(volatile uint32_t *word, uint32_t *samples);
extern const char order_chains[];

asm(".text\n"
    "order_add: rdtsc; shl $32, %rdx; or %rdx, %rax\n"
    "mov %rdi, %r8; lea order_scratch, %rdi; mov $200, %ecx; rep stosb; mov %r8, %rdi\n"
    ".rept 4000; incl (%rdi); .endr\n"
    "ret\n"
    "order_read: rdtsc; shl $32, %rdx; or %rdx, %rax\n"
    ".set at, 0\n"
    ".rept 1200; mov (%rdi), %ecx; mov %ecx, at(%rsi); .set at, at + 4; .endr\n"
    "ret\n"
    ".balign 128\n"
    "order_chains:\n"
    ".set n, 0\n"
    ".rept 64\n"
    ".balign 128\n"
    "rdtsc; mov %eax, %ecx\n"
    ".rept n; nop; .endr\n"
    "rdtsc; sub %ecx, %eax; ret\n"
    ".set n, n + 1\n"
    ".endr\n"
    ".local order_scratch\n"
    ".comm order_scratch, 200, 64\n");

static volatile uint32_t word __attribute__((aligned(64)));
static uint32_t samples[SAMPLES];
static uint64_t add_tsc, read_tsc;
static unsigned adder;                  /* the CPU that adds */
static struct smp_barrier barrier;
static unsigned inexact[SMP_MAX];

static void work(void *argument)
{
	unsigned self = (unsigned)(uintptr_t)argument;

	smp_barrier(&barrier, 2);
	if (self == adder) {
		add_tsc = order_add(&word);
	} else {
		/* Into the middle of the additions, and at another distance each time. */
		for (unsigned i = 0; i < 100 + 13 * self; i++)
			pause_cpu();
		read_tsc = order_read(&word, samples);
	}
}

/* Takes 64 to 127 ticks of this CPU, and none of the other one. */
static void string_instruction(unsigned n)
{
	uint8_t scratch[128];
	void *to = scratch;
	uint64_t count = 64 + n;

	asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(0) : "memory");
}

static void chains(void *argument)
{
	unsigned self = (unsigned)(uintptr_t)argument;

	smp_barrier(&barrier, 2);
	for (unsigned round = 0; round < 4; round++)
		for (unsigned n = 0; n < CHAINS; n++) {
			uint32_t (*chain)(void) =
				(uint32_t (*)(void))(order_chains + n * CHAIN_STRIDE);

			if (self == 1)
				string_instruction(n);
			inexact[self] += chain() != n + 2;
		}
}

static void on_both(smp_job *job)
{
	smp_run(1, job, (void *)1);
	job((void *)0);
	smp_wait(1);
}

/*
 * Addition k executes at add_tsc + FIRST_ADD + k, sample j at read_tsc + FIRST_READ + 2j. At the
 * same tick CPU 0 is first.
 */
static int64_t additions_before(unsigned j)
{
	int64_t n = (int64_t)(read_tsc + FIRST_READ + 2 * j - add_tsc - FIRST_ADD) + (adder == 0 ? 1 : 0);

	return n < 0 ? 0 : n > ADDS ? ADDS : n;
}

static void round(unsigned number, uint64_t quantum)
{
	unsigned off = 0, moving = 0;
	int64_t worst = 0;

	adder = number % 2;
	word = 0;
	on_both(work);
	for (unsigned j = 0; j < SAMPLES; j++) {
		int64_t want = additions_before(j), difference = (int64_t)samples[j] - want;

		if (difference < 0)
			difference = -difference;
		off += difference > (int64_t)quantum - 1;
		if (difference > worst)
			worst = difference;
		moving += want > 0 && want < ADDS;
	}
	note("round %u: CPU %u adds, %u of %u samples while it does, at most %ld off", number, adder,
	     moving, SAMPLES, worst);
	check(moving > SAMPLES / 2, "round %u: both CPUs execute at the same time", number);
	check(!off, "round %u: every sample is within %lu of the order of the clocks (%u are not)",
	      number, quantum - 1, off);
}

void guest_main(void)
{
	uint64_t quantum = param_number("quantum", 1);

	if (!in_simulator())
		skip_all("the order of two CPUs to the instruction is the simulator's");
	if (!quantum || quantum > 1000)
		bail("command line: quantum=%lu; 1 to 1000 are accepted", quantum);
	smp_need(2);
	for (unsigned i = 0; i < ROUNDS; i++)
		round(i, quantum);
	on_both(chains);
	for (unsigned i = 0; i < 2; i++)
		check(!inexact[i], "CPU %u: RDTSC, n NOPs, RDTSC differ by n + 2 (%u of %u do not)", i,
		      inexact[i], 4 * CHAINS);
}
