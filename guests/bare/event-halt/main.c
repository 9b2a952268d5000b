/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-halt - VM exits of a halted or shut down L1.
 *
 * Claim:    the interrupt window, the NMI window, the VMX-preemption timer and an external interrupt
 *           that exits (whatever RFLAGS.IF is) wake HLT and save the activity state HLT; shutdown
 *           is woken by the NMI window and the timer but not by interrupts; an interrupt that L1
 *           takes itself makes it active before its delivery.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits", "Architectural state before a VM exit", "Saving
 *           non-register state", "Interrupt-window exiting", "NMI-window exiting".
 * Expected: all claims hold on any CPU with the activity states and controls; others are skipped.
 */
#include "ept.h"
#include "l1.h"
#include "timer.h"

#define VECTOR          0x52
#define SOON            20000           /* crystal clocks */
#define LATE            (1u << 24)      /* VMX-preemption timer: ends what would sleep for ever */
#define MISC_SHUTDOWN   (1ul << 7)

void nops(void);
void halt(void);
extern const char after_halt[];

asm(".text\n"
    "nops: nop; nop; vmcall\n"
    "halt: hlt\n"
    "after_halt: vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t idt[4096] __attribute__((aligned(4096)));
static struct l1 l1;

static void begin(void (*code)(void), uint32_t activity, uint64_t rflags)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_ACTIVITY_STATE, activity);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_PREEMPTION_TIMER, LATE);
}

static void expect(uint32_t reason, const char *what, uint64_t rip, uint32_t activity)
{
	if (!l1_run_to(&l1, reason, "%s", what))
		return;
	check_equal(l1.exit.rip, rip, "%s: RIP", what);
	check_equal(l1.exit.activity, activity, "%s: activity state", what);
}

/* Accepts the interrupt that made L1 exit, in L0. */
static void take_interrupt(void)
{
	asm volatile("sti; nop; nop; cli");
	apic_timer_start(0, 0);
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	apic_eoi();
}

static void test_windows(void)
{
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_INTERRUPT_WINDOW);
	begin(nops, ACTIVITY_HLT, RFLAGS_IF);
	expect(REASON_INTERRUPT_WINDOW, "interrupt window in HLT", (uint64_t)nops, ACTIVITY_HLT);
	begin(nops, ACTIVITY_HLT, 0);
	expect(REASON_PREEMPTION_TIMER, "no interrupt window in HLT with IF = 0", (uint64_t)nops,
	       ACTIVITY_HLT);
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_INTERRUPT_WINDOW);

	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS)) {
		skip("no virtual NMIs", "NMI window");
		return;
	}
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW);
	begin(nops, ACTIVITY_HLT, 0);
	expect(REASON_NMI_WINDOW, "NMI window in HLT", (uint64_t)nops, ACTIVITY_HLT);
	if (rdmsr(MSR_VMX_MISC) & MISC_SHUTDOWN) {
		begin(nops, ACTIVITY_SHUTDOWN, RFLAGS_IF);
		expect(REASON_NMI_WINDOW, "NMI window in shutdown", (uint64_t)nops, ACTIVITY_SHUTDOWN);
		check_equal(l1.exit.rflags, RFLAGS_FIXED | RFLAGS_IF, "NMI window in shutdown: RFLAGS");
	}
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
}

static void test_external_interrupt(uint64_t rflags, const char *what)
{
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(halt, ACTIVITY_ACTIVE, rflags);
	apic_timer_start(VECTOR, SOON);
	expect(REASON_EXTERNAL_INTERRUPT, what, (uint64_t)after_halt, ACTIVITY_HLT);
	take_interrupt();
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
}

static void test_shutdown(uint64_t rflags, const char *what)
{
	if (!(rdmsr(MSR_VMX_MISC) & MISC_SHUTDOWN)) {
		skip("not announced", "shutdown");
		return;
	}
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(nops, ACTIVITY_SHUTDOWN, rflags);
	apic_timer_start(VECTOR, SOON);
	expect(REASON_PREEMPTION_TIMER, what, (uint64_t)nops, ACTIVITY_SHUTDOWN);
	check_equal(l1.exit.rflags, RFLAGS_FIXED | rflags, "%s: RFLAGS", what);
	take_interrupt();
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
}

static void test_delivered(void)
{
	*ept_entry((uint64_t)idt, 1) &= ~EPT_RWX;
	ept_flush();
	begin(halt, ACTIVITY_ACTIVE, RFLAGS_IF);
	apic_timer_start(VECTOR, SOON);
	expect(REASON_EPT_VIOLATION, "EPT violation in the delivery that wakes HLT",
	       (uint64_t)after_halt, ACTIVITY_ACTIVE);
	check_equal(l1.exit.idt_vectoring_info & ~0x1000u,
		    INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR,
		    "EPT violation in the delivery that wakes HLT: IDT-vectoring information");
	apic_eoi();
	*ept_entry((uint64_t)idt, 1) |= EPT_RWX;
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	trap_set(VECTOR, on_interrupt);
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("CPU lacks the VMX-preemption timer");
	memcpy(idt, (void *)desc_idt_base(), sizeof(idt));
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)idt);
	ept_entry((uint64_t)idt, 1);
	begin(halt, ACTIVITY_ACTIVE, 0);
	expect(REASON_PREEMPTION_TIMER, "timer in HLT", (uint64_t)after_halt, ACTIVITY_HLT);
	test_external_interrupt(RFLAGS_IF, "external interrupt in HLT, IF = 1");
	test_external_interrupt(0, "external interrupt in HLT, IF = 0");
	test_shutdown(0, "shutdown blocks external interrupts, IF = 0");
	test_shutdown(RFLAGS_IF, "shutdown blocks external interrupts, IF = 1");
	test_delivered();
	test_windows();
}
