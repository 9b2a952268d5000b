/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * long_start.S - 32-bit Multiboot entry that goes to 64-bit mode with pages of 1 GiB, address = physical address, and
 * calls kernel(magic, information).
 */
#define MAGIC           0x1badb002
#define EXIT_PORT       0xf4
#define CR4_PAE         0x20
#define MSR_EFER        0xc0000080
#define EFER_LME        0x100
#define CR0_PG_PE       0x80000001
#define GIB_PAGE        0x83            /* present, writable, large */
#define NO_GIB_PAGES    99              /* exit code */

	.section .header, "a"
	.balign	4
	.long	MAGIC, 0, -MAGIC

	.text
	.code32
	.globl	start
start:
	mov	$stack_top, %esp
	mov	%eax, %esi
	mov	%ebx, %ebp
	mov	$0x80000001, %eax
	cpuid
	bt	$26, %edx
	jnc	no_pages
	lgdt	gdt_pointer
	mov	%cr4, %eax
	or	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_LME, %eax
	wrmsr
	mov	%cr0, %eax
	or	$CR0_PG_PE, %eax
	mov	%eax, %cr0
	ljmp	$8, $long_mode
no_pages:
	mov	$NO_GIB_PAGES, %eax
	out	%eax, $EXIT_PORT
1:	hlt
	jmp	1b

	.code64
long_mode:
	xor	%eax, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%esi, %edi
	mov	%ebp, %esi
	call	kernel
	out	%eax, $EXIT_PORT
1:	hlt
	jmp	1b

	.data
	.balign	4096
pml4:	.quad	pdpt + 3
	.skip	4096 - 8
pdpt:
	.set	i, 0
	.rept	512
	.quad	(i << 30) + GIB_PAGE
	.set	i, i + 1
	.endr
gdt:	.quad	0
	.quad	0x00af9a000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	16
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
