/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smc-amx - a processor with AMX enabled executes the code that is in memory, not the code that was there.
 *
 * Claim:    a function that has been executed and is then changed by a store returns the new value at the next call,
 *           wherever in its page it lies, with and without the AMX state in XCR0.
 * Manual:   SDM Vol. 3A, "Self-modifying code"; Vol. 1, "Enabling the XSAVE feature set" (XCR0 bits 17 and 18).
 * Expected: all claims hold on every processor; without AMX only the first one is tested.
 */
#include "cpu.h"
#include "kit.h"

#define CR4_OSXSAVE     (1ul << 18)
#define XCR0_X87_SSE    0x3u
#define XCR0_TILES      (3u << 17)      /* TILECFG, TILEDATA */

#define PAGE            4096
#define STEP            32

typedef uint32_t function(void);

static uint8_t code[PAGE] __attribute__((aligned(PAGE)));

/* MOV EAX, value; RET */
static void plant(uint8_t *at, uint32_t value)
{
	at[0] = 0xb8;
	memcpy(at + 1, &value, sizeof(value));
	at[5] = 0xc3;
}

/* Every place is called, changed by a 4-byte store to the immediate, and called again. */
static void change_all(const char *when)
{
	struct tally t = { 0 };

	for (unsigned offset = 0; offset < PAGE; offset += STEP)
		plant(code + offset, offset);
	for (unsigned offset = 0; offset < PAGE; offset += STEP) {
		function *f = (function *)(uintptr_t)(code + offset);

		tally_equal(&t, f(), offset);
		*(volatile uint32_t *)(code + offset + 1) = ~offset;
		tally_equal(&t, f(), ~offset);
	}
	tally_check(&t, "functions of a page return what was stored into them, %s", when);
}

static void xsetbv(uint32_t index, uint64_t value)
{
	asm volatile("xsetbv" : : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

void guest_main(void)
{
	change_all("without AMX");
	if (cpuid(0, 0).eax < 0xd || !(cpuid(1, 0).ecx & 1u << 26) || (cpuid(0xd, 0).eax & XCR0_TILES) != XCR0_TILES) {
		skip("no AMX state in CPUID.0DH", "the same with AMX");
		return;
	}
	write_cr4(read_cr4() | CR4_OSXSAVE);
	xsetbv(0, XCR0_X87_SSE | XCR0_TILES);
	change_all("with the AMX state in XCR0");
}
