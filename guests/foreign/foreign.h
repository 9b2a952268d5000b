/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * foreign.h - ports, serial output and claims for the kernels of this directory.
 */
#ifndef FOREIGN_H
#define FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* The Multiboot information, as far as it is used (Multiboot Specification 0.6.96, section 3.3). */
struct mb_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length, mmap_addr;
	uint32_t drives[2], config, boot_loader_name;
};
struct mb_module {
	uint32_t start, end, string, reserved;
};
struct mb_range {
	uint32_t size;                  /* of the rest */
	uint64_t address, length;
	uint32_t type;
} __attribute__((packed));

#define MB_RAM  1

/* Prints s; %s, %x and %u are replaced. */
void say(const char *s, ...);
/* One line PASS or FAIL. */
void claim(bool ok, const char *text);
extern unsigned failures;

bool same(const char *a, const char *b);
/* Does the text have this word? Words are parted by single spaces. */
bool has_word(const char *text, const char *word);

#endif
