/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * start.S - Multiboot header and 32-bit entry: saves the state in which the loader starts a kernel, calls
 * kernel(magic, information) and exits with its result. Also the code of the other processors.
 */
#define MAGIC           0x1badb002
#define FLAGS           3               /* modules on page boundaries, memory information */
#define LOADER_MAGIC    0x2badb002
#define EXIT_PORT       0xf4

	.section .header, "a"
	.balign	4
	.long	MAGIC, FLAGS, -(MAGIC + FLAGS)

	.text
	.globl	start
start:
	mov	%esp, entry_esp
	mov	$stack_top, %esp
	pushfl
	popl	entry_eflags
	mov	%cr0, %ecx
	mov	%ecx, entry_cr0
	mov	%ss, entry_ss
	mov	%cs, entry_cs
	push	%ebx
	push	%eax
	lgdt	gdt_pointer
	ljmp	$8, $1f
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	call	kernel
	out	%eax, $EXIT_PORT
2:	hlt
	jmp	2b

/* Interrupt: counts, ends at the local APIC. */
	.globl	interrupt
interrupt:
	lock incl interrupts
	movl	$0, 0xfee000b0
	iret

/* Started at physical address 0 by a startup IPI with vector 0. */
	.code16
	.globl	trampoline, trampoline_end
trampoline:
	cli
	lgdtl	%cs:(gdt_pointer_copy - trampoline)
	mov	%cr0, %eax
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$8, $processor
gdt_pointer_copy:
	.word	gdt_end - gdt - 1
	.long	gdt
trampoline_end:

	.code32
processor:
	mov	$0x10, %eax
	mov	%eax, %ds
	lock incl processors
1:	cli
	hlt
	jmp	1b

	.data
	.globl	entry_esp, entry_eflags, entry_cr0, entry_cs, entry_ss, processors, interrupts
entry_esp:	.long 0
entry_eflags:	.long 0
entry_cr0:	.long 0
entry_cs:	.long 0
entry_ss:	.long 0
processors:	.long 1
interrupts:	.long 0

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

	.bss
	.balign	16
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
