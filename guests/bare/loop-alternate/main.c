/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-alternate - #AC can alternate with any contributory exception, and with page faults, for ever.
 *
 * Claim:    delivering #AC raises #GP (gate of a bad type; IDT too short), #NP (code segment not present), #TS (stack
 *           segment in the TSS null), #SS (stack segment not present) or #PF (no page for the stack); delivering that, in
 *           ring 3 on a misaligned stack, raises #AC: benign after contributory or a page fault, which is no double fault.
 *           The loop is left by an instruction timeout, which names one of the two with its error code; CR2 is that of the
 *           last page fault.
 * Manual:   SDM Vol. 3A, "Interrupt 8 - Double fault exception" (table), "Interrupt 10" to "Interrupt 13"; Vol. 3C as in
 *           ac-loop.
 * Expected: all claims hold.
 */
#include "loop32.h"
#include "paging32.h"
#include "timeout_record.h"

#define REPEAT          3
#define VECTOR_TS       10
#define VECTOR_SS       12
#define CODE_ABSENT     0x28
#define STACK_ABSENT    0x30
#define PF_WRITE        2u
#define ABSENT_STACK    (PAGING32_END + 16)
#define IN_IDT          (VECTOR_AC * 8 + 2)
#define INFO(vector)    (INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | (vector))

extern uint64_t alternate_gdt[7];

asm(".section .l1, \"awx\"\n"
    ".balign 8\n"
    "alternate_gdt: .skip 7 * 8\n"
    ".text\n");

static struct l1 l1;

static void bad_type(void)
{
	l1_idt32[VECTOR_AC] &= ~(0x1full << 40);        /* type 0 is reserved */
}

static void short_idt(void)
{
	vmcs_write(GUEST_IDTR_LIMIT, VECTOR_AC * 8 - 1);
}

static void code_absent(void)
{
	l1_gate32(VECTOR_AC, loop32_load, CODE_ABSENT, true);
}

static void stack_null(void)
{
	((uint32_t *)l1_tss32)[2] = 0;
}

static void stack_absent(void)
{
	((uint32_t *)l1_tss32)[2] = STACK_ABSENT;
}

static void page_absent(void)
{
	((uint32_t *)l1_tss32)[1] = ABSENT_STACK;
}

static const struct kind {
	const char *name;
	void (*prepare)(void);
	uint8_t vector;
	uint16_t error;
} kinds[] = {
	{ "#GP for a gate of a reserved type", bad_type, VECTOR_GP, IN_IDT },
	{ "#GP for an IDT that is too short", short_idt, VECTOR_GP, IN_IDT },
	{ "#NP for the code segment", code_absent, VECTOR_NP, CODE_ABSENT },
	{ "#TS for a null stack segment", stack_null, VECTOR_TS, 0 },
	{ "#SS for the stack segment", stack_absent, VECTOR_SS, STACK_ABSENT },
	{ "#PF for the stack", page_absent, VECTOR_PF, PF_WRITE },
};

static void one_exit(const struct kind *k, struct timeout_record *record)
{
	struct timeout_expect want = {
		.rip = (uint64_t)loop32_load, .rsp = loop32_esp(),
		.rflags = RFLAGS_FIXED | RFLAGS_AC | RFLAGS_RF, .idt_vectoring_info = INFO(VECTOR_AC),
	};

	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: a timeout exits", k->name))
		return;
	if ((uint8_t)l1.exit.idt_vectoring_info == k->vector) {
		want.idt_vectoring_info = INFO(k->vector);
		want.idt_vectoring_error = k->error;
	}
	timeout_record_add(record, &l1.exit, &want);
}

static void test(const struct kind *k)
{
	struct timeout_record record;

	timeout_record_init(&record);
	loop32_restart(&l1);
	loop32_gate(k->vector, GATE_RING3);
	((uint32_t *)l1_tss32)[1] = (uint32_t)(uint64_t)l1_stack32_ring0_top;
	((uint32_t *)l1_tss32)[2] = L1_DATA32_RING0;
	vmcs_write(GUEST_IDTR_LIMIT, 32 * 8 - 1);
	k->prepare();
	for (unsigned i = 0; i < REPEAT; i++) {
		one_exit(k, &record);
		if (i)
			l1_reinject(&l1);
	}
	timeout_record_check(&record, "%s", k->name);
	if (k->vector == VECTOR_PF)
		check_equal(l1.cr2, ABSENT_STACK - 4, "%s: CR2", k->name);
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	loop32_setup(&l1, LOOP32_AC);
	timeout_enable(0);
	paging32_enable();
	memcpy(alternate_gdt, l1_gdt32, 5 * 8);
	alternate_gdt[CODE_ABSENT / 8] = 0x00cf1b000000ffff;    /* as the ring-0 segments, P = 0 */
	alternate_gdt[STACK_ABSENT / 8] = 0x00cf13000000ffff;
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)alternate_gdt);
	vmcs_write(GUEST_GDTR_LIMIT, sizeof(alternate_gdt) - 1);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		test(&kinds[i]);
}
