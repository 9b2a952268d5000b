/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop32_code.S - the code of the 32-bit L1: one misaligned load, and a VMCALL wherever control
 * should never get.
 */
	.section .l1, "awx"
	.code32
	.globl loop32_start, loop32_load, loop32_handler, loop32_data, loop32_stubs
loop32_start:
	inc %edx
	sub $16, %esp
loop32_load:
	mov (%ebx), %ecx
	mov $1, %eax                    /* LOOP32_COMPLETED */
	vmcall
loop32_handler:
	mov $2, %eax                    /* LOOP32_HANDLER */
	vmcall
	.balign 8
loop32_stubs:                           /* 8 bytes each */
	.set vector, 0
	.rept 32
	mov $(0x100 + vector), %eax     /* LOOP32_VECTOR */
	vmcall
	.set vector, vector + 1
	.endr
loop32_data:
	.quad 0
