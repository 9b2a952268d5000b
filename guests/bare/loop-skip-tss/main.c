/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-skip-tss - a loop whose frames move its own stack comes to its end in time.
 *
 * Claim:    #AC and #PF alternate: the ring-0 stack for #AC ends at a page that is not there, and each part of a frame that
 *           still fits overwrites SP0 and SS0 of the TSS, twice, with values that put the next frame elsewhere. Nothing but
 *           the TSS differs from one round to the next. The third #AC is delivered on a good stack, a few deliveries after
 *           the first: no simulator may take the first two rounds as the pattern of all that follow.
 * Manual:   SDM Vol. 3A, "16-bit task-state segment (TSS)", "Interrupt 8" (table), "Interrupt 14"; stack frames of
 *           deliveries that fault may be in memory (Vol. 3C, "Architectural state before a VM exit").
 * Expected: all claims hold. Whether a delivery that faults leaves a part of its frame in memory is the processor's choice:
 *           skipped on hardware, where the loop may have no end.
 */
#include "loop32.h"

/*
 * Linear page LOW is absent, page HIGH is the one that follows. All stack pointers are 1 modulo 4, or there would be no #AC.
 * SS0:SP0 of the 16-bit TSS are one doubleword at SLOT: what is pushed there has the selector 10H in its high half.
 */
#define LOW             0x100000u
#define HIGH            0x101000u
#define SLOT            (HIGH + 1)
#define TSS_BASE        (SLOT - 2)
#define CODE            (SLOT + 8)      /* EIP, the second stack: its frame has ESP in the slot */
#define FIRST           (SLOT + 20)     /* its frame has EIP in the slot */
#define LAST            (HIGH + 0x801)  /* ESP, the third stack */
#define SELECTOR        0x10            /* its base is LOW */

#define GUEST_TR(field)  (GUEST_ES_##field + 2 * 7)
#define AR_BUSY_TSS16   0x83u
#define TSS16_LIMIT     0x2b
#define PTE_USER        0x67u           /* present, writable, user, accessed, dirty */
#define SOON            3000

extern uint32_t skip_directory[1024], skip_table[1024];
extern uint8_t skip_page[4096];
extern uint64_t skip_gdt[5];

asm(".section .l1, \"awx\"\n"
    ".balign 4096\n"
    "skip_directory: .skip 4096\n"
    "skip_table: .skip 4096\n"
    "skip_page: .skip 4096\n"
    "skip_gdt: .skip 5 * 8\n"
    ".text\n");

static struct l1 l1;

static void make_pages(void)
{
	for (uint32_t i = 0; i < 1024; i++)
		skip_table[i] = i << 12 | PTE_USER;
	skip_table[LOW >> 12] = 0;
	skip_table[HIGH >> 12] = (uint32_t)(uint64_t)skip_page | PTE_USER;
	skip_directory[0] = (uint32_t)(uint64_t)skip_table | PTE_USER;
	vmcs_write(GUEST_CR3, (uint64_t)skip_directory);
	vmcs_write(GUEST_CR0, vmcs_read(GUEST_CR0) | CR0_PG);
}

static void make_tables(void)
{
	uint32_t slot = SELECTOR << 16 | (FIRST & 0xffff);

	memcpy(skip_gdt, l1_gdt32, 5 * 8);
	skip_gdt[SELECTOR / 8] = 0x0040930000000fffull | 0xf000 | (uint64_t)LOW << 16;
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)skip_gdt);
	memset(skip_page, 0, sizeof(skip_page));
	memcpy(skip_page + (SLOT - HIGH), &slot, 4);
	memcpy(skip_page + (CODE - HIGH), "\x0f\x0b", 2);       /* UD2 */
	vmcs_write(GUEST_TR(BASE), TSS_BASE);
	vmcs_write(GUEST_TR(LIMIT), TSS16_LIMIT);
	vmcs_write(GUEST_TR(ACCESS_RIGHTS), AR_BUSY_TSS16);
}

void guest_main(void)
{
	uint32_t last;

	if (!in_simulator())
		skip_all("a part of a frame need not be in memory, and the loop would have no end then");
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	make_pages();
	make_tables();
	loop32_restart(&l1);
	loop32_gate(VECTOR_UD, GATE_RING3);
	loop32_gate(VECTOR_PF, GATE_RING3);
	vmcs_write(GUEST_RIP, CODE);
	vmcs_write(GUEST_RSP, LAST);
	if (timeout_available())
		timeout_enable(0);
	l1.cr2 = SLOT - 4;      /* as after every #PF: not even CR2 is to differ */
	if (!l1_run_to(&l1, REASON_VMCALL, "the loop ends by itself"))
		return;
	check_equal(l1.gpr[RAX], LOOP32_VECTOR(VECTOR_AC), "the #AC handler runs");
	memcpy(&last, skip_page + (SLOT - HIGH), 4);
	check_equal(last, LAST, "on the third stack");
	check(vmx_interval_tsc(&l1) < SOON, "after five deliveries (%lu ticks)", vmx_interval_tsc(&l1));
}
