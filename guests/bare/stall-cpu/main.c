/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-cpu - a stall rule for one logical processor, and repeated instructions of several.
 *
 * Claim:    a stall rule with cpu=1 stalls CPU 1 and no other one. A repeated instruction of it stalls
 *           once, though the simulation leaves it after each quantum.
 * Manual:   stalls are the simulator's (`nwsim run --stall').
 * Expected: all claims hold in nwsim with the stall rules of guests.list. Skipped elsewhere.
 */
#include "smp.h"

#define CLOCKS          1000
#define SLACK_TICKS     2000
#define COUNT           64

static struct clock_ratio ratio;
static uint64_t btc[2], rep[2];
static uint8_t from[2][COUNT], to[2][COUNT];

static void measure(void *argument)
{
	unsigned cpu = (unsigned)(uint64_t)argument;
	uint64_t start = rdtsc(), count = COUNT;
	void *source = from[cpu], *target = to[cpu];

	asm volatile("btc %%edx, %%eax" : : "a"(0), "d"(0) : "cc");
	btc[cpu] = rdtsc() - start;
	start = rdtsc();
	asm volatile("rep movsb" : "+c"(count), "+S"(source), "+D"(target) : : "memory");
	rep[cpu] = rdtsc() - start;
}

void guest_main(void)
{
	uint64_t ticks;

	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("stalls are the simulator's");
	ticks = mul_div(CLOCKS, ratio.numerator, ratio.denominator);
	smp_need(2);
	measure((void *)0);
	memset(from[1], 0x5a, COUNT);
	smp_run(1, measure, (void *)1);
	measure((void *)0);     /* all the while CPU 0 is busy */
	smp_wait(1);
	check(btc[0] < SLACK_TICKS, "BTC of CPU 0 does not stall (%lu)", btc[0]);
	check(btc[1] >= ticks && btc[1] < ticks + SLACK_TICKS, "BTC of CPU 1 does (%lu)", btc[1]);
	check(rep[0] < SLACK_TICKS, "REP MOVSB of CPU 0 does not stall (%lu)", rep[0]);
	check(rep[1] >= ticks && rep[1] < ticks + SLACK_TICKS, "REP MOVSB of CPU 1 does, once (%lu)", rep[1]);
	check(!memcmp(from[1], to[1], COUNT), "and copies");
}
