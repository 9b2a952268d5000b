/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L1 guest "db-loop": the #DB on delivery of CVE-2015-8104, long mode with an interrupt stack.
 *
 * A data-write breakpoint lies on the slot of the interrupt stack which receives SS. IST 1 gives
 * every #DB the same stack, so its delivery hits the breakpoint again and the next #DB is pending
 * before the handler's first instruction. The handler runs only when the VMM has cleared DR7; it
 * reports the saved RIP.
 */
#include "l1.h"

#define WATCHED		(L1_IST1_TOP - 8)
#define DR7_L0_W8	0x90401		/* L0; RW0 = write, LEN0 = 8 bytes; bit 10 is fixed to 1 */

	.section .rodata.l1_db_loop, "a"
	.code64
	.balign	16
	.globl	l1_db_loop, l1_db_loop_end
l1_db_loop:
image:
	l1_header L1_MODE_KERNEL64, handler, after_write

entry:
	movl	$WATCHED, %eax
	movq	%rax, %dr0
	movl	$DR7_L0_W8, %eax
	movq	%rax, %dr7
	movq	$0, WATCHED
after_write:
	ud2

handler:
	popq	%rax
	outl	%eax, $L1_PORT_REPORT
	outl	%eax, $L1_PORT_DONE
1:	jmp	1b

	.balign	8
idt:
	gate64_absent
	gate64	handler, 1
idt_end:
l1_db_loop_end:

	.section .note.GNU-stack, "", @progbits
