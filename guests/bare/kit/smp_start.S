/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smp_start.S - where another CPU begins: from real mode straight to 64-bit mode. smp.c copies the
 * code between the labels to a page below 1 MiB; the SIPI vector names that page.
 */
#define CR0_PG_WP_NE_ET_PE      0x80010031
#define CR4_PAE                 0x20
#define MSR_EFER                0xc0000080
#define EFER_LME                0x100

	.section .rodata.smp, "a"
	.code16
	.globl smp_trampoline, smp_trampoline_end
smp_trampoline:
	cli
	mov %cs, %ax
	mov %ax, %ds
	lgdtl gdtr - smp_trampoline
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $boot_pml4, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	wrmsr
	mov $CR0_PG_WP_NE_ET_PE, %eax   /* caches on, too */
	mov %eax, %cr0
	ljmpl $0x08, $start64
	.balign 4
gdtr:
	.word gdt_end - gdt - 1
	.long gdt
smp_trampoline_end:

	.balign 8
gdt:
	.quad 0
	.quad 0x00af9b000000ffff        /* 0x08: 64-bit code */
	.quad 0x00cf93000000ffff        /* 0x10: data */
gdt_end:

	.text
	.code64
start64:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov smp_boot_stack, %rsp
	xor %ebp, %ebp
	call smp_entry

	.bss
	.balign 8
	.globl smp_boot_stack
smp_boot_stack:
	.quad 0
