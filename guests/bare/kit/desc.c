/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * desc.c - GDT, TSS, IDT of the 64-bit environment and the dispatch of exceptions and interrupts.
 */
#include "try.h"

struct __attribute__((packed)) table_register { uint16_t limit; uint64_t base; };
struct gate64 {
	uint16_t offset0, selector;
	uint8_t ist, type;
	uint16_t offset1;
	uint32_t offset2, zero;
};
struct __attribute__((packed)) tss64 {
	uint32_t zero0;
	uint64_t rsp[3], zero1, ist[7], zero2;
	uint16_t zero3, io_map;
};

#define GATE_INTERRUPT64        0x8e
#define IST_FATAL               1       /* #DF: its own stack, whatever became of the old one */
#define SPURIOUS_VECTOR         0xff

extern const char trap_stubs[];

static uint64_t gdt[5] = {
	0,
	0x00af9b000000ffff,             /* SEL_CODE64 */
	0x00cf93000000ffff,             /* SEL_DATA */
};                                      /* SEL_TSS: two entries, made by desc_init() */
static struct gate64 idt[256];
static struct tss64 tss;
static uint8_t fatal_stack[4096] __attribute__((aligned(16)));
static trap_handler *handlers[256];

struct try_state try_state;

/* Stack of the trap_catch() in progress, or 0 (catch.S). */
uint64_t trap_catch_rsp;
extern const char trap_caught[];

uint64_t desc_gdt_base(void)
{
	return (uint64_t)gdt;
}

uint64_t desc_idt_base(void)
{
	return (uint64_t)idt;
}

uint64_t desc_tss_base(void)
{
	return (uint64_t)&tss;
}

uint16_t desc_gdt_limit(void)
{
	return sizeof(gdt) - 1;
}

uint16_t desc_idt_limit(void)
{
	return sizeof(idt) - 1;
}

void desc_set_ist(uint8_t vector, unsigned ist, const void *top)
{
	if (ist)
		tss.ist[ist - 1] = (uint64_t)top;
	idt[vector].ist = (uint8_t)ist;
}

uint64_t desc_idt_target(uint8_t vector)
{
	const struct gate64 *g = &idt[vector];

	return g->offset0 | (uint64_t)g->offset1 << 16 | (uint64_t)g->offset2 << 32;
}

static void load_tables(void)
{
	struct table_register gdtr = { sizeof(gdt) - 1, (uint64_t)gdt };
	struct table_register idtr = { sizeof(idt) - 1, (uint64_t)idt };

	asm volatile("lgdt %0" : : "m"(gdtr));
	asm volatile("push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
		     :
		     : "i"(SEL_CODE64)
		     : "rax", "memory");
	asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss" : : "r"(SEL_DATA));
	asm volatile("ltr %0" : : "r"((uint16_t)SEL_TSS));
	asm volatile("lidt %0" : : "m"(idtr));
}

void desc_init(void)
{
	uint64_t base = (uint64_t)&tss, limit = sizeof(tss) - 1;

	gdt[3] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[4] = base >> 32;
	tss.ist[IST_FATAL - 1] = (uint64_t)(fatal_stack + sizeof(fatal_stack));
	tss.io_map = sizeof(tss);
	for (unsigned v = 0; v < 256; v++) {
		uint64_t to = (uint64_t)trap_stubs + v * 16;

		idt[v] = (struct gate64){
			.offset0 = (uint16_t)to,
			.offset1 = (uint16_t)(to >> 16),
			.offset2 = (uint32_t)(to >> 32),
			.selector = SEL_CODE64,
			.type = GATE_INTERRUPT64,
			.ist = v == VECTOR_DF ? IST_FATAL : 0,
		};
	}
	load_tables();
}

void trap_set(uint8_t vector, trap_handler *handler)
{
	handlers[vector] = handler;
}

void trap_dispatch(struct trap_frame *frame);

void trap_dispatch(struct trap_frame *f)
{
	if (handlers[f->vector]) {
		handlers[f->vector](f);
	} else if (f->vector < 32 && try_state.continue_at) {
		try_state.vector = (int)f->vector;
		try_state.error_code = f->error_code;
		f->rip = try_state.continue_at;
	} else if (f->vector < 32 && trap_catch_rsp) {
		f->rip = (uint64_t)trap_caught;
		f->rsp = trap_catch_rsp;
		f->rax = f->vector + 1;
		f->rflags &= ~(uint64_t)(RFLAGS_IF | RFLAGS_RF | RFLAGS_AC | 0x700);
	} else if (f->vector != SPURIOUS_VECTOR) {
		note("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
		note("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
		bail("unexpected event %lu at 0x%lx, error code 0x%lx, RFLAGS 0x%lx, CR2 0x%lx",
		     f->vector, f->rip, f->error_code, f->rflags, read_cr2());
	}
}

bool wrmsr_try(uint32_t msr, uint64_t value)
{
	return try_instruction("wrmsr", : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			       : "memory") == NO_EXCEPTION;
}

bool rdmsr_try(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;

	if (try_instruction("rdmsr", : "+a"(low), "+d"(high) : "c"(msr) : "memory") != NO_EXCEPTION)
		return false;
	*value = (uint64_t)high << 32 | low;
	return true;
}
