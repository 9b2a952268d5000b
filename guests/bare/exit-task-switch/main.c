/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-task-switch - task switches in a 32-bit L1.
 *
 * Claim:    CALL, JMP, IRET and an event through a task gate exit instead of switching the task, with
 *           the selector of the new TSS and the source in the exit qualification, the state of the
 *           old task as it was, the event as IDT-vectoring information and the instruction length
 *           where an instruction is the cause; checks of the descriptor come first and fault.
 * Manual:   SDM Vol. 3C, "Treatment of task switches", "Basic VM-exit information", "Saving RIP, RSP,
 *           RFLAGS, and SSP", "Information for VM exits due to instruction execution".
 * Expected: all claims hold on any CPU with unrestricted guest.
 */
#include "task32_switch.h"

enum source { FROM_CALL, FROM_IRET, FROM_JMP, FROM_GATE };

static struct l1 l1;

static void begin(const char *code, uint64_t rflags)
{
	task32_begin(code, rflags, 0);
}

/* length 0: no instruction is the cause. */
static void expect(const char *what, const char *code, enum source source, uint16_t selector,
		   unsigned length, uint32_t vectoring)
{
	uint64_t rsp = vmcs_read(GUEST_RSP);

	if (!l1_run_to(&l1, REASON_TASK_SWITCH, "%s exits", what))
		return;
	check_equal(l1.exit.qualification, (uint64_t)source << 30 | selector, "%s: exit qualification", what);
	check_equal(l1.exit.rip, (uint64_t)code, "%s: RIP", what);
	check_equal(l1.exit.rsp, rsp, "%s: RSP", what);
	if (length)
		check_equal(l1.exit.instruction_length, length, "%s: instruction length", what);
	if (vectoring)
		check_equal(l1.exit.idt_vectoring_info & ~0x1000u, INFO_VALID | vectoring,
			    "%s: IDT-vectoring information", what);
	else
		check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: not during delivery", what);
}

static void test_instructions(void)
{
	begin(jmp_tss, 0);
	expect("JMP", jmp_tss, FROM_JMP, TASK32_AVAILABLE, 7, 0);
	begin(call_tss, 0);
	expect("CALL", call_tss, FROM_CALL, TASK32_AVAILABLE, 7, 0);
	begin(iret_nt, RFLAGS_NT);
	expect("IRET with NT", iret_nt, FROM_IRET, TASK32_BUSY, 1, 0);
}

static void test_gates(void)
{
	begin(int_gate, 0);
	expect("INT n", int_gate, FROM_GATE, TASK32_AVAILABLE, 2, INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	check_equal(l1.exit.rflags & RFLAGS_RF, 0, "INT n: RF = 0");
	begin(ud_gate, 0);
	expect("#UD", ud_gate, FROM_GATE, TASK32_AVAILABLE, 0, INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD);
	check_equal(l1.exit.rflags & RFLAGS_RF, RFLAGS_RF, "#UD: RF = 1");
	begin(gp_gate, 0);
	l1.gpr[RBX] = 0x7770;
	expect("#GP", gp_gate, FROM_GATE, TASK32_AVAILABLE, 0,
	       INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_GP);
	check_equal(l1.exit.idt_vectoring_error, 0x7770, "#GP: IDT-vectoring error code");
	begin(ud_gate, RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	expect("injected interrupt", ud_gate, FROM_GATE, TASK32_AVAILABLE, 0,
	       INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	check_equal(l1.exit.rflags & (RFLAGS_RF | RFLAGS_IF), RFLAGS_IF, "injected interrupt: RFLAGS");
	begin(int_gate, 0);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, 2);
	expect("injected INT n", int_gate, FROM_GATE, TASK32_AVAILABLE, 2,
	       INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	begin(ud_gate, 0);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI);
	expect("injected NMI", ud_gate, FROM_GATE, TASK32_AVAILABLE, 0, INFO_TYPE_NMI | VECTOR_NMI);
	check_equal(l1.exit.interruptibility, INTERRUPTIBILITY_NMI, "injected NMI: NMIs are blocked");
}

static void test_checks(void)
{
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP | 1u << VECTOR_NP);
	begin(jmp_busy, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "JMP to a busy task faults")) {
		check_equal(l1.exit.interruption_info & 0xff, VECTOR_GP, "JMP to a busy task: #GP");
		check_equal(l1.exit.interruption_error, TASK32_BUSY, "JMP to a busy task: error code");
	}
	begin(jmp_absent, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "JMP to an absent task faults")) {
		check_equal(l1.exit.interruption_info & 0xff, VECTOR_NP, "JMP to an absent task: #NP");
		check_equal(l1.exit.interruption_error, TASK32_ABSENT, "JMP to an absent task: error code");
	}
	check_equal(task32_access(TASK32_AVAILABLE), 0x89, "no descriptor was marked busy");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_PROT32, jmp_tss, l1_stack32_top, 0);
	task32_gates();
	test_instructions();
	test_gates();
	test_checks();
}
