/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe_sector.S - boot sector that writes its IP, DL and EFLAGS to COM1 and ends the simulation.
 */
#define PORT_COM1       0x3f8
#define PORT_SHUTDOWN   0x8900

	.code16
	.section .text
	.globl	_start
_start:
	pushfw
	popw	%di
	call	1f
1:	popw	%cx
	subw	$(1b - _start), %cx             /* CX = IP of the first byte */
	movw	%dx, %bx
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	$(PORT_COM1 + 3), %dx
	movb	$3, %al                 /* 8 data bits, 1 stop bit */
	outb	%al, %dx
	movw	$PORT_COM1, %dx
	movw	$0x7c00 + (name_ip - _start), %si
	call	put_text
	movw	%cx, %ax
	call	put_hex
	movw	$0x7c00 + (name_dl - _start), %si
	call	put_text
	movw	%bx, %ax
	call	put_hex
	movw	$0x7c00 + (name_flags - _start), %si
	call	put_text
	movw	%di, %ax
	call	put_hex
	movw	$0x7c00 + (name_end - _start), %si
	call	put_text
	movw	$(PORT_COM1 + 5), %dx
3:	inb	%dx, %al
	testb	$0x40, %al              /* the last byte has left */
	jz	3b
	movw	$0x7c00 + (shutdown - _start), %si
	movw	$PORT_SHUTDOWN, %dx
	call	put_text
2:	hlt
	jmp	2b

/* The string at DS:SI to port DX. */
put_text:
	lodsb
	testb	%al, %al
	jz	2f
	call	put_char
	jmp	put_text
2:	ret

put_char:
	cmpw	$PORT_COM1, %dx
	jne	2f
	pushw	%ax
	addw	$5, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	subw	$5, %dx
	popw	%ax
2:	outb	%al, %dx
	ret

put_hex:
	movw	$4, %bp
1:	rolw	$4, %ax
	pushw	%ax
	andb	$0x0f, %al
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	2f
	addb	$('a' - '0' - 10), %al
2:	call	put_char
	popw	%ax
	decw	%bp
	jnz	1b
	ret

name_ip:
	.asciz	"ip="
name_dl:
	.asciz	"\ndx="
name_flags:
	.asciz	"\nflags="
name_end:
	.asciz	"\ndone\n"
shutdown:
	.asciz	"Shutdown"
	.org	510
	.byte	0x55, 0xaa
