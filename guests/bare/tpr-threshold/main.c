/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tpr-threshold - TPR shadow and the VM exits due to TPR below threshold.
 *
 * Claim:    MOV to and from CR8 use VTPR; a write of VTPR (MOV to CR8, the APIC-access page, WRMSR
 *           808H) that leaves its class below the threshold exits after the instruction, others do
 *           not; VM entry with "virtualize APIC accesses" and VTPR below the threshold exits before
 *           an instruction is executed, also from HLT and after an injected event whose delivery
 *           raised an exception, and not in shutdown; with virtual-interrupt delivery the threshold
 *           does not count; CR8-load and CR8-store exiting come first.
 * Manual:   SDM Vol. 3C, "TPR virtualization", "VM exits due to TPR below threshold" (VM entries),
 *           "Changes to instruction behavior in VMX non-root operation".
 * Expected: all claims hold on a CPU with the TPR shadow.
 */
#include "apicv.h"

#define INJECTED        0x30
#define GATE_PRESENT    0x80
#define LIMIT           20000
#define REASON_CR_ACCESS 28
#define FLAG_TF         (1ul << 8)
#define PENDING_BS      (1ul << 14)

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);
static volatile uint64_t cr8_read;
static volatile unsigned np_seen;

void set_cr8(void);
extern const char after_cr8[];
asm(".text\n"
    "set_cr8: mov %rcx, %cr8\n"
    "after_cr8: nop\n"
    "	ret\n");

void store_tpr(void);
extern const char after_store[];
asm(".text\n"
    "store_tpr: mov %ecx, apic_access_page + 0x80\n"
    "after_store: nop\n"
    "	ret\n");

void set_msr(void);
extern const char after_msr[];
asm(".text\n"
    "set_msr: mov %ecx, %eax\n"
    "	xor %edx, %edx\n"
    "	mov $0x808, %ecx\n"
    "	wrmsr\n"
    "after_msr: nop\n"
    "	ret\n");

static void get_cr8(void)
{
	uint64_t value;

	asm volatile("mov %%cr8, %0" : "=r"(value));
	cr8_read = value;
}

static void nothing(void)
{
	asm volatile("nop");
}

static void on_np(struct trap_frame *f)
{
	np_seen++;
	f->rip = (uint64_t)nothing;
}

struct way {
	const char *name;
	const void *code;
	const char *after;
	uint32_t controls2;
	unsigned shift;         /* class to the value written */
	unsigned lead;          /* length of the instructions before the write */
};
static const struct way ways[] = {
	{ "MOV to CR8", set_cr8, after_cr8, 0, 0, 0 },
	{ "APIC-access page", store_tpr, after_store, PROC2_APIC_ACCESSES, 4, 0 },
	{ "WRMSR 808H", set_msr, after_msr, PROC2_X2APIC_MODE, 4, 9 },
};

static void write_class(const struct way *w, unsigned class, uint32_t extra2)
{
	apicv_setup(&l1, w->code, stack_top, w->controls2 | extra2);
	vapic_write(APIC_TPR, 0x90);
	if (!extra2)
		vmcs_write(TPR_THRESHOLD, 5);
	l1.gpr[RCX] = class << w->shift;
}

static void test_way(const struct way *w)
{
	note("%s", w->name);
	write_class(w, 5, 0);
	apicv_run_to(&l1, REASON_VMCALL, "class = threshold: no exit");
	check_equal(vapic_read(APIC_TPR), 0x50, "%s: VTPR is written", w->name);
	write_class(w, 4, 0);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "class below threshold: exit");
	check_equal(l1.exit.rip, (uint64_t)w->after, "%s: after the instruction", w->name);
	check_equal(vapic_read(APIC_TPR), 0x40, "%s: which has written VTPR", w->name);
	write_class(w, 4, 0);
	vmcs_write(GUEST_RIP, vmcs_read(GUEST_RIP) + w->lead);
	if (w->lead) {
		l1.gpr[RAX] = 0x40;
		l1.gpr[RDX] = 0;
		l1.gpr[RCX] = MSR_X2APIC(APIC_TPR);
	}
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | FLAG_TF);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "single step over it: exit");
	check_equal(l1.exit.pending_debug, PENDING_BS, "%s: the single-step trap is pending",
		    w->name);
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_VIRTUAL_INTERRUPTS)) {
		skip("CPU lacks virtual-interrupt delivery", "threshold with it");
		return;
	}
	write_class(w, 0, PROC2_VIRTUAL_INTERRUPTS);
	vmcs_write(TPR_THRESHOLD, 5);
	apicv_run_to(&l1, REASON_VMCALL, "virtual-interrupt delivery: no exit");
	check_equal(vapic_read(APIC_PPR), 0, "%s: but VPPR follows", w->name);
}

static void setup_low(const void *entry, uint32_t activity)
{
	apicv_setup(&l1, entry, stack_top, PROC2_APIC_ACCESSES);
	apicv_time_limit(LIMIT);
	vapic_write(APIC_TPR, 0x40);
	vmcs_write(TPR_THRESHOLD, 5);
	vmcs_write(GUEST_ACTIVITY_STATE, activity);
}

static void test_entry(void)
{
	uint8_t *type = (uint8_t *)desc_idt_base() + INJECTED * 16 + 5;

	setup_low(nothing, ACTIVITY_ACTIVE);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "VM entry below threshold: exit");
	check_equal(l1.exit.rip, (uint64_t)nothing, "VM entry: nothing was executed");
	vapic_write(APIC_TPR, 0x50);
	apicv_run_to(&l1, REASON_VMCALL, "VM entry at the threshold: no exit");

	setup_low(nothing, ACTIVITY_HLT);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "VM entry to HLT: exit");
	check_equal(l1.exit.activity, ACTIVITY_HLT, "VM entry to HLT: saved as HLT");

	if (rdmsr(MSR_VMX_MISC) & 1u << 7) {
		setup_low(nothing, ACTIVITY_SHUTDOWN);
		apicv_run_to(&l1, REASON_PREEMPTION_TIMER, "VM entry to shutdown: no exit");
	}

	setup_low(nothing, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_MOV_SS);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "VM entry with blocking by MOV SS: exit");

	setup_low(nothing, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | INJECTED);
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "VM entry that injects: exit");
	check_equal(l1.exit.rsp, (uint64_t)stack_top - 8 - 48, "after the delivery of the event");
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "which is over");

	setup_low(nothing, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | INJECTED);
	*type &= (uint8_t)~GATE_PRESENT;
	apicv_run_to(&l1, REASON_TPR_BELOW_THRESHOLD, "VM entry whose injection faults: exit");
	*type |= GATE_PRESENT;
	check_equal(np_seen, 0, "before the first instruction of the #NP handler");
	check(l1.exit.rip != (uint64_t)nothing, "and after its delivery");
}

static void test_cr8(void)
{
	apicv_setup(&l1, get_cr8, stack_top, 0);
	vapic_write(APIC_TPR, 0x7f);
	apicv_run_to(&l1, REASON_VMCALL, "MOV from CR8: no exit");
	check_equal(cr8_read, 7, "MOV from CR8 reads the class of VTPR");

	apicv_setup(&l1, set_cr8, stack_top, 0);
	apicv_primary(PROC_CR8_LOAD, 0);
	vapic_write(APIC_TPR, 0x70);
	l1.gpr[RCX] = 3;
	apicv_run_to(&l1, REASON_CR_ACCESS, "CR8-load exiting: CR access");
	check_equal(vapic_read(APIC_TPR), 0x70, "CR8-load exiting: VTPR stays");

	apicv_setup(&l1, get_cr8, stack_top, 0);
	apicv_primary(PROC_CR8_STORE, 0);
	apicv_run_to(&l1, REASON_CR_ACCESS, "CR8-store exiting: CR access");
}

void guest_main(void)
{
	vmx_on();
	trap_set(VECTOR_NP, on_np);
	trap_set(INJECTED, on_np);
	test_cr8();
	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++)
		test_way(&ways[i]);
	test_entry();
}
