/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp.c - starts the CPUs of the MADT and hands them jobs. SDM Vol. 3A, "Multiple-processor (MP)
 * initialization", "Issuing interprocessor interrupts".
 */
#include "smp.h"

#define TRAMPOLINE              0x8000ul        /* a page below 1 MiB that nothing else uses */
#define STACK_SIZE              16384
#define ICR_INIT                0x00004500u     /* assert */
#define ICR_STARTUP             0x00004600u
#define ICR_FIXED               0x00004000u
#define ICR_PENDING             (1u << 12)
#define APIC_ICR_LOW            0x300
#define APIC_ICR_HIGH           0x310
#define X2APIC_ICR              0x830
#define APIC_ID                 0x020
#define INIT_DELAY_US           200             /* 10 ms are for CPUs before the Pentium Pro */
#define STARTUP_DELAY_US        200
#define ARRIVAL_US              100000

extern const char smp_trampoline[], smp_trampoline_end[];
/* Read by the trampoline. */
extern char *volatile smp_boot_stack;
void smp_entry(void) NORETURN;

static struct cpu {
	uint32_t apic_id;
	volatile bool running;
	smp_job *volatile job;
	void *volatile argument;
} cpus[SMP_MAX];
static unsigned n_cpus;
static volatile unsigned starting;      /* the CPU that comes up */
static char stacks[SMP_MAX][STACK_SIZE] __attribute__((aligned(16)));

static bool x2apic(void)
{
	return rdmsr(MSR_APIC_BASE) & (1ul << 10);
}

static void send(uint32_t apic_id, uint32_t low)
{
	if (x2apic()) {
		wrmsr(X2APIC_ICR, (uint64_t)apic_id << 32 | low);
		return;
	}
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR_LOW, low);
	while (apic_read(APIC_ICR_LOW) & ICR_PENDING)
		pause_cpu();
}

/* The PIT counts on every PC, whatever CPUID says about the TSC. */
static void delay_us(uint32_t us)
{
	uint32_t left = us * 12 / 10 + 1;
	uint16_t last = pit2_read(), now;

	while (left) {
		uint16_t passed;

		now = pit2_read();
		passed = (uint16_t)(last - now);
		left = passed < left ? left - passed : 0;
		last = now;
	}
}

/* The interrupt only ends HLT. */
static void wake(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

void smp_entry(void)
{
	struct __attribute__((packed)) { uint16_t limit; uint64_t base; }
		gdtr = { desc_gdt_limit(), desc_gdt_base() },
		idtr = { desc_idt_limit(), desc_idt_base() };
	struct cpu *cpu = &cpus[starting];

	asm volatile("lgdt %0; lidt %1" : : "m"(gdtr), "m"(idtr));
	apic_enable();
	cpu->running = true;
	for (;;) {
		asm volatile("cli" : : : "memory");
		if (!cpu->job) {
			asm volatile("sti; hlt" : : : "memory");
			continue;
		}
		cpu->job(cpu->argument);
		cpu->job = NULL;
	}
}

static void start(unsigned n)
{
	uint32_t waited = 0;

	starting = n;
	smp_boot_stack = stacks[n] + STACK_SIZE;
	send(cpus[n].apic_id, ICR_INIT);
	delay_us(INIT_DELAY_US);
	for (unsigned i = 0; i < 2 && !cpus[n].running; i++) {
		send(cpus[n].apic_id, ICR_STARTUP | TRAMPOLINE >> 12);
		delay_us(STARTUP_DELAY_US);
	}
	while (!cpus[n].running && waited < ARRIVAL_US) {
		delay_us(STARTUP_DELAY_US);
		waited += STARTUP_DELAY_US;
	}
	if (!cpus[n].running)
		bail("the CPU with APIC ID %u does not start", cpus[n].apic_id);
}

unsigned smp_start(void)
{
	uint32_t id[SMP_MAX], own;
	unsigned n;

	apic_enable();
	if (n_cpus)
		return n_cpus;
	own = x2apic() ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
	n = madt_cpus(id, SMP_MAX);
	cpus[0].apic_id = own;
	n_cpus = 1;
	for (unsigned i = 0; i < n; i++)
		if (id[i] != own && n_cpus < SMP_MAX)
			cpus[n_cpus++].apic_id = id[i];
	trap_set(SMP_VECTOR, wake);
	memcpy((void *)TRAMPOLINE, smp_trampoline, (size_t)(smp_trampoline_end - smp_trampoline));
	pit2_start();
	for (unsigned i = 1; i < n_cpus; i++)
		start(i);
	return n_cpus;
}

unsigned smp_need(unsigned needed)
{
	unsigned n = smp_start();

	if (n < needed)
		skip_all("%u CPUs are needed, the machine has %u", needed, n);
	return n;
}

uint32_t smp_apic_id(unsigned cpu)
{
	return cpus[cpu].apic_id;
}

void smp_send(unsigned cpu, uint32_t mode_and_vector)
{
	send(cpus[cpu].apic_id, mode_and_vector);
}

void smp_ipi(unsigned cpu, uint8_t vector)
{
	smp_send(cpu, ICR_FIXED | vector);
}

void smp_nmi(unsigned cpu)
{
	smp_send(cpu, APIC_ICR_NMI);
}

void smp_run(unsigned cpu, smp_job *job, void *argument)
{
	if (!cpu || cpu >= n_cpus || cpus[cpu].job)
		bail("smp_run: CPU %u cannot take a job", cpu);
	cpus[cpu].argument = argument;
	cpus[cpu].job = job;
	smp_ipi(cpu, SMP_VECTOR);
}

static void work_on(void *argument)
{
	(void)argument;
	for (volatile unsigned n = 0;; n++)
		;
}

void smp_keep_busy(void)
{
	if (!param_number("busy", 0))
		return;
	smp_need(2);
	smp_run(1, work_on, NULL);
}

void smp_wait(unsigned cpu)
{
	while (cpus[cpu].job)
		pause_cpu();
}

void smp_barrier(struct smp_barrier *b, unsigned n)
{
	uint32_t round = b->round;

	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_SEQ_CST) == n) {
		b->arrived = 0;
		__atomic_store_n(&b->round, round + 1, __ATOMIC_SEQ_CST);
		return;
	}
	while (b->round == round)
		pause_cpu();
}
