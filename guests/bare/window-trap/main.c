/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-trap - what other processors send to one that delivers debug traps without end (P13).
 *
 * Claim:    a 64-bit L1 whose #DB handler's stack (IST) has a data breakpoint delivers one debug trap after the other. While it
 *           does, CPU 1 sends an NMI, an SMI, an INIT or an interrupt. priority=timeout: each stays pending, L1 leaves by an
 *           instruction timeout at the same tick as undisturbed, with #DB as IDT-vectoring information; then L0 takes
 *           the SMI, the NMI and the interrupt in this order, and INIT exits from the next VM entry. priority=table:
 *           INIT ends the loop, the SMI is taken in it; NMI and interrupt, which are below debug traps, wait as before.
 *           With either an MTF exit comes behind an injected #DB, and not during the delivery of a nested #AC.
 * Manual:   SDM Vol. 3A, "Priority among concurrent events"; XSA-156: neither NMI nor SMI nor interrupts end the loop on
 *           processors. The order of the timeout is not published.
 * Expected: all claims hold; table=1 says that the table of priorities holds. On silicon it is the claims that tell.
 */
#include "smm.h"
#include "smp.h"
#include "lapic.h"
#include "loop32.h"

#define VECTOR          0x59
#define ICR_SMI         0x4200u
#define ICR_INIT        0x4500u
#define DB_INFO         (INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB)
#define IST_OFFSET      0x24            /* of IST1 in a 64-bit TSS */
#define TR_INDEX        7               /* of the guest segment fields */
#define DR7_WRITE_8     (0x400ul | 1 | 1ul << 16 | 2ul << 18)

void code(void);
extern const char code_next[];
asm(".text\n"
    "code: mov %rax, (%rbx)\n"
    "code_next: nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t trap_stack[4096] __attribute__((aligned(16)));
static uint8_t tss[0x68] __attribute__((aligned(128)));
static uint8_t idt[4096] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t alone_ticks, limit_ticks;
static bool table;
static volatile unsigned nmis, interrupts, smis_at_nmi, nmis_at_interrupt;
static volatile bool looping;

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	smis_at_nmi = smm_count();
	nmis++;
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	nmis_at_interrupt = nmis;
	interrupts++;
	apic_eoi();
}

static void setup(void)
{
	uint64_t top = (uint64_t)(trap_stack + sizeof(trap_stack)), watched = top - 8;

	memcpy(tss, (void *)desc_tss_base(), sizeof(tss));
	memcpy(tss + IST_OFFSET, &top, sizeof(top));
	memcpy(idt, (void *)desc_idt_base(), sizeof(idt));
	idt[VECTOR_DB * 16 + 4] = 1;
	l1_setup(&l1, L1_LONG64, code, stack + sizeof(stack), 0);
	vmcs_write(GUEST_ES_BASE + 2 * TR_INDEX, (uint64_t)tss);
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)idt);
	asm volatile("mov %0, %%dr0" : : "r"(watched));
	timeout_enable((uint32_t)param_number("window", 0));
}

static void begin(void)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_DR7, DR7_WRITE_8);
	l1.gpr[RBX] = (uint64_t)trap_stack + sizeof(trap_stack) - 8;
}

/* Sent in the middle of the loop, one after the other. */
struct orders { unsigned n; uint32_t icr[3]; };
static struct smp_barrier barrier;

static void send(void *argument)
{
	const struct orders *o = argument;
	uint64_t end;

	smp_barrier(&barrier, 2);
	end = rdtsc() + limit_ticks / 2;
	while (rdtsc() < end)
		pause_cpu();
	for (unsigned i = 0; i < o->n; i++)
		apic_ipi(o->icr[i], smp_apic_id(0));
}

static void run(struct orders *o)
{
	begin();
	smp_run(1, send, o);
	smp_barrier(&barrier, 2);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	smp_wait(1);
}

static void timed_out(const char *what)
{
	check_equal(l1.exit.reason, REASON_INSTRUCTION_TIMEOUT, "%s: timeout", what);
	check_equal(l1.exit.idt_vectoring_info, DB_INFO, "%s: IDT-vectoring information", what);
}

static void in_time(const char *what, uint64_t more)
{
	if (in_simulator())
		check(vmx_interval_tsc(&l1) >= alone_ticks && vmx_interval_tsc(&l1) <= alone_ticks + more,
		      "%s: when it is due (%lu ticks, alone %lu)", what, vmx_interval_tsc(&l1), alone_ticks);
}

static void test_alone(void)
{
	begin();
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	begin();
	l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "alone: timeout");
	check_equal(l1.exit.idt_vectoring_info, DB_INFO, "alone: IDT-vectoring information");
	alone_ticks = vmx_interval_tsc(&l1);
}

static void test_interrupt(void)
{
	struct orders o = { 1, { ICR_FIXED | ICR_ASSERT | VECTOR } };

	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	run(&o);
	timed_out("interrupt");
	in_time("interrupt", 0);
	check(apic_vector_bit(APIC_IRR, VECTOR), "interrupt: pending");
	interrupts_open();
	check_equal(interrupts, 1, "interrupt: taken by L0");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
}

static void test_nmi(void)
{
	struct orders o = { 1, { ICR_NMI | ICR_ASSERT } };

	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI);
	nmis = 0;
	run(&o);
	timed_out("NMI");
	check_equal(nmis, 1, "NMI: taken by L0");
	check_equal(l1.exit.interruptibility & INTERRUPTIBILITY_NMI, 0, "NMI: L1 was not in its handler");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI);
}

static void test_init(void)
{
	struct orders o = { 1, { ICR_INIT } };

	run(&o);
	if (table) {
		check_equal(l1.exit.reason, REASON_INIT, "INIT: ends the loop");
		check(vmx_interval_tsc(&l1) < alone_ticks, "INIT: before the timeout");
		return;
	}
	timed_out("INIT");
	in_time("INIT", 0);
	begin();
	l1_run_to(&l1, REASON_INIT, "INIT: exits from the next entry");
	check_equal(l1.exit.rip, (uint64_t)code, "INIT: before the first instruction");
}

/*
 * With the control set an MTF exit is pending behind every event that VM entry injects. Debug traps reach a boundary: the
 * exit comes before the second one. A nested #AC does not: the exit stays pending and is lost with the timeout.
 */
static void test_monitor_trap(void)
{
	if (!vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG)) {
		skip("not announced", "monitor trap flag");
		return;
	}
	begin();
	vmcs_write(ENTRY_INTERRUPTION_INFO, DB_INFO);
	l1_run_to(&l1, REASON_MONITOR_TRAP_FLAG, "MTF: exit behind the injected #DB");
	check_equal(l1.exit.rip, desc_idt_target(VECTOR_DB), "MTF: at its handler");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_MONITOR_TRAP_FLAG);

	loop32_setup(&l1, LOOP32_AC);
	timeout_enable((uint32_t)param_number("window", 0));
	l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "nested #AC: timeout");
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG);
	l1_reinject(&l1);
	l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "nested #AC with MTF: timeout again");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_MONITOR_TRAP_FLAG);
	setup();
}

/* SMI, NMI and interrupt at once, sent in the opposite order. */
static void test_all(void)
{
	struct orders o = { 3, { ICR_FIXED | ICR_ASSERT | VECTOR, ICR_NMI | ICR_ASSERT, ICR_SMI } };

	smm_install_stall(0);
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT | PIN_NMI);
	nmis = interrupts = 0;
	run(&o);
	timed_out("SMI, NMI and interrupt");
	if (table)
		check(vmx_interval_tsc(&l1) > alone_ticks + limit_ticks / 4, "all: the SMI opens a window: N from there");
	else
		in_time("SMI, NMI and interrupt", 200); /* the handlers of SMI and NMI run before L0 reads the TSC */
	check_equal(smm_count(), 1, "all: one SMI was taken");
	check_equal(nmis, 1, "all: one NMI was taken by L0");
	check_equal(smis_at_nmi, 1, "all: after the SMI");
	interrupts_open();
	check_equal(interrupts, 1, "all: one interrupt was taken by L0");
	check_equal(nmis_at_interrupt, 1, "all: after the NMI");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT | PIN_NMI);
}

void guest_main(void)
{
	struct clock_ratio ratio;

	table = param_number("table", 0);
	smm_need();
	smp_need(2);
	vmx_on();
	timeout_need();
	if (!clock_ratio(&ratio))
		skip_all("CPUID.15H gives no ratio of TSC and crystal clock");
	limit_ticks = mul_div(param_number("window", 0) + param_number("threshold", 131072), ratio.numerator,
			      ratio.denominator);
	trap_set(VECTOR, on_interrupt);
	trap_set(VECTOR_NMI, on_nmi);
	setup();
	test_alone();
	test_interrupt();
	test_nmi();
	test_init();
	test_monitor_trap();
	test_all();
}
