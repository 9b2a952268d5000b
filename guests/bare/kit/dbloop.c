/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dbloop.c - handler, stack and breakpoints of dbloop.h. */
#include "dbloop.h"

#define IST     2

static uint8_t stack[4096] __attribute__((aligned(16)));
static volatile uint64_t frame_rsp;

static void reached(struct trap_frame *frame)
{
	frame_rsp = (uint64_t)&frame->rip;
	l1_call(DBLOOP_HANDLER);
}

void dbloop_setup(bool constant_stack)
{
	desc_set_ist(VECTOR_DB, constant_stack ? IST : 0, stack + sizeof(stack));
	trap_set(VECTOR_DB, reached);
}

uint64_t dbloop_stack(void)
{
	return (uint64_t)(stack + sizeof(stack)) - DBLOOP_FRAME;
}

uint64_t dbloop_frame(void)
{
	return frame_rsp;
}

uint64_t dbloop_breakpoint(unsigned n, enum breakpoint kind, const volatile void *address, unsigned bytes)
{
	static const uint8_t type[] = { [BREAK_EXECUTE] = 0, [BREAK_WRITE] = 1, [BREAK_READ_WRITE] = 3 };
	uint64_t length = bytes == 8 ? 2 : bytes - 1;

	switch (n) {
	case 0: asm volatile("mov %0, %%dr0" : : "r"(address)); break;
	case 1: asm volatile("mov %0, %%dr1" : : "r"(address)); break;
	case 2: asm volatile("mov %0, %%dr2" : : "r"(address)); break;
	case 3: asm volatile("mov %0, %%dr3" : : "r"(address)); break;
	}
	return 1ul << 2 * n | (length << 2 | type[kind]) << (16 + 4 * n);
}

void write_dr6(uint64_t value)
{
	asm volatile("mov %0, %%dr6" : : "r"(value));
}

uint64_t read_dr6(void)
{
	uint64_t value;

	asm volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

void write_dr7(uint64_t value)
{
	asm volatile("mov %0, %%dr7" : : "r"(value));
}
