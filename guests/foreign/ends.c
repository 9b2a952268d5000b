/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ends.c - ends as the command line says: exit8, exit16, exit32 (code 0x85), shutdown, keyboard, port92, cf9, triple,
 * hang; without such a word, kernel() returns 0.
 */
#include "foreign.h"

#define CODE    0x85

uint32_t kernel(uint32_t magic, struct mb_info *info);

static void shutdown(void)
{
	for (const char *s = "Shutdown"; *s; s++)
		out8(0x8900, (uint8_t)*s);
}

static void triple_fault(void)
{
	const struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) nothing = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(nothing));
}

uint32_t kernel(uint32_t magic, struct mb_info *info)
{
	const char *words = (const char *)info->cmdline;

	claim(magic == 0x2badb002, "started");
	if (has_word(words, "exit8"))
		out8(0xf4, CODE);
	if (has_word(words, "exit16"))
		out16(0xf4, CODE);
	if (has_word(words, "exit32"))
		out32(0xf4, CODE);
	if (has_word(words, "shutdown"))
		shutdown();
	if (has_word(words, "keyboard"))
		out8(0x64, 0xfe);
	if (has_word(words, "port92"))
		out8(0x92, in8(0x92) | 1);
	if (has_word(words, "cf9")) {
		out8(0xcf9, 2);
		out8(0xcf9, 6);
	}
	if (has_word(words, "triple"))
		triple_fault();
	while (has_word(words, "hang"))
		__asm__ volatile("pause");
	return 0;
}
