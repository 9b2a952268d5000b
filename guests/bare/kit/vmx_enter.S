/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx_enter.S - the one place where the VM is entered and left.
 *
 * bool vmx_enter(struct l1 *l1, uint64_t launched): true after a VM exit, false when the
 * instruction failed. Both paths execute the same number of instructions between RDTSC and VM
 * entry, whatever the guest, and the exit path reads the TSC before anything else that can vary:
 * intervals of identical entries are comparable to the tick.
 */
#define HOST_RSP        0x6c14
#define RAX             (8 * 0)
#define RCX             (8 * 1)
#define RDX             (8 * 2)
#define RBX             (8 * 3)
#define RBP             (8 * 5)
#define RSI             (8 * 6)
#define RDI             (8 * 7)
#define R(n)            (8 * n)
#define TSC_ENTRY       (8 * 16)
#define TSC_EXIT        (8 * 17)

.macro enter instruction
	lfence
	rdtsc
	mov %eax, TSC_ENTRY(%rdi)
	mov %edx, TSC_ENTRY + 4(%rdi)
	mov RAX(%rdi), %rax
	mov RCX(%rdi), %rcx
	mov RDX(%rdi), %rdx
	mov RBX(%rdi), %rbx
	mov RBP(%rdi), %rbp
	mov RSI(%rdi), %rsi
	mov R(8)(%rdi), %r8
	mov R(9)(%rdi), %r9
	mov R(10)(%rdi), %r10
	mov R(11)(%rdi), %r11
	mov R(12)(%rdi), %r12
	mov R(13)(%rdi), %r13
	mov R(14)(%rdi), %r14
	mov R(15)(%rdi), %r15
	mov RDI(%rdi), %rdi
	\instruction
.endm

	.text
	.globl vmx_enter
vmx_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	push %rdi
	mov $HOST_RSP, %eax
	vmwrite %rsp, %rax
	jbe fail
	test %rsi, %rsi
	jnz 1f
	enter vmlaunch
	jmp fail
1:	enter vmresume
fail:
	xor %eax, %eax
	jmp leave

	.globl vmx_exit_point
vmx_exit_point:
	xchg %rdi, (%rsp)               /* guest's RDI on the stack, l1 in RDI */
	mov %rax, RAX(%rdi)
	mov %rdx, RDX(%rdi)
	rdtsc
	mov %eax, TSC_EXIT(%rdi)
	mov %edx, TSC_EXIT + 4(%rdi)
	mov %rcx, RCX(%rdi)
	mov %rbx, RBX(%rdi)
	mov %rbp, RBP(%rdi)
	mov %rsi, RSI(%rdi)
	mov %r8, R(8)(%rdi)
	mov %r9, R(9)(%rdi)
	mov %r10, R(10)(%rdi)
	mov %r11, R(11)(%rdi)
	mov %r12, R(12)(%rdi)
	mov %r13, R(13)(%rdi)
	mov %r14, R(14)(%rdi)
	mov %r15, R(15)(%rdi)
	mov (%rsp), %rax
	mov %rax, RDI(%rdi)
	mov $1, %eax
leave:
	pop %rdi
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret
