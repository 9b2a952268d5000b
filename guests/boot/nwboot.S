/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nwboot.S - option ROM that starts the guest which libnwboot has placed in RAM.
 *
 * The BIOS calls offset 3 after it has set up PCI, the MP, SMBIOS and ACPI tables and INT 15h, and before it waits
 * for a boot key. Without a hand-off area (nw_handoff.h) the ROM returns at once, so it is harmless in any machine.
 * It works at every ROM address on a 2 KiB boundary. A hand-off is used once: after a guest's reset the RAM is no
 * longer what the images held, so the ROM leaves the boot to the BIOS.
 *
 * Machine state at the entry:
 *   multiboot  EAX = 0x2badb002, EBX = information, flat 32-bit segments, paging off, A20 on, IF = 0
 *   linux      ESI = boot_params, CS = 0x10, DS = ES = SS = 0x18, EBX = EBP = EDI = 0, IF = 0
 *   sector     real mode, CS:IP = 0000:7c00, SS:SP = 0000:7c00, DL = 0x80, IF = 1
 *
 * Errors go to the BIOS's panic port: Bochs prints the line (at most 79 characters) as a panic of the BIOS and ends.
 */
#include "nw_handoff.h"

#define PORT_A20                0x92    /* system control port A: bit 1 = A20, bit 0 = reset */
#define A20_ENABLE              0x02
#define PORT_BIOS_PANIC         0x401   /* Bochs: 0 = the next line of the information port is a panic */
#define PORT_BIOS_INFO          0x402
#define SMAP                    0x534d4150
#define E820_ENTRY_SIZE         20
#define E820_RAM                1
#define LINUX_CS                0x10
#define LINUX_DS                0x18
#define CR0_PE                  0x01
#define SECTOR_ADDRESS          0x7c00
#define FIRST_HARD_DISK         0x80

	.code16
	.section .text
	.globl	_start
_start:
	.byte	0x55, 0xaa
	.byte	0                       /* length in 512-byte blocks: filled in by mkrom */
	jmp	init
	.org	0x18                    /* no PCI data structure, no PnP header */
	.long	0

/* ---- Real mode --------------------------------------------------------------------------------------- */

init:
	pushal
	pushw	%ds
	pushw	%es
	cld
	movw	$NW_HANDOFF_SEGMENT, %ax
	movw	%ax, %ds
	movw	%ax, %es
	cmpl	$NW_HANDOFF_MAGIC, NW_HO_MAGIC
	jne	not_ours
	movw	$msg_version, %si
	cmpl	$NW_HANDOFF_VERSION, NW_HO_VERSION
	jne	panic
	movl	$NW_HANDOFF_TAKEN, NW_HO_MAGIC
	movw	$msg_start, %si
	call	print
	call	read_e820
	inb	$PORT_A20, %al
	orb	$A20_ENABLE, %al
	andb	$0xfe, %al
	outb	%al, $PORT_A20
	cli
	cmpl	$NW_PROTOCOL_SECTOR, NW_HO_PROTOCOL
	je	start_sector
	jmp	enter_protected

not_ours:
	popw	%es
	popw	%ds
	popal
	lretw

/* Ask the BIOS for the memory map; one multiboot-style entry (length, then the E820 entry) after the other. */
read_e820:
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp              /* EBP = number of entries */
	movw	$NW_HO_MMAP, %di
1:	movl	$E820_ENTRY_SIZE, (%di)
	addw	$4, %di
	movl	$0xe820, %eax
	movl	$E820_ENTRY_SIZE, %ecx
	movl	$SMAP, %edx
	int	$0x15
	jc	2f
	cmpl	$SMAP, %eax
	jne	2f
	addw	$E820_ENTRY_SIZE, %di
	incl	%ebp
	cmpl	$NW_E820_MAX, %ebp
	jae	2f
	testl	%ebx, %ebx
	jnz	1b
2:	movl	%ebp, NW_HO_E820_COUNT
	movw	$msg_e820, %si
	testl	%ebp, %ebp
	jz	panic
	ret

start_sector:
	xorw	%ax, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movw	$SECTOR_ADDRESS, %sp
	movw	$NW_HO_SECTOR, %si
	movw	$SECTOR_ADDRESS, %di
	movw	$128, %cx
	rep	movsl
	movw	%ax, %ds
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	movl	$FIRST_HARD_DISK, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	sti
	ljmp	$0, $SECTOR_ADDRESS

/* Print the string at CS:SI on the BIOS's information port; ends after the line feed. Changes AL, DX, SI. */
print:
	movw	$PORT_BIOS_INFO, %dx
1:	lodsb	%cs:(%si), %al
	outb	%al, %dx
	cmpb	$'\n', %al
	jne	1b
	ret

panic:
	movw	$PORT_BIOS_PANIC, %dx
	xorb	%al, %al
	outb	%al, %dx
	call	print
	cli
1:	hlt
	jmp	1b

/* The linear address of the ROM is known only from CS: the GDT pointer and the far return are made on the stack. */
enter_protected:
	xorl	%eax, %eax
	movw	%cs, %ax
	shll	$4, %eax
	leal	gdt(%eax), %ecx
	pushl	%ecx
	pushw	$(gdt_end - gdt - 1)
	movw	%sp, %bp
	lgdtl	%ss:(%bp)
	addl	$protected, %eax
	movl	%cr0, %ecx
	orb	$CR0_PE, %cl
	movl	%ecx, %cr0
	pushl	$LINUX_CS
	pushl	%eax
	lretl

/* ---- Protected mode, flat segments ------------------------------------------------------------------- */

#define HANDOFF(offset)         (NW_HANDOFF_ADDRESS + (offset))

	.code32
protected:
	movl	$LINUX_DS, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	%ecx, %fs
	movl	%ecx, %gs
	movl	%ecx, %ss               /* base 0 in both modes, so the stack stays where it is */
	movzwl	%sp, %esp
	leal	(msg_payload - protected)(%eax), %esi
	call	settle_payload
	jc	panic32
	call	copy_e820
	call	find_memory_sizes
	movl	HANDOFF(NW_HO_ENTRY), %edx
	movl	HANDOFF(NW_HO_EAX), %eax
	movl	HANDOFF(NW_HO_EBX), %ebx
	movl	HANDOFF(NW_HO_ESI), %esi
	xorl	%ecx, %ecx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	pushl	%edx
	movl	$0, %edx
	ret

/* Touch every block of the payload in ascending order, then look for the end mark. CF = 1: it is not there. */
settle_payload:
	movl	HANDOFF(NW_HO_PAYLOAD_START), %ebx
	movl	HANDOFF(NW_HO_PAYLOAD_END), %ecx
	testl	%ecx, %ecx
	jz	2f
	andl	$~(NW_BLOCK_SIZE - 1), %ebx
1:	movl	(%ebx), %edx
	addl	$NW_BLOCK_SIZE, %ebx
	cmpl	%ecx, %ebx
	jbe	1b
	cmpl	$NW_END_MARK_0, (%ecx)
	jne	3f
	cmpl	$NW_END_MARK_1, 4(%ecx)
	jne	3f
2:	clc
	ret
3:	stc
	ret

/* boot_params.e820_table has the same entries without the length in front. */
copy_e820:
	pushl	%esi
	movl	HANDOFF(NW_HO_E820_COUNT), %edx
	movb	%dl, HANDOFF(NW_HO_BOOT_PARAMS + NW_BP_E820_ENTRIES)
	movl	$HANDOFF(NW_HO_MMAP), %esi
	movl	$HANDOFF(NW_HO_BOOT_PARAMS + NW_BP_E820_TABLE), %edi
1:	addl	$4, %esi
	movl	$(E820_ENTRY_SIZE / 4), %ecx
	rep	movsl
	decl	%edx
	jnz	1b
	popl	%esi
	ret

/* Multiboot: KiB from 0 and KiB from 1 MiB, each up to the first hole; and the length of the map. */
find_memory_sizes:
	movl	$HANDOFF(NW_HO_MMAP), %ebx
	imull	$NW_MMAP_ENTRY_SIZE, HANDOFF(NW_HO_E820_COUNT), %ecx
	movl	%ecx, HANDOFF(NW_HO_MBI + NW_MBI_MMAP_LENGTH)
	addl	%ebx, %ecx
1:	cmpl	$E820_RAM, 20(%ebx)
	jne	3f
	movl	$HANDOFF(NW_HO_MBI + NW_MBI_MEM_LOWER), %edi
	movl	4(%ebx), %eax
	orl	8(%ebx), %eax
	jz	2f
	movl	$HANDOFF(NW_HO_MBI + NW_MBI_MEM_UPPER), %edi
	cmpl	$0x100000, %eax
	jne	3f
2:	movl	12(%ebx), %eax
	shrl	$10, %eax
	movl	%eax, (%edi)
3:	addl	$NW_MMAP_ENTRY_SIZE, %ebx
	cmpl	%ecx, %ebx
	jb	1b
	ret

panic32:
	movw	$PORT_BIOS_PANIC, %dx
	xorb	%al, %al
	outb	%al, %dx
	movw	$PORT_BIOS_INFO, %dx
1:	lodsb
	outb	%al, %dx
	cmpb	$'\n', %al
	jne	1b
2:	hlt
	jmp	2b

/* ---- Data -------------------------------------------------------------------------------------------- */

	.balign	8
gdt:                                    /* accessed bits are set: a ROM cannot be written */
	.quad	0
	.quad	0
	.quad	0x00cf9b000000ffff      /* 0x10: code, base 0, limit 4 GiB, 32-bit */
	.quad	0x00cf93000000ffff      /* 0x18: data, likewise */
gdt_end:

msg_start:
	.ascii	"nwboot: starting the guest\n"
msg_version:
	.ascii	"nwboot: hand-off area: unknown version, this ROM accepts version 1\n"
msg_e820:
	.ascii	"nwboot: INT 15h E820: the BIOS gives no memory map\n"
msg_payload:
	.ascii	"nwboot: the guest image is scattered, accepted is memory: block_size=1024\n"

	.section .note.GNU-stack, "", @progbits
