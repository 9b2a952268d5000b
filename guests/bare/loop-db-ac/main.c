/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-db-ac - loops of which one event is #DB and another one #AC.
 *
 * Claim:    a #DB that cannot be delivered because its frame raises #AC begins the endless #AC: the timeout records #AC,
 *           RIP is that of the instruction after the one that hit the breakpoint, and DR6 has the breakpoint. An #AC whose
 *           frame hits breakpoints, in ring 0 where no alignment is checked, is followed by #DB after #DB, as many as there
 *           are breakpoints on the frames in a row, and no timeout.
 * Manual:   SDM Vol. 3A, "Interrupt 17"; Vol. 3B, "Debug registers"; Vol. 3C, "Information for VM exits that occur during
 *           event delivery": the event is that in delivery.
 * Expected: all claims hold.
 */
#include "dbloop.h"
#include "loop32.h"
#include "timeout_record.h"

#define AC_FRAME        24      /* bytes: error code, EIP, CS, EFLAGS, ESP, SS */
#define DB_FRAME        12      /* bytes, from ring 0 to ring 0 */
#define BREAKPOINTS     4

extern const char ac_store[], ac_stored[];

asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "ac_store: movb $1, (%ebx)\n"
    "ac_stored: nop; mov $1, %eax; vmcall\n"
    ".code64\n"
    ".text\n");

static struct l1 l1;

static void test_db_first(void)
{
	const struct timeout_expect want = {
		.rip = (uint64_t)ac_stored, .rsp = loop32_esp(), .rflags = RFLAGS_FIXED | RFLAGS_AC | RFLAGS_RF,
		.idt_vectoring_info = INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC,
	};
	struct timeout_record record;

	loop32_restart(&l1);
	loop32_gate(VECTOR_DB, GATE_RING3);
	loop32_gate(VECTOR_AC, GATE_RING3);
	vmcs_write(GUEST_RIP, (uint64_t)ac_store);
	vmcs_write(GUEST_DR7, DR7_INIT | dbloop_breakpoint(1, BREAK_WRITE, (uint8_t *)&loop32_data + 1, 1));
	write_dr6(DR6_INIT);
	timeout_record_init(&record);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "#DB, then #AC: a timeout exits"))
		return;
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "#DB, then #AC");
	check_equal(read_dr6() & 15, DR6_B(1), "#DB, then #AC: DR6");
}

static void test_ac_first(void)
{
	uint64_t frame = (uint64_t)l1_stack32_ring0_top - AC_FRAME;
	uint64_t dr7 = DR7_INIT;

	loop32_restart(&l1);
	for (unsigned n = 0; n < BREAKPOINTS; n++)
		dr7 |= dbloop_breakpoint(n, BREAK_READ_WRITE, (void *)(frame - n * DB_FRAME), 4);
	vmcs_write(GUEST_DR7, dr7);
	if (!l1_run_to(&l1, REASON_VMCALL, "#AC, then #DB: no timeout"))
		return;
	check_equal(l1.gpr[RAX], LOOP32_VECTOR(VECTOR_DB), "#AC, then #DB: the #DB handler runs");
	check_equal(l1.exit.rsp, frame - BREAKPOINTS * DB_FRAME, "#AC, then #DB: after four of them");
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	loop32_setup(&l1, LOOP32_AC);
	timeout_enable(0);
	test_db_first();
	test_ac_first();
}
