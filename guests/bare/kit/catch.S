/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * catch.S - unsigned trap_catch(void (*f)(void *), void *arg): calls f(arg) and comes back even if f raises an
 * exception. 0: it returned; else the vector + 1. trap_dispatch() continues at trap_caught with EAX set.
 */
	.text
	.globl trap_catch
trap_catch:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	sub $8, %rsp
	mov %rsp, trap_catch_rsp
	mov %rdi, %rax
	mov %rsi, %rdi
	call *%rax
	xor %eax, %eax
	.globl trap_caught
trap_caught:
	movq $0, trap_catch_rsp
	add $8, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
