/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clocks - all clocks of the machine tell the same time, and RDTSC tells it at the instruction.
 *
 * Claim:    over 200 ms (ms=N), TSC, local APIC timer (divide by 1: the crystal clock), HPET, ACPI
 *           PM timer and PIT channel 2 agree pairwise within 100 ppm; in nwsim with the unit timing
 *           profile two RDTSC differ by exactly the number of instructions from one to the other,
 *           and the APIC timer follows the TSC to 2 crystal clocks.
 * Manual:   SDM Vol. 2, CPUID.15H, RDTSC; Vol. 3A, "APIC timer"; Vol. 3B, "Time-stamp counter";
 *           HPET specification 1.0a; ACPI, "Power management timer"; 8254 data sheet.
 * Expected: all claims hold; clocks that the machine does not have are skipped.
 */
#include "timer.h"

#define LIMIT_PPB       100000          /* 100 ppm */
#define PS_PER_S        1000000000000ul
#define PAUSE_LOOPS     200000          /* 6 million instructions: 1 to 3 ms */
#define CHAIN_MAX       64
#define CHAIN_STRIDE    128

struct clock {
	const char *name;
	bool present, down;
	unsigned bits;
	uint64_t hz;                    /* 0: not known before the measurement */
	uint64_t (*read)(void);

	uint64_t last, counted;         /* counts so far, wrap-arounds included */
	uint64_t tsc_first, tsc_last;   /* middle of the first and the last read */
	int64_t ppb;                    /* rate against the TSC */
};

static uint64_t read_apic(void)
{
	return apic_timer_current();
}

static uint64_t read_pm(void)
{
	return pm_timer_read();
}

static uint64_t read_pit(void)
{
	return pit2_read();
}

enum { TSC, APIC, HPET, PM, PIT, CLOCKS };
static struct clock clocks[CLOCKS] = {
	[TSC] = { .name = "TSC", .bits = 64, .read = rdtsc },
	[APIC] = { .name = "APIC timer", .bits = 32, .down = true, .read = read_apic },
	[HPET] = { .name = "HPET", .bits = 64, .read = hpet_read },
	[PM] = { .name = "PM timer", .bits = 24, .hz = PM_TIMER_HZ, .read = read_pm },
	[PIT] = { .name = "PIT", .bits = 16, .down = true, .hz = PIT_HZ, .read = read_pit },
};

static void sample(struct clock *c, bool first)
{
	uint64_t before = rdtsc(), count = c->read(), after = rdtsc();
	uint64_t mask = c->bits < 64 ? (1ul << c->bits) - 1 : ~0ul;

	if (first)
		c->tsc_first = before + (after - before) / 2;
	else
		c->counted += (c->down ? c->last - count : count - c->last) & mask;
	c->tsc_last = before + (after - before) / 2;
	c->last = count;
}

static void start_clocks(const struct clock_ratio *r)
{
	apic_enable();
	apic_timer_start(0, 0xffffffff);
	pit2_start();
	clocks[TSC].present = clocks[APIC].present = clocks[PIT].present = true;
	clocks[HPET].present = hpet_start();
	clocks[PM].present = pm_timer_find();
	if (clocks[HPET].present)
		clocks[HPET].hz = 1000 * PS_PER_S / hpet_period_fs();
	clocks[APIC].hz = r->crystal_hz;
	clocks[TSC].hz = mul_div(r->crystal_hz, r->numerator, r->denominator);
}

/* A loop that touches no clock: reading them all the time is slow work for a simulator. */
static void pass_time(void)
{
	uint32_t loops = PAUSE_LOOPS;

	asm volatile("1: .rept 28; nop; .endr; dec %0; jnz 1b" : "+r"(loops) : : "cc");
}

/* Reads all clocks every few milliseconds: the PIT wraps every 55 ms. */
static void measure(uint64_t tsc_ticks)
{
	for (unsigned i = 0; i < CLOCKS; i++)
		if (clocks[i].present)
			sample(&clocks[i], true);
	do {
		pass_time();
		for (unsigned i = 0; i < CLOCKS; i++)
			if (clocks[i].present)
				sample(&clocks[i], false);
	} while (clocks[TSC].tsc_last - clocks[TSC].tsc_first < tsc_ticks);
}

/* Without a crystal frequency in CPUID.15H the HPET says how fast the TSC is. */
static void guess_hz(const struct clock_ratio *r)
{
	const struct clock *h = &clocks[HPET];

	if (clocks[TSC].hz)
		return;
	if (!h->present)
		skip_all("neither CPUID.15H nor an HPET tells the frequency of the TSC");
	clocks[TSC].hz = mul_div(h->tsc_last - h->tsc_first, h->hz, h->counted);
	clocks[APIC].hz = mul_div(clocks[TSC].hz, r->denominator, r->numerator);
	note("CPUID.15H gives no crystal frequency: TSC taken as %lu Hz from the HPET",
	     clocks[TSC].hz);
}

static void compute(struct clock *c)
{
	uint64_t by_clock = mul_div(c->counted, PS_PER_S, c->hz);
	uint64_t by_tsc = mul_div(c->tsc_last - c->tsc_first, PS_PER_S, clocks[TSC].hz);
	uint64_t difference = by_clock > by_tsc ? by_clock - by_tsc : by_tsc - by_clock;

	c->ppb = (int64_t)mul_div(difference, 1000000000, by_tsc);
	if (by_clock < by_tsc)
		c->ppb = -c->ppb;
	note("%-10s %10lu Hz %12lu counts %12lu ns %8ld ppb", c->name, c->hz, c->counted,
	     by_clock / 1000, c->ppb);
}

static void compare(const struct clock *a, const struct clock *b)
{
	int64_t difference = a->ppb - b->ppb;

	if (!a->present || !b->present) {
		skip("the machine lacks one of them", "%s and %s agree", a->name, b->name);
		return;
	}
	check(difference < LIMIT_PPB && difference > -LIMIT_PPB,
	      "%s and %s agree within 100 ppm (%ld ppb)", a->name, b->name, difference);
}

static void test_rates(const struct clock_ratio *r)
{
	uint64_t ms = param_number("ms", 200);
	uint64_t hz;

	if (ms < 1 || ms > 1500)
		bail("command line: ms=%lu; 1 to 1500 are accepted", ms);
	start_clocks(r);
	/* Unknown: long enough for a fast one. */
	hz = clocks[TSC].hz ? clocks[TSC].hz : 4000000000;
	measure(hz / 1000 * ms);
	guess_hz(r);
	for (unsigned i = 0; i < CLOCKS; i++)
		if (clocks[i].present)
			compute(&clocks[i]);
	for (unsigned a = 0; a < CLOCKS; a++)
		for (unsigned b = a + 1; b < CLOCKS; b++)
			compare(&clocks[a], &clocks[b]);
}

/* ---- To the instruction ---------------------------------------------------------------------- */

/*
 * chains + n * CHAIN_STRIDE: RDTSC, MOV, n NOPs, RDTSC; returns the difference of the low halves.
 */
extern const char chains[];
uint32_t chain_jump(void);
uint32_t chain_out(void);
uint32_t chain_memory(const volatile void *where);

asm(".text\n"
    ".balign 128\n"
    "chains:\n"
    ".set n, 0\n"
    ".rept 65\n"
    ".balign 128\n"
    "rdtsc; mov %eax, %ecx\n"
    ".rept n; nop; .endr\n"
    "rdtsc; sub %ecx, %eax; ret\n"
    ".set n, n + 1\n"
    ".endr\n"
    "chain_jump: rdtsc; mov %eax, %ecx; jmp 1f; nop; 1: rdtsc; sub %ecx, %eax; ret\n"
    "chain_out: rdtsc; mov %eax, %ecx; out %al, $0x80; rdtsc; sub %ecx, %eax; ret\n"
    "chain_memory: rdtsc; mov %eax, %ecx; mov (%rdi), %edx; rdtsc; sub %ecx, %eax; ret\n");

static void test_chains(const char *round)
{
	struct tally exact = {
		.what = "RDTSC, MOV, 0 to 64 NOPs, RDTSC: 2 ticks and 1 for each NOP"
	};

	for (unsigned n = 0; n <= CHAIN_MAX; n++) {
		uint32_t (*chain)(void) = (uint32_t (*)(void))(chains + n * CHAIN_STRIDE);

		tally_equal(&exact, chain(), n + 2);
	}
	tally_check(&exact, "%s", round);
}

static void test_instructions(void)
{
	static uint32_t word;

	if (!in_simulator()) {
		skip("no simulator", "RDTSC to the instruction");
		return;
	}
	test_chains("first time");
	test_chains("second time");
	check_equal(chain_jump(), 3, "across a jump: 3 ticks");
	check_equal(chain_out(), 3, "across an OUT: 3 ticks");
	check_equal(chain_memory(&word), 3, "across a load: 3 ticks");
	check_equal(chain_memory((const void *)0xfed000f0), 3,
		    "across a load from the HPET: 3 ticks");
}

static void test_crystal(const struct clock_ratio *r)
{
	const struct clock *c = &clocks[APIC];
	uint64_t want = mul_div(c->tsc_last - c->tsc_first, r->denominator, r->numerator);

	if (!in_simulator()) {
		skip("no simulator", "the APIC timer follows the TSC to 2 crystal clocks");
		return;
	}
	check(c->counted + 2 >= want && c->counted <= want + 2,
	      "the APIC timer follows the TSC to 2 crystal clocks (%lu counted, %lu by the TSC)",
	      c->counted, want);
}

void guest_main(void)
{
	struct clock_ratio r;

	if (!clock_ratio(&r))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	test_rates(&r);
	test_crystal(&r);
	test_instructions();
}
