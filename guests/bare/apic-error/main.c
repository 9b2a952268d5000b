/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-error - the error status register and the APIC error interrupt.
 *
 * Claim:    an illegal vector in a fixed IPI sets "send illegal vector", one in the LVT "receive
 *           illegal vector", neither enters the IRR; an access to a reserved register sets "illegal
 *           register address"; each sends the interrupt of the LVT error register unless that is
 *           masked; an IPI to nobody is no error; ESR is loaded by a write.
 * Manual:   SDM Vol. 3A, "Error handling" (local APIC).
 * Expected: all claims hold on a processor newer than the P6 family, in xAPIC mode.
 */
#include "lapic.h"

#define ERROR_VECTOR    0xe1
#define RESERVED_REG    0x040
#define REMOTE_READ     0x0c0
#define NOBODY          0xe0            /* an APIC ID that no processor has */

static void clear_errors(void)
{
	interrupts_open();
	apic_write(APIC_ESR, 0);
	apic_write(APIC_ESR, 0);
	arrived_clear();
}

static unsigned error_interrupts(void)
{
	interrupts_open();
	for (unsigned i = 0; i < arrived.count; i++)
		if (arrived.vector[i] != ERROR_VECTOR)
			return ~0u;
	return arrived.count;
}

static void test_send(void)
{
	uint32_t errors;

	clear_errors();
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | 0x05, 0);
	check_equal(error_interrupts(), 1, "IPI with vector 5: an APIC error interrupt");
	errors = apic_errors();
	check(errors & ESR_SEND_ILLEGAL_VECTOR, "IPI with vector 5: send illegal vector");
	note("IPI with vector 5 to itself: ESR 0x%02x", errors);
	check(!apic_vector_bit(APIC_IRR, 5), "IPI with vector 5: not in IRR");

	apic_write(APIC_LVT_ERROR, LVT_MASK_BIT | ERROR_VECTOR);
	clear_errors();
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_SELF | 0x0f, 0);
	check_equal(error_interrupts(), 0, "LVT error masked: no interrupt");
	check(apic_errors() & ESR_SEND_ILLEGAL_VECTOR, "LVT error masked: the error is logged");
	check_equal(apic_errors(), 0, "a second write of ESR finds no new error");
	apic_write(APIC_LVT_ERROR, ERROR_VECTOR);
}

static void test_local(void)
{
	clear_errors();
	apic_write(APIC_TIMER_DIVIDE, 0x0b);
	apic_write(APIC_LVT_TIMER, 0x0c);
	apic_write(APIC_TIMER_INITIAL, 100);
	while (apic_timer_current())
		;
	check_equal(error_interrupts(), 1, "LVT timer with vector 12: an APIC error interrupt");
	check_equal(apic_errors(), ESR_RECEIVE_ILLEGAL_VECTOR,
		    "LVT timer with vector 12: receive illegal vector");
	apic_write(APIC_LVT_TIMER, LVT_MASK_BIT);
}

static void test_address(void)
{
	clear_errors();
	apic_read(RESERVED_REG);
	check_equal(error_interrupts(), 1, "read of a reserved register: an APIC error interrupt");
	check_equal(apic_errors(), ESR_ILLEGAL_REGISTER, "and illegal register address");
	clear_errors();
	apic_read(REMOTE_READ);
	apic_read(APIC_PPR);
	check_equal(apic_errors(), 0, "registers of the table are none");
}

static void test_nobody(void)
{
	clear_errors();
	apic_ipi(ICR_FIXED | ICR_ASSERT | 0x70, NOBODY);
	check_equal(apic_errors(), 0, "an IPI that nobody accepts is no error");
	check_equal(error_interrupts(), 0, "and interrupts nobody");
}

void guest_main(void)
{
	apic_enable();
	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD)
		skip_all("the firmware left the local APIC in x2APIC mode");
	arrived_start(true);
	apic_write(APIC_LVT_ERROR, ERROR_VECTOR);
	test_send();
	test_local();
	test_address();
	test_nobody();
}
