/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-pending-debug - debug exceptions that are pending over VM exits and VM entries.
 *
 * Claim:    VM entry delivers the pending debug exceptions that it loads, from HLT too; a VM exit
 *           while MOV SS blocks them saves them, with bit 12 only for a breakpoint that is enabled
 *           in DR7; a #DB that exits leaves DR6 alone and says in the exit qualification what DR6
 *           would have got; an instruction that exits leaves no single-step trap.
 * Manual:   SDM Vol. 3C, "Saving non-register state", "Delivery of pending debug exceptions after VM
 *           entry", "Basic VM-exit information" (debug exceptions).
 * Expected: all claims hold on any CPU.
 */
#include "l1.h"

#define DR6_INIT        0xffff0ff0ul
#define DR7_INIT        0x400ul
#define DR7_L0          (1ul << 0)              /* breakpoint 0 enabled */
#define DR7_L1          (1ul << 2)
#define DR7_RW1_4       (0xful << 20)           /* breakpoint 1: data reads and writes, 4 bytes */
#define DR7_GD          (1ul << 13)
#define DR6_BD          (1ul << 13)
#define B0              (1ul << 0)
#define B1              (1ul << 1)
#define LATE            (1u << 24)

void nops(void);
void load_ss(void);
void read_dr0(void);
extern const char at_cpuid[], after_cpuid[];

static uint32_t ss_value = SEL_DATA, elsewhere;
static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

asm(".text\n"
    "nops: nop; nop; vmcall\n"
    "read_dr0: mov %dr0, %rax; vmcall\n"
    "load_ss: mov (%rdi), %ss\n"
    "at_cpuid: cpuid\n"
    "after_cpuid: nop; vmcall\n");

static void begin(void (*code)(void), uint64_t rflags, uint64_t pending)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_PENDING_DEBUG, pending);
	vmcs_write(GUEST_PREEMPTION_TIMER, LATE);
	asm volatile("mov %0, %%dr6" : : "r"(DR6_INIT));
}

static uint64_t dr6(void)
{
	uint64_t value;

	asm volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

static void expect_db(const char *what, uint64_t rip, uint64_t qualification)
{
	if (!l1_run_to(&l1, REASON_EXCEPTION_NMI, "%s: #DB exits", what))
		return;
	check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB,
		    "%s: interruption information", what);
	check_equal(l1.exit.qualification, qualification, "%s: exit qualification", what);
	check_equal(l1.exit.rip, rip, "%s: RIP", what);
	check_equal(l1.exit.pending_debug, 0, "%s: nothing remains pending", what);
	check_equal(dr6(), DR6_INIT, "%s: DR6 is unchanged", what);
}

static void test_entry(void)
{
	begin(nops, RFLAGS_TF, PENDING_DEBUG_BS);
	expect_db("single step pending", (uint64_t)nops, PENDING_DEBUG_BS);
	begin(nops, 0, PENDING_DEBUG_ENABLED_BREAKPOINT | B1);
	expect_db("breakpoint 1 pending", (uint64_t)nops, B1);
	begin(nops, 0, B1);
	l1_run_to(&l1, REASON_VMCALL, "breakpoint 1 matched but not enabled: nothing is pending");
	begin(nops, RFLAGS_TF, PENDING_DEBUG_BS);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_HLT);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "single step pending in HLT: #DB exits")) {
		check_equal(l1.exit.qualification, PENDING_DEBUG_BS,
			    "single step pending in HLT: exit qualification");
		check(vmx_interval_tsc(&l1) < LATE, "single step pending in HLT: nothing else woke L1");
	}
	begin(nops, 0, PENDING_DEBUG_ENABLED_BREAKPOINT | B1);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_MOV_SS);
	expect_db("pending behind MOV SS", (uint64_t)nops + 1, B1);
}

/* The load of SS reads memory that breakpoint 1 watches; CPUID exits in its shadow. */
static void run_load_ss(uint64_t enabled)
{
	begin(load_ss, 0, 0);
	l1.gpr[RDI] = (uint64_t)&ss_value;
	asm volatile("mov %0, %%dr1; mov %1, %%dr0" : : "r"(&ss_value), "r"(&elsewhere));
	vmcs_write(GUEST_DR7, DR7_INIT | DR7_RW1_4 | enabled);
	l1_run_to(&l1, REASON_CPUID, "CPUID behind MOV SS exits");
	check_equal(l1.exit.rip, (uint64_t)at_cpuid, "CPUID behind MOV SS: RIP");
	check_equal(l1.exit.interruptibility & 3, INTERRUPTIBILITY_MOV_SS,
		    "CPUID behind MOV SS: blocking by MOV SS");
}

static void test_mov_ss(void)
{
	run_load_ss(DR7_L1);
	check_equal(l1.exit.pending_debug, PENDING_DEBUG_ENABLED_BREAKPOINT | B1,
		    "breakpoint enabled: bit 12 and B1 are saved");
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(GUEST_RIP, (uint64_t)after_cpuid);
	expect_db("breakpoint enabled, CPUID emulated", (uint64_t)after_cpuid, B1);

	/* B1 may be saved, since the breakpoint matched */
	run_load_ss(DR7_L0);
	check_equal(l1.exit.pending_debug & ~B1, 0, "breakpoint not enabled: bit 12 is not saved");
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(GUEST_RIP, (uint64_t)after_cpuid);
	l1_run_to(&l1, REASON_VMCALL, "breakpoint not enabled, CPUID emulated: no #DB");
	vmcs_write(GUEST_DR7, DR7_INIT);
}

/* An instruction that exits has not been executed: its single-step trap is not pending. */
static void test_exit(void)
{
	begin((void (*)(void))at_cpuid, RFLAGS_TF, 0);
	if (l1_run_to(&l1, REASON_CPUID, "CPUID with TF exits"))
		check_equal(l1.exit.pending_debug, 0, "CPUID with TF: nothing is pending");
}

/* DR7.GD: the access faults before it is made; a fault has RF = 1 in its image. */
static void test_general_detect(void)
{
	begin(read_dr0, 0, 0);
	vmcs_write(GUEST_DR7, DR7_INIT | DR7_GD);
	expect_db("MOV DR with DR7.GD", (uint64_t)read_dr0, DR6_BD);
	check_equal(l1.exit.rflags & RFLAGS_RF, RFLAGS_RF, "MOV DR with DR7.GD: RF = 1");
	check_equal(vmcs_read(GUEST_DR7), DR7_INIT | DR7_GD, "MOV DR with DR7.GD: DR7 is unchanged");
	vmcs_write(GUEST_DR7, DR7_INIT);
	begin(nops, RFLAGS_TF, 0);
	expect_db("single step", (uint64_t)nops + 1, PENDING_DEBUG_BS);
	check_equal(l1.exit.rflags & RFLAGS_RF, 0, "single step: RF = 0");
	/* breakpoint 0 on the first instruction, a fault that leaves RF to the handler */
	begin(nops, 0, 0);
	asm volatile("mov %0, %%dr0" : : "r"(nops));
	vmcs_write(GUEST_DR7, DR7_INIT | DR7_L0);
	expect_db("instruction breakpoint", (uint64_t)nops, B0);
	check_equal(l1.exit.rflags & RFLAGS_RF, 0, "instruction breakpoint: RF = 0");
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_RF);
	l1_run_to(&l1, REASON_VMCALL, "instruction breakpoint: RF = 1 passes it once");
	vmcs_write(GUEST_DR7, DR7_INIT);
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	/* ends what would sleep for ever */
	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER);
	test_entry();
	test_mov_ss();
	test_exit();
	test_general_detect();
}
