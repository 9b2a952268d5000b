/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * disk.S - boot sector of a disk or, as the boot image without emulation, of a CD-ROM. From a disk it writes its second
 * sector (INT 13h), reads it back and exits with 0 when it is what was written, with 1 when it is not or when the sector
 * was not what the image had ("orig"). Without the mark 55 AA behind it, it is a CD-ROM's and exits with 0 at once.
 */
#define EXIT_PORT       0xf4
#define BUFFER          0x8000

	.code16
	.section .text
	.globl	start
start:
	ljmp	$0, $(0x7c00 + (1f - start))
1:	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7000, %sp
	mov	$3, %al                 /* COM1: 8 bits */
	mov	$0x3fb, %dx
	out	%al, %dx
	mov	$(0x7c00 + (text - start)), %si
	mov	$0x3f8, %dx
2:	lodsb
	out	%al, %dx
	cmp	$'\n', %al
	jne	2b
	xor	%ebx, %ebx
	mov	$0x80, %dl
	cmpw	$0xaa55, 0x7dfe
	jne	done
	mov	$1, %ebx
	mov	$0x0201, %ax            /* read sector 2 */
	call	bios
	cmpl	$0x6769726f, BUFFER     /* "orig" */
	jne	done
	movl	$0x2177656e, BUFFER     /* "new!" */
	mov	$0x0301, %ax            /* write it */
	call	bios
	movl	$0, BUFFER
	mov	$0x0201, %ax
	call	bios
	cmpl	$0x2177656e, BUFFER
	jne	done
	dec	%ebx
done:	mov	%ebx, %eax
	out	%eax, $EXIT_PORT
3:	hlt
	jmp	3b

bios:	mov	$BUFFER, %bp
	pushl	%ebx
	mov	%bp, %bx
	mov	$2, %cx                 /* cylinder 0, sector 2 */
	xor	%dh, %dh
	int	$0x13
	popl	%ebx
	jc	done
	ret

text:	.ascii	"boot sector: here I am\n"

	.section .note.GNU-stack, "", @progbits
