/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-rep - a long REP MOVSB or REP STOSQ of one CPU does not hold up another one.
 *
 * Claim:    while CPU 1 copies or fills a buffer with one instruction, CPU 0 executes at full speed
 *           and sees the buffer change as the time passes: element k is there when the TSC has
 *           advanced by k ticks since the instruction began, not before, and not later than CPU 0
 *           looks; the instruction takes one tick for each element.
 * Manual:   SDM Vol. 2, "REP": the operation may be interrupted between iterations. One tick for
 *           each is the simulator's timing profile "unit".
 * Expected: all claims hold; quantum=N on the command line says which quantum is simulated.
 */
#include "smp.h"

#define BYTES           65536
#define STEP            509             /* elements from one observation to the next */
#define LOOK_TICKS      12              /* at most, from one look to the next */
#define FILL            0xa5a5a5a5a5a5a5a5ul

static uint8_t from[BYTES] __attribute__((aligned(4096)));
static uint8_t to[BYTES] __attribute__((aligned(4096)));
static volatile uint64_t begin_tsc, end_tsc;
static volatile bool begun;

/* RDTSC is the last but two instructions before the string instruction: element 0 at +3. */
#define FIRST_TICK      3

#define TIMED(instruction, count, value) \
	do { \
		uint32_t low, high; \
		void *si = from, *di = to; \
		uint64_t n = (count); \
		begun = true; \
		asm volatile("rdtsc; mov %%rax, %%r8; mov %7, %%rax; " instruction "; mov %%r8, %%rax" \
			     : "=&a"(low), "=&d"(high), "+S"(si), "+D"(di), "+c"(n) \
			     : "m"(from), "m"(to), "r"((uint64_t)(value)) \
			     : "r8", "memory", "cc"); \
		begin_tsc = (uint64_t)high << 32 | low; \
		end_tsc = rdtsc(); \
	} while (0)

static void copy(void *argument)
{
	(void)argument;
	TIMED("rep movsb", BYTES, 0);
}

static void fill(void *argument)
{
	(void)argument;
	TIMED("rep stosq", BYTES / 8, FILL);
}

struct look { uint64_t tsc; unsigned element; };
static struct look looks[BYTES / STEP + 1];

/* Notes the time at which every STEP-th element has changed. */
static unsigned watch(unsigned elements, unsigned size)
{
	unsigned n = 0;

	for (unsigned k = STEP; k < elements; k += STEP) {
		volatile uint8_t *p = to + k * size;
		uint32_t low, high;

		asm volatile("1: cmpb $0, (%2); je 1b; rdtsc"
			     : "=&a"(low), "=&d"(high)
			     : "r"(p)
			     : "memory", "cc");
		looks[n].tsc = (uint64_t)high << 32 | low;
		looks[n++].element = k;
	}
	return n;
}

static void test(const char *name, smp_job *job, unsigned elements, unsigned size, uint64_t quantum)
{
	struct tally complete = { .what = "what was written is complete" };
	unsigned n, early = 0, late = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;

	memset(from, 0xa5, BYTES);
	memset(to, 0, BYTES);
	begun = false;
	smp_run(1, job, NULL);
	while (!begun)
		;
	n = watch(elements, size);
	smp_wait(1);
	for (unsigned i = 0; i < n; i++) {
		int64_t delay = (int64_t)(looks[i].tsc - begin_tsc - FIRST_TICK - looks[i].element);

		early += delay < -(int64_t)quantum;
		late += delay > LOOK_TICKS + (int64_t)quantum;
		first = delay < first ? delay : first;
		last = delay > last ? delay : last;
	}
	note("%s: %u looks, %ld to %ld ticks after the write", name, n, first, last);
	check(!early, "%s: nothing is there before its time (%u are)", name, early);
	check(!late, "%s: everything is seen at once (%u later)", name, late);
	check(end_tsc - begin_tsc >= elements && end_tsc - begin_tsc < elements + 32,
	      "%s: one tick for each of %u elements (%lu in all)", name, elements, end_tsc - begin_tsc);
	for (unsigned i = 0; i < BYTES; i++)
		tally_equal(&complete, to[i], 0xa5);
	tally_check(&complete, "%s", name);
}

void guest_main(void)
{
	uint64_t quantum = param_number("quantum", 1);

	if (!in_simulator())
		skip_all("how long an iteration takes is known in the simulator only");
	if (!quantum || quantum > 1000)
		bail("command line: quantum=%lu; 1 to 1000 are accepted", quantum);
	smp_need(2);
	test("REP MOVSB", copy, BYTES, 1, quantum);
	test("REP STOSQ", fill, BYTES / 8, 8, quantum);
}
