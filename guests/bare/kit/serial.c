/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serial.c - output on COM1, 16550, polled, 115200 baud 8N1. A machine without the port loses text,
 * not time.
 */
#include "kit.h"

#define COM1            0x3f8
#define LSR             (COM1 + 5)
#define LSR_THRE        0x20
#define POLL_MAX        100000

static bool present;

void serial_init(void)
{
	outb(COM1 + 7, 0x5a);           /* scratch register: reads back only if there is a UART */
	present = inb(COM1 + 7) == 0x5a;
	outb(COM1 + 1, 0x00);           /* no interrupts */
	outb(COM1 + 3, 0x80);           /* divisor latch */
	outb(COM1 + 0, 0x01);
	outb(COM1 + 1, 0x00);
	outb(COM1 + 3, 0x03);           /* 8N1 */
	outb(COM1 + 2, 0x07);           /* FIFOs on and cleared */
	outb(COM1 + 4, 0x03);           /* DTR, RTS */
}

static void put_raw(char c)
{
	for (unsigned i = 0; i < POLL_MAX && !(inb(LSR) & LSR_THRE); i++)
		asm volatile("pause");
	outb(COM1, (uint8_t)c);
}

void serial_putc(char c)
{
	if (!present)
		return;
	if (c == '\n')
		put_raw('\r');
	put_raw(c);
}
