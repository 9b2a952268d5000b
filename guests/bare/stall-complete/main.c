/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-complete - P20 = complete: a stalled instruction that would cross the deadline completes first.
 *
 * Claim:    with the parameter atomic=complete the instruction timeout comes at the boundary behind a
 *           stalled instruction that has done its work, not during a delivery; behind an instruction
 *           that faults it comes at the first instruction of the handler; behind an iteration of a
 *           repeated one between two iterations. An instruction that causes a VM exit of its own
 *           exits so. A stall for ever does not complete: the timeout comes at the instruction.
 * Manual:   not public: what a processor does with an instruction that cannot be interrupted and lasts
 *           longer than the window.
 * Expected: all claims hold in nwsim with --param=atomic=complete and the stall rules of guests.list.
 *           Skipped elsewhere.
 */
#include "l1.h"
#include "stall.h"
#include "smp.h"
#include "timeout_record.h"

#define COUNT           100
#define STALL_CLOCKS    200000

void at_btc(void);
void at_nop(void);
void at_ud2(void);
void at_cpuid(void);
void at_rep(void);
void at_for_ever(void);
extern const char after_btc[], after_nop[], rep_movsb[], btr_word[];

uint32_t word;
uint8_t rep_from[COUNT], rep_to[COUNT];

asm(".text\n"
    "at_btc:    btcl $3, word\n"
    "after_btc: vmcall\n"
    "at_nop:    " STALL_NOP(NW_MAGIC_STALL)
    "after_nop: vmcall\n"
    "at_ud2:    ud2\n"
    "at_cpuid:  cpuid; vmcall\n"
    "at_rep:    lea rep_from, %rsi; lea rep_to, %rdi; mov $100, %ecx\n"
    "rep_movsb: rep movsb; vmcall\n"
    "at_for_ever: btrl $3, word; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void handler(struct trap_frame *frame)
{
	l1_call(frame->vector);
}

static bool run(const char *what, const void *code, const void *rip, uint64_t rsp, uint64_t rflags_ignored)
{
	struct timeout_record record;
	struct timeout_expect want = { .rip = (uint64_t)rip, .rsp = rsp, .rflags = RFLAGS_FIXED };

	l1_restart(code, stack + sizeof(stack));
	if (!rsp)
		want.rsp = vmcs_read(GUEST_RSP);
	l1.gpr[RAX] = STALL_CLOCKS;
	timeout_enable(0);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", what))
		return false;
	l1.exit.rflags &= ~rflags_ignored;
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", what);
	return true;
}

static void test_other_exit(void)
{
	l1_restart(at_cpuid, stack + sizeof(stack));
	l1_run_to(&l1, REASON_CPUID, "CPUID exits as CPUID");
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_UD);
	l1_restart(at_ud2, stack + sizeof(stack));
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "UD2 exits as #UD where that is intercepted"))
		check_equal(l1.exit.rip, (uint64_t)at_ud2, "#UD: RIP");
	vmcs_write(EXCEPTION_BITMAP, 0);
	asm volatile(STALL_NOP(NW_MAGIC_STALL) : : "a"(10ul)); /* the next boundary of L0 that is looked at */
	l1_restart(after_btc, stack + sizeof(stack));
	l1_run_to(&l1, REASON_VMCALL, "no timeout is left over");
}

void guest_main(void)
{
	uint64_t frame;

	if (!in_simulator())
		skip_all("not public");
	smp_keep_busy();
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, at_btc, stack + sizeof(stack), 0);
	if (run("BTC", at_btc, after_btc, 0, RFLAGS_CF))
		check_equal(word, 8, "BTC: the bit was changed, once");
	run("magic NOP", at_nop, after_nop, 0, 0);
	trap_set(VECTOR_UD, handler);
	frame = ((uint64_t)(stack + sizeof(stack) - 8) & ~15ul) - 5 * 8;
	run("UD2", at_ud2, (const void *)desc_idt_target(VECTOR_UD), frame, 0);
	if (run("REP MOVSB", at_rep, rep_movsb, 0, RFLAGS_RF))
		check_equal(l1.gpr[RCX], COUNT - 1, "REP MOVSB: one iteration was done");
	test_other_exit();
	if (run("for ever", at_for_ever, at_for_ever, 0, 0))
		check_equal(word, 8, "for ever: the bit was not changed");
}
