/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp-pending - what another CPU sends to a CPU that is stuck in L1 waits for the instruction timeout.
 *
 * Claim:    a fixed interrupt, an NMI, an INIT and a SIPI that CPU 0 sends while CPU 1 is in an endless #AC of its L1 neither
 *           end the loop nor move its timeout; then the NMI is taken at the first instruction of the hypervisor; interrupt
 *           and INIT stay pending over an entry that delivers the #AC again, and over its timeout; the next entries exit
 *           because of the INIT and of the interrupt, in this order, before an instruction of L1; the SIPI is lost. The
 *           other CPU sees the exit at the time at which it happens.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits", "Changes to instruction behavior in VMX non-root operation", "VM exits
 *           and event priority", "Restrictions on VMX operation" (INIT); Vol. 3A, "Priority among concurrent events".
 * Expected: all claims hold; on silicon durations are printed and not judged.
 */
#include "lapic.h"
#include "loop32.h"
#include "smp.h"

#define VECTOR          0x60
#define SEND_INIT       (5u << 8 | ICR_ASSERT)
#define SEND_SIPI       (6u << 8 | ICR_ASSERT | 0x9a)
#define SEND_NMI        (ICR_NMI | ICR_ASSERT)
#define IN_LOOP_TICKS   20000   /* after the entry: CPU 1 is in the loop */
#define NMI_TICKS       100     /* from the exit to the TSC of the handler, in the simulator */
#define SEEN_TICKS      3000    /* from the exit until CPU 0 sees what CPU 1 stored after it, in the simulator */
#define FIXED_BIT       1u
#define NMI_BIT         2u
#define INIT_BIT        4u
#define SIPI_BIT        8u
#define ALL_BITS        15u

static uint8_t vmxon[4096] __attribute__((aligned(4096)));
static uint8_t vmcs[4096] __attribute__((aligned(4096)));

/* One stay of CPU 1 in L1. */
struct stay { uint32_t reason, vectoring; uint64_t entry, exit, rip; bool refused, pending; unsigned taken; };

static struct l1 l1;
static struct stay stays[6];
static const char *missing;
static volatile uint64_t entering;      /* TSC just before the VM entry */
static volatile unsigned left, nmis, interrupts;
static volatile uint64_t nmi_tsc, nmi_rip, interrupt_tsc;
static uint64_t base;                   /* interval of an undisturbed exit */

extern const char vmx_exit_point[];

static void on_nmi(struct trap_frame *frame)
{
	nmi_tsc = rdtsc();
	nmi_rip = frame->rip;
	nmis++;
}

static void on_interrupt(struct trap_frame *frame)
{
	(void)frame;
	interrupt_tsc = rdtsc();
	interrupts++;
	apic_eoi();
}

/* ---- CPU 1 ----------------------------------------------------------------------------------- */

static void prepare(void *argument)
{
	(void)argument;
	missing = vmx_missing();
	if (missing)
		return;
	vmx_on_region(vmxon);
	loop32_setup_in(vmcs, &l1, LOOP32_AC);
	vmcs_write(PIN_BASED_CONTROLS, vmx_controls(MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT, "interrupt exiting"));
	timeout_enable(0);
	vmx_run(&l1);
}

static void stay(struct stay *s)
{
	s->refused = !vmx_run(&l1);
	s->reason = l1.exit.reason;
	s->vectoring = l1.exit.idt_vectoring_info;
	s->entry = l1.tsc_entry;
	s->exit = l1.tsc_exit;
	s->rip = l1.exit.rip;
	s->pending = apic_vector_bit(APIC_IRR, VECTOR);
	s->taken = interrupts;
}

static void first_stay(void *argument)
{
	(void)argument;
	entering = rdtsc();
	stay(&stays[0]);
	left++;
}

/* And the interrupt after it. */
static void stay_and_open(void *argument)
{
	first_stay(argument);
	interrupts_open();
}

/* Then the same entry again, with the event of the last exit delivered by it; then plain ones. */
static void all_stays(void *argument)
{
	first_stay(argument);
	l1_reinject(&l1);
	for (unsigned i = 1; i < ARRAY_SIZE(stays); i++) {
		stay(&stays[i]);
		if (stays[i].reason == REASON_EXTERNAL_INTERRUPT)
			interrupts_open();
	}
}

/* ---- CPU 0 ----------------------------------------------------------------------------------- */

static uint64_t interval(const struct stay *s)
{
	return s->exit - s->entry;
}

static void send(unsigned what)
{
	while (!entering || rdtsc() - entering < IN_LOOP_TICKS)
		pause_cpu();
	if (what & FIXED_BIT)
		smp_ipi(1, VECTOR);
	if (what & SIPI_BIT)
		smp_send(1, SEND_SIPI);
	if (what & INIT_BIT)
		smp_send(1, SEND_INIT);
	if (what & NMI_BIT)
		smp_send(1, SEND_NMI);
}

/* Has CPU 1 enter its loop, sends, and waits for the exit. */
static void disturb(unsigned what, smp_job *job, const char *name)
{
	uint64_t last, now = rdtsc(), sent_at;

	entering = 0;
	left = nmis = interrupts = 0;
	smp_run(1, job, NULL);
	send(what);
	sent_at = rdtsc();
	do {
		last = now;
		now = rdtsc();
	} while (!left);
	smp_wait(1);
	check(!stays[0].refused && stays[0].reason == REASON_INSTRUCTION_TIMEOUT, "%s: the loop is left by the timeout (%u)",
	      name, stays[0].reason);
	check(sent_at < stays[0].exit, "%s: CPU 1 was in the loop when it was sent", name);
	check(last >= stays[0].exit || now >= stays[0].exit, "%s: CPU 0 does not see the exit before it happens", name);
	if (in_simulator())
		check(last <= stays[0].exit + SEEN_TICKS, "%s: and sees it then", name);
}

static void check_nmi(const char *name)
{
	check(nmis == 1, "%s: one NMI (%u)", name, nmis);
	check(nmi_rip == (uint64_t)vmx_exit_point, "%s: taken at the first instruction of the hypervisor", name);
	if (in_simulator())
		check(nmi_tsc - stays[0].entry >= base - NMI_TICKS && nmi_tsc - stays[0].entry <= base + NMI_TICKS,
		      "%s: at the time of the timeout (%lu, %lu)", name, nmi_tsc - stays[0].entry, base);
}

static void check_interval(const char *name)
{
	note("%s: interval %lu, undisturbed %lu", name, interval(&stays[0]), base);
	if (in_simulator())
		check_equal(interval(&stays[0]), base, "%s: the timeout comes when it does undisturbed", name);
}

static void test_fixed(void)
{
	disturb(FIXED_BIT, stay_and_open, "interrupt");
	check_interval("interrupt");
	check(stays[0].pending && !stays[0].taken, "interrupt: pending after the exit, not taken");
	check(interrupts == 1 && interrupt_tsc > stays[0].exit, "interrupt: taken once, after the exit (%u)", interrupts);
}

static void test_nmi(void)
{
	disturb(NMI_BIT, first_stay, "NMI");
	check_nmi("NMI");
}

static void test_sipi(void)
{
	disturb(SIPI_BIT, first_stay, "SIPI");
	check_interval("SIPI");
	disturb(0, first_stay, "after the SIPI");
	check_interval("after the SIPI");
}

/* All at once. The stays that follow: the timeout again, INIT, interrupt, and the loop as if nothing had been. */
static void test_order(void)
{
	static const uint32_t want[] = {
		REASON_INSTRUCTION_TIMEOUT, REASON_INSTRUCTION_TIMEOUT, REASON_INIT, REASON_EXTERNAL_INTERRUPT,
		REASON_INSTRUCTION_TIMEOUT, REASON_INSTRUCTION_TIMEOUT
	};

	disturb(ALL_BITS, all_stays, "all");
	check_nmi("all");
	check(stays[0].pending && !stays[0].taken, "all: the interrupt is pending after the exit, not taken");
	for (unsigned i = 1; i < ARRAY_SIZE(stays); i++)
		check(!stays[i].refused && stays[i].reason == want[i] && stays[i].rip == (uint64_t)loop32_load,
		      "all: VM exit %u has reason %u, at the instruction of the loop (%u)", i, want[i], stays[i].reason);
	check(stays[1].vectoring & INFO_VALID, "all: the #AC that the entry delivers comes before what is pending");
	check(stays[1].pending && stays[2].pending && stays[3].pending && !stays[4].pending,
	      "all: the interrupt is pending until the hypervisor takes it");
	check_equal(interrupts, 1, "all: one interrupt");
	check_equal(nmis, 1, "all: one NMI");
	if (in_simulator())
		check(interval(&stays[2]) < 1000 && interval(&stays[3]) < 1000, "all: INIT and interrupt exit at once (%lu, %lu)",
		      interval(&stays[2]), interval(&stays[3]));
}

void guest_main(void)
{
	smp_need(2);
	vmx_on();
	timeout_need();
	trap_set(VECTOR_NMI, on_nmi);
	trap_set(VECTOR, on_interrupt);
	smp_run(1, prepare, NULL);
	smp_wait(1);
	if (missing)
		skip_all("CPU 1: %s", missing);
	disturb(0, first_stay, "undisturbed");
	base = interval(&stays[0]);
	test_fixed();
	test_nmi();
	test_sipi();
	test_order();
}
