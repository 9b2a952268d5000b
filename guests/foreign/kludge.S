/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kludge.S - a flat file that is no ELF: the Multiboot header's address fields say where it goes. It checks that its
 * .bss is zero up to the end that the header gives, and that the file was loaded to its last byte.
 */
#define MAGIC           0x1badb002
#define FLAGS           0x10000
#define LOAD            0x200000
#define BSS_SIZE        0x3000
#define EXIT_PORT       0xf4
#define COM1            0x3f8
#define LCR_8N1         3
#define LAST            0x6c617374

	.code32
	.section .text
	.globl	start
begin:
	.skip	64                      /* the header need not be the first */
header:
	.long	MAGIC, FLAGS, -(MAGIC + FLAGS)
	.long	LOAD + (header - begin), LOAD, LOAD + (load_end - begin), LOAD + (load_end - begin) + BSS_SIZE
	.long	LOAD + (start - begin)
start:
	cld
	mov	$2, %ebx                /* exit code */
	cmpl	$LAST, LOAD + (last - begin)
	jne	1f
	dec	%ebx
	mov	$(LOAD + (load_end - begin)), %edi
	mov	$BSS_SIZE, %ecx
	xor	%eax, %eax
	repe	scasb
	jne	1f
	dec	%ebx
1:	mov	$(COM1 + 3), %edx
	mov	$LCR_8N1, %al
	out	%al, %dx
	mov	$COM1, %edx
	mov	$(LOAD + (text - begin)), %esi
2:	lodsb
	out	%al, %dx
	cmp	$'\n', %al
	jne	2b
	mov	%ebx, %eax
	out	%eax, $EXIT_PORT
3:	hlt
	jmp	3b
text:	.ascii	"kludge: here I am\n"
	.balign	4
last:	.long	LAST
load_end:

	.section .note.GNU-stack, "", @progbits
