/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VMM and its L1 guests agree on: guest-physical layout, selectors, ports and the header
 * at the start of every L1 image. Read by C and by the assembler.
 *
 * An image is position-dependent: it is copied to L1_BASE. Everything the guest needs lies below
 * 64 KiB, so the upper half of a 32-bit gate's offset is zero.
 */
#ifndef NW_L1_H
#define NW_L1_H

#define L1_RAM_SIZE	0x100000	/* guest memory, bytes, from guest-physical 0 */
#define L1_GDT		0x1000
#define L1_TSS		0x1800
#define L1_PML4		0x2000
#define L1_PDPT		0x3000
#define L1_PD		0x4000
#define L1_BASE		0x8000		/* image */
#define L1_STACK_TOP	0xe000
#define L1_IST1_TOP	0xf000		/* IST entry 1 of the 64-bit TSS */
#define L1_COPY_SRC	0x40000		/* 256 KiB each, used by the string instructions */
#define L1_COPY_DST	0x80000
#define L1_COPY_SIZE	0x40000

#define L1_CS64		0x08		/* ring 0, 64-bit */
#define L1_DS		0x10		/* ring 0 */
#define L1_CS32_USER	0x1b		/* ring 3, 32-bit, flat */
#define L1_DS_USER	0x23		/* ring 3, flat */
#define L1_TR		0x28

#define L1_PORT_REPORT	0x10		/* outl: one number for the VMM */
#define L1_PORT_DONE	0x11		/* outl: the guest has finished */
#define L1_PORT_WORK	0x12		/* outl: port traffic without meaning */
#define L1_PORT_PHASE	0x13		/* outl: the phase with interrupts off is over */

#define L1_VECTOR_IRQ	0x20		/* the VMM's interrupt */

#define L1_MODE_USER32	32		/* protected mode, no paging, CPL 3, IOPL 3, CR0.AM */
#define L1_MODE_KERNEL64 64		/* long mode, CPL 0 */

#ifdef __ASSEMBLER__

#define GPA(label)	((label) - image + L1_BASE)

/* The header, in the order of struct l1_header. */
.macro l1_header mode, stuck, stuck_next
	.long	\mode, GPA(entry), GPA(\stuck), GPA(\stuck_next), GPA(idt), idt_end - idt - 1
.endm

/* An absent 32-bit gate, a present one; the same for 64 bits. */
.macro gate32_absent
	.quad	0
.endm
.macro gate32 handler, selector, attributes
	.word	GPA(\handler), \selector, (\attributes) << 8, 0
.endm
.macro gate64_absent
	.quad	0, 0
.endm
.macro gate64 handler, ist
	.word	GPA(\handler), L1_CS64, 0x8e00 | \ist, 0
	.quad	0
.endm

#else
#include <stdint.h>

/* First bytes of an image; guest-physical addresses. */
struct l1_header {
	uint32_t mode;		/* L1_MODE_* */
	uint32_t entry;		/* first instruction */
	uint32_t stuck[2];	/* RIP values a notify exit may show while the event window is closed */
	uint32_t idt;
	uint32_t idt_limit;
};
#endif

#endif
