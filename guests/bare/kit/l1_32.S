/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * l1_32.S - descriptor tables and stacks of the 32-bit L1, on pages that L0 keeps nothing else on.
 */
	.section .l1, "awx"
	.balign 8
	.globl l1_gdt32, l1_gdt32_end, l1_idt32, l1_tss32, l1_stack32_ring0_top, l1_stack32_top
l1_gdt32:
	.quad 0
	.quad 0x00cf9b000000ffff        /* 0x08: code, DPL 0 */
	.quad 0x00cf93000000ffff        /* 0x10: data, DPL 0 */
	.quad 0x00cffb000000ffff        /* 0x18: code, DPL 3 */
	.quad 0x00cff3000000ffff        /* 0x20: data, DPL 3 */
l1_gdt32_end:
l1_idt32:
	.fill 32, 8, 0
l1_tss32:
	.long 0
	.long l1_stack32_ring0_top      /* ESP0 */
	.long 0x10                      /* SS0 */
	.fill 23, 4, 0
	.balign 16
	.skip 1024
l1_stack32_ring0_top:
	.skip 1024
l1_stack32_top:
	.skip 64                        /* misaligned frames start a little above the top */
