/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-double-fault - two faults that make a double fault are no loop.
 *
 * Claim:    with the control set and window 0, a contributory exception during the delivery of a contributory one, and a
 *           contributory exception or a page fault during the delivery of a page fault, are delivered as #DF with error code
 *           0: its handler runs, and no instruction timeout happens.
 * Manual:   SDM Vol. 3A, "Interrupt 8 - Double fault exception" (table); Vol. 3C, "Instruction-timeout control".
 * Expected: all claims hold on any CPU.
 */
#include "loop32.h"
#include "paging32.h"

#define VECTOR_TS       10

static struct l1 l1;

static void ts(void)
{
	((uint32_t *)l1_tss32)[2] = 0;          /* SS0 null: an event for ring 0 raises #TS */
}

/* #AC and what its delivery raises are in this order; esp 0: as it is. */
static const struct kind {
	const char *name;
	uint8_t absent[2], ring3[2];
	uint32_t esp;
	void (*prepare)(void);
} kinds[] = {
	{ "#NP in #NP", { VECTOR_AC, VECTOR_NP }, { 0 }, 0, NULL },
	{ "#NP in #TS", { VECTOR_TS }, { 0 }, 0, ts },
	{ "#PF in #PF", { 0 }, { VECTOR_AC, VECTOR_PF }, PAGING32_END + 16, NULL },
	{ "#NP in #PF", { VECTOR_PF }, { VECTOR_AC }, PAGING32_END + 16, NULL },
};

static void test(const struct kind *k)
{
	uint32_t *ss0 = &((uint32_t *)l1_tss32)[2];

	loop32_restart(&l1);
	for (unsigned i = 0; i < 2; i++) {
		if (k->absent[i])
			loop32_gate(k->absent[i], GATE_ABSENT);
		if (k->ring3[i])
			loop32_gate(k->ring3[i], GATE_RING3);
	}
	*ss0 = L1_DATA32_RING0;
	if (k->prepare) {
		k->prepare();
		loop32_gate(VECTOR_DF, GATE_RING3);     /* ring 0 has no stack */
		vmcs_write(GUEST_RSP, (uint64_t)l1_stack32_top);
	}
	if (k->esp)
		vmcs_write(GUEST_RSP, k->esp);
	if (!l1_run_to(&l1, REASON_VMCALL, "%s: no timeout", k->name))
		return;
	check_equal(l1.gpr[RAX], LOOP32_VECTOR(VECTOR_DF), "%s: the #DF handler runs", k->name);
	check_equal(*(uint32_t *)(uint64_t)l1.exit.rsp, 0, "%s: error code of #DF", k->name);
}

void guest_main(void)
{
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	paging32_enable();
	if (timeout_available())
		timeout_enable(0);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		test(&kinds[i]);
}
