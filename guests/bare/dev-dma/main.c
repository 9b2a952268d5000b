/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-dma - software requests of DMA channels in every mode.
 *
 * Claim:    a request by software in each of the 64 modes of channels 0, 1 and 3, which no device uses, ends; the
 *           memory around the buffer stays as it was.
 * Manual:   8237A data sheet, mode register and request register. What a channel transfers that no device drives is not
 *           specified.
 * Expected: all claims hold on a PC.
 */
#include "kit.h"

#define MODE            0x0b
#define MASK            0x0a
#define REQUEST         0x09
#define FLIP_FLOP       0x0c
#define CLEAR           0x0d
#define LENGTH          16

static uint8_t area[4096] __attribute__((aligned(4096)));

static void program(uint8_t channel, uint64_t address, uint16_t count)
{
	static const uint16_t page[] = { 0x87, 0x83, 0x81, 0x82 };

	outb(FLIP_FLOP, 0);
	outb((uint16_t)(2 * channel), (uint8_t)address);
	outb((uint16_t)(2 * channel), (uint8_t)(address >> 8));
	outb((uint16_t)(2 * channel + 1), (uint8_t)count);
	outb((uint16_t)(2 * channel + 1), (uint8_t)(count >> 8));
	outb(page[channel], (uint8_t)(address >> 16));
}

static void request(uint8_t channel, uint8_t mode)
{
	program(channel, (uint64_t)area + 2048, LENGTH - 1);
	outb(MODE, (uint8_t)(mode << 2 | channel));
	outb(MASK, channel);                    /* unmask */
	outb(REQUEST, 4 | channel);
	for (unsigned i = 0; i < 100; i++)
		inb(0x80);
	outb(MASK, 4 | channel);
	outb(CLEAR, 0);
	outb(0xd6, 0xc0);                       /* channel 4: cascade, unmasked, as the firmware leaves it */
	outb(0xd4, 0x00);
}

void guest_main(void)
{
	static const uint8_t channels[] = { 0, 1, 3 };
	unsigned changed = 0;

	outb(0xd6, 0xc0);
	outb(0xd4, 0x00);
	for (unsigned c = 0; c < ARRAY_SIZE(channels); c++)
		for (uint8_t mode = 0; mode < 64; mode++)
			request(channels[c], mode);
	check(true, "requests in every mode end");
	for (unsigned i = 0; i < sizeof(area); i++)
		if (i < 2048 - LENGTH || i >= 2048 + LENGTH)
			changed += area[i] != 0;
	check_equal(changed, 0, "memory around the buffer is as it was");
}
