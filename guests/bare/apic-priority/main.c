/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-priority - which pending interrupt the local APIC delivers, and when.
 *
 * Claim:    an interrupt is delivered when its priority class is above that of the PPR, which is
 *           the higher of the classes of TPR and of the interrupt in service; an interrupt of the
 *           class in service waits for the EOI and causes no spurious one; the vector that is also
 *           the spurious vector is put in service and ended like any other; a software-disabled
 *           APIC keeps what is pending and accepts no more.
 * Manual:   SDM Vol. 3A, "Task and processor priorities", "Interrupt acceptance for fixed
 *           interrupts", "Signaling interrupt servicing completion", "Local APIC state after it has
 *           been software disabled".
 * Expected: all claims hold. A spurious interrupt after the TPR was raised is allowed, and noted.
 */
#include "lapic.h"

#define SPURIOUS        0xff

static uint64_t read_cr8(void)
{
	uint64_t value;

	asm volatile("mov %%cr8, %0" : "=r"(value));
	return value;
}

static void write_cr8(uint64_t value)
{
	asm volatile("mov %0, %%cr8" : : "r"(value) : "memory");
}

static void self_ipi(uint8_t vector)
{
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | vector, 0);
}

/* How often a vector arrived. */
static unsigned seen(uint8_t vector)
{
	unsigned n = 0;

	for (unsigned i = 0; i < arrived.count && i < ARRIVED_MAX; i++)
		n += arrived.vector[i] == vector;
	return n;
}

static void test_order(void)
{
	arrived_start(true);
	self_ipi(0x41);
	self_ipi(0x83);
	self_ipi(0x62);
	self_ipi(0x61);
	check(apic_vector_bit(APIC_IRR, 0x41) && apic_vector_bit(APIC_IRR, 0x83),
	      "IF = 0: interrupts are pending in IRR");
	self_ipi(0x41);
	interrupts_open();
	check_equal(arrived.count, 4, "each pending vector is delivered once");
	check(arrived.vector[0] == 0x83 && arrived.vector[1] == 0x62 &&
	      arrived.vector[2] == 0x61 && arrived.vector[3] == 0x41, "the highest vector first");
	arrived_stop();
}

/* In a handler that has not yet written EOI: vector 0x45 in service. */
static void test_in_service(void)
{
	arrived_start(false);
	self_ipi(0x45);
	interrupts_open();
	check_equal(arrived.count, 1, "0x45 is delivered");
	check(apic_vector_bit(APIC_ISR, 0x45), "and in service");
	check_equal(apic_read(APIC_PPR), 0x40, "PPR has its class");

	self_ipi(0x4e);
	interrupts_open();
	check_equal(arrived.count, 1, "a higher vector of the same class waits");
	check_equal(seen(SPURIOUS), 0, "and causes no spurious interrupt");
	check(apic_vector_bit(APIC_IRR, 0x4e), "it is pending");

	self_ipi(0x33);
	interrupts_open();
	check_equal(seen(0x33), 0, "a lower class waits");
	self_ipi(0x51);
	interrupts_open();
	check_equal(seen(0x51), 1, "a higher class is delivered");
	check_equal(apic_read(APIC_PPR), 0x50, "PPR has the higher class");

	apic_eoi();
	check(!apic_vector_bit(APIC_ISR, 0x51) && apic_vector_bit(APIC_ISR, 0x45),
	      "EOI ends the highest in service");
	apic_eoi();
	check(!apic_vector_bit(APIC_ISR, 0x45), "the next EOI ends 0x45");
	interrupts_open();
	check_equal(seen(0x4e), 1, "then the one of its class is delivered");
	check_equal(seen(0x33), 0, "the lower class still waits");
	apic_eoi();
	interrupts_open();
	check_equal(seen(0x33), 1, "until nothing is in service");
	apic_eoi();
	check_equal(apic_read(APIC_PPR), 0, "PPR is 0 again");
	arrived_stop();
}

static void test_task_priority(void)
{
	arrived_start(true);
	apic_write(APIC_TPR, 0x57);
	check_equal(apic_read(APIC_TPR), 0x57, "TPR keeps the subclass");
	check_equal(apic_read(APIC_PPR), 0x57, "PPR is the TPR when nothing is in service");
	check_equal(read_cr8(), 5, "CR8 is its class");
	self_ipi(0x5f);
	interrupts_open();
	check_equal(seen(0x5f), 0, "an interrupt of the TPR's class waits");
	self_ipi(0x60);
	interrupts_open();
	check_equal(seen(0x60), 1, "a higher one does not");
	write_cr8(4);
	check_equal(apic_read(APIC_TPR), 0x40, "MOV to CR8 clears the subclass");
	interrupts_open();
	check_equal(seen(0x5f), 1, "a lower TPR lets it through");

	/* pending, and only then blocked */
	write_cr8(0);
	arrived_clear();
	self_ipi(0x70);
	write_cr8(15);
	interrupts_open();
	check_equal(seen(0x70), 0, "a TPR raised after it became pending blocks it");
	note("spurious interrupts after the TPR was raised: %u", seen(SPURIOUS));
	check(apic_vector_bit(APIC_IRR, 0x70), "it stays pending");
	write_cr8(0);
	interrupts_open();
	check_equal(seen(0x70), 1, "and is delivered once the TPR is lowered");
	arrived_stop();
}

static void test_spurious_number(void)
{
	arrived_start(false);
	self_ipi(SPURIOUS);
	interrupts_open();
	check_equal(seen(SPURIOUS), 1, "an IPI with the number of the spurious vector is delivered");
	check(apic_vector_bit(APIC_ISR, SPURIOUS), "it is in service");
	apic_eoi();
	check(!apic_vector_bit(APIC_ISR, SPURIOUS), "EOI ends it");
	self_ipi(0x40);
	interrupts_open();
	check_equal(seen(0x40), 1, "others are delivered afterwards");
	apic_eoi();
	arrived_stop();
}

static void test_software_disable(void)
{
	uint32_t svr = apic_read(APIC_SVR);

	arrived_start(true);
	self_ipi(0x52);
	apic_write(APIC_LVT_TIMER, 0x40);
	apic_write(APIC_SVR, SPURIOUS);
	check(apic_vector_bit(APIC_IRR, 0x52), "software disable keeps what is pending");
	check(apic_read(APIC_LVT_TIMER) & LVT_MASK_BIT, "it masks the LVT");
	apic_write(APIC_LVT_TIMER, 0x40);
	check(apic_read(APIC_LVT_TIMER) & LVT_MASK_BIT, "the mask cannot be cleared");
	self_ipi(0x62);
	check(!apic_vector_bit(APIC_IRR, 0x62), "a fixed interrupt is not accepted");
	apic_write(APIC_SVR, svr);
	interrupts_open();
	check_equal(seen(0x52), 1, "the pending one is delivered after all");
	check_equal(seen(0x62), 0, "the other never was");
	arrived_stop();
}

void guest_main(void)
{
	apic_enable();
	test_order();
	test_in_service();
	test_task_priority();
	test_spurious_number();
	test_software_disable();
}
