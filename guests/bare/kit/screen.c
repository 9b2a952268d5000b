/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * screen.c - output on the VGA text screen, for machines without a serial line. Not used in the simulator.
 */
#include "kit.h"

#define VGA_TEXT        0xb8000ul
#define COLUMNS         80
#define ROWS            25
#define GREY_ON_BLACK   0x0700u
#define CRTC_INDEX      0x3d4
#define CRTC_DATA       0x3d5
#define CURSOR_START    0x0a
#define CURSOR_OFF      0x20

static bool present;
static unsigned row, column;

static volatile uint16_t *cell(unsigned r, unsigned c)
{
	return (volatile uint16_t *)VGA_TEXT + r * COLUMNS + c;
}

static void clear_row(unsigned r)
{
	for (unsigned c = 0; c < COLUMNS; c++)
		*cell(r, c) = GREY_ON_BLACK | ' ';
}

void screen_init(void)
{
	outb(CRTC_INDEX, CURSOR_START);
	outb(CRTC_DATA, CURSOR_OFF);
	for (unsigned r = 0; r < ROWS; r++)
		clear_row(r);
	row = column = 0;
	present = true;
}

/* The next line, at the bottom by scrolling. */
static void new_line(void)
{
	column = 0;
	if (++row < ROWS)
		return;
	row = ROWS - 1;
	for (unsigned r = 1; r < ROWS; r++)
		for (unsigned c = 0; c < COLUMNS; c++)
			*cell(r - 1, c) = *cell(r, c);
	clear_row(row);
}

void screen_putc(char c)
{
	if (!present)
		return;
	if (c == '\n') {
		new_line();
		return;
	}
	if (column == COLUMNS)
		new_line();
	*cell(row, column++) = (uint16_t)(GREY_ON_BLACK | (uint8_t)c);
}
