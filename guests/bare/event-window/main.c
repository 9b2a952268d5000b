/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-window - where the interrupt window opens, and in which order events are taken.
 *
 * Claim:    interrupt-window exiting exits at the first instruction boundary with RFLAGS.IF = 1 and
 *           no blocking by STI or MOV SS, after an injected event and a pending debug exception,
 *           before a pending external interrupt and after an NMI; an external interrupt that exits
 *           is pending still, or acknowledged if so controlled, and waits for the end of blocking.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits", "Interrupt-window exiting"; Vol. 3A, "Priority among
 *           concurrent events".
 * Expected: all claims hold on any CPU.
 */
#include "l1.h"
#include "timer.h"

#define VECTOR          0x54
#define EXIT_ACK_INTERRUPT      (1u << 15)

void nops(void);
void sti(void);
void popf(void);
void cli_shadow(void);
extern const char sti_next[], popf_next[], cli_end[];

asm(".text\n"
    "nops: nop; nop; nop; vmcall\n"
    "sti: sti; nop\n"
    "sti_next: nop; vmcall\n"
    "popf: push $0x202; popf\n"
    "popf_next: nop; vmcall\n"
    "cli_shadow: sti; cli; nop\n"
    "cli_end: vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static unsigned interrupts;

static void begin(void (*code)(void), uint32_t interruptibility, uint64_t rflags)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_INTERRUPTIBILITY, interruptibility);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
}

static void expect(uint32_t reason, const char *what, uint64_t rip)
{
	if (l1_run_to(&l1, reason, "%s", what))
		check_equal(l1.exit.rip, rip, "%s: RIP", what);
}

static void test_boundary(void)
{
	begin(nops, 0, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window open", (uint64_t)nops);
	begin(nops, INTERRUPTIBILITY_STI, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window behind blocking by STI", (uint64_t)nops + 1);
	begin(nops, INTERRUPTIBILITY_MOV_SS, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window behind blocking by MOV SS", (uint64_t)nops + 1);
	begin(nops, INTERRUPTIBILITY_NMI, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window while NMIs are blocked", (uint64_t)nops);
	begin(sti, 0, 0);
	expect(REASON_INTERRUPT_WINDOW, "STI, NOP", (uint64_t)sti_next);
	begin(popf, 0, 0);
	expect(REASON_INTERRUPT_WINDOW, "POPF", (uint64_t)popf_next);
	begin(cli_shadow, 0, 0);
	expect(REASON_VMCALL, "STI, CLI opens no window", (uint64_t)cli_end);
	begin(nops, 0, 0);
	expect(REASON_VMCALL, "IF = 0", (uint64_t)nops + 3);
}

static void test_order(void)
{
	begin(nops, 0, RFLAGS_IF | RFLAGS_TF);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_DEBUG_BS);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	expect(REASON_EXCEPTION_NMI, "pending debug exception before the window", (uint64_t)nops);
	vmcs_write(EXCEPTION_BITMAP, 0);

	apic_ipi_self(VECTOR | 0x4000);
	begin(nops, 0, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window before a pending interrupt", (uint64_t)nops);
	check_equal(l1.exit.interruption_info & INFO_VALID, 0, "window: no interruption information");
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(nops, 0, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "window before an interrupt that exits", (uint64_t)nops);
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_INTERRUPT_WINDOW);
	begin(nops, 0, 0);
	expect(REASON_EXTERNAL_INTERRUPT, "an interrupt exits with IF = 0", (uint64_t)nops);
	check_equal(l1.exit.interruption_info & INFO_VALID, 0, "not acknowledged: no information");
	begin(nops, INTERRUPTIBILITY_MOV_SS, 0);
	expect(REASON_EXTERNAL_INTERRUPT, "not while MOV SS blocks", (uint64_t)nops + 1);
	begin(nops, 0, RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR);
	expect(REASON_EXTERNAL_INTERRUPT, "after an injected event", desc_idt_target(VECTOR));
	if (vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_ACK_INTERRUPT)) {
		begin(nops, 0, RFLAGS_IF);
		expect(REASON_EXTERNAL_INTERRUPT, "acknowledged", (uint64_t)nops);
		check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR,
			    "acknowledged: interruption information");
		apic_eoi();
	}
	begin(nops, 0, RFLAGS_IF);
	expect(REASON_VMCALL, "and nothing is left", (uint64_t)nops + 3);
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	trap_set(VECTOR, on_interrupt);
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_INTERRUPT_WINDOW);
	test_boundary();
	test_order();
	check_equal(interrupts, 0, "no interrupt was delivered on the way");
}
