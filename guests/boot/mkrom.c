/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mkrom - makes an option ROM of a flat binary: pads it to whole 512-byte blocks, enters the number of blocks at
 * offset 2 and makes the byte sum of the ROM 0 with its last byte.
 *
 * usage: mkrom INPUT OUTPUT. Exit codes: 0 done, 2 usage, bad input or output error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK           512u
#define BLOCKS_MAX      255u
#define LENGTH_OFFSET   2

static int fail(const char *where, const char *what)
{
	fprintf(stderr, "mkrom: %s: %s\n", where, what);
	return 2;
}

/* Room for the checksum byte is always added, so code in the last byte is never overwritten. */
static size_t make_rom(unsigned char *rom, size_t code_size)
{
	size_t blocks = (code_size + 1 + BLOCK - 1) / BLOCK;
	size_t size = blocks * BLOCK;
	unsigned char sum = 0;

	rom[LENGTH_OFFSET] = (unsigned char)blocks;
	for (size_t i = 0; i < size; i++)
		sum += rom[i];
	rom[size - 1] = (unsigned char)(0x100 - sum);
	return size;
}

static int write_rom(const char *path, const unsigned char *rom, size_t size)
{
	FILE *f = fopen(path, "wb");
	size_t written;

	if (!f)
		return fail(path, "cannot be written");
	written = fwrite(rom, 1, size, f);
	if (fclose(f) || written != size) {
		remove(path);
		return fail(path, "write error");
	}
	return 0;
}

int main(int argc, char **argv)
{
	static unsigned char rom[(BLOCKS_MAX + 1) * BLOCK];
	size_t size;
	FILE *f;

	if (argc != 3) {
		fprintf(stderr, "usage: mkrom INPUT OUTPUT\n");
		return 2;
	}
	f = fopen(argv[1], "rb");
	if (!f)
		return fail(argv[1], "cannot be read");
	size = fread(rom, 1, sizeof(rom), f);
	fclose(f);
	if (size < 6 || rom[0] != 0x55 || rom[1] != 0xaa)
		return fail(argv[1], "not an option ROM: 55 AA is accepted at its start");
	if (size >= BLOCKS_MAX * BLOCK)
		return fail(argv[1], "too large: an option ROM has at most 255 blocks of 512 bytes");
	return write_rom(argv[2], rom, make_rom(rom, size));
}
