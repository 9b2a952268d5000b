/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-mtf - the monitor trap flag.
 *
 * Claim:    with the control set a VM exit follows the first instruction, the first iteration of a
 *           repeated one, or the delivery of the event that comes in its place (injected, pending,
 *           or caused by that instruction), before the handler's first instruction; an injected
 *           pending MTF VM exit comes before the first instruction whatever the control is, and
 *           leaves blocking, pending debug exceptions and HLT as they were loaded.
 * Manual:   SDM Vol. 3C, "Monitor trap flag", "Injection of pending MTF VM exits", "Pending MTF VM
 *           exits", "Special features of VM entry".
 * Expected: all claims hold on any CPU with the control.
 */
#include "l1.h"
#include "timer.h"

#define VECTOR          0x51

void nops(void);
void moves(void);
void undefined(void);
void int_n(void);
void load_ss(void);
extern const char nop2[], nop3[], load_ss_next[];

asm(".text\n"
    "nops: nop\n"
    "nop2: nop\n"
    "nop3: nop; vmcall\n"
    "moves: rep movsb; vmcall\n"
    "undefined: ud2; vmcall\n"
    "int_n: int $0x51; vmcall\n"
    "load_ss: mov %ss, %eax; mov %eax, %ss\n"
    "load_ss_next: nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t from[8], to[8];
static struct l1 l1;

static void mtf(bool on)
{
	if (!on)
		vmx_control_clear(PROC_BASED_CONTROLS, PROC_MONITOR_TRAP_FLAG);
	else if (!vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MONITOR_TRAP_FLAG))
		skip_all("CPU lacks the monitor trap flag");
}

static void begin(void (*code)(void), uint64_t rflags)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
}

static void expect(const char *what, uint64_t rip)
{
	if (!l1_run_to(&l1, REASON_MONITOR_TRAP_FLAG, "%s: MTF VM exit", what))
		return;
	check_equal(l1.exit.rip, rip, "%s: RIP", what);
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: not during delivery", what);
}

static void inject(uint32_t event)
{
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | event);
}

static void test_instructions(void)
{
	begin(nops, 0);
	expect("NOP", (uint64_t)nop2);
	expect("the next NOP", (uint64_t)nop3);

	begin(moves, 0);
	l1.gpr[RSI] = (uint64_t)from;
	l1.gpr[RDI] = (uint64_t)to;
	l1.gpr[RCX] = 3;
	expect("REP MOVSB, first iteration", (uint64_t)moves);
	check_equal(l1.gpr[RCX], 2, "REP MOVSB: RCX");
	expect("REP MOVSB, second iteration", (uint64_t)moves);
	expect("REP MOVSB, last iteration", (uint64_t)moves + 2);

	begin(undefined, 0);
	expect("UD2", desc_idt_target(VECTOR_UD));
	begin(int_n, 0);
	expect("INT n", desc_idt_target(VECTOR));

	begin(load_ss, 0);
	expect("MOV from SS", (uint64_t)load_ss_next - 2);
	expect("MOV to SS", (uint64_t)load_ss_next);
	check_equal(l1.exit.interruptibility & 0xf, INTERRUPTIBILITY_MOV_SS,
		    "MOV to SS: does not block the exit and goes on blocking");
}

static void test_events(void)
{
	begin(nops, RFLAGS_IF);
	inject(INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	expect("injected interrupt", desc_idt_target(VECTOR));
	begin(nops, 0);
	inject(INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD);
	expect("injected #UD", desc_idt_target(VECTOR_UD));

	apic_ipi_self(VECTOR | 0x4000);
	begin(nops, RFLAGS_IF);
	expect("pending interrupt", desc_idt_target(VECTOR));
	apic_eoi();

	begin(nops, RFLAGS_TF);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_DEBUG_BS);
	expect("pending debug exception", desc_idt_target(VECTOR_DB));
}

/* The exit has priority over the single-step trap, which remains pending. */
static void test_single_step(void)
{
	begin(nops, RFLAGS_TF);
	expect("NOP with TF", (uint64_t)nop2);
	check_equal(l1.exit.pending_debug, PENDING_DEBUG_BS, "NOP with TF: the trap is saved");
	mtf(false);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "NOP with TF: the trap is delivered later")) {
		check_equal(l1.exit.rip, (uint64_t)nop2, "NOP with TF: at the same RIP");
		check_equal(l1.exit.qualification, PENDING_DEBUG_BS, "NOP with TF: as a single step");
	}
	vmcs_write(EXCEPTION_BITMAP, 0);
}

static void test_injected(void)
{
	/* the timer exits before the first instruction: nothing of the control may remain */
	if (vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER)) {
		mtf(true);
		begin(nops, 0);
		vmcs_write(GUEST_PREEMPTION_TIMER, 0);
		l1_run_to(&l1, REASON_PREEMPTION_TIMER, "a VM exit before the first instruction");
		vmx_control_clear(PIN_BASED_CONTROLS, PIN_PREEMPTION_TIMER);
	}
	mtf(false);
	begin(nops, RFLAGS_IF);
	inject(INFO_TYPE_OTHER);
	expect("injected MTF", (uint64_t)nops);

	begin(nops, RFLAGS_IF | RFLAGS_TF);
	inject(INFO_TYPE_OTHER);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_STI);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_DEBUG_BS);
	expect("injected MTF with state", (uint64_t)nops);
	check_equal(l1.exit.interruptibility & 0xf, INTERRUPTIBILITY_STI,
		    "injected MTF with state: blocking by STI");
	check_equal(l1.exit.pending_debug, PENDING_DEBUG_BS,
		    "injected MTF with state: pending debug exceptions");

	begin(nops, RFLAGS_IF);
	inject(INFO_TYPE_OTHER);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_HLT);
	expect("injected MTF in HLT", (uint64_t)nops);
	check_equal(l1.exit.activity, ACTIVITY_HLT, "injected MTF in HLT: activity state");
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	mtf(true);
	test_instructions();
	test_events();
	test_single_step();
	test_injected();
}
