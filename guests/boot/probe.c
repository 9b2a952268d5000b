/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe.c - multiboot guest that writes everything it was handed to COM1, one `name=value` per line, and ends.
 * test_boot_rom.c compares it with what was asked for. Command line word "reset": CPU reset instead of the end.
 */
#include <stdint.h>

#define PORT_COM1       0x3f8
#define PORT_SHUTDOWN   0x8900  /* Bochs: the text "Shutdown" ends the simulation */
#define PORT_A20_RESET  0x92
#define LCR             3
#define LCR_8N1         0x03    /* the BIOS leaves the UART at 5 bits */
#define LSR             5
#define LSR_THR_EMPTY   0x20
#define LSR_IDLE        0x40

struct mbi {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	uint32_t mmap_length, mmap_addr, drives[2], config_table, boot_loader_name;
};

struct module {
	uint32_t start, end, string, reserved;
};

struct mmap_entry {
	uint32_t size, base_low, base_high, length_low, length_high, type;
};

uint32_t probe_state[8];        /* eax, ebx, eflags, cr0, cs, ds, es, ss */
static volatile uint32_t data_word = 0x600dda7a;
static volatile uint32_t bss_words[65536];

void probe_main(void);

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put_char(char c)
{
	while (!(in8(PORT_COM1 + LSR) & LSR_THR_EMPTY))
		;
	out8(PORT_COM1, (uint8_t)c);
}

static void put_text(const char *s)
{
	while (*s)
		put_char(*s++);
}

static void put_hex(uint32_t value)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[(value >> shift) & 15]);
}

static void put_value(const char *name, uint32_t value)
{
	put_text(name);
	put_char('=');
	put_hex(value);
	put_char('\n');
}

static void put_string(const char *name, uint32_t address)
{
	put_text(name);
	put_char('=');
	put_text((const char *)(uintptr_t)address);
	put_char('\n');
}

static uint32_t sum(uint32_t start, uint32_t end)
{
	uint32_t s = 0;

	for (const uint8_t *p = (const uint8_t *)(uintptr_t)start; p != (const uint8_t *)(uintptr_t)end; p++)
		s = s * 31 + *p;
	return s;
}

static void report_state(void)
{
	static const char *const names[] = { "eax", "ebx", "eflags", "cr0", "cs", "ds", "es", "ss" };
	uint32_t dirty = 0;

	for (int i = 0; i < 8; i++)
		put_value(names[i], probe_state[i]);
	put_value("data", data_word);
	for (uint32_t i = 0; i < sizeof(bss_words) / sizeof(bss_words[0]); i++)
		dirty |= bss_words[i];
	put_value("bss", dirty);
}

static void report_info(const struct mbi *mbi)
{
	const struct module *m = (const struct module *)(uintptr_t)mbi->mods_addr;

	put_value("flags", mbi->flags);
	put_value("mem_lower", mbi->mem_lower);
	put_value("mem_upper", mbi->mem_upper);
	put_string("cmdline", mbi->cmdline);
	put_string("loader", mbi->boot_loader_name);
	for (uint32_t i = 0; i < mbi->mods_count; i++) {
		put_string("module", m[i].string);
		put_value("module_start", m[i].start);
		put_value("module_size", m[i].end - m[i].start);
		put_value("module_sum", sum(m[i].start, m[i].end));
	}
}

static void report_mmap(uint32_t address, uint32_t length)
{
	uint32_t end = address + length;

	while (address < end) {
		const struct mmap_entry *e = (const struct mmap_entry *)(uintptr_t)address;

		put_text("mmap=");
		put_hex(e->base_high);
		put_hex(e->base_low);
		put_char('+');
		put_hex(e->length_high);
		put_hex(e->length_low);
		put_value(" type", e->type);
		address += e->size + 4;
	}
}

/* The RSDP is on a 16-byte boundary of the BIOS segment; the first byte of each table proves that it was made. */
static void report_acpi(void)
{
	for (uint32_t a = 0xe0000; a < 0x100000; a += 16) {
		const uint32_t *p = (const uint32_t *)(uintptr_t)a;

		if (p[0] == 0x20445352 && p[1] == 0x20525450) { /* "RSD PTR " */
			put_value("rsdt", p[4]);
			put_value("rsdt_signature", *(const uint32_t *)(uintptr_t)p[4]);
		}
	}
}

static void end(const char *cmdline)
{
	const char *text = "Shutdown";

	put_text("done\n");
	while (!(in8(PORT_COM1 + LSR) & LSR_IDLE))
		;
	for (const char *p = cmdline; *p; p++)
		if (p[0] == 'r' && p[1] == 'e' && p[2] == 's' && p[3] == 'e' && p[4] == 't')
			out8(PORT_A20_RESET, 1);
	while (*text)
		out8(PORT_SHUTDOWN, (uint8_t)*text++);
}

void probe_main(void)
{
	const struct mbi *mbi = (const struct mbi *)(uintptr_t)probe_state[1];

	out8(PORT_COM1 + LCR, LCR_8N1);
	report_state();
	report_info(mbi);
	report_mmap(mbi->mmap_addr, mbi->mmap_length);
	report_acpi();
	end((const char *)(uintptr_t)mbi->cmdline);
}
