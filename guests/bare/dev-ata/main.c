/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-ata - no access to a hard disk's registers ends the machine.
 *
 * Claim:    sectors can be read and written in pieces of 2 and 4 bytes; data written while a command reads
 *           is ignored; commands for an absent drive and commands that the drive lacks end; random
 *           commands and data accesses leave a drive that works.
 * Manual:   ATA/ATAPI-6, "Data register", "PIO data-in command protocol", "PIO data-out command protocol",
 *           SERVICE, INITIALIZE DEVICE PARAMETERS.
 * Expected: all claims hold in the simulator with a disk on the first channel (tests/guest/ata.sh); skipped
 *           without, refused elsewhere: the disk is overwritten. Parameters seed=, rounds=.
 */
#include "random.h"

#define DATA            0x1f0
#define COUNT           0x1f2
#define LBA0            0x1f3
#define DRIVE           0x1f6
#define COMMAND         0x1f7
#define CONTROL         0x3f6
#define SRST            4
#define NO_INTERRUPT    2
#define MASTER          0xe0
#define SLAVE           0xf0
#define NOBODY          0xff            /* there is no channel */
#define BSY             0x80
#define DRQ             0x08
#define ERR             0x01
#define READ            0x20
#define WRITE           0x30
#define INIT_PARAMETERS 0x91
#define SERVICE         0xa2
#define IDENTIFY        0xec
#define POLLS           1000000u

static uint8_t sector[512 + 8], back[512 + 8];

static uint8_t wait_idle(void)
{
	uint8_t status = BSY;

	for (unsigned i = 0; i < POLLS && status & BSY; i++)
		status = inb(COMMAND);
	return status;
}

static uint8_t command(uint8_t drive, uint8_t code)
{
	outb(DRIVE, drive);
	outb(COUNT, 1);
	for (unsigned i = 0; i < 3; i++)
		outb((uint16_t)(LBA0 + i), 0);
	outb(COMMAND, code);
	return wait_idle();
}

static void reset(void)
{
	outb(CONTROL, SRST | NO_INTERRUPT);
	outb(CONTROL, NO_INTERRUPT);
	wait_idle();
}

static void in_dwords(void *to, uint32_t n)
{
	asm volatile("rep insl" : "+D"(to), "+c"(n) : "d"((uint16_t)DATA) : "memory");
}

static void out_dwords(const void *from, uint32_t n)
{
	asm volatile("rep outsl" : "+S"(from), "+c"(n) : "d"((uint16_t)DATA) : "memory");
}

static void read_sector(uint8_t *to)
{
	command(MASTER, READ);
	in_dwords(to, 128);
}

static void test_pieces(void)
{
	for (unsigned i = 0; i < sizeof(sector); i++)
		sector[i] = (uint8_t)(i * 7 + 1);
	check(command(MASTER, WRITE) & DRQ, "WRITE SECTORS asks for data");
	outw(DATA, (uint16_t)(sector[0] | sector[1] << 8));
	out_dwords(sector + 2, 127);
	check(inb(COMMAND) & DRQ, "2 bytes are missing");
	out_dwords(sector + 510, 1);
	check(!(wait_idle() & (DRQ | ERR)), "a doubleword with them ends the command");
	read_sector(back);
	check(!memcmp(back, sector, 512), "the sector was written");

	memset(back, 0, sizeof(back));
	check(command(MASTER, READ) & DRQ, "READ SECTORS has data");
	*(uint16_t *)back = inw(DATA);
	in_dwords(back + 2, 127);
	check(inb(COMMAND) & DRQ, "2 bytes are left");
	in_dwords(back + 510, 1);
	check(!(wait_idle() & (DRQ | ERR)), "a doubleword with them ends the command");
	check(!memcmp(back, sector, 512), "the sector was read");
}

static void test_misuse(void)
{
	command(MASTER, READ);
	outw(DATA, 0xffff);
	in_dwords(back, 128);
	check(!memcmp(back, sector, 512), "data written while a command reads is ignored");
	check(command(MASTER, SERVICE) & ERR, "SERVICE is aborted");
	command(SLAVE, INIT_PARAMETERS);
	check(true, "INITIALIZE DEVICE PARAMETERS of an absent drive ends");
	reset();
}

static void fuzz(uint64_t rounds)
{
	struct random r;

	random_init(&r, 1);
	for (uint64_t i = 0; i < rounds; i++) {
		uint16_t port = (uint16_t)(DATA + random_below(&r, 8));
		uint32_t value = (uint32_t)random_bits(&r);

		if (port == COMMAND && random_below(&r, 2))
			value = random_below(&r, 2) ? READ : WRITE;
		switch (random_below(&r, 6)) {
		case 0:
			outw(DATA, (uint16_t)value);
			break;
		case 1:
			outl(DATA, value);
			break;
		case 2:
			in_dwords(back, value & 127);
			break;
		case 3:
			out_dwords(back, value & 127);
			break;
		case 4:
			value & 1 ? (void)inw(DATA) : (void)inl(DATA);
			break;
		default:
			outb(port, (uint8_t)value);
			break;
		}
	}
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 100000);
	uint8_t status;

	if (!in_simulator())
		skip_all("the disk of a real machine would be overwritten");
	outb(CONTROL, NO_INTERRUPT);
	status = command(MASTER, IDENTIFY);
	if (status == NOBODY || !(status & DRQ))
		skip_all("no disk");
	in_dwords(back, 128);
	test_pieces();
	test_misuse();
	fuzz(rounds);
	reset();
	check(command(MASTER, IDENTIFY) & DRQ, "%lu random accesses leave a drive", rounds);
	in_dwords(back, 128);
	check(!(wait_idle() & (BSY | ERR)), "that works");
}
