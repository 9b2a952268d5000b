/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-smp-gate - another CPU ends the endless #AC by a write to the IDT.
 *
 * Claim:    while an L1 on CPU 1 is in the loop, CPU 0 changes its gate for #AC to one of ring 0. The next delivery
 *           completes: the handler runs within the time of a few deliveries, and there is no timeout. Without the write,
 *           or with one that comes after the deadline, the loop is left by a timeout.
 * Manual:   SDM Vol. 3A, "Interrupt descriptor table (IDT)": the entry is read by the delivery; A. Cooper on xen-devel,
 *           2022. That hardware reads it again in every delivery is not specified (P18 of nwsim).
 * Expected: all claims hold. cached=1: the processor keeps the first one's gate, and the loop is always left by a timeout.
 */
#include "loop32.h"
#include "smp.h"

#define AFTER_TICKS     100000          /* of the write, after the VM entry; the window is longer */
#define SOON            3000            /* ticks: a few deliveries */

static uint8_t vmxon[4096] __attribute__((aligned(4096))), vmcs[4096] __attribute__((aligned(4096)));
static struct l1 l1;
static volatile bool entering;
static const char *missing;

static void begin(void *argument)
{
	(void)argument;
	missing = vmx_missing();
	if (!missing)
		vmx_on_region(vmxon);
}

static void run_loop(void *argument)
{
	(void)argument;
	loop32_setup_in(vmcs, &l1, LOOP32_AC);
	loop32_restart(&l1);
	loop32_gate(VECTOR_AC, GATE_RING3);
	timeout_enable(0);
	entering = true;
	if (!vmx_run(&l1))
		l1.exit.reason = ~0u;
}

/* Returns the time of the write. */
static uint64_t run(bool write)
{
	uint64_t begin, written;

	entering = false;
	smp_run(1, run_loop, NULL);
	while (!entering)
		pause_cpu();
	for (begin = rdtsc(); rdtsc() - begin < AFTER_TICKS; )
		pause_cpu();
	if (!write)
		smp_wait(1);
	written = rdtsc();
	loop32_gate(VECTOR_AC, GATE_RING0);
	smp_wait(1);
	return written;
}

void guest_main(void)
{
	uint64_t written;
	bool cached = param_number("cached", 0);

	smp_need(2);
	vmx_on();
	timeout_need();
	smp_run(1, begin, NULL);
	smp_wait(1);
	if (missing)
		skip_all("CPU 1: %s", missing);

	run(false);
	check_equal(l1.exit.reason, REASON_INSTRUCTION_TIMEOUT, "without the write a timeout exits");
	written = run(true);
	if (cached) {
		check_equal(l1.exit.reason, REASON_INSTRUCTION_TIMEOUT, "the write comes too late: a timeout exits");
		check(l1.tsc_exit - written > SOON, "long after it (%lu ticks)", l1.tsc_exit - written);
		return;
	}
	check_equal(l1.exit.reason, REASON_VMCALL, "with the write there is no timeout");
	check_equal(l1.gpr[RAX], LOOP32_VECTOR(VECTOR_AC), "the handler runs");
	check(l1.tsc_exit > written && l1.tsc_exit - written < SOON, "at once (%ld ticks)",
	      (int64_t)(l1.tsc_exit - written));
}
