/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smm-tss - a TR that RSM has made invalid raises #TS where its TSS is needed.
 *
 * Claim:    after an SMM handler has cleared the valid bit of TR in its save area, an interrupt through a
 *           gate with an IST entry raises #TS with the selector of TR as error code; LTR makes TR usable
 *           again.
 * Manual:   SDM Vol. 3A, "Interrupt 10 - Invalid TSS exception (#TS)", "Interrupt stack table".
 * Expected: all claims hold in the simulator. Elsewhere the hidden part of TR is not in the save area, or not
 *           where this guest looks for it: skipped.
 */
#include "smm.h"
#include "try.h"

#define TR_SELECTOR_AR  0xfe90          /* access rights in bits 31:16 */
#define TR_VALID        (1u << 24)
#define VECTOR          0x50
#define VECTOR_TS       10
#define IST             2
#define TSS_IST         36u             /* offset of IST1 */
#define GATE_IST        4u
#define GDT_TYPE_BUSY   (2ull << 40)

static uint8_t stack[4096] __attribute__((aligned(16)));
static volatile unsigned handled;

static void handler(struct trap_frame *frame)
{
	(void)frame;
	handled++;
}

static int interrupt(void)
{
	return try_instruction("int %0", : : "i"(VECTOR) : "memory");
}

static void load_tr(void)
{
	*(uint64_t *)(desc_gdt_base() + SEL_TSS) &= ~GDT_TYPE_BUSY;
	asm volatile("ltr %0" : : "r"((uint16_t)SEL_TSS));
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("the save area is known for the simulator only");
	smm_need();
	*(uint64_t *)(desc_tss_base() + TSS_IST + 8 * (IST - 1)) = (uint64_t)(stack + sizeof(stack));
	*(uint8_t *)(desc_idt_base() + 16 * VECTOR + GATE_IST) = IST;
	trap_set(VECTOR, handler);
	check(interrupt() == NO_EXCEPTION && handled == 1, "the gate with an IST entry works");
	smm_install(TR_SELECTOR_AR, TR_VALID, 0);
	check_equal(smm_run(), 1, "the SMM handler runs");
	check_equal((uint64_t)interrupt(), VECTOR_TS, "then the gate raises #TS");
	check_equal(try_state.error_code & ~7ul, SEL_TSS, "for the selector in TR");
	check_equal(handled, 1, "and not the interrupt");
	load_tr();
	check(interrupt() == NO_EXCEPTION && handled == 2, "after LTR the gate works again");
}
