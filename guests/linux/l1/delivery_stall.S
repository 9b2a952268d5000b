/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L1 guest "delivery-stall": INT3 in a row, each with a normal handler.
 *
 * Nothing in here closes the event window: a stall rule of the simulator stretches the delivery of
 * vector 3. The guest counts the handler's runs and those whose saved RIP is not the instruction
 * after INT3 (a wrong instruction length in the VM exit shows there), and reports both.
 */
#include "l1.h"

#define INT3_COUNT	16

	.section .rodata.l1_delivery_stall, "a"
	.code64
	.balign	16
	.globl	l1_delivery_stall, l1_delivery_stall_end
l1_delivery_stall:
image:
	l1_header L1_MODE_KERNEL64, breakpoint, breakpoint

entry:
	xorl	%ebx, %ebx
	xorl	%esi, %esi
	movl	$INT3_COUNT, %ecx
breakpoint:
	int3
after_breakpoint:
	decl	%ecx
	jnz	breakpoint
	movl	%ebx, %eax
	outl	%eax, $L1_PORT_REPORT
	movl	%esi, %eax
	outl	%eax, $L1_PORT_REPORT
	outl	%eax, $L1_PORT_DONE
1:	jmp	1b

handler:
	incl	%ebx
	cmpq	$GPA(after_breakpoint), (%rsp)
	je	2f
	incl	%esi
2:	movq	$GPA(after_breakpoint), (%rsp)
	iretq

	.balign	8
idt:
	.rept	3
	gate64_absent
	.endr
	gate64	handler, 0
idt_end:
l1_delivery_stall_end:

	.section .note.GNU-stack, "", @progbits
