/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop32.h - a 32-bit L1 whose event delivery never ends.
 *
 * At CPL 3 with CR0.AM and EFLAGS.AC set, on a misaligned stack, one misaligned load raises #AC.
 * What its delivery does depends on the gates: see enum. Neither loop reaches an instruction
 * boundary (spec: CVE-2015-5307).
 */
#ifndef KIT_LOOP32_H
#define KIT_LOOP32_H

#include "l1.h"

enum loop32_kind {
	LOOP32_AC,      /* IDT[17] -> ring-3 gate: pushing its frame raises #AC again */
	LOOP32_NP,      /* IDT[17] not present: #NP, whose ring-3 frame raises #AC, and so on */
};

/* RAX of the VMCALL that follows when the loop ends after all */
#define LOOP32_COMPLETED        1       /* the misaligned load was executed */
#define LOOP32_HANDLER          2       /* a handler was reached */
#define LOOP32_VECTOR(n)        (0x100u + (n))  /* the handler of loop32_gate() for vector n */

/* The misaligned load: where L1 is entered, and RIP of every exit from the loop. */
extern const char loop32_load[];
/* Two instructions earlier: adds 1 to EDX and takes 16 bytes of stack. */
extern const char loop32_start[];
/* Its operand: EBX of L1 is 1 more. */
extern uint64_t loop32_data;
/* ESP of L1, 1 modulo 4. */
uint32_t loop32_esp(void);
/* Makes and loads the VMCS; nothing intercepts the exceptions. */
void loop32_setup(struct l1 *l1, enum loop32_kind kind);
/*
 * The same in a VMCS region (one page) of the caller's, as l1_setup_in(): several CPUs can be in a loop of the same kind
 * at once, since neither loop writes to memory.
 */
void loop32_setup_in(uint8_t *vmcs, struct l1 *l1, enum loop32_kind kind);
/* A gate of the vector (below 32) to a handler that says which it is, in ring 0 or 3; or one that is not present. */
enum loop32_gate { GATE_RING0, GATE_RING3, GATE_ABSENT };
void loop32_gate(uint8_t vector, enum loop32_gate to);
/* Back to the beginning: all vectors of exceptions to ring 0, the registers as after loop32_setup(). */
void loop32_restart(struct l1 *l1);

#endif
