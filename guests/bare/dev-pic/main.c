/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-pic - the interrupt controllers take any command word.
 *
 * Claim:    every value of ICW1, ICW3, ICW4, OCW2 and OCW3, in both controllers, leaves controllers that can be
 *           initialized and whose mask reads back; a non-specific EOI with level bits ends an interrupt.
 * Manual:   8259A data sheet: OCW2 uses L2-L0 only with SL = 1. PIIX3 data sheet: ICW1 bits 1 and 3.
 * Expected: all claims hold on a PC with two 8259.
 */
#include "kit.h"

#define MASTER  0x20
#define SLAVE   0xa0
#define ICW1    0x11            /* cascade, edge triggered, ICW4 follows */

static void initialize(uint16_t port, uint8_t icw1, uint8_t vector, uint8_t icw3, uint8_t icw4)
{
	outb(port, icw1);
	outb(port + 1, vector);
	outb(port + 1, icw3);
	outb(port + 1, icw4);
}

static void normal(void)
{
	initialize(MASTER, ICW1, 0x20, 0x04, 0x01);
	initialize(SLAVE, ICW1, 0x28, 0x02, 0x01);
	outb(MASTER + 1, 0xff);
	outb(SLAVE + 1, 0xff);
}

static void works(uint16_t port, struct tally *t)
{
	normal();
	outb(port + 1, 0xa5);
	tally_equal(t, inb(port + 1), 0xa5);
	outb(port + 1, 0xff);
}

static void all_words(uint16_t port, const char *name)
{
	struct tally after_icw = { .what = "the mask reads back after any ICW1, ICW3, ICW4" };
	struct tally after_ocw = { .what = "the mask reads back after any OCW2, OCW3" };

	for (unsigned v = 0; v < 256; v++) {
		initialize(port, (uint8_t)v | 0x10, 0x20, (uint8_t)v, (uint8_t)(v >> 4));
		works(port, &after_icw);
		outb(port, (uint8_t)v & 0xef);
		inb(port);                      /* what a poll command asks for */
		works(port, &after_ocw);
	}
	tally_check(&after_icw, "%s", name);
	tally_check(&after_ocw, "%s", name);
}

static unsigned in_service;

static void on_irq0(struct trap_frame *f)
{
	(void)f;
	outb(MASTER + 1, 0xff);
	outb(MASTER, 0x0b);             /* OCW3: read ISR */
	in_service = inb(MASTER);
	outb(MASTER, 0x23);             /* non-specific EOI; the level bits do not count */
}

static void eoi_with_level(void)
{
	normal();
	trap_set(0x20, on_irq0);
	outb(0x43, 0x30);               /* PIT channel 0, mode 0: IRQ 0 rises soon */
	outb(0x40, 0x10);
	outb(0x40, 0x00);
	outb(MASTER + 1, 0xfe);
	for (unsigned i = 0; i < 1000000 && !in_service; i++)
		asm volatile("sti; pause; cli" : : : "memory");
	check_equal(in_service, 0x01, "IRQ 0 is in service in its handler");
	check_equal(inb(MASTER), 0x00, "OCW2 23h is a non-specific EOI");
}

void guest_main(void)
{
	normal();
	eoi_with_level();
	all_words(MASTER, "master");
	all_words(SLAVE, "slave");
}
