/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exit-rflags - RFLAGS.RF, IDT-vectoring information and instruction length of VM exits, during the
 *               delivery of an event and not.
 *
 * Claim:    a VM exit during the delivery of an event saves the RF flag of the image that the
 *           delivery would have pushed (1 for a fault, 0 for a trap, an interrupt and INT n), RIP,
 *           RSP as before it, and the event as IDT-vectoring information; other EPT violations save
 *           1, instructions and NMIs that exit save 0, exceptions that exit save the image.
 * Manual:   SDM Vol. 3C, "Saving RIP, RSP, RFLAGS, and SSP", "Information for VM exits that occur
 *           during event delivery", "Information for VM exits due to instruction execution".
 * Expected: all claims hold on any CPU with EPT.
 */
#include "ept.h"
#include "l1.h"
#include "timer.h"

#define INT_VECTOR      0x50

void at_int3(void);
void at_int_n(void);
void at_int1(void);
void at_ud2(void);
void at_nop(void);
void at_cpuid(void);
extern const char after_nop[];

asm(".text\n"
    "at_int3:  int3\n"
    "          vmcall\n"
    "at_int_n: int $0x50; vmcall\n"
    "at_int1:  .byte 0xf1; vmcall\n"
    "at_ud2:   ud2; vmcall\n"
    "at_nop:   nop\n"
    "after_nop: vmcall\n"
    "at_cpuid: cpuid; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t idt[4096] __attribute__((aligned(4096)));
static struct l1 l1;

static void at_nmi(void)
{
	apic_ipi_self(APIC_ICR_NMI);
	for (volatile unsigned i = 0; i < 1000; i++)
		;
}

static void begin(void (*code)(void), uint64_t rflags)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
}

static void expect(const char *what, uint64_t rip, bool rf, uint32_t vectoring)
{
	check_equal(l1.exit.rip, rip, "%s: RIP", what);
	check_equal(l1.exit.rflags & RFLAGS_RF, rf ? RFLAGS_RF : 0, "%s: RF = %d", what, rf);
	if (vectoring)
		check_equal(l1.exit.idt_vectoring_info & ~0x1000u, INFO_VALID | vectoring,
			    "%s: IDT-vectoring information", what);
	else
		check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: not during delivery", what);
}

/* The IDT is out of L1's reach: the first access of a delivery exits. */
static void run_delivery(const char *what, uint64_t rip, bool rf, uint32_t vectoring, unsigned length)
{
	uint64_t rsp = vmcs_read(GUEST_RSP);
	uint32_t type = vectoring & 0x700;

	if (!l1_run_to(&l1, REASON_EPT_VIOLATION, "%s: EPT violation", what))
		return;
	expect(what, rip, rf, vectoring);
	check_equal(l1.exit.rsp, rsp, "%s: RSP", what);
	if (type >= INFO_TYPE_SOFTWARE_INTERRUPT)
		check_equal(l1.exit.instruction_length, length, "%s: instruction length", what);
}

static void inject(uint32_t event, unsigned length)
{
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | event);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, length);
}

static void test_delivery(void)
{
	*ept_entry((uint64_t)idt, 1) &= ~EPT_RWX;
	ept_flush();
	begin(at_int3, 0);
	run_delivery("INT3", (uint64_t)at_int3, false, INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, 1);
	begin(at_int_n, 0);
	run_delivery("INT n", (uint64_t)at_int_n, false, INFO_TYPE_SOFTWARE_INTERRUPT | INT_VECTOR, 2);
	begin(at_int1, 0);
	run_delivery("INT1", (uint64_t)at_int1, false, INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB, 1);
	begin(at_ud2, 0);
	run_delivery("#UD", (uint64_t)at_ud2, true, INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, 0);
	begin(at_nop, RFLAGS_TF);
	run_delivery("single step", (uint64_t)after_nop, false, INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB,
		     0);
	begin(at_nop, RFLAGS_IF);
	inject(INFO_TYPE_EXTERNAL_INTERRUPT | INT_VECTOR, 0);
	run_delivery("injected interrupt", (uint64_t)at_nop, false,
		     INFO_TYPE_EXTERNAL_INTERRUPT | INT_VECTOR, 0);
	begin(at_nop, RFLAGS_RF);
	inject(INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, 0);
	run_delivery("injected #UD with RF = 1", (uint64_t)at_nop, true,
		     INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, 0);
	begin(at_int3, 0);
	inject(INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, 1);
	run_delivery("injected #BP", (uint64_t)at_int3, false, INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP,
		     1);
	begin(at_nop, 0);
	inject(INFO_TYPE_NMI | VECTOR_NMI, 0);
	run_delivery("injected NMI", (uint64_t)at_nop, false, INFO_TYPE_NMI | VECTOR_NMI, 0);
	check_equal(l1.exit.interruptibility & INTERRUPTIBILITY_NMI, INTERRUPTIBILITY_NMI,
		    "injected NMI: NMIs are blocked");
	*ept_entry((uint64_t)idt, 1) |= EPT_RWX;
}

/* #GP because the IDT ends before the gate, intercepted. */
static void test_nested_fault(void)
{
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP);
	vmcs_write(GUEST_IDTR_LIMIT, 16 * VECTOR_BP - 1);
	begin(at_int3, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "#GP in the delivery of INT3: exits")) {
		expect("#GP in the delivery of INT3", (uint64_t)at_int3, true,
		       INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP);
		check_equal(l1.exit.interruption_error, VECTOR_BP * 8 + 2,
			    "#GP in the delivery of INT3: error code without EXT");
		check_equal(l1.exit.instruction_length, 1, "#GP in the delivery of INT3: length");
	}
	vmcs_write(GUEST_IDTR_LIMIT, desc_idt_limit());
}

/* No gate at all: #UD, #GP, #DF. What ends in #DF or a triple fault is not "during delivery". */
static void test_double_fault(void)
{
	vmcs_write(GUEST_IDTR_LIMIT, 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DF);
	begin(at_ud2, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "#DF exits")) {
		check_equal(l1.exit.interruption_info,
			    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DF,
			    "#DF exits: interruption information");
		check_equal(l1.exit.interruption_error, 0, "#DF exits: error code");
		expect("#DF exits", (uint64_t)at_ud2, true, 0);
	}
	vmcs_write(EXCEPTION_BITMAP, 0);
	begin(at_ud2, 0);
	if (l1_run_to(&l1, REASON_TRIPLE_FAULT, "triple fault exits")) {
		check_equal(l1.exit.rip, (uint64_t)at_ud2, "triple fault: RIP");
		check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "triple fault: not during delivery");
	}
	begin(at_ud2, 0);
	inject(INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_DF, 0);
	vmcs_write(ENTRY_ERROR_CODE, 0);
	l1_run_to(&l1, REASON_TRIPLE_FAULT, "a fault in the delivery of an injected #DF: triple fault");
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP);
	begin(at_ud2, 0);
	inject(INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_DF, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "unless the fault itself exits"))
		check_equal(l1.exit.idt_vectoring_info & ~0x1000u,
			    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DF,
			    "then it does so during the delivery of #DF");
	vmcs_write(EXCEPTION_BITMAP, 0);
	vmcs_write(GUEST_IDTR_LIMIT, desc_idt_limit());
}

static void test_exceptions(void)
{
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_UD | 1u << VECTOR_BP | 1u << VECTOR_DB);
	begin(at_int1, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "INT1 exits")) {
		expect("INT1 exits", (uint64_t)at_int1, false, 0);
		check_equal(l1.exit.instruction_length, 1, "INT1 exits: instruction length");
		check_equal(l1.exit.interruption_info,
			    INFO_VALID | INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB,
			    "INT1 exits: interruption information");
		check_equal(l1.exit.qualification, 0, "INT1 exits: exit qualification");
	}
	begin(at_ud2, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "#UD exits"))
		expect("#UD exits", (uint64_t)at_ud2, true, 0);
	begin(at_int3, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "INT3 exits")) {
		expect("INT3 exits", (uint64_t)at_int3, false, 0);
		check_equal(l1.exit.instruction_length, 1, "INT3 exits: instruction length");
		check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP,
			    "INT3 exits: interruption information");
	}
	vmcs_write(EXCEPTION_BITMAP, 0);
}

static void test_instruction(void)
{
	begin(at_cpuid, RFLAGS_RF);
	if (l1_run_to(&l1, REASON_CPUID, "CPUID after an entry with RF = 1"))
		expect("CPUID", (uint64_t)at_cpuid, false, 0);
	*ept_entry((uint64_t)idt, 1) &= ~EPT_RWX;
	ept_flush();
	begin((void (*)(void))(uint64_t)idt, 0);
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "a fetch that EPT refuses"))
		expect("a fetch that EPT refuses", (uint64_t)idt, true, 0);
	*ept_entry((uint64_t)idt, 1) |= EPT_RWX;
}

static void test_nmi(void)
{
	if (!vmx_allows(MSR_VMX_PIN_CTLS, PIN_NMI))
		bail("no NMI exiting");
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_NMI);
	begin(at_nmi, 0);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "NMI exits")) {
		check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI,
			    "NMI exits: interruption information");
		check_equal(l1.exit.rflags & RFLAGS_RF, 0, "NMI exits: RF = 0");
		check_equal(l1.exit.interruptibility & INTERRUPTIBILITY_NMI, 0,
			    "NMI exits: NMIs were not blocked in L1");
	}
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	l1_setup(&l1, L1_LONG64, at_nop, stack + sizeof(stack), 0);
	memcpy(idt, (void *)desc_idt_base(), sizeof(idt));
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)idt);
	ept_entry((uint64_t)idt, 1);
	test_delivery();
	test_nested_fault();
	test_double_fault();
	test_exceptions();
	test_instruction();
	test_nmi();
}
