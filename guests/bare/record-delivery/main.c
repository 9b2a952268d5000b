/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-delivery - what an instruction timeout records during the delivery of an event of each type.
 *
 * Claim:    with every delivery in L1 stalled for ever (a stall rule), each type of event ends in an
 *           instruction timeout with that event as IDT-vectoring information (error code, length of
 *           a software event's instruction); RIP, RSP, CS, SS and RFLAGS are those before the
 *           delivery, RF is that of the frame (rf_before=1: that before the event); what the
 *           delivery changes first has been changed (DR6, DR7.GD, CR2, blocking by NMI, activity
 *           state); blocking by STI and MOV SS is over, pending debug exceptions are 0.
 * Manual:   SDM Vol. 3C, "Architectural state before a VM exit", "Information for VM exits that occur
 *           during event delivery", "Saving guest state". The RF flag of this VM exit is not public
 *           (parameter saved_rf), nor is whether it reports the event (parameter vectoring).
 * Expected: all claims hold with nwsim --stall=phase=delivery,clocks=forever; rf_before=1 on the
 *           command line goes with --param=saved_rf=before. Skipped elsewhere.
 */
#include "l1.h"
#include "smp.h"
#include "timeout_record.h"
#include "timer.h"

#define INT_VECTOR      0x50
#define NOT_MAPPED      (1ul << 46)
#define BAD_SELECTOR    0x7770
#define DR6_INIT        0xffff0ff0ul
#define DR6_BS          (1ul << 14)
#define DR6_BD          (1ul << 13)
#define DR7_INIT        0x400ul
#define DR7_GD          (1ul << 13)
#define ICR             0xfee00300u
#define RFLAGS_OF       (1ul << 11)

void at_ud2(void);
void at_gp(void);
void at_pf(void);
void at_nop(void);
void at_dr(void);
void at_int_n(void);
void at_int3(void);
void at_int1(void);
void at_nop_int(void);
void at_sti(void);
void at_nmi(void);
extern const char gp_load[], pf_store[], dr_move[], after_nop[], nop_int[], after_sti[], nmi_after[], nmi_end[], into32[];

asm(".text\n"
    "at_ud2:    ud2\n"
    "at_gp:     mov $0x7770, %eax\n"
    "gp_load:   mov %eax, %ds\n"
    "at_pf:     movabs $0x400000000000, %rax\n"
    "pf_store:  mov %rax, (%rax)\n"
    "at_nop:    nop\n"
    "after_nop: vmcall\n"
    "at_dr:     nop\n"
    "dr_move:   mov %dr0, %rax\n"
    "at_int_n:  int $0x50\n"
    "at_int3:   int3\n"
    "at_int1:   .byte 0xf1\n"
    "at_nop_int: nop\n"
    "nop_int:   int $0x50\n"
    "at_sti:    sti; nop\n"
    "after_sti: nop; vmcall\n"
    "at_nmi:    mov $0xfee00300, %eax; movl $0x4400, (%rax)\n"
    "nmi_after: .fill 64, 1, 0x90\n"
    "nmi_end:   vmcall\n"
    ".section .l1, \"awx\"\n"
    ".code32\n"
    "into32:    into\n"
    ".code64\n"
    ".text\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static bool rf_before;

static void set_dr6(uint64_t value)
{
	asm volatile("mov %0, %%dr6" : : "r"(value));
}

static uint64_t dr6(void)
{
	uint64_t value;

	asm volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

struct event {
	const char *what;
	const void *begin, *rip;        /* rip NULL: begin */
	uint32_t vectoring, error;
	uint64_t rflags;
	bool fault;                     /* RF of the frame is 1 */
	uint32_t inject, length;        /* VM-entry interruption information; length of a software event */
	uint32_t blocked_before, blocked;
	uint32_t activity;
	uint64_t entry_rflags;          /* gone before the event */
};

static void expect(const struct event *e)
{
	struct timeout_record record;
	struct timeout_expect want = {
		.rip = (uint64_t)(e->rip ? e->rip : e->begin), .rsp = vmcs_read(GUEST_RSP),
		.rflags = RFLAGS_FIXED | e->rflags | (e->fault && !rf_before ? RFLAGS_RF : 0),
		.idt_vectoring_info = INFO_VALID | e->vectoring, .idt_vectoring_error = e->error,
		.interruptibility = e->blocked,
	};
	uint64_t cs = vmcs_read(GUEST_ES_SELECTOR + 2), ss = vmcs_read(GUEST_ES_SELECTOR + 4);

	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", e->what))
		return;
	if (e->begin == at_nmi && l1.exit.rip >= (uint64_t)nmi_after && l1.exit.rip < (uint64_t)nmi_end)
		want.rip = l1.exit.rip; /* some instructions after the store */
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", e->what);
	check_equal(vmcs_read(GUEST_ES_SELECTOR + 2), cs, "%s: CS", e->what);
	check_equal(vmcs_read(GUEST_ES_SELECTOR + 4), ss, "%s: SS", e->what);
	if (e->vectoring & INFO_ERROR_CODE)
		check_equal(l1.exit.idt_vectoring_error & 1, e->error & 1, "%s: EXT of the error code", e->what);
	if (e->length)
		check_equal(l1.exit.instruction_length, e->length, "%s: instruction length", e->what);
}

static void run(const struct event *e)
{
	l1_restart(e->begin, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | e->rflags | e->entry_rflags);
	vmcs_write(GUEST_INTERRUPTIBILITY, e->blocked_before);
	vmcs_write(GUEST_ACTIVITY_STATE, e->activity);
	if (e->inject) {
		vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | e->inject);
		vmcs_write(ENTRY_ERROR_CODE, e->error);
		vmcs_write(ENTRY_INSTRUCTION_LENGTH, e->length);
	}
	expect(e);
}

#define HARD(vector)    (INFO_TYPE_HARDWARE_EXCEPTION | (vector))
#define HARD_ERROR(vector) (HARD(vector) | INFO_ERROR_CODE)
#define SOFT_INT        (INFO_TYPE_SOFTWARE_INTERRUPT | INT_VECTOR)
#define SOFT_BP         (INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP)
#define SOFT_DB         (INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB)
#define EXTERNAL        (INFO_TYPE_EXTERNAL_INTERRUPT | INT_VECTOR)
#define NMI             (INFO_TYPE_NMI | VECTOR_NMI)

static const struct event simple[] = {
	{ "#UD", at_ud2, NULL, HARD(VECTOR_UD), .fault = true },
	{ "#GP", at_gp, gp_load, HARD_ERROR(VECTOR_GP), BAD_SELECTOR, .fault = true },
	{ "INT n", at_int_n, NULL, SOFT_INT, .length = 2 },
	{ "INT n behind an entry with RF = 1", at_nop_int, nop_int, SOFT_INT, .length = 2, .entry_rflags = RFLAGS_RF },
	{ "INT3", at_int3, NULL, SOFT_BP, .length = 1 },
	{ "INT1", at_int1, NULL, SOFT_DB, .length = 1 },
	{ "INT n in the shadow of STI", at_int_n, NULL, SOFT_INT, .length = 2, .rflags = RFLAGS_IF,
	  .blocked_before = INTERRUPTIBILITY_STI },
	{ "#UD in the shadow of MOV SS", at_ud2, NULL, HARD(VECTOR_UD), .fault = true,
	  .blocked_before = INTERRUPTIBILITY_MOV_SS },
	{ "injected #UD", at_nop, NULL, HARD(VECTOR_UD), .inject = HARD(VECTOR_UD) },
	{ "injected #GP", at_nop, NULL, HARD_ERROR(VECTOR_GP), 0x123, .inject = HARD_ERROR(VECTOR_GP) },
	{ "injected INT n", at_int_n, NULL, SOFT_INT, .inject = SOFT_INT, .length = 2 },
	{ "injected INT3", at_int3, NULL, SOFT_BP, .inject = SOFT_BP, .length = 1 },
	{ "injected INT1", at_int1, NULL, SOFT_DB, .inject = SOFT_DB, .length = 1 },
	{ "injected interrupt", at_nop, NULL, EXTERNAL, .inject = EXTERNAL, .rflags = RFLAGS_IF },
	{ "injected interrupt, L1 halted", at_nop, NULL, EXTERNAL, .inject = EXTERNAL, .rflags = RFLAGS_IF,
	  .activity = ACTIVITY_HLT },
};

static void test_page_fault(void)
{
	static const struct event e = { "#PF", at_pf, pf_store, HARD_ERROR(VECTOR_PF), 2, .fault = true };

	l1.cr2 = 0;
	run(&e);
	check_equal(read_cr2(), NOT_MAPPED, "#PF: CR2 is the address");
}

static void test_debug(void)
{
	static const struct event step = { "single step", at_nop, after_nop, HARD(VECTOR_DB), .rflags = RFLAGS_TF },
				  move = { "MOV DR with DR7.GD", at_dr, dr_move, HARD(VECTOR_DB), .fault = true };

	set_dr6(DR6_INIT);
	run(&step);
	check_equal(dr6(), DR6_INIT | DR6_BS, "single step: DR6.BS is set");
	set_dr6(DR6_INIT);
	vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_DEBUG_CONTROLS);
	vmx_control_set(ENTRY_CONTROLS, MSR_VMX_ENTRY_CTLS, ENTRY_LOAD_DEBUG_CONTROLS);
	l1_restart(at_dr, stack + sizeof(stack));
	vmcs_write(GUEST_DR7, DR7_INIT | DR7_GD);
	expect(&move);
	check_equal(vmcs_read(GUEST_DR7), DR7_INIT, "MOV DR: DR7.GD is clear");
	check_equal(dr6(), DR6_INIT | DR6_BD, "MOV DR: DR6.BD is set");
	set_dr6(DR6_INIT);
}

/* An interrupt that arrived in VMX root operation; one that wakes L1 from HLT. */
static void test_interrupt(void)
{
	static const struct event sti = { "external interrupt", at_sti, after_sti, EXTERNAL, .rflags = RFLAGS_IF },
				  halt = { "external interrupt, L1 halted", at_nop, NULL, EXTERNAL, .rflags = RFLAGS_IF,
					   .activity = ACTIVITY_HLT };

	apic_ipi_self(INT_VECTOR);
	l1_restart(at_sti, stack + sizeof(stack));
	expect(&sti);
	apic_eoi();
	apic_ipi_self(INT_VECTOR);
	run(&halt);
	apic_eoi();
}

/* Unblocks NMIs. */
static void iret(struct trap_frame *frame)
{
	(void)frame;
}

static void test_nmi(void)
{
	static const struct event injected = { "injected NMI", at_nop, NULL, NMI, .inject = NMI,
					       .blocked = INTERRUPTIBILITY_NMI },
				  nmi = { "NMI", at_nmi, nmi_after, NMI, .blocked = INTERRUPTIBILITY_NMI };

	trap_set(VECTOR_BP, iret);
	run(&injected);
	asm volatile("int3");
	run(&nmi);
	asm volatile("int3");
	trap_set(VECTOR_BP, NULL);
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS)) {
		skip("not announced", "virtual NMIs");
		return;
	}
	run(&injected);
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
}

static void test_into(void)
{
	static const struct event e = { "INTO", into32, NULL, INFO_TYPE_SOFTWARE_EXCEPTION | 4, .rflags = RFLAGS_OF,
					.length = 1 };

	l1_setup(&l1, L1_PROT32, into32, l1_stack32_top, 0);
	timeout_enable(0);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_OF);
	expect(&e);
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("no public means makes a delivery of every type last");
	rf_before = param_number("rf_before", 0);
	smp_keep_busy();
	vmx_on();
	timeout_need();
	apic_enable();
	l1_setup(&l1, L1_LONG64, at_nop, stack + sizeof(stack), 0);
	timeout_enable(0);
	for (unsigned i = 0; i < ARRAY_SIZE(simple); i++)
		run(&simple[i]);
	test_page_fault();
	test_debug();
	test_interrupt();
	test_nmi();
	test_into();
}
