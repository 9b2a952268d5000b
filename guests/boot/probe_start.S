/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe_start.S - multiboot header and entry of the boot probe: saves the machine state as it was handed over.
 */
#define MB_MAGIC        0x1badb002
#define MB_FLAGS        0x3             /* page-aligned modules, memory information */

	.section .multiboot, "a"
	.balign	4
	.long	MB_MAGIC
	.long	MB_FLAGS
	.long	-(MB_MAGIC + MB_FLAGS)

	.code32
	.section .text
	.globl	_start
_start:
	movl	%eax, probe_state
	movl	%ebx, probe_state + 4
	pushfl                          /* the BIOS's stack is still there and its segment is flat */
	popl	probe_state + 8
	movl	%cr0, %ecx
	movl	%ecx, probe_state + 12
	movl	%cs, %ecx
	movl	%ecx, probe_state + 16
	movl	%ds, %ecx
	movl	%ecx, probe_state + 20
	movl	%es, %ecx
	movl	%ecx, probe_state + 24
	movl	%ss, %ecx
	movl	%ecx, probe_state + 28
	movl	$stack_top, %esp
	call	probe_main
1:	hlt
	jmp	1b

	.section .bss
	.balign	16
	.skip	4096
stack_top:

	.section .note.GNU-stack, "", @progbits
