/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmxon-unpaged - VMXON with paging off.
 *
 * Claim:    CR0.PG is fixed to 1 in VMX operation, so VMXON in 32-bit protected mode without paging
 *           causes #GP(0); the same VMXON succeeds in 64-bit mode.
 * Manual:   SDM Vol. 3C, "VMXON" in the instruction reference, "Restrictions on VMX operation"
 *           (23.8).
 * Expected: both claims hold.
 *
 * Paging is off in 32-bit code only: the guest leaves IA-32e mode for one instruction, with an IDT
 * of one #GP gate.
 */
#include "vmx.h"

uint32_t unpaged_vmxon(uint64_t *region_pointer);

/*
 * Returns the vector of the fault, 255 for none. EFER.LME stays 1: setting CR0.PG again is enough to
 * be back in IA-32e mode. ESI holds the stack, EBP what the 32-bit code pushed.
 */
asm(".text\n"
    "unpaged_vmxon:\n"
    "	push %rbx; push %rbp\n"
    "	sub $32, %rsp\n"
    "	sgdt (%rsp); sidt 16(%rsp)\n"
    "	mov %edi, %ebx\n"
    "	mov %rsp, %rsi\n"
    "	lgdt unpaged_gdtr; lidt unpaged_idtr\n"
    "	push $0x08; lea 1f(%rip), %rax; push %rax; lretq\n"
    "	.code32\n"
    "1:	mov $0x10, %eax; mov %eax, %ds; mov %eax, %ss\n"
    "	mov %cr0, %eax; push %eax; and $0x7fffffff, %eax; mov %eax, %cr0\n"
    "	mov $0xff, %edi\n"
    "	mov %esp, %ebp\n"
    "	vmxon (%ebx)\n"
    "	jbe 3f\n"
    "	vmxoff\n"
    "3:	mov %ebp, %esp\n"
    "	pop %eax; mov %eax, %cr0\n"
    "	ljmp $0x18, $2f\n"
    "unpaged_gp: mov $13, %edi; jmp 3b\n"
    "	.code64\n"
    "2:	mov %esi, %esp\n"
    "	lgdt (%rsp); lidt 16(%rsp)\n"
    "	mov $0x10, %eax; mov %eax, %ds; mov %eax, %ss\n"
    "	push $0x08; lea 4f(%rip), %rax; push %rax; lretq\n"
    "4:	add $32, %rsp\n"
    "	mov %edi, %eax\n"
    "	pop %rbp; pop %rbx\n"
    "	ret\n"
    "	.data\n"
    "	.balign 8\n"
    "unpaged_gdt:\n"
    "	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff\n"
    "	.globl unpaged_idt\n"
    "unpaged_idt: .fill 32, 8, 0\n"
    "unpaged_gdtr: .word 31; .quad unpaged_gdt\n"
    "unpaged_idtr: .word 255; .quad unpaged_idt\n"
    "	.text\n");

extern uint64_t unpaged_idt[32];
extern const char unpaged_gp[];

static uint8_t region[4096] __attribute__((aligned(4096)));

void guest_main(void)
{
	uint64_t pointer = (uint64_t)region, gp = (uint64_t)unpaged_gp, rflags;
	uint32_t revision;

	/* Sets IA32_FEATURE_CONTROL and the fixed bits. */
	vmx_on();
	asm volatile("vmxoff" : : : "cc");
	revision = rdmsr(MSR_VMX_BASIC) & 0x7fffffff;
	memcpy(region, &revision, sizeof(revision));
	unpaged_idt[VECTOR_GP] = (gp & 0xffff) | 0x08ull << 16 | 0x8eull << 40 |
				 (gp >> 16 & 0xffff) << 48;
	check_equal(unpaged_vmxon(&pointer), VECTOR_GP, "CR0.PG = 0: VMXON causes #GP");
	asm volatile("vmxon %1; pushf; pop %0" : "=r"(rflags) : "m"(pointer) : "cc", "memory");
	check_equal(rflags & (RFLAGS_CF | RFLAGS_ZF), 0, "with paging the same VMXON succeeds");
}
