/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trap.S - the 256 entry points of the IDT: every event becomes a struct trap_frame for
 * trap_dispatch().
 */
	.text
	.globl trap_stubs
	.balign 16
trap_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	/*
	 * Vectors 8, 10-14, 17, 21, 29, 30 push an error code (SDM Vol. 3A, "Exception and
	 * interrupt reference").
	 */
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || \
		vector == 29 || vector == 30)
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

trap_common:
	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %rbp
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	cld
	call trap_dispatch
	mov %rbx, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rbp
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbx
	pop %rax
	add $16, %rsp
	iretq
