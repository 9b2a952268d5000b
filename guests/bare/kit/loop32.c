/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loop32.c - sets up the 32-bit L1 of loop32_code.S. */
#include "loop32.h"

extern const char loop32_handler[], loop32_stubs[];

uint32_t loop32_esp(void)
{
	return (uint32_t)(uint64_t)l1_stack32_top + 1;
}

static void set_loop(struct l1 *l1, enum loop32_kind kind)
{
	vmcs_write(GUEST_CR0, vmcs_read(GUEST_CR0) | CR0_AM);
	l1_gate32(VECTOR_AC, loop32_handler, L1_CODE32_RING3, kind == LOOP32_AC);
	l1_gate32(VECTOR_NP, loop32_handler, L1_CODE32_RING3, true);
	vmcs_write(GUEST_RSP, loop32_esp());
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
	l1->gpr[RBX] = (uint64_t)&loop32_data + 1;
}

void loop32_gate(uint8_t vector, enum loop32_gate to)
{
	l1_gate32(vector, loop32_stubs + 8 * vector, to == GATE_RING0 ? L1_CODE32_RING0 : L1_CODE32_RING3,
		  to != GATE_ABSENT);
}

void loop32_restart(struct l1 *l1)
{
	for (uint8_t vector = 0; vector < 32; vector++)
		loop32_gate(vector, GATE_RING0);
	vmcs_write(GUEST_RIP, (uint64_t)loop32_load);
	vmcs_write(GUEST_RSP, loop32_esp());
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	l1->gpr[RBX] = (uint64_t)&loop32_data + 1;
	l1_ring32(3);
}

void loop32_setup(struct l1 *l1, enum loop32_kind kind)
{
	l1_setup(l1, L1_PROT32, loop32_load, l1_stack32_top, 3);
	set_loop(l1, kind);
}

void loop32_setup_in(uint8_t *vmcs, struct l1 *l1, enum loop32_kind kind)
{
	l1_setup_in(vmcs, l1, L1_PROT32, loop32_load, l1_stack32_top, 3);
	set_loop(l1, kind);
}
