/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vid-delivery - when a virtual interrupt is delivered and what that does to the virtual APIC.
 *
 * Claim:    a recognized virtual interrupt is delivered when RFLAGS.IF is 1, nothing blocks it by
 *           STI or MOV SS and interrupt-window exiting is 0, before external interrupts; a physical
 *           interrupt with IF = 0 causes its VM exit and nothing else; VIRR, VISR, RVI, SVI and
 *           VPPR follow; EOI virtualization takes the next one or exits; a VM exit during the
 *           delivery records it as an external interrupt.
 * Manual:   SDM Vol. 3C, "Evaluation of pending virtual interrupts", "Virtual-interrupt delivery",
 *           "EOI virtualization", "PPR virtualization", "Information for VM exits during event
 *           delivery".
 * Expected: all claims hold on a CPU with virtual-interrupt delivery.
 */
#include "apicv.h"

#define PHYSICAL        0x90            /* of L0's own APIC */
#define CONTROLS2       (PROC2_X2APIC_MODE | PROC2_VIRTUAL_INTERRUPTS)

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t unmapped[4096] __attribute__((aligned(4096)));
static void *const stack_top = stack + sizeof(stack);
static volatile uint64_t interrupted_rip;

void two_nops(void);
extern const char second_nop[];
asm(".text\n"
    "two_nops: nop\n"
    "second_nop: nop\n"
    "	ret\n");

static void virtual_eoi(void)
{
	wrmsr(MSR_X2APIC(APIC_EOI), 0);
}

/* L1 with IF = 0, then 1. */
static void closed_then_open(void)
{
	asm volatile("nop; nop; nop");
	l1_call(1);
	interrupts_open();
	l1_call(2);
}

static void eoi_then_open(void)
{
	virtual_eoi();
	interrupts_open();
}

static void only_open(void)
{
	interrupts_open();
}

static void run_to_call(uint64_t code, const char *what)
{
	if (!apicv_run_to(&l1, REASON_VMCALL, what))
		bail("L1 is not where it should be");
	if (l1.gpr[RAX] != code)
		bail("unexpected VMCALL 0x%lx", l1.gpr[RAX]);
	l1_skip_instruction(&l1, 3);
}

static void test_flag(void)
{
	apicv_setup(&l1, closed_then_open, stack_top, CONTROLS2);
	arrived_clear();
	apicv_request(0x35);
	apicv_request(0x52);
	run_to_call(1, "IF = 0: L1 runs on");
	check_equal(arrived.count, 0, "IF = 0: no virtual interrupt is delivered");
	check_equal(apicv_rvi(), 0x52, "IF = 0: RVI stays");
	check(vapic_vector_bit(APIC_IRR, 0x52), "IF = 0: VIRR stays");

	run_to_call(2, "IF = 1: L1 runs on");
	check(arrived.count == 1 && arrived.vector[0] == 0x52, "IF = 1: the highest is delivered");
	check_equal(apicv_svi(), 0x52, "delivery: SVI is its vector");
	check_equal(apicv_rvi(), 0x35, "delivery: RVI is the next in VIRR");
	check(vapic_vector_bit(APIC_ISR, 0x52), "delivery: VISR is set");
	check(!vapic_vector_bit(APIC_IRR, 0x52), "delivery: VIRR is cleared");
	check_equal(vapic_read(APIC_PPR), 0x50, "delivery: VPPR is its class");

	apicv_restart(eoi_then_open, stack_top, 0);
	run_to_call(L1_RETURNED, "EOI: L1 runs on");
	check(arrived.count == 1 && arrived.vector[0] == 0x35, "EOI: the next one is delivered");
	check_equal(apicv_svi(), 0x35, "EOI: SVI is its vector");
	check_equal(apicv_rvi(), 0, "EOI: RVI is 0 when VIRR is empty");
	check(!vapic_vector_bit(APIC_ISR, 0x52), "EOI: VISR of the other is cleared");
	check_equal(vapic_read(APIC_PPR), 0x30, "EOI: VPPR is the class in service");
}

static void test_priority(void)
{
	apicv_setup(&l1, only_open, stack_top, CONTROLS2);
	arrived_clear();
	apicv_request(0x55);
	apicv_status(0x55, 0x51);
	vapic_write(APIC_ISR + 0x20, 1u << 0x11);
	run_to_call(L1_RETURNED, "class in service: L1 runs on");
	check_equal(arrived.count, 0, "class in service: not delivered");
	check_equal(vapic_read(APIC_PPR), 0x50, "class in service: VPPR was computed by VM entry");

	apicv_status(0x55, 0);
	vapic_write(APIC_TPR, 0x53);
	apicv_restart(only_open, stack_top, 0);
	run_to_call(L1_RETURNED, "class of VTPR: L1 runs on");
	check_equal(arrived.count, 0, "class of VTPR: not delivered");
	check_equal(vapic_read(APIC_PPR), 0x53, "class of VTPR: VPPR is VTPR");

	vapic_write(APIC_TPR, 0x4f);
	apicv_restart(only_open, stack_top, 0);
	run_to_call(L1_RETURNED, "VTPR below: L1 runs on");
	check_equal(arrived.count, 1, "VTPR below: delivered");
}

static void pend_physical(void)
{
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | PHYSICAL, 0);
}

static void take_physical(const char *what)
{
	arrived_start(false);
	interrupts_open();
	check(arrived.count == 1 && arrived.vector[0] == PHYSICAL, "%s", what);
	apic_eoi();
}

static void test_physical(void)
{
	apicv_setup(&l1, closed_then_open, stack_top, CONTROLS2);
	arrived_clear();
	apicv_request(0x52);
	pend_physical();
	apicv_run_to(&l1, REASON_EXTERNAL_INTERRUPT, "IF = 0, physical interrupt: it exits");
	check_equal(arrived.count, 0, "IF = 0, physical interrupt: no virtual one is delivered");
	check_equal(l1.exit.rip, (uint64_t)closed_then_open, "IF = 0: nothing was executed");
	check(apicv_rvi() == 0x52 && apicv_svi() == 0, "IF = 0: RVI and SVI stay");
	check_equal(l1.exit.interruption_info, 0, "not acknowledged: no vector is recorded");
	take_physical("L0 gets the physical interrupt");

	apicv_setup(&l1, only_open, stack_top, CONTROLS2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	apicv_request(0x52);
	pend_physical();
	apicv_run_to(&l1, REASON_EXTERNAL_INTERRUPT, "IF = 1, physical interrupt: it exits");
	check_equal(apicv_svi(), 0x52, "IF = 1: the virtual interrupt was delivered before");
	check_equal(l1.exit.rflags & RFLAGS_IF, 0, "IF = 1: its gate has cleared IF");
	take_physical("L0 gets the physical interrupt");
}

static void on_virtual(struct trap_frame *f)
{
	interrupted_rip = f->rip;
}

static void test_blocking(void)
{
	const uint32_t blocking[] = { INTERRUPTIBILITY_STI, INTERRUPTIBILITY_MOV_SS };

	trap_set(0x52, on_virtual);
	for (unsigned i = 0; i < ARRAY_SIZE(blocking); i++) {
		const char *name = i ? "MOV SS" : "STI";

		apicv_setup(&l1, two_nops, stack_top, CONTROLS2);
		vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
		vmcs_write(GUEST_INTERRUPTIBILITY, blocking[i]);
		interrupted_rip = 0;
		apicv_request(0x52);
		run_to_call(L1_RETURNED, "blocking: L1 runs on");
		check_equal(interrupted_rip, (uint64_t)second_nop,
			    "blocking by %s: delivered one instruction later", name);
	}
	apicv_setup(&l1, two_nops, stack_top, CONTROLS2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	interrupted_rip = 0;
	apicv_request(0x52);
	run_to_call(L1_RETURNED, "no blocking: L1 runs on");
	check_equal(interrupted_rip, (uint64_t)two_nops, "no blocking: delivered at once");
	arrived_start(false);
}

static void test_window(void)
{
	apicv_setup(&l1, only_open, stack_top, CONTROLS2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	apicv_primary(PROC_INTERRUPT_WINDOW, 0);
	arrived_clear();
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_INTERRUPT_WINDOW, "interrupt-window exiting: that exit");
	check_equal(arrived.count, 0, "interrupt-window exiting: nothing delivered");
	check_equal(apicv_rvi(), 0x52, "interrupt-window exiting: RVI stays");
	apicv_primary(0, PROC_INTERRUPT_WINDOW);
	run_to_call(L1_RETURNED, "without it: L1 runs on");
	check_equal(arrived.count, 1, "without it: delivered");
}

static void test_eoi_exit(void)
{
	apicv_setup(&l1, eoi_then_open, stack_top, CONTROLS2);
	arrived_clear();
	apicv_status(0, 0x61);
	vapic_write(APIC_ISR + 0x30, 1u << 1);
	apicv_request(0x40);
	apicv_eoi_exit(0x61, true);
	apicv_run_to(&l1, REASON_VIRTUALIZED_EOI, "EOI-exit bitmap: virtualized-EOI exit");
	check_equal(l1.exit.qualification, 0x61, "its qualification is the vector");
	check_equal(apicv_svi(), 0, "the EOI was done: SVI");
	check(!vapic_vector_bit(APIC_ISR, 0x61), "the EOI was done: VISR");
	check_equal(vapic_read(APIC_PPR), 0, "the EOI was done: VPPR");
	check_equal(arrived.count, 0, "nothing was delivered before");
	run_to_call(L1_RETURNED, "RIP is past the EOI: L1 runs on");
	check(arrived.count == 1 && arrived.vector[0] == 0x40, "and VM entry finds the next one");
}

/* The frame of the delivery goes to a page that EPT does not map. */
static void test_vectoring(void)
{
	uint64_t *entry;

	apicv_setup(&l1, two_nops, unmapped + sizeof(unmapped), CONTROLS2);
	entry = page_entry(vmcs_read(EPT_POINTER), (uint64_t)unmapped);
	*entry &= ~7ul;
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	arrived_clear();
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_EPT_VIOLATION, "delivery to an unmapped stack: EPT violation");
	check_equal(l1.exit.idt_vectoring_info, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | 0x52,
		    "IDT-vectoring information: external interrupt with its vector");
	check_equal(l1.exit.rip, (uint64_t)two_nops, "RIP is where it was to be delivered");
	check_equal(apicv_svi(), 0x52, "SVI has it in service");
	*entry |= 7;
	apicv_setup(&l1, two_nops, stack_top, CONTROLS2);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	apicv_status(0, 0x52);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | 0x52);
	run_to_call(L1_RETURNED, "injected again: L1 runs on");
	check(arrived.count == 1 && arrived.vector[0] == 0x52, "injected again: delivered once");
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	arrived_start(false);
	test_flag();
	test_priority();
	test_physical();
	test_blocking();
	test_window();
	test_eoi_exit();
	test_vectoring();
}
