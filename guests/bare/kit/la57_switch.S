/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * la57_switch.S - void la57_switch(uint64_t cr3, uint64_t cr4): see la57.h.
 *
 * 64-bit code, compatibility mode, paging off, CR3 and CR4, paging on, 64-bit code (SDM Vol. 3A
 * 10.8.5). EFER.LME stays set: paging turns IA-32e mode off and on.
 */
#define CR0_PG  (1 << 31)

	.text
	.globl la57_switch
	.code64
la57_switch:
	push %rbx
	push %rbp
	sub $32, %rsp
	sgdt 16(%rsp)
	mov %edi, %ebx                  /* CR3 and CR4: 32 bits are enough here */
	mov %esi, %ebp
	lgdt switch_gdtr
	push $0x08
	push $1f
	lretq

	.code32
1:	mov $0x18, %eax
	mov %eax, %ss
	mov %eax, %ds
	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
	mov %ebp, %cr4
	mov %ebx, %cr3
	or $CR0_PG, %eax
	mov %eax, %cr0
	ljmp $0x10, $2f

	.code64
2:	lgdt 16(%rsp)
	mov $0x10, %eax                 /* SEL_DATA */
	mov %eax, %ss
	mov %eax, %ds
	add $32, %rsp
	pop %rbp
	pop %rbx
	pop %rax
	push $0x08                      /* SEL_CODE64 */
	push %rax
	lretq

	.section .rodata
	.balign 8
switch_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff        /* 0x08: 32-bit code */
	.quad 0x00af9b000000ffff        /* 0x10: 64-bit code */
	.quad 0x00cf93000000ffff        /* 0x18: data */
switch_gdtr:
	.word . - switch_gdt - 1
	.quad switch_gdt
