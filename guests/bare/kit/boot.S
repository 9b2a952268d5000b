/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot.S - from a multiboot 1 loader to guest C code in 64-bit mode.
 *
 * The loader (GRUB, or nwsim's own) enters _start in 32-bit protected mode with EAX = magic, EBX =
 * information. Memory below 4 GiB is mapped one to one, usable by every privilege level because
 * 64-bit L1 guests share the tables; from 3 GiB on it is uncached, since that is where the memory-
 * mapped timers and the local APIC are.
 */
#include "nw_abi.h"

#define MULTIBOOT_HEADER_MAGIC  0x1badb002
#define MULTIBOOT_BOOT_MAGIC    0x2badb002
#define COM1                    0x3f8

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_HEADER_MAGIC
	.long 0
	.long -MULTIBOOT_HEADER_MAGIC

	.section .text.boot, "ax"
	.code32
	.globl _start
_start:
	cli
	cld
	mov %eax, %ebp
	mov %ebx, %esi
	mov $bss_begin, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	xor %eax, %eax
	rep stosb
	mov $boot_stack_top, %esp

	mov $no_multiboot, %edi
	cmp $MULTIBOOT_BOOT_MAGIC, %ebp
	jne give_up
	mov $no_long_mode, %edi
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb give_up
	mov $0x80000001, %eax
	cpuid
	bt $29, %edx
	jnc give_up

	mov %cr4, %eax
	or $(1 << 5), %eax              /* CR4.PAE */
	mov %eax, %cr4
	mov $boot_pml4, %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx           /* IA32_EFER */
	rdmsr
	or $(1 << 8), %eax              /* EFER.LME */
	wrmsr
	mov %cr0, %eax
	and $~0x6000000c, %eax          /* CD, NW, TS, EM off */
	or $0x80010020, %eax            /* PG, WP, NE */
	mov %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x08, $start64

/* The message at EDI is a whole TAP stream; there is no test to run on this machine. */
give_up:
	movzbl (%edi), %eax
	inc %edi
	test %al, %al
	jz 3f
	mov %eax, %ebx
	mov $0x10000, %ecx
1:	mov $(COM1 + 5), %dx
	in %dx, %al
	test $0x20, %al
	jnz 2f
	dec %ecx
	jnz 1b
2:	mov %ebx, %eax
	mov $COM1, %dx
	out %al, %dx
	jmp give_up
3:	mov $NW_PORT_SIGNATURE, %dx
	in %dx, %eax
	cmp $NW_SIGNATURE, %eax
	jne 4f
	movzbl (%edi), %eax
	mov $NW_PORT_EXIT, %dx
	out %al, %dx
4:	hlt
	jmp 4b

	.code64
start64:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov $boot_stack_top, %rsp
	xor %ebp, %ebp
	mov %esi, %edi                  /* physical address of the multiboot information */
	call kit_main
1:	hlt
	jmp 1b

	.section .rodata.boot, "a"
no_multiboot:
	.asciz "Bail out! not started by a multiboot 1 loader\r\n"
	.byte NW_EXIT_ERROR
no_long_mode:
	.asciz "1..0 # SKIP CPU has no 64-bit mode\r\n"
	.byte NW_EXIT_SKIP

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff        /* 0x08: 64-bit code */
	.quad 0x00cf93000000ffff        /* 0x10: data */
boot_gdtr:
	.word . - boot_gdt - 1
	.quad boot_gdt

#define PAGE_USER_RW    0x007
#define PAGE_LARGE      0x080
#define PAGE_UNCACHED   0x018           /* PWT, PCD: PAT entry 3 */

	.section .data.boot, "aw"
	.balign 4096
	.globl boot_pml4
boot_pml4:
	.quad boot_pdpt + PAGE_USER_RW
	.fill 511, 8, 0
boot_pdpt:
	.quad boot_pd + 0x0000 + PAGE_USER_RW
	.quad boot_pd + 0x1000 + PAGE_USER_RW
	.quad boot_pd + 0x2000 + PAGE_USER_RW
	.quad boot_pd + 0x3000 + PAGE_USER_RW
	.fill 508, 8, 0
boot_pd:
	.set address, 0
	.rept 1536
	.quad address + PAGE_LARGE + PAGE_USER_RW
	.set address, address + 0x200000
	.endr
	.rept 512
	.quad address + PAGE_LARGE + PAGE_UNCACHED + PAGE_USER_RW
	.set address, address + 0x200000
	.endr

	.section .bss.boot, "aw", @nobits
	.balign 16
	.skip 0x8000
boot_stack_top:
