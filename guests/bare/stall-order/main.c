/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-order - what a stalled delivery writes and a stalled IRET reads, in the order of the clocks of two CPUs.
 *
 * Claim:    while CPU 1 stalls in the delivery of an INT n, CPU 0 sees no frame; it does at once when
 *           the stall is over. A frame that CPU 0 changes while CPU 1 stalls in its IRET is the one that
 *           CPU 1 returns by. The delivery of an interrupt that arrives meanwhile waits for both.
 * Manual:   SDM Vol. 3A, "Memory ordering": a store is visible to others after it is executed. Stalls
 *           are the simulator's (`nwsim run --stall').
 * Expected: all claims hold in nwsim with the stall rules of guests.list: on CPU 1 the delivery of vector
 *           51H and every IRET stall for 25000 crystal clocks. Skipped elsewhere.
 */
#include "smp.h"

#define VECTOR          0x51
#define IPI_VECTOR      0x60
#define CLOCKS          25000
#define ROUNDS          4
#define LOOK_TICKS      40      /* at most, from one look to the next */
#define LATE_TICKS      200
#define CHANGE_AT       50      /* looks */
#define FRAME           5       /* quadwords */

/* Both return with the stack they came with. by_int(top): the frame of INT n is below top. */
uint64_t by_int(uint64_t *top);
uint64_t by_iret(uint64_t *frame);
extern const char first_target[], second_target[];

#define RDTSC64 "lfence; rdtsc; shl $32, %rdx; or %rdx, %rax\n"
asm(".text\n"
    "by_int:    mov %rsp, %rcx; " RDTSC64
    "           mov %rdi, %rsp; int $0x51\n"
    "           mov %rcx, %rsp; ret\n"
    "by_iret:   mov %rsp, 24(%rdi); mov %rdi, %rsp; iretq\n"
    "first_target:  mov $1, %eax; ret\n"
    "second_target: mov $2, %eax; ret\n");

static uint64_t area[64 + FRAME] __attribute__((aligned(16)));
static volatile uint64_t *const frame = area + 64;
static struct smp_barrier barrier;
static volatile uint64_t before_tsc, ipi_tsc, target;

static void handler(struct trap_frame *f)
{
	(void)f;
}

static void ipi_handler(struct trap_frame *f)
{
	(void)f;
	ipi_tsc = rdtsc();
	apic_eoi();
}

static void deliver(void *argument)
{
	(void)argument;
	smp_barrier(&barrier, 2);
	asm volatile("sti" : : : "memory");
	before_tsc = by_int((uint64_t *)frame + FRAME);
	asm volatile("cli" : : : "memory");
}

static void come_back(void *argument)
{
	(void)argument;
	frame[0] = (uint64_t)first_target;
	frame[1] = SEL_CODE64;
	frame[2] = RFLAGS_FIXED;
	frame[4] = SEL_DATA;
	smp_barrier(&barrier, 2);
	target = by_iret((uint64_t *)frame);
}

static void test_delivery(uint64_t ticks)
{
	unsigned early = 0, late = 0, interrupted = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t now, looks = 0;
		int64_t delay;

		frame[0] = before_tsc = ipi_tsc = 0;
		smp_run(1, deliver, NULL);
		smp_barrier(&barrier, 2);
		do {
			if (++looks == CHANGE_AT)
				smp_ipi(1, IPI_VECTOR);
			now = rdtsc();
		} while (!frame[0]);
		smp_wait(1);
		delay = (int64_t)(now - before_tsc - ticks);
		early += delay < 0;
		late += delay > LOOK_TICKS + LATE_TICKS;
		interrupted += ipi_tsc < before_tsc + ticks;
		if (!i)
			note("%lu looks, the frame is seen %ld ticks after the end of the stall", looks, delay);
	}
	check(!early, "INT n: no frame is seen before the stall is over (%u of %u)", early, ROUNDS);
	check(!late, "INT n: it is seen at once (%u of %u later)", late, ROUNDS);
	check(!interrupted, "INT n: an interrupt waits (%u of %u do not)", interrupted, ROUNDS);
}

static void test_iret(void)
{
	unsigned first = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		target = 0;
		smp_run(1, come_back, NULL);
		smp_barrier(&barrier, 2);
		for (volatile unsigned looks = 0; looks < CHANGE_AT; looks++)
			;
		frame[0] = (uint64_t)second_target;
		smp_wait(1);
		first += target != 2;
	}
	check(!first, "IRET: the frame is read after the stall (%u of %u before)", first, ROUNDS);
}

void guest_main(void)
{
	struct clock_ratio ratio;

	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("stalls are the simulator's");
	smp_need(2);
	trap_set(VECTOR, handler);
	trap_set(IPI_VECTOR, ipi_handler);
	test_delivery(mul_div(CLOCKS, ratio.numerator, ratio.denominator));
	test_iret();
}
