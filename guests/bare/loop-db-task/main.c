/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db-task - a #DB that goes through a task gate of a 32-bit L1 never loops: it exits.
 *
 * Claim:    in 32-bit mode only a task gate gives #DB the same stack each time; in VMX non-root operation it causes a
 *           task-switch VM exit before any frame is written, whatever raised the #DB, also with breakpoints where a frame
 *           would be, and never an instruction timeout.
 * Manual:   SDM Vol. 3C, "Treatment of task switches", "Basic VM-exit information" (task switch).
 * Expected: all claims hold on any CPU.
 */
#include "dbloop.h"
#include "task32.h"

#define SOURCE_GATE     3ul

extern const char task_nops[], task_store[];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "task_nops: nop; nop; vmcall\n"
    "task_store: movl $1, (%ebx); nop; vmcall\n"
    ".code64\n"
    ".text\n");

static struct l1 l1;

static void test(const char *what, const char *code, uint64_t rflags, uint64_t dr7)
{
	vmcs_write(GUEST_RIP, (uint64_t)code);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_DR7, DR7_INIT | dr7);
	if (!l1_run_to(&l1, REASON_TASK_SWITCH, "%s: a task switch exits", what))
		return;
	check_equal(l1.exit.qualification, SOURCE_GATE << 30 | TASK32_AVAILABLE, "%s: exit qualification", what);
	check_equal(l1.exit.idt_vectoring_info, DBLOOP_INFO, "%s: IDT-vectoring information", what);
}

void guest_main(void)
{
	uint64_t below_top = (uint64_t)l1_stack32_top - 4;

	vmx_on();
	l1_setup(&l1, L1_PROT32, task_nops, l1_stack32_top, 0);
	task32_setup();
	task32_gate(VECTOR_DB);
	if (timeout_available())
		timeout_enable(0);

	l1.gpr[RBX] = below_top;
	test("single step", task_nops, RFLAGS_TF, dbloop_breakpoint(0, BREAK_WRITE, (void *)below_top, 4));
	test("data breakpoint", task_store, 0, dbloop_breakpoint(0, BREAK_WRITE, (void *)below_top, 4));
	test("breakpoint on the old TSS", task_nops, RFLAGS_TF, dbloop_breakpoint(0, BREAK_WRITE, l1_tss32 + 0x20, 4));
}
