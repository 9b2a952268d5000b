/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-events - what arrives while an L1 is in a loop waits for the timeout.
 *
 * Claim:    in the #AC loop and in the #DB loop an external interrupt and an NMI that another CPU sends stay pending, and so
 *           does the VMX-preemption timer: the first VM exit is the timeout, at its time. Then L0 takes the NMI; the
 *           interrupt, which it blocks, exits from L1 when that is entered again, before anything else, at the RIP where it
 *           was.
 * Manual:   XSA-156; SDM Vol. 3C, "Instruction-timeout control", "Event blocking", "VMX-preemption timer"; Vol. 3A,
 *           "Priority among concurrent events".
 * Expected: all claims hold. stalls=N says which loops keep the window closed, 1 for #AC, 2 for #DB, 3 (default) for both;
 *           a loop that does not is left at once by what arrives, and never by a timeout.
 */
#include "dbloop.h"
#include "loop32.h"
#include "smp.h"

#define VECTOR          0x60
#define NMI_HANDLER     0x4e4d49ul      /* RAX of L1's VMCALL */
#define SEND_TICKS      50000           /* after the VM entry; the window is longer */
#define TIMER_TICKS     100000          /* of the preemption timer, at most */
#define TIMER_EARLY     (1ul << (rdmsr(MSR_VMX_MISC) & 31))
#define SOON            3000            /* ticks: one delivery and an exit */
#define ENTRIES         2

enum loop { LOOP_AC, LOOP_DB, LOOPS };
static const char *const loop_name[LOOPS] = { "#AC", "#DB" };

static const struct event {
	const char *name;
	uint32_t pin, reason;
	enum { SEND_NOTHING, SEND_VECTOR, SEND_NMI } send;
} events[] = {
	{ "external interrupt", PIN_EXTERNAL_INTERRUPT, REASON_EXTERNAL_INTERRUPT, SEND_VECTOR },
	{ "NMI", PIN_NMI, REASON_EXCEPTION_NMI, SEND_NMI },
	{ "NMI that does not exit", 0, REASON_VMCALL, SEND_NMI },
	{ "VMX-preemption timer", PIN_PREEMPTION_TIMER, REASON_PREEMPTION_TIMER, SEND_NOTHING },
};

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t vmxon[4096] __attribute__((aligned(4096))), vmcs[4096] __attribute__((aligned(4096)));
static uint8_t stack[4096] __attribute__((aligned(16)));
static struct run {
	enum loop loop;
	const struct event *event;
	volatile bool entering;
	volatile uint64_t sent_tsc;
	unsigned entries;
	uint32_t failed;
	volatile uint64_t nmi_tsc;      /* of one that L0 has taken */
	struct l1_exit exit[ENTRIES];
	uint64_t rax[ENTRIES], entry_tsc[ENTRIES], exit_tsc[ENTRIES];
} r;
static const char *missing;

/* DR7 tells L1 from L0: VM exits set it to its initial value. */
static void nmi(struct trap_frame *frame)
{
	uint64_t dr7;

	(void)frame;
	asm volatile("mov %%dr7, %0" : "=r"(dr7));
	if (dr7 != DR7_INIT)
		l1_call(NMI_HANDLER);
	r.nmi_tsc = rdtsc();
}

static void interrupt(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void begin(void *argument)
{
	(void)argument;
	missing = vmx_missing();
	if (!missing)
		vmx_on_region(vmxon);
}

static void set_up(struct l1 *l1)
{
	if (r.loop == LOOP_AC) {
		loop32_setup_in(vmcs, l1, LOOP32_AC);
		loop32_restart(l1);
		loop32_gate(VECTOR_AC, GATE_RING3);
	} else {
		l1_setup_in(vmcs, l1, L1_LONG64, nops, stack + sizeof(stack), 0);
		vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF | RFLAGS_IF);
		vmcs_write(GUEST_DR7, DR7_INIT | dbloop_breakpoint(0, BREAK_WRITE, (void *)dbloop_stack(), 8));
	}
	timeout_enable(0);
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | r.event->pin);
	vmcs_write(GUEST_PREEMPTION_TIMER, TIMER_TICKS >> (rdmsr(MSR_VMX_MISC) & 31));
}

/* An interrupt that exited is still pending, and NMIs are blocked after one that exited. */
static void clean_up(void)
{
	asm volatile("sti; nop; cli" : : : "memory");
	asm volatile("mov %%rsp, %%rax; push %0; push %%rax; pushf; push %1; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:"
		     : : "i"(SEL_DATA), "i"(SEL_CODE64) : "rax", "memory");
}

static void run_loop(void *argument)
{
	struct l1 l1;

	(void)argument;
	set_up(&l1);
	r.entering = true;
	for (r.entries = 0; r.entries < ENTRIES; ) {
		if (!vmx_run(&l1)) {
			r.failed = l1.entry_failure;
			break;
		}
		r.exit[r.entries] = l1.exit;
		r.rax[r.entries] = l1.gpr[RAX];
		r.entry_tsc[r.entries] = l1.tsc_entry;
		r.exit_tsc[r.entries++] = l1.tsc_exit;
		if (l1.exit.reason == r.event->reason)
			break;
	}
	clean_up();
}

static void send_event(void)
{
	uint64_t begin;

	while (!r.entering)
		pause_cpu();
	for (begin = rdtsc(); rdtsc() - begin < SEND_TICKS; )
		pause_cpu();
	r.sent_tsc = rdtsc();
	if (r.event->send == SEND_VECTOR)
		smp_ipi(1, VECTOR);
	else if (r.event->send == SEND_NMI)
		smp_nmi(1);
}

static uint64_t loop_rip(void)
{
	return r.loop == LOOP_AC ? (uint64_t)loop32_load : desc_idt_target(VECTOR_DB);
}

static void check_stalls(const char *loop, const char *event)
{
	const struct l1_exit *e = r.exit;

	check_equal(e[0].reason, REASON_INSTRUCTION_TIMEOUT, "%s loop, %s: the first exit is the timeout", loop, event);
	if (r.event->send != SEND_NOTHING)
		check(r.sent_tsc < r.exit_tsc[0], "%s loop, %s: which comes after the event", loop, event);
	if (r.event->send == SEND_NMI) {
		check(r.nmi_tsc > r.exit_tsc[0] - SOON && r.nmi_tsc < r.exit_tsc[0] + SOON,
		      "%s loop, %s: L0 takes it right after the exit (%ld ticks)", loop, event,
		      (int64_t)(r.nmi_tsc - r.exit_tsc[0]));
		return;
	}
	if (r.event->send == SEND_NOTHING || r.entries < ENTRIES) {
		check_equal(r.entries, ENTRIES, "%s loop, %s: two VM exits", loop, event);
		return;         /* the timer has been loaded again */
	}
	check_equal(e[1].reason, r.event->reason, "%s loop, %s: then the event exits", loop, event);
	check(r.exit_tsc[1] - r.entry_tsc[1] < SOON, "%s loop, %s: at once (%lu ticks)", loop, event,
	      r.exit_tsc[1] - r.entry_tsc[1]);
	check_equal(e[1].rip, e[0].rip, "%s loop, %s: at the same RIP", loop, event);
	check_equal(e[1].idt_vectoring_info & INFO_VALID, 0, "%s loop, %s: not during a delivery", loop, event);
}

static void check_yields(const char *loop, const char *event)
{
	const struct l1_exit *e = r.exit;
	/* the timer counts when bit MISC[4:0] of the TSC changes */
	uint64_t due = r.event->send == SEND_NOTHING ? r.entry_tsc[0] + TIMER_TICKS - TIMER_EARLY : r.sent_tsc;

	check_equal(e[0].reason, r.event->reason, "%s loop, %s: the event exits", loop, event);
	check(r.exit_tsc[0] - due < SOON, "%s loop, %s: at once (%ld ticks)", loop, event,
	      (int64_t)(r.exit_tsc[0] - due));
	if (r.event->reason == REASON_VMCALL)
		check_equal(r.rax[0], NMI_HANDLER, "%s loop, %s: from the handler of L1", loop, event);
	if (r.event->reason != REASON_VMCALL)
		check_equal(e[0].rip, loop_rip(), "%s loop, %s: RIP", loop, event);
	check_equal(e[0].idt_vectoring_info & INFO_VALID, 0, "%s loop, %s: not during a delivery", loop, event);
	if (r.loop == LOOP_AC && r.event->reason != REASON_VMCALL)
		check_equal(e[0].rflags, RFLAGS_FIXED | RFLAGS_AC, "%s loop, %s: RFLAGS as before the fault", loop, event);
}

static void test(enum loop loop, const struct event *event, bool stalls)
{
	r = (struct run){ .loop = loop, .event = event };
	smp_run(1, run_loop, NULL);
	send_event();
	smp_wait(1);
	if (r.failed)
		bail("VM entry failed: error %u", r.failed);
	if (stalls)
		check_stalls(loop_name[loop], event->name);
	else
		check_yields(loop_name[loop], event->name);
}

void guest_main(void)
{
	uint64_t stalls = param_number("stalls", 3);

	if (stalls > 3)
		bail("command line: stalls=%lu; 0 to 3 are accepted", stalls);
	smp_need(2);
	vmx_on();
	timeout_need();
	if (!vmx_allows(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("CPU lacks the VMX-preemption timer");
	smp_run(1, begin, NULL);
	smp_wait(1);
	if (missing)
		skip_all("CPU 1: %s", missing);
	trap_set(VECTOR, interrupt);
	trap_set(VECTOR_NMI, nmi);
	dbloop_setup(true);
	for (enum loop loop = 0; loop < LOOPS; loop++)
		for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
			if (loop == LOOP_AC && events[i].reason == REASON_VMCALL)
				continue;       /* the 32-bit L1 has no handler that returns */
			test(loop, &events[i], stalls >> loop & 1);
		}
}
