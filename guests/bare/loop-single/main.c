/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-single - one #AC during a delivery is no loop.
 *
 * Claim:    with the control set and window 0: INT n, #UD and #GP at CPL 3 on a misaligned stack with a ring-3 gate raise
 *           one #AC, whose ring-0 handler runs; its error code has bit 0 (EXT) after an exception and not after INT n.
 *           Without CR0.AM, without RFLAGS.AC or at CPL 0 there is no #AC at all. A page fault in the place of the #AC is
 *           delivered. None of these is an instruction timeout.
 * Manual:   SDM Vol. 3A, "Interrupt 17 - Alignment check exception" (error code), "Interrupt 14 - Page-fault exception";
 *           Vol. 3C, "Instruction-timeout control".
 * Expected: all claims hold on any CPU; EXT is printed and not judged outside of the simulator.
 */
#include "loop32.h"
#include "paging32.h"

#define ERROR_EXT       1u
#define VECTOR_INT      20

extern const char single_int[], single_ud[], single_gp[];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "single_int: int $20\n"
    "single_ud: ud2\n"
    "single_gp: mov %ebx, %ds\n"
    ".code64\n"
    ".text\n");

static struct l1 l1;

static void expect(const char *what, uint32_t code)
{
	if (l1_run_to(&l1, REASON_VMCALL, "%s: no timeout", what))
		check_equal(l1.gpr[RAX], code, "%s: what runs", what);
}

static void nested(const char *what, const char *code, uint8_t vector, uint32_t ext)
{
	uint32_t error;

	loop32_restart(&l1);
	loop32_gate(vector, GATE_RING3);
	vmcs_write(GUEST_RIP, (uint64_t)code);
	expect(what, LOOP32_VECTOR(VECTOR_AC));
	error = *(uint32_t *)l1.exit.rsp;
	check_equal(error & ~ERROR_EXT, 0, "%s: error code", what);
	if (in_simulator())
		check_equal(error & ERROR_EXT, ext, "%s: EXT", what);
	else
		note("%s: EXT is %u", what, error & ERROR_EXT);
	check_equal(((uint32_t *)l1.exit.rsp)[1], (uint32_t)(uint64_t)code, "%s: return address", what);
}

static void test_no_check(void)
{
	uint64_t cr0 = vmcs_read(GUEST_CR0);

	loop32_restart(&l1);
	loop32_gate(VECTOR_AC, GATE_RING3);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED);
	expect("RFLAGS.AC = 0", LOOP32_COMPLETED);
	loop32_restart(&l1);
	loop32_gate(VECTOR_AC, GATE_RING3);
	vmcs_write(GUEST_CR0, cr0 & ~CR0_AM);
	expect("CR0.AM = 0", LOOP32_COMPLETED);
	vmcs_write(GUEST_CR0, cr0);
	loop32_restart(&l1);
	l1_ring32(0);
	expect("CPL 0", LOOP32_COMPLETED);
}

/* The ring-3 stack has no page: #PF in the delivery of #AC. */
static void test_page_fault(void)
{
	paging32_enable();
	loop32_restart(&l1);
	loop32_gate(VECTOR_AC, GATE_RING3);
	vmcs_write(GUEST_RSP, PAGING32_END + 16);
	expect("#PF in #AC", LOOP32_VECTOR(VECTOR_PF));
}

void guest_main(void)
{
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	if (timeout_available())
		timeout_enable(0);
	nested("INT n", single_int, VECTOR_INT, 0);
	nested("#UD", single_ud, VECTOR_UD, 1);
	l1.gpr[RBX] = 0;
	nested("#GP", single_gp, VECTOR_GP, 1);
	test_no_check();
	test_page_fault();
}
