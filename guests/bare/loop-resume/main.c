/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-resume - what L1 does after an instruction timeout depends on what the hypervisor delivers again.
 *
 * Claim:    an L1 in the #DB loop that is entered with the event of the IDT-vectoring information loops again; entered
 *           without it, it has lost its #DB and reaches the handler. An L1 in the #AC loop executes its instruction again and
 *           loops, with and without. A processor that does not report the event leaves only the second way.
 * Manual:   SDM Vol. 3C, "Information for VM exits that occur during event delivery", "Event injection"; whether a timeout
 *           reports the event is not specified (P9 of nwsim).
 * Expected: all claims hold. vectoring=0: the processor does not report the event.
 */
#include "dbloop.h"
#include "loop32.h"

#define REPEAT          3

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;
static bool reported;

/* The first exit of a loop says whether events are reported; in the simulator it is known beforehand. */
static void first_exit(const char *loop)
{
	bool valid = l1.exit.idt_vectoring_info & INFO_VALID;

	if (in_simulator())
		check_equal(valid, param_number("vectoring", 1), "%s: IDT-vectoring information valid", loop);
	else
		note("%s: IDT-vectoring information 0x%x", loop, l1.exit.idt_vectoring_info);
	reported = valid;
}

static void again(const char *loop)
{
	for (unsigned i = 0; reported && i < REPEAT; i++) {
		l1_reinject(&l1);
		l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: entered with the event it loops again", loop);
	}
}

static void test_db(void)
{
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	dbloop_setup(true);
	timeout_enable(0);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	vmcs_write(GUEST_DR7, DR7_INIT | dbloop_breakpoint(0, BREAK_WRITE, (void *)dbloop_stack(), 8));
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "#DB: it loops"))
		return;
	first_exit("#DB");
	again("#DB");
	if (l1_run_to(&l1, REASON_VMCALL, "#DB: entered without the event it leaves the loop"))
		check_equal(l1.gpr[RAX], DBLOOP_HANDLER, "#DB: and reaches the handler");
	check_equal(dbloop_frame(), dbloop_stack(), "#DB: on the stack that it had");
}

static void test_ac(void)
{
	loop32_setup(&l1, LOOP32_AC);
	timeout_enable(0);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "#AC: it loops"))
		return;
	first_exit("#AC");
	again("#AC");
	for (unsigned i = 0; i < REPEAT; i++) {
		l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "#AC: entered without the event it loops again");
		check_equal(l1.exit.rip, (uint64_t)loop32_load, "#AC: at the instruction that raised it");
	}
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	test_db();
	test_ac();
}
