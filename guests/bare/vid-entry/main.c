/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vid-entry - VM entry virtualizes the PPR and evaluates virtual interrupts before it injects.
 *
 * Claim:    VPPR is computed from VTPR and SVI by every VM entry, and a virtual interrupt is
 *           recognized by it, also when the entry injects an event, and when the delivery of that
 *           event raises an exception; the injected event comes first.
 * Manual:   SDM Vol. 3C, "Updating non-register state" (VM entries), "PPR virtualization".
 * Expected: all claims hold on a CPU with virtual-interrupt delivery.
 */
#include "apicv.h"

#define CONTROLS2       (PROC2_X2APIC_MODE | PROC2_VIRTUAL_INTERRUPTS)
#define INJECTED        0x30
#define GATE_PRESENT    0x80

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);

static void only_open(void)
{
	interrupts_open();
}

static void log_event(struct trap_frame *f)
{
	arrived.vector[arrived.count++ % ARRIVED_MAX] = (uint8_t)f->vector;
	if (f->vector == VECTOR_NP)
		f->rip = (uint64_t)only_open;
}

static void test_ppr(void)
{
	const struct { uint8_t tpr, svi, ppr; } cases[] = {
		{ 0x00, 0x00, 0x00 }, { 0x35, 0x00, 0x35 }, { 0x35, 0x41, 0x40 },
		{ 0x41, 0x35, 0x41 }, { 0x00, 0xff, 0xf0 },
	};
	struct tally t = { .what = "VPPR is VTPR or the class of SVI" };

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		apicv_setup(&l1, only_open, stack_top, CONTROLS2);
		vapic_write(APIC_TPR, cases[i].tpr);
		vapic_write(APIC_PPR, 0xaa);
		apicv_status(0, cases[i].svi);
		apicv_run_to(&l1, REASON_VMCALL, "VM entry");
		tally_equal(&t, vapic_read(APIC_PPR), cases[i].ppr);
	}
	tally_check(&t, "VM entry");
}

static void test_injection(void)
{
	apicv_setup(&l1, only_open, stack_top, CONTROLS2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	arrived_clear();
	apicv_request(0x52);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | INJECTED);
	apicv_run_to(&l1, REASON_VMCALL, "injection: L1 runs on");
	check_equal(arrived.count, 2, "injection: both events are delivered");
	check(arrived.vector[0] == INJECTED && arrived.vector[1] == 0x52,
	      "injection: the injected one first");
}

static void test_faulting_injection(void)
{
	uint8_t *type = (uint8_t *)desc_idt_base() + INJECTED * 16 + 5;

	apicv_setup(&l1, only_open, stack_top, CONTROLS2);
	arrived_clear();
	apicv_request(0x52);
	vapic_write(APIC_PPR, 0xaa);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | INJECTED);
	*type &= (uint8_t)~GATE_PRESENT;
	apicv_run_to(&l1, REASON_VMCALL, "injection that faults: L1 runs on");
	*type |= GATE_PRESENT;
	check(arrived.vector[0] == VECTOR_NP, "injection that faults: #NP is delivered");
	check(arrived.count == 2 && arrived.vector[1] == 0x52,
	      "injection that faults: then the virtual interrupt");
	check_equal(apicv_svi(), 0x52, "injection that faults: SVI");
	check_equal(vapic_read(APIC_PPR), 0x50, "injection that faults: VPPR");
}

void guest_main(void)
{
	vmx_on();
	trap_set(INJECTED, log_event);
	trap_set(0x52, log_event);
	trap_set(VECTOR_NP, log_event);
	test_ppr();
	test_injection();
	test_faulting_injection();
}
