/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-window - the notify window belongs to a logical processor, and costs the others nothing.
 *
 * Claim:    while CPU 1 is in the endless #AC of an L1 and leaves it by instruction-timeout VM exits, again and again, every
 *           other CPU executes as much as when there is no attack; the record of every exit is as specified; a window W comes
 *           W * EBX / EAX (CPUID.15H) TSC ticks later than window 0, to the tick in the simulator; with both CPUs in the
 *           loop at the same time, each is left after the time of its own window; with the control set on one of them only,
 *           that one is left and the other one not, until the gate of its exception is changed.
 * Manual:   SDM Vol. 3C: "Secondary processor-based VM-execution controls" (bit 31), "Instruction-timeout control": the
 *           window is a field of the VMCS, which is current on one logical processor.
 * Expected: all claims hold; on silicon durations are printed and not judged. The default run has a small internal
 *           threshold, so that it is short.
 */
#include "loop32.h"
#include "smp.h"
#include "timeout_record.h"

#define EXITS           5
#define CHUNK           20000           /* iterations of two instructions that bystanders time */
#define AC_INFO         (INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC)

static uint8_t vmxon[2][4096] __attribute__((aligned(4096)));
static uint8_t vmcs[2][4096] __attribute__((aligned(4096)));

static struct side {
	struct l1 l1;
	uint32_t window;
	uint64_t base;                  /* interval at window 0 */
	const char *missing;
	bool refused;                   /* the VM entry failed */
	volatile unsigned exits;
	struct { uint64_t entry, exit; } at[EXITS];
	struct timeout_record record;
} sides[2];
/* What the CPUs from 2 on count meanwhile. */
static struct bystander { volatile uint64_t chunks, different; } bystanders[SMP_MAX];
static unsigned cpus;
static uint64_t alone;                  /* ticks of a chunk without an attack */
static struct smp_barrier barrier;
static struct clock_ratio ratio;

extern const char loop32_handler[];

/* Leaves the CPU with a launched VMCS: all entries that follow are alike. */
static void prepare(void *argument)
{
	unsigned self = (unsigned)(uintptr_t)argument;
	struct side *s = &sides[self];

	s->missing = vmx_missing();
	if (s->missing)
		return;
	if (self)
		vmx_on_region(vmxon[self]);
	loop32_setup_in(vmcs[self], &s->l1, LOOP32_AC);
	timeout_enable(0);
	s->refused = !vmx_run(&s->l1);
}

/* Reports are CPU 0's: what happened is kept. */
static void attack(struct side *s)
{
	const struct timeout_expect want = {
		.rip = (uint64_t)loop32_load, .rsp = loop32_esp(), .rflags = RFLAGS_FIXED | RFLAGS_AC | RFLAGS_RF,
		.idt_vectoring_info = AC_INFO,
	};

	vmcs_write(INSTRUCTION_TIMEOUT, s->window);
	timeout_record_init(&s->record);
	for (unsigned i = 0; i < EXITS && !s->refused; i++) {
		s->refused = !vmx_run(&s->l1);
		s->at[i].entry = s->l1.tsc_entry;
		s->at[i].exit = s->l1.tsc_exit;
		timeout_record_add(&s->record, &s->l1.exit, &want);
		s->exits = i + 1;
	}
}

static void attack_alone(void *argument)
{
	attack(argument);
}

static void attack_both(void *argument)
{
	smp_barrier(&barrier, 2);
	attack(argument);
}

static void attack_unarmed(void *argument)
{
	struct side *s = argument;

	timeout_disable();
	smp_barrier(&barrier, 2);
	s->refused = !vmx_run(&s->l1);
	s->exits = 1;
}

static uint64_t chunk_ticks(void)
{
	uint64_t loops = CHUNK, begin = rdtsc();

	asm volatile("1: dec %0; jnz 1b" : "+r"(loops) : : "cc");
	return rdtsc() - begin;
}

static uint64_t interval(const struct side *s, unsigned i)
{
	return s->at[i].exit - s->at[i].entry;
}

/* The intervals of one CPU, which were made with its window. */
static void check_side(unsigned cpu, const char *how)
{
	struct side *s = &sides[cpu];
	struct tally same = { .what = "equal intervals" };
	uint64_t first = interval(s, 0);

	check(!s->refused && s->exits == EXITS, "CPU %u, window %u, %s: %u exits (%u)", cpu, s->window, how, EXITS,
	      s->exits);
	timeout_record_check(&s->record, "CPU %u, window %u, %s", cpu, s->window, how);
	note("CPU %u, window %u, %s: interval %lu TSC ticks", cpu, s->window, how, first);
	if (!s->window)
		s->base = first;
	if (!in_simulator())
		return;
	for (unsigned i = 0; i < EXITS; i++)
		tally_equal(&same, interval(s, i), first);
	tally_check(&same, "CPU %u, window %u, %s", cpu, s->window, how);
	if (s->window)
		check_equal(first - s->base, mul_div(s->window, ratio.numerator, ratio.denominator),
			    "CPU %u, window %u, %s: later than window 0 by W*EBX/EAX", cpu, s->window, how);
}

static bool attack_is_over(void)
{
	return sides[1].exits == EXITS || sides[1].refused;
}

static void count(void *argument)
{
	struct bystander *b = argument;

	b->chunks = b->different = 0;
	while (!attack_is_over()) {
		b->different += chunk_ticks() != alone;
		b->chunks++;
	}
}

static void check_bystanders(uint32_t window, uint64_t attacked)
{
	for (unsigned i = 2; i < cpus; i++) {
		struct bystander *b = &bystanders[i];

		smp_wait(i);
		note("window %u: CPU %u counted %lu times %u", window, i, b->chunks, CHUNK);
		if (in_simulator())
			check(b->chunks && !b->different && (b->chunks + 1) * alone >= attacked,
			      "window %u: so does CPU %u (%lu times, %lu of them took longer)", window, i, b->chunks,
			      b->different);
	}
}

/* CPU 1 is attacked, the others count. */
static void test_one(uint32_t window)
{
	struct side *s = &sides[1];
	struct tally rate = { .what = "CPU 0 executes as much as when it is alone" };
	uint64_t chunks = 0, attacked = 0;

	s->window = window;
	s->exits = 0;
	for (unsigned i = 2; i < cpus; i++)
		smp_run(i, count, &bystanders[i]);
	smp_run(1, attack_alone, s);
	while (!attack_is_over()) {
		uint64_t ticks = chunk_ticks();

		if (in_simulator())
			tally_equal(&rate, ticks, alone);
		chunks++;
	}
	smp_wait(1);
	check_side(1, "CPU 0 counts");
	for (unsigned i = 0; i < EXITS; i++)
		attacked += interval(s, i);
	note("window %u: CPU 0 counted %lu times %u in %lu ticks of the attack", window, chunks, CHUNK, attacked);
	check_bystanders(window, attacked);
	if (!in_simulator())
		return;
	tally_check(&rate, "window %u", window);
	check((chunks + 1) * alone >= attacked, "window %u: and does so all the time (%lu times %lu of %lu ticks)", window,
	      chunks, alone, attacked);
}

/* Both are attacked at once. */
static void test_both(uint32_t window0, uint32_t window1)
{
	sides[0].window = window0;
	sides[1].window = window1;
	sides[0].exits = sides[1].exits = 0;
	smp_run(1, attack_both, &sides[1]);
	attack_both(&sides[0]);
	smp_wait(1);
	for (unsigned i = 0; i < 2; i++)
		check_side(i, "both in the loop");
	check(sides[0].at[0].entry < sides[1].at[0].exit && sides[1].at[0].entry < sides[0].at[0].exit,
	      "windows %u and %u: both were in the loop at the same time", window0, window1);
}

/* Only CPU 0 has the control set. What ends the loop of CPU 1 is a gate whose stack is aligned. */
static void test_unarmed(uint32_t window)
{
	struct side *s = &sides[1];

	sides[0].window = window;
	sides[0].exits = s->exits = 0;
	smp_run(1, attack_unarmed, s);
	attack_both(&sides[0]);
	check_side(0, "CPU 1 in the loop without the control");
	check(!s->exits, "CPU 1 without the control is still in its loop");
	l1_gate32(VECTOR_AC, loop32_handler, L1_CODE32_RING0, true);
	smp_wait(1);
	check(!s->refused && s->l1.exit.reason == REASON_VMCALL && (uint32_t)s->l1.gpr[RAX] == LOOP32_HANDLER,
	      "CPU 1 leaves it for its handler when CPU 0 has changed the gate (exit reason %u)", s->l1.exit.reason);
	check(s->l1.tsc_entry < sides[0].at[0].exit && s->l1.tsc_exit > sides[0].at[EXITS - 1].exit,
	      "and was in it all the time");
}

void guest_main(void)
{
	static const uint32_t windows[] = { 0, 1, 1000, 7001 };

	cpus = smp_need(2);
	vmx_on();
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	prepare((void *)0);
	smp_run(1, prepare, (void *)1);
	smp_wait(1);
	if (sides[1].missing)
		skip_all("CPU 1: %s", sides[1].missing);
	check(!sides[0].refused && !sides[1].refused, "both CPUs enter their L1");
	alone = chunk_ticks();
	note("CPU 0 alone: %lu ticks for %u iterations", alone, CHUNK);
	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
		test_one(windows[i]);
	test_both(0, 0);
	test_both(1000, 0);
	test_both(333, 5000);
	test_unarmed(777);
}
