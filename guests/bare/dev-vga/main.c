/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-vga - the display can be set to modes that make no sense.
 *
 * Claim:    graphics in doubleword mode without the high bank, and VBE registers with an unknown identifier and an
 *           offset beyond the memory, are survived for longer than an update of the display takes.
 * Manual:   none: a display controller shows whatever its registers say.
 * Expected: all claims hold on any VGA.
 */
#include "kit.h"
#include "timer.h"

#define MISC_WRITE      0x3c2
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

void guest_main(void)
{
	volatile uint8_t *memory = (volatile uint8_t *)0xa0000ul;

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
