/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * msr-store - the VM-exit MSR-store area gets the values of the MSRs.
 *
 * Claim:    the time-stamp counter that a VM exit stores is the processor's, between the host's RDTSC
 *           before VM entry and after the VM exit, while RDTSC, RDTSCP and RDMSR in the guest follow
 *           TSC offset and multiplier; other MSRs are stored as the guest left them.
 * Manual:   SDM Vol. 3C, "Time-stamp counter offset and multiplier" (24.6.5), "Changes to
 *           instruction behavior" (25.3), "Saving MSRs" (27.4).
 * Expected: all claims hold; those about TSC scaling are skipped if the CPU lacks it.
 */
#include "l1.h"

#define MSR_TSC                 0x10
#define MSR_STAR                0xc0000081
#define PROC2_RDTSCP            (1u << 3)
#define OFFSET                  0x4000000000000000ul
#define TWICE                   (2ul << 48)

struct msr_entry { uint32_t index, reserved; uint64_t value; };

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct msr_entry store[3] __attribute__((aligned(16)));
static volatile uint64_t by_rdtsc, by_rdtscp, by_rdmsr;
static bool has_rdtscp;

static uint64_t rdtscp(void)
{
	uint32_t low, high;

	asm volatile("rdtscp" : "=a"(low), "=d"(high) : : "ecx", "memory");
	return (uint64_t)high << 32 | low;
}

static void l1_main(void)
{
	by_rdtsc = rdtsc();
	by_rdtscp = has_rdtscp ? rdtscp() : by_rdtsc;
	by_rdmsr = rdmsr(MSR_TSC);
	wrmsr(MSR_STAR, 0x1122334455667788);
}

static void setup(struct l1 *l1)
{
	l1_setup(l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	has_rdtscp = vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_RDTSCP);
	if (has_rdtscp)
		vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_RDTSCP);
	store[0] = (struct msr_entry){ MSR_TSC, 0, 0 };
	store[1] = (struct msr_entry){ MSR_STAR, 0, 0 };
	store[2] = (struct msr_entry){ MSR_FS_BASE, 0, 1 };
	vmcs_write(EXIT_MSR_STORE_ADDRESS, (uint64_t)store);
	vmcs_write(EXIT_MSR_STORE_COUNT, 3);
}

/* The guest's counter is multiplier * TSC + offset. */
static void run(struct l1 *l1, const char *name, uint64_t multiplier, uint64_t offset)
{
	uint64_t from, to, low, high;

	wrmsr(MSR_STAR, 0);
	from = rdtsc();
	if (!vmx_run(l1))
		bail("%s: VM entry failed: error %u", name, l1->entry_failure);
	to = rdtsc();
	check_equal(l1->exit.reason, REASON_VMCALL, "%s: L1 runs and exits", name);
	low = multiplier * from + offset;
	high = multiplier * to + offset;
	check(by_rdtsc > low && by_rdtsc < high, "%s: RDTSC in L1", name);
	check(by_rdtscp >= by_rdtsc && by_rdtscp < high, "%s: RDTSCP in L1", name);
	check(by_rdmsr > by_rdtscp && by_rdmsr < high, "%s: RDMSR of the TSC in L1", name);
	if (!check(store[0].value > from && store[0].value < to, "%s: the stored TSC is the host's",
		   name))
		note("0x%lx is not between 0x%lx and 0x%lx", store[0].value, from, to);
	check_equal(store[1].value, 0x1122334455667788, "%s: stored IA32_STAR", name);
	check_equal(store[2].value, 0, "%s: stored FS base", name);
}

static void enable(struct l1 *l1, uint64_t offset)
{
	setup(l1);
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) | PROC_TSC_OFFSETTING);
	vmcs_write(TSC_OFFSET, offset);
}

void guest_main(void)
{
	struct l1 l1;

	vmx_on();
	setup(&l1);
	run(&l1, "no offsetting", 1, 0);
	if (!vmx_allows(MSR_VMX_PROC_CTLS, PROC_TSC_OFFSETTING))
		skip_all("CPU lacks TSC offsetting");
	setup(&l1);
	vmcs_write(TSC_OFFSET, OFFSET);
	run(&l1, "offset without the control", 1, 0);
	enable(&l1, OFFSET);
	run(&l1, "offset", 1, OFFSET);
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_TSC_SCALING)) {
		skip("no TSC scaling", "multiplier");
		return;
	}
	enable(&l1, OFFSET);
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_TSC_SCALING);
	vmcs_write(TSC_MULTIPLIER, TWICE);
	run(&l1, "offset and multiplier", 2, OFFSET);
	setup(&l1);
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_TSC_SCALING);
	run(&l1, "multiplier without offsetting", 1, 0);
	vmcs_write(TSC_MULTIPLIER, 0);
	check(!vmx_run(&l1) && l1.entry_failure == VMERR_ENTRY_CONTROLS,
	      "multiplier 0: VM entry fails with error 7");
}
