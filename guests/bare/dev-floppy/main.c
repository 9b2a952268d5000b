/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-floppy - the floppy controller survives commands that cannot work.
 *
 * Claim:    read, write, verify, scan and format for drives that are not there, with the motor off, without DMA and
 *           interrupt, and bytes while a command is pending: after a reset the controller tells its version.
 * Manual:   82077AA data sheet: digital output register, main status register, data transfer commands.
 * Expected: all claims hold where there is a controller at 3F0h; skipped elsewhere.
 */
#include "kit.h"

#define DOR             0x3f2
#define STATUS          0x3f4
#define FIFO            0x3f5
#define STATUS_RQM      0x80
#define STATUS_DIO      0x40
#define POLL_MAX        100000

static bool wait_for(uint8_t want)
{
	for (unsigned i = 0; i < POLL_MAX; i++)
		if ((inb(STATUS) & (STATUS_RQM | STATUS_DIO)) == want)
			return true;
	return false;
}

static void reset(void)
{
	outb(DOR, 0x00);
	for (unsigned i = 0; i < 1000; i++)
		asm volatile("pause");
	outb(DOR, 0x0c);
	wait_for(STATUS_RQM);
	for (unsigned i = 0; i < 4; i++) {      /* one interrupt status for each drive */
		outb(FIFO, 0x08);
		for (unsigned n = 0; n < 2 && wait_for(STATUS_RQM | STATUS_DIO); n++)
			inb(FIFO);
	}
}

static uint8_t version(void)
{
	reset();
	outb(FIFO, 0x10);
	return wait_for(STATUS_RQM | STATUS_DIO) ? inb(FIFO) : 0xff;
}

/* The command and parameters that look sane, without regard to what the controller says about being ready. */
static void send(uint8_t command, uint8_t drive, uint8_t size)
{
	static const uint8_t tail[] = { 0, 0, 1 };

	outb(FIFO, command);
	outb(FIFO, drive);
	for (unsigned i = 0; i < 3; i++)
		outb(FIFO, tail[i]);
	outb(FIFO, size);
	for (unsigned i = 0; i < 10; i++)
		outb(FIFO, 0x12);
}

void guest_main(void)
{
	static const uint8_t commands[] = { 0x46, 0x45, 0x56, 0x4d, 0x51, 0x59, 0x5d, 0x42, 0x49, 0x4c, 0xe6, 0xc5 };
	static const uint8_t outputs[] = { 0x0c, 0x04, 0x1c, 0x14, 0xfc };
	struct tally t = { .what = "the controller tells its version after a reset" };
	uint8_t type = version();

	if (type == 0xff)
		skip_all("no floppy controller");
	for (unsigned o = 0; o < ARRAY_SIZE(outputs); o++)
		for (unsigned c = 0; c < ARRAY_SIZE(commands); c++)
			for (uint8_t drive = 0; drive < 4; drive++) {
				reset();
				outb(DOR, outputs[o] | drive);
				send(commands[c], drive, drive);
				tally_equal(&t, version(), type);
			}
	tally_check(&t, "commands that cannot work");
}
