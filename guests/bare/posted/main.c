/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * posted - posted-interrupt processing.
 *
 * Claim:    an external interrupt with the notification vector that arrives in VMX non-root
 *           operation exits not at all: it is ended in the local APIC, ON is cleared, PIR goes to
 *           VIRR, RVI becomes the highest of the two, and the virtual interrupt is delivered if
 *           RFLAGS.IF lets it; with PIR empty nothing else changes; a halted guest stays halted
 *           unless an interrupt is delivered. Other vectors exit, acknowledged. In root operation
 *           the notification is an ordinary interrupt.
 * Manual:   SDM Vol. 3C, "Posted-interrupt processing".
 * Expected: all claims hold on a CPU with posted interrupts. The VMX-preemption timer ends a guest
 *           that stays halted.
 */
#include "apicv.h"

#define NOTIFICATION    0xf2
#define OTHER           0x90
#define SOFTWARE_BITS   0xabcd000000f20000ul    /* of the descriptor's control word */
#define CONTROLS2       (PROC2_X2APIC_MODE | PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS)
#define LIMIT           20000

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);
static volatile uint64_t interrupted_rip;

void halt_once(void);
extern const char after_halt[];
asm(".text\n"
    "halt_once: hlt\n"
    "after_halt: nop\n"
    "	ret\n");

static void nothing(void)
{
	asm volatile("nop; nop");
}

static void on_virtual(struct trap_frame *f)
{
	interrupted_rip = f->rip;
	arrived.vector[arrived.count++ % ARRIVED_MAX] = (uint8_t)f->vector;
}

static void setup(const void *entry, uint64_t rflags)
{
	apicv_setup(&l1, entry, stack_top, CONTROLS2);
	apicv_posted(NOTIFICATION);
	apicv_time_limit(LIMIT);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	posted.control = SOFTWARE_BITS | 1;
	interrupted_rip = 0;
	arrived_clear();
}

static void post(uint8_t vector)
{
	posted.pir[vector / 64] |= 1ul << vector % 64;
}

static void notify(uint8_t vector)
{
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | vector, 0);
}

static void descriptor_is_clean(const char *name)
{
	check(!(posted.pir[0] | posted.pir[1] | posted.pir[2] | posted.pir[3]),
	      "%s: PIR is cleared", name);
	check_equal(posted.control, SOFTWARE_BITS, "%s: ON is cleared, the other bits are kept",
		    name);
	check(!apic_vector_bit(APIC_ISR, NOTIFICATION) && !apic_vector_bit(APIC_IRR, NOTIFICATION),
	      "%s: the notification is ended in the local APIC", name);
}

static void test_delivered(void)
{
	setup(nothing, RFLAGS_IF);
	apicv_request(0x41);
	vapic_write(APIC_TPR, 0x4f);
	post(0x35);
	post(0x62);
	post(0xe1);
	notify(NOTIFICATION);
	apicv_run_to(&l1, REASON_VMCALL, "IF = 1: no exit");
	check(arrived.count == 1 && arrived.vector[0] == 0xe1, "IF = 1: the highest is delivered");
	check_equal(interrupted_rip, (uint64_t)nothing, "IF = 1: at once");
	check_equal(apicv_rvi(), 0x62, "IF = 1: RVI is the next");
	check_equal(apicv_svi(), 0xe1, "IF = 1: SVI is the one delivered");
	check(vapic_vector_bit(APIC_IRR, 0x35) && vapic_vector_bit(APIC_IRR, 0x41) &&
	      vapic_vector_bit(APIC_IRR, 0x62), "IF = 1: VIRR has what was posted and what it had");
	descriptor_is_clean("IF = 1");
}

static void test_closed(void)
{
	setup(nothing, 0);
	apicv_request(0x71);
	post(0x62);
	notify(NOTIFICATION);
	apicv_run_to(&l1, REASON_VMCALL, "IF = 0: no exit");
	check_equal(arrived.count, 0, "IF = 0: nothing is delivered");
	check_equal(apicv_rvi(), 0x71, "IF = 0: RVI is the maximum of old and new");
	check(vapic_vector_bit(APIC_IRR, 0x62), "IF = 0: VIRR has what was posted");
	descriptor_is_clean("IF = 0");
}

static void test_empty(void)
{
	setup(nothing, RFLAGS_IF);
	notify(NOTIFICATION);
	apicv_run_to(&l1, REASON_VMCALL, "PIR empty: no exit");
	check_equal(arrived.count, 0, "PIR empty: nothing is delivered");
	check_equal(apicv_rvi(), 0, "PIR empty: RVI stays 0");
	check_equal(apicv_svi(), 0, "PIR empty: SVI stays 0");
	descriptor_is_clean("PIR empty");

	/* VIRR has a vector that RVI does not know */
	setup(nothing, 0);
	vapic_write(APIC_IRR + 0x20, 1u << 0x12);
	notify(NOTIFICATION);
	apicv_run_to(&l1, REASON_VMCALL, "PIR empty, VIRR not: no exit");
	check_equal(apicv_rvi(), 0, "PIR empty, VIRR not: RVI is left unmodified");
}

static void test_halted(void)
{
	setup(halt_once, RFLAGS_IF);
	apic_timer_start(NOTIFICATION, 100);
	post(0x62);
	apicv_run_to(&l1, REASON_VMCALL, "HLT, IF = 1: L1 wakes");
	check_equal(interrupted_rip, (uint64_t)after_halt, "HLT, IF = 1: delivered in HLT");
	descriptor_is_clean("HLT, IF = 1");

	setup(halt_once, RFLAGS_IF);
	apic_timer_start(NOTIFICATION, 100);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER, "HLT, PIR empty: L1 stays in HLT");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "HLT, PIR empty: saved as HLT");
	check_equal(l1.exit.rip, (uint64_t)after_halt, "HLT, PIR empty: nothing executed");
	descriptor_is_clean("HLT, PIR empty");

	setup(halt_once, 0);
	apic_timer_start(NOTIFICATION, 100);
	post(0x62);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER, "HLT, IF = 0: L1 stays in HLT");
	check_equal(apicv_rvi(), 0x62, "HLT, IF = 0: RVI is set");
	descriptor_is_clean("HLT, IF = 0");
}

static void test_other_vector(void)
{
	setup(nothing, RFLAGS_IF);
	post(0x62);
	notify(OTHER);
	apicv_run_to(&l1, REASON_EXTERNAL_INTERRUPT, "another vector: it exits");
	check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | OTHER,
		    "another vector: acknowledged and recorded");
	check(apic_vector_bit(APIC_ISR, OTHER), "another vector: in service in the local APIC");
	check(posted.control & 1 && posted.pir[1], "another vector: the descriptor is as before");
	apic_eoi();
}

static void test_root(void)
{
	setup(nothing, RFLAGS_IF);
	post(0x62);
	notify(NOTIFICATION);
	arrived_start(true);
	interrupts_open();
	check(arrived.count == 1 && arrived.vector[0] == NOTIFICATION,
	      "root operation: the notification is an ordinary interrupt");
	check(posted.control & 1 && posted.pir[1], "root operation: the descriptor is as before");
	arrived_stop();
}

void guest_main(void)
{
	const uint8_t vectors[] = { 0x35, 0x41, 0x62, 0x71, 0xe1, 0xff };

	vmx_on();
	apic_enable();
	for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++)
		trap_set(vectors[i], on_virtual);
	test_delivered();
	test_closed();
	test_empty();
	test_halted();
	test_other_vector();
	test_root();
}
