/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-apicv - traps of APIC virtualization behind an instruction that stalls.
 *
 * Claim:    a WRMSR that is virtualized and stalls for N + 1 crystal clocks, N being notify window and internal threshold,
 *           times out before it has done anything: no TPR-below-threshold, EOI or APIC-write exit comes of it. Entered
 *           again it stalls for N - 1 clocks and completes: the trap exits, at the boundary behind it. A virtual
 *           interrupt that is recognized behind a stalled instruction is delivered there, or stays recognized over the
 *           timeout.
 * Manual:   SDM Vol. 3C, "APIC virtualization and virtual interrupts" (TPR, EOI, self-IPI virtualization; APIC-write VM
 *           exits), "Other causes of VM exits".
 * Expected: all claims hold in the simulator, with stall rules for WRMSR: N + 1 clocks for the first, N - 1 for the second, and
 *           so on.
 */
#include "apicv.h"

#define VECTOR          0x61
#define IN_HANDLER      0x48414eul
#define STR2(x) #x
#define STR(x)  STR2(x)

extern const char code[], code_end[], stall[], stall_end[];
asm(".text\n"
    "code: wrmsr\n"
    "code_end: vmcall\n"
    "stall: .byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL) "\n"
    "stall_end: nop; vmcall\n");

static struct l1 l1;
static uint8_t stack[8192] __attribute__((aligned(16)));
static void *const stack_top = stack + sizeof(stack);

static void run(uint32_t msr, uint32_t value, uint32_t reason, unsigned reg, uint32_t before, uint32_t after,
		const char *what)
{
	l1_restart(code, stack_top);
	l1.gpr[RAX] = value;
	l1.gpr[RCX] = msr;
	l1.gpr[RDX] = 0;
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s, stall of N + 1: timeout", what))
		check_equal(l1.exit.rip, (uint64_t)code, "%s: at WRMSR", what);
	check_equal(vapic_read(reg), before, "%s: nothing was written", what);
	if (l1_run_to(&l1, reason, "%s, stall of N - 1: the trap", what))
		check_equal(l1.exit.rip, (uint64_t)code_end, "%s: behind WRMSR", what);
	check_equal(vapic_read(reg), after, "%s: written", what);
}

static void test_threshold(void)
{
	apicv_setup(&l1, code, stack_top, PROC2_X2APIC_MODE);
	timeout_enable((uint32_t)param_number("window", 0));
	vapic_write(APIC_TPR, 0x50);
	vmcs_write(TPR_THRESHOLD, 3);
	run(MSR_X2APIC(APIC_TPR), 0x20, REASON_TPR_BELOW_THRESHOLD, APIC_TPR, 0x50, 0x20, "TPR below threshold");
}

static volatile uint64_t interrupted;

static void handler(struct trap_frame *f)
{
	interrupted = f->rip;
	l1_call(IN_HANDLER);
}

/* The first instruction is in the shadow of STI, so that it is executed before the interrupt. */
static void begin_interrupt(uint64_t clocks)
{
	interrupted = 0;
	l1_restart(stall, stack_top);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_STI);
	memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
	apicv_status(0, 0);
	apicv_request(VECTOR);
	l1.gpr[RAX] = clocks;
}

static void delivered(const char *rip, const char *what)
{
	if (l1_run_to(&l1, REASON_VMCALL, "%s: delivered", what))
		check_equal(l1.gpr[RAX], IN_HANDLER, "%s: handler reached", what);
	check_equal(interrupted, (uint64_t)rip, "%s: where", what);
}

static void test_delivery(uint64_t limit)
{
	trap_set(VECTOR, handler);
	begin_interrupt(limit - 1);
	delivered(stall_end, "virtual interrupt, stall of N - 1");
	begin_interrupt(limit + 1);
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "virtual interrupt, stall of N + 1: timeout"))
		check_equal(l1.exit.rip, (uint64_t)stall, "virtual interrupt, stall of N + 1: RIP");
	check_equal(apicv_rvi(), VECTOR, "virtual interrupt, stall of N + 1: requested still");
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	delivered(stall, "virtual interrupt, entered again without blocking");
	trap_set(VECTOR, NULL);
}

static void test_virtual_interrupts(void)
{
	apicv_setup(&l1, code, stack_top, PROC2_X2APIC_MODE | PROC2_APIC_REGISTERS | PROC2_VIRTUAL_INTERRUPTS);
	timeout_enable((uint32_t)param_number("window", 0));
	run(MSR_X2APIC(APIC_SELF_IPI), 0x0f, REASON_APIC_WRITE, APIC_SELF_IPI, 0, 0x0f, "APIC write");
	apicv_eoi_exit(0x52, true);
	apicv_status(0, 0x52);
	vapic_write(APIC_ISR + 0x20, 1u << 0x12);
	run(MSR_X2APIC(APIC_EOI), 0, REASON_VIRTUALIZED_EOI, APIC_ISR + 0x20, 1u << 0x12, 0, "EOI");
	test_delivery(param_number("window", 0) + param_number("threshold", 0));
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	if (!in_simulator() || !param_given("threshold"))
		skip_all("needs the simulator's stalls and threshold= of the command line");
	test_threshold();
	test_virtual_interrupts();
}
