/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vid-halt - what ends HLT in VMX non-root operation, and the activity state that is saved.
 *
 * Claim:    a recognized virtual interrupt, an open interrupt window and, with external-interrupt
 *           exiting, an external interrupt wake a halted guest, the last one whatever IF says; with
 *           IF = 0 the first two do not; a VM exit that ends HLT directly saves HLT, one whose
 *           event was delivered first saves the active state. Shutdown blocks all of them.
 * Manual:   SDM Vol. 3C, "Virtual-interrupt delivery", "Other causes of VM exits", "Interrupt-window
 *           exiting and virtual-interrupt delivery" (VM entries), "Architectural state before a VM
 *           exit".
 * Expected: all claims hold. The VMX-preemption timer ends a guest that nothing wakes.
 */
#include "apicv.h"

#define PHYSICAL        0x90            /* of L0's own APIC */
#define CONTROLS2       (PROC2_X2APIC_MODE | PROC2_VIRTUAL_INTERRUPTS)
#define MISC_SHUTDOWN   (1u << 7)
#define LIMIT           20000           /* of the preemption timer: longer than any wake-up here */

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);
static volatile uint64_t interrupted_rip;

void halt_once(void);
extern const char after_halt[];
asm(".text\n"
    "halt_once: hlt\n"
    "after_halt: nop\n"
    "	ret\n");

void open_halt(void);
extern const char after_open_halt[];
asm(".text\n"
    "open_halt: sti\n"
    "	hlt\n"
    "after_open_halt: nop\n"
    "	ret\n");

static void nothing(void)
{
}

static void on_virtual(struct trap_frame *f)
{
	interrupted_rip = f->rip;
}

static void setup(const void *entry, uint64_t rflags, uint32_t activity)
{
	apicv_setup(&l1, entry, stack_top, CONTROLS2);
	apicv_time_limit(LIMIT);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_ACTIVITY_STATE, activity);
	interrupted_rip = 0;
}

static void test_virtual_interrupt(void)
{
	setup(nothing, RFLAGS_IF, ACTIVITY_HLT);
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_VMCALL, "entry to HLT, virtual interrupt: L1 wakes");
	check_equal(interrupted_rip, (uint64_t)nothing, "it is delivered at once");
	check_equal(l1.exit.activity, ACTIVITY_ACTIVE, "L1 is active afterwards");

	setup(nothing, 0, ACTIVITY_HLT);
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER,
		     "entry to HLT, virtual interrupt, IF = 0: L1 sleeps on");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "the VM exit saves HLT");
	check_equal(apicv_rvi(), 0x52, "RVI stays");

	setup(nothing, RFLAGS_IF, ACTIVITY_HLT);
	vapic_write(APIC_TPR, 0x5f);
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER,
		     "entry to HLT, virtual interrupt of VTPR's class: L1 sleeps on");

	setup(open_halt, 0, ACTIVITY_ACTIVE);
	apicv_request(0x52);
	apicv_run_to(&l1, REASON_VMCALL, "STI; HLT, virtual interrupt: L1 wakes");
	check_equal(interrupted_rip, (uint64_t)after_open_halt,
		    "STI; HLT: delivered in HLT, not before");
}

static void test_window(void)
{
	setup(nothing, RFLAGS_IF, ACTIVITY_HLT);
	apicv_primary(PROC_INTERRUPT_WINDOW, 0);
	apicv_run_to(&l1, REASON_INTERRUPT_WINDOW, "entry to HLT: interrupt-window exit");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "it saves HLT");
	check_equal(l1.exit.rip, (uint64_t)nothing, "it saves RIP");

	setup(open_halt, 0, ACTIVITY_ACTIVE);
	apicv_primary(PROC_INTERRUPT_WINDOW, 0);
	apicv_run_to(&l1, REASON_INTERRUPT_WINDOW, "STI; HLT: interrupt-window exit");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "STI; HLT: in HLT, STI blocks it before");
	check_equal(l1.exit.rip, (uint64_t)after_open_halt, "STI; HLT: RIP is past HLT");

	setup(nothing, 0, ACTIVITY_HLT);
	apicv_primary(PROC_INTERRUPT_WINDOW, 0);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER, "entry to HLT, IF = 0: no window");
}

static void test_external(uint64_t rflags, const char *name)
{
	setup(halt_once, rflags, ACTIVITY_ACTIVE);
	apic_timer_start(PHYSICAL, 100);
	if (!apicv_run_to(&l1, REASON_EXTERNAL_INTERRUPT, "HLT, external interrupt: it exits"))
		note("with %s", name);
	check_equal(l1.exit.activity, ACTIVITY_HLT, "%s: it saves HLT", name);
	check_equal(l1.exit.rip, (uint64_t)after_halt, "%s: RIP is past HLT", name);
	arrived_start(true);
	interrupts_open();
	check_equal(arrived.count, 1, "%s: L0 gets it", name);
	arrived_stop();
}

static void test_shutdown(void)
{
	if (!(rdmsr(MSR_VMX_MISC) & MISC_SHUTDOWN)) {
		skip("CPU lacks this activity state", "VM entry to shutdown");
		return;
	}
	setup(nothing, RFLAGS_IF, ACTIVITY_SHUTDOWN);
	apicv_request(0x52);
	apic_timer_start(PHYSICAL, 100);
	apicv_run_to(&l1, REASON_PREEMPTION_TIMER,
		     "entry to shutdown: neither interrupt, virtual or external, wakes it");
	check_equal(l1.exit.activity, ACTIVITY_SHUTDOWN, "entry to shutdown: saved as shutdown");
	check_equal(l1.exit.rflags & RFLAGS_IF, RFLAGS_IF, "entry to shutdown: RFLAGS.IF is kept");
	arrived_start(true);
	interrupts_open();
	arrived_stop();
	trap_set(0x52, on_virtual);
}

/* NMI window needs virtual NMIs; it is the other exit that opens in HLT. */
static void test_nmi_window(void)
{
	const uint32_t nmi_window = 1u << 22;

	if (!vmx_allows(MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS) ||
	    !vmx_allows(MSR_VMX_PROC_CTLS, nmi_window)) {
		skip("CPU lacks virtual NMIs", "NMI window in HLT");
		return;
	}
	setup(nothing, 0, ACTIVITY_HLT);
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_NMI | PIN_VIRTUAL_NMIS);
	apicv_primary(nmi_window, 0);
	apicv_run_to(&l1, 8, "entry to HLT: NMI-window exit");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "it saves HLT");
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	trap_set(0x52, on_virtual);
	test_virtual_interrupt();
	test_window();
	test_external(0, "IF = 0");
	test_external(RFLAGS_IF, "IF = 1");
	test_shutdown();
	test_nmi_window();
}
