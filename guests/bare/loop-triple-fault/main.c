/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-triple-fault - a fault during the delivery of #DF is no loop.
 *
 * Claim:    with the control set and window 0, any exception during the delivery of #DF, the benign #AC too, is a triple
 *           fault: VM exit with reason 2, which is not during event delivery, and no instruction timeout.
 * Manual:   SDM Vol. 3A, "Interrupt 8 - Double fault exception"; Vol. 3C, "Other causes of VM exits" (triple fault),
 *           "Information for VM exits that occur during event delivery".
 * Expected: all claims hold on any CPU.
 */
#include "loop32.h"
#include "paging32.h"

static struct l1 l1;

static void test(const char *what, enum loop32_gate df, uint32_t esp)
{
	loop32_restart(&l1);
	loop32_gate(VECTOR_AC, GATE_ABSENT);
	loop32_gate(VECTOR_NP, GATE_ABSENT);
	loop32_gate(VECTOR_DF, df);
	if (esp)
		vmcs_write(GUEST_RSP, esp);
	if (!l1_run_to(&l1, REASON_TRIPLE_FAULT, "%s: a triple fault exits", what))
		return;
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: it is not during event delivery", what);
	check_equal(l1.exit.rip, (uint64_t)loop32_load, "%s: RIP", what);
}

void guest_main(void)
{
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	paging32_enable();
	if (timeout_available())
		timeout_enable(0);
	test("#NP in #DF", GATE_ABSENT, 0);
	test("#AC in #DF", GATE_RING3, 0);
	test("#PF in #DF", GATE_RING3, PAGING32_END + 16);
}
