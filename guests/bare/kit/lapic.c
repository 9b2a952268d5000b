/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lapic.c - local APIC: modes, interprocessor interrupts, log of what arrived. */
#include "lapic.h"

#define CPUID_1_ECX_X2APIC      (1u << 21)
#define ICR_SEND_PENDING        (1u << 12)
#define FIRST_VECTOR            0x20
#define LAST_VECTOR             0xff

volatile struct arrived arrived;

static bool send_eoi;

bool x2apic_available(void)
{
	return cpuid(1, 0).ecx & CPUID_1_ECX_X2APIC;
}

void x2apic_enable(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_EXTD);
	apic_enable();
}

void x2apic_leave(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) & ~(APIC_BASE_EN | APIC_BASE_EXTD);

	wrmsr(MSR_APIC_BASE, base);
	wrmsr(MSR_APIC_BASE, base | APIC_BASE_EN);
	apic_enable();
}

static volatile bool read_faulted;

static void skip_rdmsr(struct trap_frame *f)
{
	read_faulted = true;
	f->rip += 2;
}

bool x2apic_read_try(unsigned reg, uint64_t *value)
{
	read_faulted = false;
	trap_set(VECTOR_GP, skip_rdmsr);
	*value = rdmsr(MSR_X2APIC(reg));
	trap_set(VECTOR_GP, NULL);
	return !read_faulted;
}

static bool x2apic_mode(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD;
}

uint32_t apic_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic_mode() ? id : id >> 24;
}

bool apic_vector_bit(unsigned base, uint8_t vector)
{
	return apic_read(base + vector / 32 * 0x10) >> (vector % 32) & 1;
}

void apic_ipi(uint32_t low, uint32_t destination)
{
	if (x2apic_mode()) {
		wrmsr(MSR_X2APIC(APIC_ICR), (uint64_t)destination << 32 | low);
		return;
	}
	apic_write(APIC_ICR_HIGH, destination << 24);
	apic_write(APIC_ICR, low);
	while (apic_read(APIC_ICR) & ICR_SEND_PENDING)
		;
}

uint32_t apic_errors(void)
{
	apic_write(APIC_ESR, 0);
	return apic_read(APIC_ESR);
}

static void on_interrupt(struct trap_frame *f)
{
	if (arrived.count < ARRIVED_MAX)
		arrived.vector[arrived.count] = (uint8_t)f->vector;
	arrived.count++;
	if (send_eoi)
		apic_eoi();
}

void arrived_start(bool eoi)
{
	send_eoi = eoi;
	arrived_clear();
	for (unsigned v = FIRST_VECTOR; v <= LAST_VECTOR; v++)
		trap_set((uint8_t)v, on_interrupt);
}

void arrived_clear(void)
{
	arrived.count = 0;
	for (unsigned i = 0; i < ARRIVED_MAX; i++)
		arrived.vector[i] = 0;
}

void arrived_stop(void)
{
	for (unsigned v = FIRST_VECTOR; v <= LAST_VECTOR; v++)
		trap_set((uint8_t)v, NULL);
}

void interrupts_open(void)
{
	asm volatile("sti; nop; nop; nop; nop; nop; nop; nop; nop; cli" : : : "memory");
}
