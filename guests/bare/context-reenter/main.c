/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * context-reenter - a hypervisor that enters a guest again whose context is not valid.
 *
 * Claim:    after an instruction timeout with VM_CONTEXT_INVALID VMRESUME fails because of the guest
 *           state, VM exit 33 with bit 31 (poison, random, msrs), or puts L1 back where it was entered last,
 *           with the memory it has changed since (stale). The hypervisor is unharmed: an L1 with a new
 *           guest state runs, and the VMX-preemption timer of the lost one does not expire.
 * Manual:   SDM Vol. 3C, "Checks on the guest-state area", "VM-entry failures during or after loading
 *           guest state"; "Basic VM-exit information" (instruction timeout, bit 0): the VM must not be
 *           resumed.
 * Expected: all claims hold in nwsim; damage=N on the command line: 0 with context_damage=poison (the
 *           default), 1 stale, 2 random, 3 msrs. Skipped elsewhere.
 */
#include "l1.h"
#include "stall.h"

#define ROUNDS          4
#define TIMER           20000000u       /* TSC ticks or more: later than the timeout, N is 11534336 */

enum damage { POISON, STALE, RANDOM, MSRS, DAMAGES };

void begin(void);
void nops(void);
extern const char stall_nop[];
uint64_t entered;

asm(".text\n"
    "nops: nop; vmcall\n"
    "begin: incq entered\n"
    "movabs $0x10000000000, %rax\n"
    "push %rax\n"
    "stall_nop: " STALL_NOP(NW_MAGIC_STALL_INVALID) "vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static bool lose(void)
{
	l1_restart(begin, stack + sizeof(stack));
	entered = 0;
	return l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "instruction timeout") &&
	       check(l1.exit.qualification & NW_QUAL_CONTEXT_INVALID, "VM_CONTEXT_INVALID") &&
	       check_equal(entered, 1, "L1 ran");
}

static void test_entry_fails(void)
{
	if (!l1_run_to(&l1, 33 | REASON_ENTRY_FAILURE, "entering again fails because of the guest state"))
		return;
	check_equal(l1.exit.qualification, 0, "with an exit qualification of 0");
	check_equal(entered, 1, "L1 did not run");
}

static void test_stale(void)
{
	uint64_t rsp = (uint64_t)(stack + sizeof(stack) - 8);

	check_equal(l1.exit.rip, (uint64_t)begin, "RIP is that of the last VM entry");
	check_equal(l1.exit.rsp, rsp, "RSP is that of the last VM entry");
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "entering again succeeds"))
		check_equal(entered, 2, "and L1 repeats what it has done");
}

static void spin(uint64_t ticks)
{
	uint64_t start = rdtsc();

	while (rdtsc() - start < ticks)
		;
}

static void test_timer(void)
{
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		return;
	vmcs_write(GUEST_PREEMPTION_TIMER, TIMER >> (rdmsr(MSR_VMX_MISC) & 31));
	if (!lose())
		return;
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_PREEMPTION_TIMER);
	spin(2 * TIMER);
}

void guest_main(void)
{
	uint64_t damage = param_number("damage", POISON);

	if (!in_simulator())
		skip_all("no processor is known to set VM_CONTEXT_INVALID");
	if (damage >= DAMAGES)
		bail("command line: damage=%lu; 0 to 3 is accepted", damage);
	vmx_on();
	timeout_need();
	for (unsigned i = 0; i < ROUNDS; i++) {
		l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
		timeout_enable(0);
		if (!lose())
			return;
		if (damage == STALE)
			test_stale();
		else
			test_entry_fails();
		l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
		l1_run_to(&l1, REASON_VMCALL, "an L1 with a new guest state runs");
	}
	timeout_enable(0);
	test_timer();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	l1_run_to(&l1, REASON_VMCALL, "the preemption timer of the lost L1 is gone");
}
