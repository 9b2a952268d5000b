/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-instruction - VM-exit instruction information and exit qualification of instructions.
 *
 * Claim:    descriptor-table, VMX, RDRAND, control-register, debug-register and I/O instructions that
 *           exit describe their operands: scale, address size, register or memory, segment, index,
 *           base, second register or identity, displacement (plus the next RIP when RIP-relative),
 *           operand size, port and direction, linear address of a string or memory operand.
 * Manual:   SDM Vol. 3C, "Information for VM exits due to instruction execution", "Basic VM-exit
 *           information", "Instructions that cause VM exits".
 * Expected: all claims hold on any CPU; instructions without their control are skipped.
 */
#include "l1.h"

/* Fields of the instruction information */
#define SCALE(n)        ((uint32_t)(n))                 /* encoded: 0 to 3 */
#define REG1(n)         ((uint32_t)(n) << 3)
#define ADDR(n)         ((uint32_t)(n) << 7)            /* 0: 16 bits, 1: 32, 2: 64 */
#define REGISTER        (1u << 10)
#define OPERAND(n)      ((uint32_t)(n) << 11)
#define SEGMENT(n)      ((uint32_t)(n) << 15)
#define INDEX(n)        ((uint32_t)(n) << 18)
#define NO_INDEX        (1u << 22)
#define BASE(n)         ((uint32_t)(n) << 23)
#define NO_BASE         (1u << 27)
#define REG2(n)         ((uint32_t)(n) << 28)

#define MEMORY_FIELDS   (ADDR(7) | REGISTER | SEGMENT(7) | NO_INDEX | NO_BASE)
#define WITH_INDEX      (SCALE(3) | INDEX(15))
#define WITH_BASE       BASE(15)
#define REGISTER_FIELDS (REG1(15) | REGISTER)
#define IDENTITY        REG2(3)
#define ANY             (~0ul)                          /* qualification not judged */

enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS };
enum need { NOTHING, DESCRIPTORS, RDRAND, USER_WAIT };

#define REASON_INVEPT   50
#define REASON_VMREAD   23
#define REASON_VMWRITE  25
#define REASON_VMCLEAR  19
#define REASON_CR       28
#define REASON_IO       30
#define REASON_UMWAIT   67
#define REASON_TPAUSE   68

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint8_t buffer[64];

static const struct operand {
	const char *name;
	enum need need;
	uint32_t reason;
	const char *code;       /* label */
	uint32_t judged, info;
	uint64_t qualification;
} *operands;

#define CODE(n) extern const char code##n[]
CODE(0); CODE(1); CODE(2); CODE(3); CODE(4); CODE(5); CODE(6); CODE(7); CODE(8); CODE(9);
CODE(10); CODE(11); CODE(12); CODE(13); CODE(14); CODE(15); CODE(16); CODE(17); CODE(18);
extern const char rip_target[];

asm(".text\n"
    "code0: sgdt 0x12(%rbx, %r9, 4)\n"
    "code1: lidt -0x10(%rsp)\n"
    "code2: lgdt rip_target(%rip)\n"
    "code3: sidt %fs:0x1234(, %r12, 8)\n"
    "code4: lidt (%r13d)\n"
    "code5: str %r11w\n"
    "code6: sldt 0x7fffffff(%rax)\n"
    "code7: lldt %cx\n"
    "code8: ltr (%rbp)\n"
    "code9: vmread %rdx, %r8\n"
    "code10: vmwrite 8(%rdi), %rsi\n"
    "code11: invept (%rax), %r10\n"
    "code12: vmclear %gs:(%rcx)\n"
    "code13: rdrand %ax\n"
    "code14: rdrand %r9d\n"
    "code15: rdrand %r15\n"
    "code16: sgdt (%r12)\n"
    "code17: .byte 0x66, 0x41, 0x0f, 0xae, 0xf1\n" /* TPAUSE R9D */
    "code18: .byte 0xf2, 0x0f, 0xae, 0xf6\n"       /* UMWAIT ESI */
    "rip_target: vmcall\n");

static const struct operand table[] = {
	{ "SGDT 0x12(RBX + R9 * 4)", DESCRIPTORS, REASON_GDTR_IDTR, code0,
	  MEMORY_FIELDS | WITH_INDEX | WITH_BASE | IDENTITY,
	  SCALE(2) | ADDR(2) | SEGMENT(SEG_DS) | INDEX(R9) | BASE(RBX) | REG2(0), 0x12 },
	{ "LIDT -0x10(RSP)", DESCRIPTORS, REASON_GDTR_IDTR, code1, MEMORY_FIELDS | WITH_BASE | IDENTITY,
	  ADDR(2) | SEGMENT(SEG_SS) | NO_INDEX | BASE(4) | REG2(3), -0x10ul },
	{ "LGDT (RIP)", DESCRIPTORS, REASON_GDTR_IDTR, code2, MEMORY_FIELDS | IDENTITY,
	  ADDR(2) | SEGMENT(SEG_DS) | NO_INDEX | NO_BASE | REG2(2), (uint64_t)rip_target },
	{ "SIDT FS:0x1234(R12 * 8)", DESCRIPTORS, REASON_GDTR_IDTR, code3,
	  MEMORY_FIELDS | WITH_INDEX | IDENTITY,
	  SCALE(3) | ADDR(2) | SEGMENT(SEG_FS) | INDEX(R12) | NO_BASE | REG2(1), 0x1234 },
	{ "LIDT (R13D)", DESCRIPTORS, REASON_GDTR_IDTR, code4, MEMORY_FIELDS | WITH_BASE | IDENTITY,
	  ADDR(1) | SEGMENT(SEG_DS) | NO_INDEX | BASE(R13) | REG2(3), 0 },
	{ "STR R11W", DESCRIPTORS, REASON_LDTR_TR, code5, REGISTER_FIELDS | IDENTITY,
	  REGISTER | REG1(R11) | REG2(1), 0 },
	{ "SLDT 0x7fffffff(RAX)", DESCRIPTORS, REASON_LDTR_TR, code6, MEMORY_FIELDS | WITH_BASE | IDENTITY,
	  ADDR(2) | SEGMENT(SEG_DS) | NO_INDEX | BASE(RAX) | REG2(0), 0x7fffffff },
	{ "LLDT CX", DESCRIPTORS, REASON_LDTR_TR, code7, REGISTER_FIELDS | IDENTITY,
	  REGISTER | REG1(RCX) | REG2(2), 0 },
	{ "LTR (RBP)", DESCRIPTORS, REASON_LDTR_TR, code8, MEMORY_FIELDS | WITH_BASE | IDENTITY,
	  ADDR(2) | SEGMENT(SEG_SS) | NO_INDEX | BASE(RBP) | REG2(3), 0 },
	{ "VMREAD R8, RDX", NOTHING, REASON_VMREAD, code9, REGISTER_FIELDS | REG2(15),
	  REGISTER | REG1(R8) | REG2(RDX), 0 },
	{ "VMWRITE RSI, 8(RDI)", NOTHING, REASON_VMWRITE, code10, MEMORY_FIELDS | WITH_BASE | REG2(15),
	  ADDR(2) | SEGMENT(SEG_DS) | NO_INDEX | BASE(RDI) | REG2(RSI), 8 },
	{ "INVEPT R10, (RAX)", NOTHING, REASON_INVEPT, code11, MEMORY_FIELDS | WITH_BASE | REG2(15),
	  ADDR(2) | SEGMENT(SEG_DS) | NO_INDEX | BASE(RAX) | REG2(R10), 0 },
	{ "VMCLEAR GS:(RCX)", NOTHING, REASON_VMCLEAR, code12, MEMORY_FIELDS | WITH_BASE,
	  ADDR(2) | SEGMENT(5) | NO_INDEX | BASE(RCX), 0 },
	{ "RDRAND AX", RDRAND, REASON_RDRAND, code13, REG1(15) | OPERAND(3), REG1(RAX) | OPERAND(0), ANY },
	{ "RDRAND R9D", RDRAND, REASON_RDRAND, code14, REG1(15) | OPERAND(3), REG1(R9) | OPERAND(1), ANY },
	{ "RDRAND R15", RDRAND, REASON_RDRAND, code15, REG1(15) | OPERAND(3), REG1(R15) | OPERAND(2), ANY },
	{ "TPAUSE R9D", USER_WAIT, REASON_TPAUSE, code17, REG1(15) | OPERAND(3), REG1(R9) | OPERAND(1), ANY },
	{ "UMWAIT ESI", USER_WAIT, REASON_UMWAIT, code18, REG1(15) | OPERAND(3), REG1(RSI) | OPERAND(1), ANY },
	{ "SGDT (R12)", DESCRIPTORS, REASON_GDTR_IDTR, code16, MEMORY_FIELDS | WITH_BASE | IDENTITY,
	  ADDR(2) | SEGMENT(SEG_DS) | NO_INDEX | BASE(R12) | REG2(0), 0 },
};

static bool available(enum need need)
{
	if (need == DESCRIPTORS)
		return vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_DESCRIPTOR_TABLE);
	if (need == RDRAND)
		return cpuid(1, 0).ecx & 1u << 30 &&
		       vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_RDRAND);
	if (need == USER_WAIT)
		return vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_USER_WAIT) &&
		       vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_RDTSC);
	return true;
}

static void test_operand(const struct operand *o)
{
	if (!available(o->need)) {
		skip("not announced", "%s", o->name);
		return;
	}
	l1_restart(o->code, stack + sizeof(stack));
	if (!l1_run_to(&l1, o->reason, "%s exits", o->name))
		return;
	check_equal(vmcs_read(EXIT_INSTRUCTION_INFO) & o->judged, o->info,
		    "%s: instruction information", o->name);
	if (o->qualification != ANY)
		check_equal(l1.exit.qualification, o->qualification, "%s: displacement", o->name);
}

/* ---- 32-bit L1: the operand size of LGDT and LIDT is defined there ---------------------------- */

extern const char lgdt32[], lgdt16[], lidt_bx[];
asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "lgdt32: lgdt 0x20(%esi)\n"
    "lgdt16: lgdtw 0x20(%esi)\n"
    "lidt_bx: addr16 lidt 0x20(%bx, %di)\n"
    ".code64\n"
    ".text\n");

static void test_32(const char *name, const char *code, uint32_t judged, uint32_t info)
{
	vmcs_write(GUEST_RIP, (uint64_t)code);
	if (!l1_run_to(&l1, REASON_GDTR_IDTR, "32-bit, %s exits", name))
		return;
	check_equal(vmcs_read(EXIT_INSTRUCTION_INFO) & (judged | MEMORY_FIELDS | OPERAND(1) | IDENTITY), info,
		    "32-bit, %s: instruction information", name);
	check_equal(l1.exit.qualification, 0x20, "32-bit, %s: displacement", name);
}

static void test_operand_size(void)
{
	l1_setup(&l1, L1_PROT32, lgdt32, l1_stack32_top, 0);
	if (!available(DESCRIPTORS)) {
		skip("not announced", "operand size of LGDT");
		return;
	}
	test_32("LGDT", lgdt32, WITH_BASE,
		ADDR(1) | OPERAND(1) | SEGMENT(SEG_DS) | NO_INDEX | BASE(RSI) | REG2(2));
	test_32("LGDT with operand size 16", lgdt16, WITH_BASE,
		ADDR(1) | SEGMENT(SEG_DS) | NO_INDEX | BASE(RSI) | REG2(2));
	test_32("LIDT (BX + DI)", lidt_bx, WITH_BASE | WITH_INDEX,
		OPERAND(1) | SEGMENT(SEG_DS) | INDEX(RDI) | BASE(RBX) | REG2(3));
}

/* ---- Control and debug registers, I/O --------------------------------------------------------- */

extern const char mov_dr[], mov_cr3[], clts[], lmsw_mem[], outs[], in_imm[], rep_ins[];
asm("mov_dr: mov %r9, %dr7\n"
    "mov_cr3: mov %cr3, %r10\n"
    "clts: clts\n"
    "lmsw_mem: lmsw 4(%rbx)\n"
    "outs: outsl %fs:(%esi), %dx\n"
    "in_imm: in $0x71, %ax\n"
    "rep_ins: rep insb\n");

static void expect_qualification(const char *name, const char *code, uint32_t reason, uint64_t want)
{
	l1_restart(code, stack + sizeof(stack));
	if (l1_run_to(&l1, reason, "%s exits", name))
		check_equal(l1.exit.qualification, want, "%s: exit qualification", name);
}

#define PROC_CR3_STORE  (1u << 16)
#define PROC_IO         (1u << 24)
#define CR0_TS          (1ul << 3)

static void test_registers(void)
{
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_MOV_DR | PROC_CR3_STORE | PROC_IO);
	expect_qualification("MOV to DR7", mov_dr, REASON_MOV_DR, 7 | R9 << 8);
	expect_qualification("MOV from CR3", mov_cr3, REASON_CR, 3 | 1 << 4 | R10 << 8);
	vmcs_write(CR0_GUEST_HOST_MASK, CR0_TS);
	vmcs_write(CR0_READ_SHADOW, CR0_TS);
	expect_qualification("CLTS", clts, REASON_CR, 2 << 4);
	buffer[4] = CR0_PE;
	l1.gpr[RBX] = (uint64_t)buffer;
	expect_qualification("LMSW from memory", lmsw_mem, REASON_CR, 3 << 4 | 1 << 6 | CR0_PE << 16);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), (uint64_t)buffer + 4,
		    "LMSW from memory: guest-linear address");
	vmcs_write(CR0_GUEST_HOST_MASK, 0);
}

/* The instruction information of INS and OUTS is announced in IA32_VMX_BASIC bit 54. */
static void test_io(void)
{
	l1.gpr[RDX] = 0x3fc;
	l1.gpr[RSI] = 0x100000000ul | (uint64_t)buffer;
	expect_qualification("OUTS", outs, REASON_IO, 3 | 1 << 4 | 0x3fc << 16);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), (uint64_t)buffer, "OUTS: guest-linear address");
	if (rdmsr(MSR_VMX_BASIC) & 1ul << 54)
		check_equal(vmcs_read(EXIT_INSTRUCTION_INFO) & (ADDR(7) | SEGMENT(7)),
			    ADDR(1) | SEGMENT(SEG_FS), "OUTS: instruction information");
	expect_qualification("IN from an immediate port", in_imm, REASON_IO, 1 | 1 << 3 | 1 << 6 | 0x71 << 16);
	l1.gpr[RDI] = (uint64_t)buffer;
	l1.gpr[RCX] = 2;
	expect_qualification("REP INS", rep_ins, REASON_IO, 0 | 1 << 3 | 1 << 4 | 1 << 5 | 0x3fc << 16);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), (uint64_t)buffer, "REP INS: guest-linear address");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, code0, stack + sizeof(stack), 0);
	for (operands = table; operands < table + ARRAY_SIZE(table); operands++)
		test_operand(operands);
	test_registers();
	test_io();
	test_operand_size();
}
