/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-smm - the notify window and system-management mode (P16).
 *
 * Claim:    an SMI that L1 causes is handled, however long that takes, even in a single instruction: no VM exit comes out of
 *           SMM. smm=suspend: nor does one come later; counting begins anew behind RSM, where a stall of N - 1 crystal
 *           clocks is allowed and one of N + 1 is not, N being notify window and internal threshold; a longer handler
 *           leaves no trace. smm=count: if the SMI took more than N clocks, L1 times out at the boundary
 *           behind RSM, before its next instruction; if it took less, RSM is followed by a window.
 * Manual:   SDM Vol. 3C, "Default treatment of SMI delivery", "Default treatment of RSM": SMM is not VMX operation. What
 *           happens to the window is not published.
 * Expected: all claims hold in the simulator on a PC with a 440FX; smm=1 says that time in SMM counts.
 */
#include "l1.h"
#include "smm.h"

#define APM_CONTROL     0xb2
#define STR2(x) #x
#define STR(x)  STR2(x)

extern const char code[], code_stall[], code_end[];

/* RAX: length of the stall; the OUT causes the SMI. */
asm(".text\n"
    "code: out %al, $" STR(APM_CONTROL) "\n"
    "code_stall: .byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL) "\n"
    "code_end: vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t limit;

static uint64_t run(uint32_t handler_clocks, uint64_t stall_clocks, uint32_t reason, const char *rip, const char *what)
{
	smm_install_stall(handler_clocks);
	l1_restart(code, stack + sizeof(stack));
	l1.gpr[RAX] = stall_clocks;
	if (l1_run_to(&l1, reason, "%s: exit", what)) {
		check_equal(l1.exit.rip, (uint64_t)rip, "%s: RIP", what);
		check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: no IDT-vectoring information", what);
	}
	check_equal(smm_count(), 1, "%s: one SMI", what);
	return vmx_interval_tsc(&l1);
}

static void test_suspend(void)
{
	uint64_t brief, lengthy;

	run((uint32_t)limit * 10, 0, REASON_VMCALL, code_end, "SMI of 10 N");
	run((uint32_t)limit * 10, limit - 1, REASON_VMCALL, code_end, "SMI of 10 N, stall of N - 1");
	brief = run(0, limit + 1, REASON_INSTRUCTION_TIMEOUT, code_stall, "short SMI, stall of N + 1");
	lengthy = run((uint32_t)limit * 10, limit + 1, REASON_INSTRUCTION_TIMEOUT, code_stall, "SMI of 10 N, stall of N + 1");
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), param_number("window", 0), "the field is as it was");
	note("exits after %lu and %lu ticks", brief, lengthy);
	check(lengthy - brief > limit, "the time in SMM is not counted");
}

static void test_count(void)
{
	run((uint32_t)limit - 1, 0, REASON_VMCALL, code_end, "SMI of N - 1");
	run((uint32_t)limit / 2, limit - 1, REASON_VMCALL, code_end, "SMI of N / 2, stall of N - 1: a window between them");
	run((uint32_t)limit / 2, limit + 1, REASON_INSTRUCTION_TIMEOUT, code_stall, "SMI of N / 2, stall of N + 1");
	run((uint32_t)limit, 0, REASON_INSTRUCTION_TIMEOUT, code_stall, "SMI of N: timeout behind RSM");
	run((uint32_t)limit * 10, 0, REASON_INSTRUCTION_TIMEOUT, code_stall, "SMI of 10 N: timeout behind RSM");
	l1.gpr[RAX] = limit - 1;
	if (l1_run_to(&l1, REASON_VMCALL, "entered again: the stall of N - 1 completes"))
		check_equal(smm_count(), 1, "and the SMI is not taken twice");
}

void guest_main(void)
{
	limit = param_number("window", 0) + param_number("threshold", 0);
	vmx_on();
	timeout_need();
	if (!in_simulator() || !param_given("threshold"))
		skip_all("needs the simulator's stalls and threshold= of the command line");
	smm_need();
	l1_setup(&l1, L1_LONG64, code, stack + sizeof(stack), 0);
	timeout_enable((uint32_t)param_number("window", 0));
	if (param_number("smm", 0))
		test_count();
	else
		test_suspend();
}
