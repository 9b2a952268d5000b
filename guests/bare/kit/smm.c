/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* smm.c - SMI handler in SMRAM. 82441FX data sheet, SMRAM control; SDM Vol. 3C, chapter "System management mode". */
#include "smm.h"

#define ADDRESS         0xcf8
#define DATA            0xcfc
#define HOST_440FX      0x12378086u
#define SMRAM_LOCKED    0x10
#define SMRAM_OPEN      0x4a
#define SMRAM_CLOSED    0x0a
#define SMBASE          0xa0000ul       /* of this firmware */
#define HANDLER         0x8000ul
#define APM_CONTROL     0xb2
#define COUNT           0x7000ul        /* physical, below the loader's data: how often the handler has run */

/* 16-bit code at SMBASE + 8000h; CS base = SMBASE. */
static const uint8_t begin[] = {
	0x67, 0x66, 0xff, 0x05, 0x00, 0x70, 0x00, 0x00, /* inc dword [COUNT] */
};
static const uint8_t and_dword[] = { 0x2e, 0x66, 0x81, 0x26 };  /* and dword cs:[offset], bits */
static const uint8_t or_dword[] = { 0x2e, 0x66, 0x81, 0x0e };   /* or dword cs:[offset], bits */
static const uint8_t mov_eax[] = { 0x66, 0xb8 };                /* mov eax, number */
static const uint8_t magic_nop[] = { 0x67, 0x0f, 0x1f, 0x84, 0x00 }; /* nop [eax+eax+displacement] */
static const uint8_t rsm[] = { 0x0f, 0xaa };

static uint8_t *code;

static void add(const void *bytes, size_t n)
{
	memcpy(code, bytes, n);
	code += n;
}

static void smram(uint8_t value)
{
	outl(ADDRESS, 0x80000070u);
	outb(DATA + 2, value);
}

void smm_need(void)
{
	outl(ADDRESS, 0x80000000u);
	if (inl(DATA) != HOST_440FX)
		skip_all("host bridge is not a 440FX");
	outl(ADDRESS, 0x80000070u);
	if (inb(DATA + 2) & SMRAM_LOCKED)
		skip_all("SMRAM is locked");
}

void smm_install(uint16_t offset, uint32_t clear, uint32_t set)
{
	uint32_t keep = ~clear;

	smram(SMRAM_OPEN);
	code = (uint8_t *)(SMBASE + HANDLER);
	add(begin, sizeof(begin));
	if (clear) {
		add(and_dword, sizeof(and_dword));
		add(&offset, 2);
		add(&keep, 4);
	}
	if (set) {
		add(or_dword, sizeof(or_dword));
		add(&offset, 2);
		add(&set, 4);
	}
	add(rsm, sizeof(rsm));
	smram(SMRAM_CLOSED);
}

void smm_install_stall(uint32_t clocks)
{
	const uint32_t displacement = NW_MAGIC_STALL;

	smram(SMRAM_OPEN);
	code = (uint8_t *)(SMBASE + HANDLER);
	add(begin, sizeof(begin));
	add(mov_eax, sizeof(mov_eax));
	add(&clocks, 4);
	add(magic_nop, sizeof(magic_nop));
	add(&displacement, 4);
	add(rsm, sizeof(rsm));
	smram(SMRAM_CLOSED);
	*(volatile uint32_t *)COUNT = 0;
}

uint32_t smm_count(void)
{
	return *(volatile uint32_t *)COUNT;
}

uint32_t smm_run(void)
{
	volatile uint32_t *count = (volatile uint32_t *)COUNT;

	*count = 0;
	outb(APM_CONTROL, 0);
	return *count;
}
