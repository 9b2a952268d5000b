/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit-vmx - the VMX part of the kit works, without the feature under test.
 *
 * Claim:    L1 guests in 64-bit mode and in 32-bit protected mode without paging run, exit and are
 *           resumed with all registers kept; an intercepted #AC and an injected one are recorded as
 *           the manual says; interrupts wake HLT.
 * Manual:   SDM Vol. 3C, chapters "VMX non-root operation", "VM entries", "VM exits".
 * Expected: all claims hold on any CPU with EPT and unrestricted guest.
 */
#include "loop32.h"
#include "timer.h"

#define TIMER_VECTOR    0x40
#define TIMER_COUNT     10000
#define PATTERN(i)      (0x0101010101010101ul * ((i) + 1))

void registers64(void);
extern const char cpuid32[];

static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);
static volatile unsigned ticks;

/* Adds 1 to every general register but RSP, then VMCALL, for ever. */
asm(".text\n"
    "registers64:\n"
    "	inc %rax; inc %rcx; inc %rdx; inc %rbx; inc %rbp; inc %rsi; inc %rdi; inc %r8\n"
    "	inc %r9; inc %r10; inc %r11; inc %r12; inc %r13; inc %r14; inc %r15\n"
    "	vmcall\n"
    "	jmp registers64\n");

/* In 32-bit mode byte 0x40 is INC EAX; in 64-bit mode it would be a prefix. */
asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "cpuid32: cpuid; .byte 0x40; vmcall; hlt\n"
    ".code64\n"
    ".text\n");

static void run_to(struct l1 *l1, uint32_t reason, const char *what)
{
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (!check_equal(l1->exit.reason, reason, "%s", what))
		vmx_note_exit(l1);
}

static void test_registers(void)
{
	struct l1 l1;
	struct tally kept = { .what = "registers come in, go out and are kept" };

	l1_setup(&l1, L1_LONG64, registers64, stack_top, 0);
	for (unsigned i = 0; i < GPR_COUNT; i++)
		l1.gpr[i] = PATTERN(i);
	for (unsigned round = 1; round <= 3; round++) {
		run_to(&l1, REASON_VMCALL, "64-bit: VMCALL exits");
		for (unsigned i = 0; i < GPR_COUNT; i++)
			tally_equal(&kept, l1.gpr[i], PATTERN(i) + (i == RSP_UNUSED ? 0 : round));
		l1_skip_instruction(&l1, 3);
	}
	tally_check(&kept, "64-bit");
}

static void cpuid_and_return(void)
{
	cpuid(0, 0);
}

static void test_cpuid64(void)
{
	struct l1 l1;

	l1_setup(&l1, L1_LONG64, cpuid_and_return, stack_top, 0);
	run_to(&l1, REASON_CPUID, "64-bit: CPUID exits");
	check_equal(l1.exit.instruction_length, 2, "64-bit: instruction length of CPUID");
	l1_skip_instruction(&l1, 2);
	run_to(&l1, REASON_VMCALL, "64-bit: an L1 function returns to VMCALL");
	check_equal(l1.gpr[RAX], L1_RETURNED, "64-bit: and RAX says so");
}

static void on_timer(struct trap_frame *f)
{
	(void)f;
	ticks++;
	apic_eoi();
}

static void halt(void)
{
	apic_timer_start(TIMER_VECTOR, TIMER_COUNT);
	while (!ticks)
		asm volatile("sti; hlt; cli");
}

static void test_halt(void)
{
	struct l1 l1;

	apic_enable();
	trap_set(TIMER_VECTOR, on_timer);
	l1_setup(&l1, L1_LONG64, halt, stack_top, 0);
	run_to(&l1, REASON_VMCALL,
	       "64-bit: HLT is left by a timer interrupt that L1 handles itself");
	check_equal(ticks, 1, "64-bit: one interrupt");
	trap_set(TIMER_VECTOR, NULL);
}

static void test_prot32(void)
{
	struct l1 l1;

	l1_setup(&l1, L1_PROT32, cpuid32, l1_stack32_top, 0);
	run_to(&l1, REASON_CPUID, "32-bit: CPUID exits");
	l1.gpr[RAX] = 0x1ffffffff;
	l1_skip_instruction(&l1, 2);
	run_to(&l1, REASON_VMCALL, "32-bit: VMCALL exits");
	check_equal((uint32_t)l1.gpr[RAX], 0, "32-bit: INC EAX wraps at 32 bits");
	l1_skip_instruction(&l1, 3);
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) | PROC_HLT);
	run_to(&l1, REASON_HLT, "32-bit: HLT exits when told to");
	vmcs_write(GUEST_RIP, 0x400000);
	run_to(&l1, REASON_EPT_VIOLATION, "32-bit: a fetch outside its pages is an EPT violation");
}

/* The attack of ac-loop with the interception that breaks it. */
static void test_intercepted_ac(void)
{
	struct l1 l1;

	loop32_setup(&l1, LOOP32_AC);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_AC);
	run_to(&l1, REASON_EXCEPTION_NMI, "#AC: intercepted at CPL 3");
	check_equal(l1.exit.interruption_info & ~0x1000u,
		    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC,
		    "#AC: VM-exit interruption information");
	check_equal(l1.exit.rip, (uint64_t)loop32_load, "#AC: RIP is the misaligned load");
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "#AC: not during a delivery");

	/*
	 * Delivered by the VM entry, its frame goes to the misaligned stack: #AC during the
	 * delivery of #AC.
	 */
	vmcs_write(ENTRY_INTERRUPTION_INFO,
		   INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC);
	vmcs_write(ENTRY_ERROR_CODE, 0);
	run_to(&l1, REASON_EXCEPTION_NMI, "#AC: injected, intercepted again");
	check_equal(l1.exit.idt_vectoring_info & ~0x1000u,
		    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC,
		    "#AC: now during the delivery of an #AC");
	check_equal(l1.exit.entry_info & INFO_VALID, 0, "#AC: the VM entry's event is used up");
}

/* #NP intercepted: proves that the other loop begins as described. */
static void test_intercepted_np(void)
{
	struct l1 l1;

	loop32_setup(&l1, LOOP32_NP);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_NP);
	run_to(&l1, REASON_EXCEPTION_NMI, "#NP: intercepted");
	check_equal(l1.exit.interruption_info & 0xff, VECTOR_NP, "#NP: it is #NP");
	check_equal(l1.exit.interruption_error & ~1u, VECTOR_AC * 8 + 2,
		    "#NP: its error code names IDT entry 17");
	check_equal(l1.exit.idt_vectoring_info & 0xff, VECTOR_AC,
		    "#NP: during the delivery of #AC");
	l1_reinject(&l1);
	run_to(&l1, REASON_EXCEPTION_NMI, "#NP: the #AC delivered again meets it again");
}

/*
 * A present gate and an aligned stack: the handler is reached, so nothing but the misalignment
 * closes the loop.
 */
static void test_aligned_stack(void)
{
	struct l1 l1;

	loop32_setup(&l1, LOOP32_AC);
	vmcs_write(GUEST_RSP, loop32_esp() - 1);
	run_to(&l1, REASON_VMCALL, "aligned stack: the ring-3 #AC handler is reached");
	check_equal(l1.gpr[RAX], LOOP32_HANDLER, "aligned stack: by the delivery");
}

void guest_main(void)
{
	uint64_t value;

	vmx_on();
	test_registers();
	test_cpuid64();
	test_halt();
	test_prot32();
	test_intercepted_ac();
	test_intercepted_np();
	test_aligned_stack();
	check_equal((uint64_t)vmread(0x6fff, &value), VMERR_UNSUPPORTED_FIELD,
		    "VMREAD of no field: error 12");
	check_equal((uint64_t)vmwrite(0x6fff, 0), VMERR_UNSUPPORTED_FIELD,
		    "VMWRITE of no field: error 12");
}
