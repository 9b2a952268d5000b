/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-shadow - the boundary in the shadow of STI or MOV SS (P21). POP SS, which 64-bit mode lacks, is like MOV SS.
 *
 * Claim:    shadow=opens: an instruction that stalls behind STI or MOV SS times out at the same tick as behind a NOP:
 *           the boundary in the shadow is an event window. shadow=closed: earlier, by the tick of each instruction whose
 *           shadow it stands in; a second MOV SS casts none. A stalled STI is followed by a window or not in the same
 *           way: a stall of N - 1 crystal clocks behind a stalled STI times out only with shadow=closed.
 * Manual:   SDM Vol. 2B, "MOV" (SS), "STI"; Vol. 3C, "Secondary processor-based VM-execution controls" (bit 31).
 *           Whether such a boundary counts is not published.
 * Expected: all claims hold in the simulator; shadow=1 says that boundaries in shadows are closed, stalled=1 that a stall
 *           rule makes STI last N - 1 clocks.
 */
#include "l1.h"

#define STR2(x) #x
#define STR(x)  STR2(x)
#define STALL   ".byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL) "; "

/* Each: the same number of instructions of one tick before the stall; DX is SS, RAX the length of the stall. */
#define CODE(name, instructions) \
	extern const char name[], name##_stall[]; \
	asm(".text\n" #name ": " instructions "\n" #name "_stall: " STALL "vmcall\n")
CODE(plain, "nop; nop; nop");
CODE(by_sti, "nop; nop; sti");
CODE(by_mov_ss, "nop; nop; mov %dx, %ss");
CODE(by_two_mov_ss, "nop; mov %dx, %ss; mov %dx, %ss");
CODE(by_sti_mov_ss, "nop; sti; mov %dx, %ss");
CODE(by_sti_sti, "nop; sti; sti");
CODE(shadow_over, "nop; sti; nop");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t limit;
static bool closed;

static uint64_t run(const char *code, const char *stall, const char *what)
{
	l1_restart(code, stack + sizeof(stack));
	l1.gpr[RAX] = limit + 1;
	l1.gpr[RDX] = SEL_DATA;
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: timeout", what))
		check_equal(l1.exit.rip, (uint64_t)stall, "%s: RIP", what);
	return vmx_interval_tsc(&l1);
}

static void compare(const char *code, const char *stall, const char *what, uint64_t plain_ticks, unsigned shadows)
{
	uint64_t ticks = run(code, stall, what);

	check_equal(plain_ticks - ticks, closed ? shadows : 0, "%s: earlier than behind a NOP", what);
}

/* A stall rule makes STI last N - 1 clocks; the magic NOP behind it lasts as long. */
static void test_stalled_sti(void)
{
	static const char what[] = "stalled STI";

	l1_restart(by_sti, stack + sizeof(stack));
	l1.gpr[RAX] = limit - 1;
	if (!closed) {
		l1_run_to(&l1, REASON_VMCALL, "%s: a window between the stalls", what);
		return;
	}
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: no window between the stalls", what))
		check_equal(l1.exit.rip, (uint64_t)by_sti_stall, "%s: RIP", what);
	check_equal(l1.exit.interruptibility & 3, INTERRUPTIBILITY_STI, "%s: blocking by STI is saved", what);
}

void guest_main(void)
{
	uint64_t ticks;

	limit = param_number("window", 0) + param_number("threshold", 0);
	closed = param_number("shadow", 0);
	vmx_on();
	timeout_need();
	if (!in_simulator() || !param_given("threshold"))
		skip_all("needs the simulator's stalls and threshold= of the command line");
	l1_setup(&l1, L1_LONG64, plain, stack + sizeof(stack), 0);
	timeout_enable((uint32_t)param_number("window", 0));
	if (param_number("stalled", 0)) {
		run(plain, plain_stall, "NOP");
		test_stalled_sti();
		return;
	}
	run(plain, plain_stall, "first entry");
	ticks = run(plain, plain_stall, "NOP");
	compare(by_sti, by_sti_stall, "STI", ticks, 1);
	compare(by_mov_ss, by_mov_ss_stall, "MOV SS", ticks, 1);
	compare(by_two_mov_ss, by_two_mov_ss_stall, "MOV SS, MOV SS", ticks, 0);
	compare(by_sti_mov_ss, by_sti_mov_ss_stall, "STI, MOV SS", ticks, 2);
	compare(by_sti_sti, by_sti_sti_stall, "STI, STI", ticks, 0);
	compare(shadow_over, shadow_over_stall, "STI, NOP", ticks, 0);
}
