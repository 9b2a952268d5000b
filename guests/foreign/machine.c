/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.c - what a kernel for other virtual machines finds: the loader's state and information, fw_cfg, the test
 * device, interrupts through the IOAPIC, the PM timer of ACPI, the other processors.
 *
 * Words of the command line: modules (two modules are given, see check_modules), big (the last module is large).
 * Sources: Multiboot Specification 0.6.96, sections 3.2 and 3.3; QEMU, docs/specs/fw_cfg and hw/misc/pc-testdev.c;
 * ACPI 6.4, 5.2; SDM Vol. 3A, 11.4.4.
 */
#include "foreign.h"

extern uint32_t entry_eflags, entry_cr0, entry_cs, entry_ss;
extern volatile uint32_t processors, interrupts;
extern char trampoline[], trampoline_end[];
void interrupt(void);
uint32_t kernel(uint32_t magic, struct mb_info *info);

/* ---- Multiboot --------------------------------------------------------------------------------------- */

#define LOADER_MAGIC    0x2badb002
#define INFO_FLAGS      0x245           /* memory, command line, map, loader's name */
#define INFO_MODULES    0x8
#define CR0_PE          1u
#define CR0_PG          0x80000000u
#define EFLAGS_IF       0x200u
#define EFLAGS_VM       0x20000u

static uint64_t ram_bytes;

static bool a20_is_on(void)
{
	volatile uint32_t *low, *high = (uint32_t *)0x100500;
	uint32_t saved = *high;
	bool on;

	__asm__("" : "=r"(low) : "0"(0x500));

	*low = 0x12345678;
	*high = 0x87654321;
	on = *low == 0x12345678;
	*high = saved;
	return on;
}

static void check_state(uint32_t magic)
{
	claim(magic == LOADER_MAGIC, "EAX is the loader's magic number");
	claim((entry_cr0 & (CR0_PE | CR0_PG)) == CR0_PE, "protected mode without paging");
	claim(!(entry_eflags & (EFLAGS_IF | EFLAGS_VM)), "interrupts are off");
	claim((entry_cs & 0xffff) && (entry_ss & 0xffff) && (entry_cs & 0xffff) != (entry_ss & 0xffff),
	      "code and data segments are loaded");
	claim(a20_is_on(), "A20 is on");
}

static void check_map(const struct mb_info *info)
{
	uint32_t at = info->mmap_addr, end = at + info->mmap_length;
	uint64_t lower = 0, upper = 0;

	while (at < end) {
		const struct mb_range *r = (const struct mb_range *)at;

		if (r->type == MB_RAM)
			ram_bytes += r->length;
		if (r->type == MB_RAM && !r->address)
			lower = r->length;
		if (r->type == MB_RAM && r->address == 0x100000)
			upper = r->length;
		at += r->size + sizeof(r->size);
	}
	claim(at == end, "the memory map ends where it should");
	claim(lower / 1024 == info->mem_lower, "mem_lower agrees with the map");
	claim(upper / 1024 == info->mem_upper && upper, "mem_upper agrees with the map");
}

static uint32_t sum_of(const struct mb_module *m)
{
	uint32_t sum = 0;

	for (const uint8_t *p = (const uint8_t *)m->start; p < (const uint8_t *)m->end; p++)
		sum += *p;
	return sum;
}

/* "first" holds 10 bytes "0123456789"; "second" is zeros and then "end!". */
static void check_modules(const struct mb_info *info, bool big)
{
	const struct mb_module *m = (const struct mb_module *)info->mods_addr;
	const uint32_t end = '!' << 24 | 'd' << 16 | 'n' << 8 | 'e';

	claim((info->flags & INFO_MODULES) && info->mods_count == 2, "two modules");
	if (info->mods_count != 2)
		return;
	claim(same((const char *)m[0].string, "first one two=2"), "the first module's string: name and words");
	claim(same((const char *)m[1].string, "second"), "the second module's string: its name");
	claim(!(m[0].start & 4095) && !(m[1].start & 4095), "modules begin on page boundaries");
	claim(m[0].end - m[0].start == 10 && sum_of(&m[0]) == 525, "the first module's bytes");
	claim(*(const uint32_t *)(m[1].end - 4) == end, "the last bytes of the second module");
	if (big)
		claim(m[1].end - m[1].start >= 64u << 20, "the second module is large");
}

/* ---- fw_cfg ------------------------------------------------------------------------------------------ */

#define CFG_SELECT      0x510
#define CFG_DATA        0x511
#define CFG_DMA         0x514
#define CFG_SIGNATURE   0
#define CFG_ID          1
#define CFG_RAM_SIZE    3
#define CFG_CPUS        5
#define CFG_MAX_CPUS    15
#define CFG_CMDLINE_SIZE 0x14
#define CFG_CMDLINE     0x15
#define CFG_DIRECTORY   0x19
#define CFG_NOTHING     0x3123
#define DMA_READ        2u
#define DMA_SKIP        4u
#define DMA_SELECT      8u

static uint64_t cfg_next(unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)in8(CFG_DATA) << (8 * i);
	return v;
}

static uint64_t cfg(uint16_t key, unsigned bytes)
{
	out16(CFG_SELECT, key);
	return cfg_next(bytes);
}

static uint32_t cfg_dma(uint32_t control, void *to, uint32_t length)
{
	static volatile struct {
		uint32_t control, length;
		uint32_t address_high, address_low;
	} request __attribute__((aligned(16)));

	request.control = __builtin_bswap32(control);
	request.length = __builtin_bswap32(length);
	request.address_high = 0;
	request.address_low = __builtin_bswap32((uint32_t)to);
	out32(CFG_DMA, 0);
	out32(CFG_DMA + 4, __builtin_bswap32((uint32_t)&request));
	return request.control;
}

/* One entry of the directory; true when it is this file. */
static bool next_file(const char *name, uint32_t *size, uint16_t *key)
{
	char text[57];

	*size = __builtin_bswap32((uint32_t)cfg_next(4));
	*key = __builtin_bswap16((uint16_t)cfg_next(2));
	cfg_next(2);
	for (int i = 0; i < 56; i++)
		text[i] = (char)cfg_next(1);
	text[56] = 0;
	return same(text, name);
}

static void check_e820_file(void)
{
	uint32_t n = __builtin_bswap32((uint32_t)cfg(CFG_DIRECTORY, 4)), size = 0;
	uint64_t ram = 0;
	uint16_t key = 0;
	bool found = false;

	while (n-- && !found)
		found = next_file("etc/e820", &size, &key);
	claim(found && size && size % 20 == 0, "fw_cfg: there is a file etc/e820");
	if (!found)
		return;
	out16(CFG_SELECT, key);
	for (; size >= 20; size -= 20) {
		uint64_t length;

		cfg_next(8);
		length = cfg_next(8);
		if (cfg_next(4) == MB_RAM)
			ram += length;
	}
	claim(ram == cfg(CFG_RAM_SIZE, 8), "fw_cfg: its RAM is the RAM size");
}

static void check_dma(void)
{
	char text[5] = "....";

	claim(in32(CFG_DMA) == 0x554d4551 && in32(CFG_DMA + 4) == 0x47464320, "fw_cfg: DMA signature");
	claim(cfg_dma(DMA_SELECT | DMA_READ | CFG_SIGNATURE << 16, text, 4) == 0 && same(text, "QEMU"),
	      "fw_cfg: DMA reads an item");
	cfg_dma(DMA_SELECT | DMA_SKIP | CFG_SIGNATURE << 16, NULL, 2);
	text[2] = '-';
	claim(cfg_dma(DMA_READ, text, 2) == 0 && same(text, "MU-U"), "fw_cfg: DMA skips, and goes on from there");
	claim(cfg_dma(DMA_READ, (void *)0xfec00000, 2) != 0, "fw_cfg: DMA to a place that is no RAM is an error");
}

static void check_fw_cfg(const char *cmdline)
{
	uint32_t size = (uint32_t)cfg(CFG_CMDLINE_SIZE, 4);
	uint64_t ram = cfg(CFG_RAM_SIZE, 8);

	claim(cfg(CFG_SIGNATURE, 4) == 0x554d4551, "fw_cfg: signature");
	if (failures)
		return;
	claim((cfg(CFG_ID, 4) & 3) == 3, "fw_cfg: ports and DMA");
	claim(cfg_next(4) == 0 && cfg(CFG_NOTHING, 8) == 0, "fw_cfg: nothing behind an item, nothing in an unknown one");
	claim(ram >= ram_bytes && ram - ram_bytes < 2u << 20, "fw_cfg: RAM size is the map's RAM and what the BIOS took");
	claim(cfg(CFG_CPUS, 2) >= 1 && cfg(CFG_MAX_CPUS, 2) >= cfg(CFG_CPUS, 2), "fw_cfg: number of processors");
	out16(CFG_SELECT, CFG_CMDLINE);
	for (uint32_t i = 0; i < size; i++)
		if ((char)cfg_next(1) != cmdline[i])
			size = 0;
	claim(size != 0, "fw_cfg: the command line");
	check_e820_file();
	check_dma();
}

/* ---- Test device and interrupts ----------------------------------------------------------------------- */

#define TEST_REGISTER   0xe0
#define TEST_FLUSH      0xe4
#define TEST_BYTES      0xe8
#define TEST_LINE       0x2000
#define TEST_MEMORY     0xff000000u
#define APIC            0xfee00000u
#define APIC_SPURIOUS   0xf0
#define APIC_ICR        0x300
#define IOAPIC          0xfec00000u
#define VECTOR          0x40
#define LEVEL           0x8000u

static void check_test_device(void)
{
	volatile uint8_t *m8 = (volatile uint8_t *)TEST_MEMORY;
	volatile uint32_t *m32 = (volatile uint32_t *)TEST_MEMORY;

	out32(TEST_REGISTER, 0x44332211);
	claim(in8(TEST_REGISTER + 2) == 0x33 && in16(TEST_REGISTER) == 0x2211, "test device: parts of its register");
	out8(TEST_REGISTER + 1, 0xaa);
	out16(TEST_REGISTER + 2, 0xbbcc);
	claim(in32(TEST_REGISTER) == 0xbbccaa11, "test device: parts are written");
	claim(in8(TEST_BYTES + 3) == 0xbb, "test device: the same register byte by byte");
	out32(TEST_FLUSH, TEST_MEMORY);
	m32[0] = 0x01020304;
	m32[0x3fff] = 0x05060708;
	claim(m8[1] == 3 && m32[0] == 0x01020304 && m8[0xffff] == 5, "test device: its memory");
}

static void set_gate(unsigned vector, void (*handler)(void))
{
	static uint32_t idt[256 * 2] __attribute__((aligned(8)));
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint32_t)idt };

	idt[vector * 2] = 8 << 16 | ((uint32_t)handler & 0xffff);
	idt[vector * 2 + 1] = ((uint32_t)handler & 0xffff0000) | 0x8e00;
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

static volatile uint32_t *apic(uint32_t offset)
{
	return (volatile uint32_t *)(APIC + offset);
}

static void ioapic_write(uint32_t index, uint32_t value)
{
	*(volatile uint32_t *)IOAPIC = index;
	*(volatile uint32_t *)(IOAPIC + 0x10) = value;
}

/* Interrupts of one line that is raised, waited for and lowered. */
static uint32_t pulse(unsigned line, uint32_t mode)
{
	uint32_t before = interrupts;

	ioapic_write(0x11 + 2 * line, 0);
	ioapic_write(0x10 + 2 * line, VECTOR | mode);
	out8((uint16_t)(TEST_LINE + line), 1);
	if (mode == LEVEL) /* lowered before the handler can end it twice */
		out8((uint16_t)(TEST_LINE + line), 0);
	__asm__ volatile("sti; nop; nop; cli");
	out8((uint16_t)(TEST_LINE + line), 0);
	ioapic_write(0x10 + 2 * line, 0x10000);
	return interrupts - before;
}

static void check_interrupts(void)
{
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	set_gate(VECTOR, interrupt);
	set_gate(0xff, interrupt);
	*apic(APIC_SPURIOUS) = 0x1ff;
	claim(pulse(14, 0) == 1, "test device: line 14 interrupts once, edge triggered");
	claim(pulse(14, 0) == 1, "test device: and again");
	claim(pulse(20, 0) == 1, "test device: line 20, which only the IOAPIC has");
	claim(pulse(21, LEVEL) == 1, "test device: line 21, level triggered");
}

/* ---- ACPI and processors ------------------------------------------------------------------------------ */

static const uint8_t *find_rsdp(void)
{
	for (const char *p = (const char *)0xe0000; p < (const char *)0x100000; p += 16)
		if (*(const uint64_t *)p == 0x2052545020445352ull) /* "RSD PTR " */
			return (const uint8_t *)p;
	return NULL;
}

static void check_pm_timer(void)
{
	const uint8_t *rsdp = find_rsdp(), *fadt = NULL;
	uint32_t port, first;

	claim(rsdp != NULL, "ACPI: there is a root pointer");
	if (rsdp) {
		const uint32_t *rsdt = *(const uint32_t *const *)(rsdp + 16);

		for (uint32_t i = 9; i < rsdt[1] / 4; i++)
			if (*(const uint32_t *)rsdt[i] == 0x50434146) /* "FACP" */
				fadt = (const uint8_t *)rsdt[i];
	}
	claim(fadt != NULL, "ACPI: there is a fixed description table");
	if (!fadt)
		return;
	port = *(const uint32_t *)(fadt + 76);
	first = in32((uint16_t)port);
	for (volatile int i = 0; i < 10000; i++)
		;
	claim(in32((uint16_t)port) != first, "ACPI: the PM timer runs");
}

static void start_processors(void)
{
	uint32_t n = (uint32_t)cfg(CFG_CPUS, 2);
	volatile char *to;

	__asm__("" : "=r"(to) : "0"(0)); /* address 0 is meant */
	for (const char *p = trampoline; p < trampoline_end; p++)
		to[p - trampoline] = *p;
	*apic(APIC_ICR) = 0xc4500; /* all but self: INIT */
	*apic(APIC_ICR) = 0xc4600; /* all but self: startup, vector 0 */
	for (uint32_t i = 0; i < 10000000 && processors < n; i++)
		__asm__ volatile("pause");
	say("processors: %u of %u\n", processors, n);
	claim(processors == n, "all processors start by a broadcast");
}

uint32_t kernel(uint32_t magic, struct mb_info *info)
{
	const char *cmdline = (const char *)info->cmdline;

	check_state(magic);
	claim((info->flags & INFO_FLAGS) == INFO_FLAGS, "information: memory, command line, map, loader");
	say("command line: %s\n", cmdline);
	claim(has_word(cmdline, "word=1") && cmdline[0] == 'm', "the command line: name and words");
	claim(*(const char *)info->boot_loader_name != 0, "the loader has a name");
	check_map(info);
	if (has_word(cmdline, "modules"))
		check_modules(info, has_word(cmdline, "big"));
	check_fw_cfg(cmdline);
	if (failures) /* nothing to go on with */
		return failures;
	check_test_device();
	check_interrupts();
	check_pm_timer();
	start_processors();
	claim(in32(0x5658) == 0xffffffff, "no port of another product");
	return failures;
}
