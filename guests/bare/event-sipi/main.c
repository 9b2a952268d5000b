/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-sipi - a start-up IPI for an L1 in the wait-for-SIPI state.
 *
 * Claim:    the SIPI that another CPU sends to a CPU whose L1 waits for it causes a VM exit with the
 *           vector as exit qualification and the activity state wait-for-SIPI; the sender goes on
 *           with its next instruction; a SIPI for an active L1 is discarded.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits", "VM exits and activity states", "Basic VM-exit
 *           information".
 * Expected: all claims hold on any machine with two CPUs whose IA32_VMX_MISC announces the state.
 */
#include "l1.h"
#include "smp.h"

#define VECTOR          0x9au
#define ICR_SIPI        0x4600u         /* start-up, assert */
#define MISC_WAIT       (1ul << 8)
#define DELAY           200000

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static volatile bool entered, leave, finished;
static volatile unsigned steps;
static bool vm_entry[2];
static struct l1_exit exits[2];

static void idle(void)
{
	entered = true;
	while (!leave)
		pause_cpu();
}

static void run(void *argument)
{
	(void)argument;
	vmx_on();
	l1_setup(&l1, L1_LONG64, idle, stack + sizeof(stack), 0);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_WAIT_FOR_SIPI);
	vm_entry[0] = vmx_run(&l1);
	exits[0] = l1.exit;
	l1_restart(idle, stack + sizeof(stack));
	vm_entry[1] = vmx_run(&l1);
	exits[1] = l1.exit;
	finished = true;
}

static void send_sipi(void)
{
	uint32_t id = smp_apic_id(1);

	if (rdmsr(MSR_APIC_BASE) & 1ul << 10) {
		wrmsr(0x830, (uint64_t)id << 32 | ICR_SIPI | VECTOR);
		steps++;
		return;
	}
	apic_write(0x310, id << 24);
	apic_write(0x300, ICR_SIPI | VECTOR);
	steps++;
}

static void wait(void)
{
	for (uint64_t end = rdtsc() + DELAY; rdtsc() < end;)
		pause_cpu();
}

void guest_main(void)
{
	const char *missing = vmx_missing();

	if (missing)
		skip_all("%s", missing);
	if (!(rdmsr(MSR_VMX_MISC) & MISC_WAIT))
		skip_all("CPU does not announce the wait-for-SIPI state");
	smp_need(2);
	smp_run(1, run, NULL);
	wait();
	send_sipi();
	for (unsigned i = 0; i < 100 && !entered; i++)
		wait();
	send_sipi();
	wait();
	leave = true;
	for (unsigned i = 0; i < 100 && !finished; i++)
		wait();
	check(finished, "the other CPU comes back from L1");
	check_equal(steps, 2, "the sender has executed what follows");
	check(vm_entry[0], "VM entry to wait-for-SIPI");
	check_equal(exits[0].reason, REASON_SIPI, "the SIPI exits");
	check_equal(exits[0].qualification, VECTOR, "its vector is the exit qualification");
	check_equal(exits[0].activity, ACTIVITY_WAIT_FOR_SIPI, "activity state wait-for-SIPI is saved");
	check_equal(exits[0].interruptibility, 0, "nothing is blocked");
	check_equal(exits[1].reason, REASON_VMCALL, "a SIPI for an active L1 is discarded");
}
