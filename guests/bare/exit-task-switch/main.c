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
#include "l1.h"

#define TSS_AVAILABLE   0x30
#define TSS_BUSY        0x38
#define TSS_ABSENT      0x40
#define RFLAGS_NT       (1ul << 14)
#define VECTOR          20              /* reserved by Intel, raised by nothing but INT n here */

enum source { FROM_CALL, FROM_IRET, FROM_JMP, FROM_GATE };

extern const char jmp_tss[], call_tss[], iret_nt[], int_gate[], ud_gate[], gp_gate[], jmp_busy[], jmp_absent[];
extern uint64_t task_gdt[9];
extern uint8_t new_tss[];
extern char l1_gdt32[], l1_tss32[];
extern uint64_t l1_idt32[32];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "jmp_tss: ljmp $0x30, $0\n"
    "call_tss: lcall $0x30, $0\n"
    "iret_nt: iret\n"
    "int_gate: int $20\n"
    "ud_gate: ud2\n"
    "gp_gate: mov %ebx, %ds\n"
    "jmp_busy: ljmp $0x38, $0\n"
    "jmp_absent: ljmp $0x40, $0\n"
    ".balign 8\n"
    "task_gdt: .skip 9 * 8\n"
    "new_tss: .skip 128\n"
    ".code64\n"
    ".text\n");

static struct l1 l1;

static uint64_t tss_descriptor(uint64_t type)
{
	uint64_t base = (uint64_t)new_tss;

	return 0x67 | (base & 0xffffff) << 16 | type << 40 | (base >> 24 & 0xff) << 56;
}

static void make_tables(void)
{
	memcpy(task_gdt, l1_gdt32, 5 * 8);
	task_gdt[TSS_AVAILABLE / 8] = tss_descriptor(0x89);
	task_gdt[TSS_BUSY / 8] = tss_descriptor(0x8b);
	task_gdt[TSS_ABSENT / 8] = tss_descriptor(0x09);
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)task_gdt);
	vmcs_write(GUEST_GDTR_LIMIT, sizeof(task_gdt) - 1);
	for (unsigned v = 0; v < 32; v++)
		l1_idt32[v] = (uint64_t)TSS_AVAILABLE << 16 | 0x85ull << 40;
	*(uint16_t *)l1_tss32 = TSS_BUSY;       /* link to the previous task */
}

static void begin(const char *code, uint64_t rflags)
{
	vmcs_write(GUEST_RIP, (uint64_t)code);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
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
	expect("JMP", jmp_tss, FROM_JMP, TSS_AVAILABLE, 7, 0);
	begin(call_tss, 0);
	expect("CALL", call_tss, FROM_CALL, TSS_AVAILABLE, 7, 0);
	begin(iret_nt, RFLAGS_NT);
	expect("IRET with NT", iret_nt, FROM_IRET, TSS_BUSY, 1, 0);
}

static void test_gates(void)
{
	begin(int_gate, 0);
	expect("INT n", int_gate, FROM_GATE, TSS_AVAILABLE, 2, INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	check_equal(l1.exit.rflags & RFLAGS_RF, 0, "INT n: RF = 0");
	begin(ud_gate, 0);
	expect("#UD", ud_gate, FROM_GATE, TSS_AVAILABLE, 0, INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD);
	check_equal(l1.exit.rflags & RFLAGS_RF, RFLAGS_RF, "#UD: RF = 1");
	begin(gp_gate, 0);
	l1.gpr[RBX] = 0x7770;
	expect("#GP", gp_gate, FROM_GATE, TSS_AVAILABLE, 0,
	       INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_GP);
	check_equal(l1.exit.idt_vectoring_error, 0x7770, "#GP: IDT-vectoring error code");
	begin(ud_gate, RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	expect("injected interrupt", ud_gate, FROM_GATE, TSS_AVAILABLE, 0,
	       INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	check_equal(l1.exit.rflags & (RFLAGS_RF | RFLAGS_IF), RFLAGS_IF, "injected interrupt: RFLAGS");
	begin(int_gate, 0);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, 2);
	expect("injected INT n", int_gate, FROM_GATE, TSS_AVAILABLE, 2,
	       INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR);
	begin(ud_gate, 0);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI);
	expect("injected NMI", ud_gate, FROM_GATE, TSS_AVAILABLE, 0, INFO_TYPE_NMI | VECTOR_NMI);
	check_equal(l1.exit.interruptibility, INTERRUPTIBILITY_NMI, "injected NMI: NMIs are blocked");
}

static void test_checks(void)
{
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP | 1u << VECTOR_NP);
	begin(jmp_busy, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "JMP to a busy task faults")) {
		check_equal(l1.exit.interruption_info & 0xff, VECTOR_GP, "JMP to a busy task: #GP");
		check_equal(l1.exit.interruption_error, TSS_BUSY, "JMP to a busy task: error code");
	}
	begin(jmp_absent, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "JMP to an absent task faults")) {
		check_equal(l1.exit.interruption_info & 0xff, VECTOR_NP, "JMP to an absent task: #NP");
		check_equal(l1.exit.interruption_error, TSS_ABSENT, "JMP to an absent task: error code");
	}
	check_equal(task_gdt[TSS_AVAILABLE / 8] >> 40 & 0xff, 0x89, "no descriptor was marked busy");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_PROT32, jmp_tss, l1_stack32_top, 0);
	make_tables();
	test_instructions();
	test_gates();
	test_checks();
}
