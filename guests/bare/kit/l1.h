/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * l1.h - L1 guests in a given CPU mode, and the instruction-timeout ("notify") control.
 *
 * A 64-bit L1 is a C function of the guest: it shares page tables, GDT and IDT with L0, so that
 * handlers installed with trap_set() serve it, and it reaches every device. A 32-bit L1 is
 * assembler in section .l1: protected mode without paging (unrestricted guest), with descriptor
 * tables of its own, and EPT maps nothing but that section.
 */
#ifndef KIT_L1_H
#define KIT_L1_H

#include "vmx.h"

enum l1_mode { L1_LONG64, L1_PROT32 };

/* RAX of the VMCALL that follows when a 64-bit L1 function returns. */
#define L1_RETURNED     0x4c315245ul

/*
 * Makes a VMCS for entry at CPL cpl (a 64-bit L1: 0) with interrupts disabled and no exits but the
 * unconditional ones, and loads it. stack_top is aligned to 16. RFLAGS, exception bitmap and the
 * like may be changed before vmx_run().
 */
void l1_setup(struct l1 *l1, enum l1_mode mode, const void *entry, void *stack_top, unsigned cpl);
/*
 * The same in a VMCS region (one page) of the caller's, for several L1s at a time. All L1s of a mode share their EPT and
 * descriptor tables, which this makes anew: none may be running.
 */
void l1_setup_in(uint8_t *vmcs, struct l1 *l1, enum l1_mode mode, const void *entry, void *stack_top, unsigned cpl);
/* Starts a 64-bit L1 at another function, on a fresh stack; everything else of the VMCS stays. */
void l1_restart(const void *entry, void *stack_top);
/* Called by L1: VMCALL with RAX = code. */
void l1_call(uint64_t code);
/*
 * Runs the L1 and states the claim that the next VM exit has this basic reason; shows the exit if
 * not. A VM entry that fails ends the run as an error.
 */
bool l1_run_to(struct l1 *l1, uint32_t reason, const char *fmt, ...) PRINTF(3, 4);
/* Moves RIP of the L1 past the instruction that exited. */
void l1_skip_instruction(const struct l1 *l1, unsigned length);
/*
 * Has the event of the last exit's IDT-vectoring information delivered again by the next VM entry,
 * as hypervisors do.
 */
void l1_reinject(const struct l1 *l1);

/* Descriptor tables of the 32-bit L1. */
#define L1_CODE32_RING0         0x08
#define L1_DATA32_RING0         0x10
#define L1_CODE32_RING3         0x1b
#define L1_DATA32_RING3         0x23
/* 32-bit interrupt gate; present = false leaves a gate whose use raises #NP. */
void l1_gate32(uint8_t vector, const void *handler, uint16_t selector, bool present);
/* Tops of its ring-3 stack, aligned to 16, and of the one that events in ring 3 are delivered on in ring 0. */
extern char l1_stack32_top[], l1_stack32_ring0_top[];
/* The tables themselves. */
extern uint64_t l1_gdt32[], l1_idt32[32];
extern char l1_gdt32_end[], l1_tss32[];
/* Its code and stack segments are those of ring 0 or 3 at the next VM entry. */
void l1_ring32(unsigned cpl);

/* Is the 1-setting of the control enumerated (IA32_VMX_PROCBASED_CTLS2 bit 63)? */
bool timeout_available(void);
/* Skips the guest's claims where it is not. */
void timeout_need(void);
/* Sets the control and the field, in crystal clocks, of the current VMCS. */
void timeout_enable(uint32_t window_crystal);
void timeout_disable(void);

#endif
