/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L1 guest "quiet": ordinary work, during which event windows open at every boundary.
 *
 * RDI = TSC ticks of each busy phase. Phases: interrupts off, interrupts on, REP MOVSB, port
 * traffic, HLT woken by the VMM's interrupt. Reports the number of interrupts taken.
 */
#include "l1.h"

#define PORT_WRITES	64
#define HALTS		4

	.section .rodata.l1_quiet, "a"
	.code64
	.balign	16
	.globl	l1_quiet, l1_quiet_end
l1_quiet:
image:
	l1_header L1_MODE_KERNEL64, entry, entry

entry:
	xorl	%r12d, %r12d
	cli
	call	busy
	outl	%eax, $L1_PORT_PHASE
	sti
	call	busy

	cld
	movl	$L1_COPY_SRC, %esi
	movl	$L1_COPY_DST, %edi
	movl	$L1_COPY_SIZE, %ecx
	rep movsb

	movl	$PORT_WRITES, %ecx
1:	movl	%ecx, %eax
	outl	%eax, $L1_PORT_WORK
	loop	1b

	movl	$HALTS, %ebp
2:	hlt
	decl	%ebp
	jnz	2b

	movl	%r12d, %eax
	outl	%eax, $L1_PORT_REPORT
	outl	%eax, $L1_PORT_DONE
3:	jmp	3b

/* Load, add and store until the TSC has advanced by RDI; keeps RDI. */
busy:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	leaq	(%rax, %rdi), %rbx
4:	movl	$256, %ecx
5:	addq	%rcx, L1_COPY_SRC
	loop	5b
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	cmpq	%rbx, %rax
	jb	4b
	ret

irq:
	incl	%r12d
	iretq

	.balign	8
idt:
	.rept	L1_VECTOR_IRQ
	gate64_absent
	.endr
	gate64	irq, 0
idt_end:
l1_quiet_end:

	.section .note.GNU-stack, "", @progbits
