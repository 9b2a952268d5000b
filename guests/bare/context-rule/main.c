/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * context-rule - the stall says whether the VM exit out of it has VM_CONTEXT_INVALID.
 *
 * Claim:    a stall rule with context=valid or context=invalid, and the NOPs that ask for it, decide bit
 *           0 of the exit qualification whatever the policy is; a rule and a NOP without leave it to
 *           the policy (parameter context_invalid). An invalid context has lost RIP, a valid one has
 *           the RIP of the stalled instruction. The loop of CVE-2015-5307, no stall, follows the policy.
 * Manual:   SDM Vol. 3C, "Basic VM-exit information" (instruction timeout, bit 0). When silicon sets it
 *           is not public; stalls are the simulator's (include/nw_abi.h, `nwsim run --stall').
 * Expected: all claims hold in nwsim with the stall rules of guests.list; policy=1 on the command line
 *           goes with --param=context_invalid=always. Skipped elsewhere.
 */
#include "loop32.h"
#include "stall.h"

#define CODE(name, instruction) #name ": xor %ecx, %ecx; movabs $0x10000000000, %rax\n" #name "_at: " instruction "vmcall\n"

asm(".text\n"
    CODE(rule_invalid, "btc %ecx, %ecx\n")
    CODE(rule_policy, "btr %ecx, %ecx\n")
    CODE(rule_valid, "bts %ecx, %ecx\n")
    CODE(nop_invalid, STALL_NOP(NW_MAGIC_STALL_INVALID))
    CODE(nop_policy, STALL_NOP(NW_MAGIC_STALL))
    CODE(nop_valid, STALL_NOP(NW_MAGIC_STALL_VALID)));

#define DECLARE(name) extern const char name[], name##_at[];
DECLARE(rule_invalid) DECLARE(rule_policy) DECLARE(rule_valid)
DECLARE(nop_invalid) DECLARE(nop_policy) DECLARE(nop_valid)

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void expect(const char *what, const char *at, bool lost)
{
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", what))
		return;
	check_equal(l1.exit.qualification & NW_QUAL_CONTEXT_INVALID, lost, "%s: VM_CONTEXT_INVALID is %u", what, lost);
	check_equal(l1.exit.rip != (uint64_t)at, lost, "%s: RIP is %s", what, lost ? "lost" : "L1's");
}

static void test(const char *what, const char *code, const char *at, bool lost)
{
	l1_setup(&l1, L1_LONG64, code, stack + sizeof(stack), 0);
	timeout_enable(0);
	expect(what, at, lost);
}

void guest_main(void)
{
	bool policy = param_number("policy", 0);

	if (!in_simulator())
		skip_all("stalls are the simulator's");
	vmx_on();
	timeout_need();
	for (unsigned i = 0; i < 2; i++) {
		test("rule with context=invalid", rule_invalid, rule_invalid_at, true);
		test("rule without", rule_policy, rule_policy_at, policy);
		test("rule with context=valid", rule_valid, rule_valid_at, false);
		test("NOP, invalid", nop_invalid, nop_invalid_at, true);
		test("NOP, policy", nop_policy, nop_policy_at, policy);
		test("NOP, valid", nop_valid, nop_valid_at, false);
		loop32_setup(&l1, LOOP32_AC);
		timeout_enable(0);
		expect("nested #AC", loop32_load, policy);
	}
}
