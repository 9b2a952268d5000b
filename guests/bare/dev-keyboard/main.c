/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-keyboard - the keyboard controller survives commands at the wrong time and commands that nobody sends.
 *
 * Claim:    commands while the output buffer is full, commands that are not assigned, floods of commands and bytes for
 *           keyboard and mouse leave a controller that still does its self test; Resend repeats the last byte; a
 *           mouse resolution that does not exist is answered with FEh.
 * Manual:   PS/2 Hardware Interface Technical Reference: keyboard and auxiliary device controller, keyboard
 *           command FEh; auxiliary device command E8h.
 * Expected: all claims hold where there is a controller at ports 60h and 64h.
 */
#include "kit.h"

#define DATA            0x60
#define COMMAND         0x64
#define STATUS_OUTPUT   0x01
#define STATUS_INPUT    0x02
#define SELF_TEST       0xaa
#define SELF_TEST_OK    0x55
#define POLL_MAX        200000

static bool answer(uint8_t *value)
{
	for (unsigned i = 0; i < POLL_MAX; i++) {
		if (inb(COMMAND) & STATUS_OUTPUT) {
			*value = inb(DATA);
			return true;
		}
	}
	return false;
}

/* Until nothing comes for a while. */
static void drain(void)
{
	uint8_t value;

	for (unsigned n = 0; n < 64 && answer(&value); n++)
		;
}

static void wait_input(void)
{
	for (unsigned i = 0; i < POLL_MAX && inb(COMMAND) & STATUS_INPUT; i++)
		;
}

static void command(uint8_t value)
{
	wait_input();
	outb(COMMAND, value);
}

static void data(uint8_t value)
{
	wait_input();
	outb(DATA, value);
}

static void still_works(const char *after)
{
	uint8_t value = 0;

	drain();
	command(SELF_TEST);
	answer(&value);
	check_equal(value, SELF_TEST_OK, "self test after %s", after);
}

static void with_full_buffer(void)
{
	static const uint8_t asks[] = { 0x20, 0xa9, 0xaa, 0xab, 0xc0, 0xca, 0xd0, 0xe0 };

	for (unsigned i = 0; i < ARRAY_SIZE(asks); i++) {
		outb(COMMAND, SELF_TEST);       /* its answer stays in the output buffer */
		for (unsigned n = 0; n < 20; n++)
			outb(COMMAND, asks[i]);
	}
}

static void unassigned(void)
{
	for (unsigned c = 0; c < 0xf0; c++)     /* F0h to FFh pulse lines, one of them reset */
		if (c != 0x60 && c != 0xd1 && c != 0xdd)
			outb(COMMAND, (uint8_t)c);
	outb(COMMAND, SELF_TEST);
}

static void keyboard_flood(void)
{
	for (unsigned n = 0; n < 100; n++) {
		outb(COMMAND, 0xae);
		outb(DATA, 0xee);
		outb(DATA, 0xed);
		outb(DATA, 0x00);
	}
}

void guest_main(void)
{
	uint8_t first = 0, again = 0;

	drain();
	if (inb(COMMAND) == 0xff)
		skip_all("no keyboard controller");
	still_works("nothing");

	data(0xf2);                             /* identify: the last byte of the answer is what Resend repeats */
	while (answer(&again))
		first = again;
	data(0xfe);
	again = 0;
	answer(&again);
	check_equal(again, first, "Resend repeats the last byte");

	with_full_buffer();
	still_works("commands while the output buffer is full");
	unassigned();
	still_works("all commands up to EFh");
	keyboard_flood();
	still_works("a flood of keyboard commands");

	command(0xa8);
	command(0xd4);
	data(0xe8);
	drain();
	command(0xd4);
	data(0x77);
	again = 0;
	if (answer(&again))
		check_equal(again, 0xfe, "mouse resolution 77h is refused");
	else
		skip("no mouse", "mouse resolution 77h is refused");
	still_works("mouse commands");
	command(0xd2);
	for (unsigned n = 0; n < 20; n++) {
		command(0xd3);
		data((uint8_t)n);
	}
	still_works("20 bytes for the mouse output buffer");
}
