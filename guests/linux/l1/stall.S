/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L1 guest "stall": one instruction which the simulated CPU stretches.
 *
 * A plain NOP on every other CPU; in nwsim it takes RAX crystal clocks, with no instruction boundary
 * inside. The VMM gives the number in RDI. The guest reports the TSC interval around the
 * instruction, low half first.
 */
#include "l1.h"
#include "nw_abi.h"

	.section .rodata.l1_stall, "a"
	.code64
	.balign	16
	.globl	l1_stall, l1_stall_end
l1_stall:
image:
	l1_header L1_MODE_KERNEL64, magic_nop, magic_nop

entry:
	rdtsc
	movl	%edx, %ebx
	shlq	$32, %rbx
	orq	%rax, %rbx
	movq	%rdi, %rax
magic_nop:
	.byte	0x0f, 0x1f, 0x84, 0x00
	.long	NW_MAGIC_STALL
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	subq	%rbx, %rax
	outl	%eax, $L1_PORT_REPORT
	shrq	$32, %rax
	outl	%eax, $L1_PORT_REPORT
	outl	%eax, $L1_PORT_DONE
1:	jmp	1b

	.balign	8
idt:
	gate64_absent
idt_end:
l1_stall_end:

	.section .note.GNU-stack, "", @progbits
