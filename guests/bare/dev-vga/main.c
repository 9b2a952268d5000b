/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-vga - the display can be set to modes that make no sense.
 *
 * Claim:    graphics in doubleword mode without the high bank, and VBE registers with an unknown identifier and an
 *           offset beyond the memory, are survived for longer than an update of the display takes. Through the window of
           128 KiB an address wraps within the 64 KiB of each plane; a display pitch of 0 is survived.
 * Manual:   none: a display controller shows whatever its registers say. A VGA has four planes of 64 KiB.
 * Expected: all claims hold on any VGA.
 */
#include "kit.h"
#include "timer.h"

#define MISC_WRITE      0x3c2
#define SEQUENCER       0x3c4
#define GRAPHICS        0x3ce
#define CRTC            0x3d4
#define STATUS          0x3da
#define ATTRIBUTE       0x3c0
#define VBE             0x1ce
#define TIMER_VECTOR    0x40
#define TENTH_OF_A_SECOND       2500000u        /* of a crystal of about 25 MHz */

static void set(uint16_t port, uint8_t index, uint8_t value)
{
	outb(port, index);
	outb(port + 1, value);
}

static void vbe(uint16_t index, uint16_t value)
{
	outw(VBE, index);
	outw(VBE + 1, value);
}

static unsigned woken;

static void on_timer(struct trap_frame *f)
{
	(void)f;
	woken++;
	apic_eoi();
}

/* Several updates of the display, which come with simulated time, not with instructions. */
static void show(unsigned seconds)
{
	trap_set(TIMER_VECTOR, on_timer);
	apic_enable();
	for (unsigned n = 0; n < 10 * seconds; n++) {
		apic_timer_start(TIMER_VECTOR, TENTH_OF_A_SECOND);
		asm volatile("sti; hlt; cli" : : : "memory");
	}
}

/* Four planes behind one window; only what is written through it counts. */
static void test_planes(volatile uint8_t *memory)
{
	struct tally wrap = { .what = "a window of 128 KiB shows each plane of 64 KiB twice" };

	set(SEQUENCER, 2, 0x0f);        /* all planes are written */
	set(SEQUENCER, 4, 0x06);        /* not chained */
	set(GRAPHICS, 1, 0x00);         /* the processor's data ... */
	set(GRAPHICS, 3, 0x00);         /* ... unchanged ... */
	set(GRAPHICS, 5, 0x00);         /* ... in write mode 0 ... */
	set(GRAPHICS, 8, 0xff);         /* ... and all bits of it */
	set(GRAPHICS, 6, 0x01);         /* graphics, A0000h to BFFFFh */
	for (unsigned plane = 0; plane < 4; plane++) {
		set(GRAPHICS, 4, (uint8_t)plane);       /* is read */
		for (uint32_t at = 0; at < 0x10000; at += 0xfff) {
			memory[at] = (uint8_t)(at >> 4 ^ 0x5a);
			tally_equal(&wrap, memory[0x10000 + at], memory[at]);
			memory[0x10000 + at] = (uint8_t)~(at >> 4);
			tally_equal(&wrap, memory[at], (uint8_t)~(at >> 4));
		}
	}
	tally_check(&wrap, "planes");
	set(CRTC, 0x13, 0);
	set(GRAPHICS, 5, 0x40);
	memory[0x1234] = 1;
	show(1);
	check(true, "256 colours with a display pitch of 0 are survived");
	set(CRTC, 0x13, 0x28);
}

void guest_main(void)
{
	volatile uint8_t *memory = (volatile uint8_t *)0xa0000ul;

	test_planes(memory);
	set(GRAPHICS, 6, 0x05);         /* graphics at A0000h */
	set(GRAPHICS, 5, 0x40);         /* 256 colours */
	inb(STATUS);                    /* port 3C0h takes an index next */
	outb(ATTRIBUTE, 0x30);          /* mode control, screen on */
	outb(ATTRIBUTE, 0x41);          /* graphics, 256 colours */
	set(CRTC, 0x14, 0x40);          /* doubleword mode */
	outb(MISC_WRITE, 0x43);         /* low bank */
	memory[0] = 1;
	show(3);
	check(true, "doubleword mode without the high bank is survived");
	vbe(0, 0x1234);
	vbe(1, 640);
	vbe(2, 480);
	vbe(3, 8);
	vbe(4, 1);
	vbe(9, 0xffff);
	show(3);
	vbe(4, 0);
	check(true, "VBE registers out of range are survived");
}
