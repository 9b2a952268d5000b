/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db - #DB on the delivery of #DB, without end, is left by an instruction timeout.
 *
 * Claim:    #DB has an interrupt stack, and a data breakpoint on its stack frame: whichever slot of the frame it is on,
 *           whether for writes or for reads and writes, and whatever raised the first #DB (a data breakpoint, an
 *           instruction breakpoint, single-stepping, INT1, an event that the VM entry injects), the handler is never
 *           reached (CVE-2015-8104) and the loop is left by a VM exit with reason 75 whose record is as specified.
 * Manual:   SDM Vol. 3B, "Debug registers", "Breakpoint exception conditions"; Vol. 3A, "Interrupt stack table"; Vol. 3C,
 *           "Instruction-timeout control", "Information for VM exits that occur during event delivery".
 * Expected: all claims hold.
 */
#include "dbloop.h"
#include "timeout_record.h"

#define SLOTS           5

void store(void);
void step(void);
void int1(void);

asm(".text\n"
    "store: movl $1, (%rdi); nop; vmcall\n"
    "step: nop; nop; vmcall\n"
    "int1: .byte 0xf1; nop; vmcall\n");

static const struct start {
	const char *name;
	void (*code)(void);
	uint64_t rflags;
	uint32_t inject;
	bool data, execute;
} starts[] = {
	{ "data breakpoint", store, 0, 0, true, false },
	{ "instruction breakpoint", step, 0, 0, false, true },
	{ "single step", step, RFLAGS_TF, 0, false, false },
	{ "INT1", int1, 0, 0, false, false },
	{ "#DB injected", step, 0, INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB, false, false },
	{ "INT1 injected", step, 0, INFO_VALID | INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB, false, false },
};

static uint8_t stack[4096] __attribute__((aligned(16)));
static volatile uint64_t watched;
static struct l1 l1;

static void one_exit(const struct start *s, unsigned slot, enum breakpoint kind, struct timeout_record *record)
{
	const struct timeout_expect want = {
		.rip = desc_idt_target(VECTOR_DB), .rsp = dbloop_stack(), .rflags = RFLAGS_FIXED,
		.idt_vectoring_info = DBLOOP_INFO,
	};
	uint64_t dr7 = DR7_INIT | dbloop_breakpoint(0, kind, (void *)(dbloop_stack() + 8 * slot), 8);

	if (s->data)
		dr7 |= dbloop_breakpoint(1, BREAK_WRITE, &watched, 4);
	if (s->execute)
		dr7 |= dbloop_breakpoint(1, BREAK_EXECUTE, s->code, 1);
	l1_restart(s->code, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | s->rflags);
	vmcs_write(GUEST_DR7, dr7);
	vmcs_write(ENTRY_INTERRUPTION_INFO, s->inject);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, 1);
	write_dr6(DR6_INIT);
	l1.gpr[RDI] = (uint64_t)&watched;
	if (!vmx_run(&l1))
		bail("%s: VM entry failed: error %u", s->name, l1.entry_failure);
	if (l1.exit.reason != REASON_INSTRUCTION_TIMEOUT)
		vmx_note_exit(&l1);
	timeout_record_add(record, &l1.exit, &want);
}

void guest_main(void)
{
	struct timeout_record record;

	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, step, stack + sizeof(stack), 0);
	dbloop_setup(true);
	timeout_enable(0);

	for (enum breakpoint kind = BREAK_WRITE; kind <= BREAK_READ_WRITE; kind++) {
		timeout_record_init(&record);
		for (unsigned slot = 0; slot < SLOTS; slot++)
			one_exit(&starts[0], slot, kind, &record);
		timeout_record_check(&record, "%s breakpoint on each slot of the frame",
				     kind == BREAK_WRITE ? "write" : "read/write");
	}
	for (unsigned i = 1; i < ARRAY_SIZE(starts); i++) {
		timeout_record_init(&record);
		one_exit(&starts[i], 0, BREAK_WRITE, &record);
		timeout_record_check(&record, "begun by %s", starts[i].name);
	}
}
