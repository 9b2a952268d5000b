/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np-loop - the endless alternation of a benign and a contributory exception ends by an instruction
 * timeout, too.
 *
 * Claim:    IDT[17] is not present and the ring-3 #NP handler's stack is misaligned: delivering #AC
 *           raises #NP, delivering #NP raises #AC (benign after contributory: no double fault), for
 *           ever. The exit has reason 75 and names the event in delivery, #AC or #NP, with its
 *           error code; delivered again by the VM entry, it loops.
 * Manual:   SDM Vol. 3A, "Interrupt 8" (table of double-fault conditions), "Interrupt 11"; Vol. 3C
 *           as in ac-loop.
 * Expected: all claims hold.
 */
#include "loop32.h"
#include "timeout_record.h"

#define REPEAT          4
#define NP_ERROR        (VECTOR_AC * 8 + 2)     /* index 17, IDT */
#define INFO(vector)    (INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | (vector))

static void one_exit(struct l1 *l1, struct timeout_record *record)
{
	struct timeout_expect want = {
		.rip = (uint64_t)loop32_load, .rsp = loop32_esp(),
		.rflags = RFLAGS_FIXED | RFLAGS_AC | RFLAGS_RF,
	};
	uint8_t vector;

	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (l1->exit.reason != REASON_INSTRUCTION_TIMEOUT) {
		vmx_note_exit(l1);
		check(false, "the loop is left by an instruction timeout, not by exit reason %u",
		      l1->exit.reason);
		done();
	}
	vector = (uint8_t)l1->exit.idt_vectoring_info;
	want.idt_vectoring_info = INFO(vector == VECTOR_NP ? VECTOR_NP : VECTOR_AC);
	want.idt_vectoring_error = vector == VECTOR_NP ? NP_ERROR : 0;
	timeout_record_add(record, &l1->exit, &want);
}

void guest_main(void)
{
	struct timeout_record record;
	struct l1 l1;

	vmx_on();
	timeout_need();
	loop32_setup(&l1, LOOP32_NP);
	timeout_enable((uint32_t)param_number("window", 0));

	timeout_record_init(&record);
	for (unsigned i = 0; i < REPEAT; i++)
		one_exit(&l1, &record);
	note("plain entry: last vectoring 0x%x", l1.exit.idt_vectoring_info);
	timeout_record_check(&record, "plain entry");

	timeout_record_init(&record);
	for (unsigned i = 0; i < REPEAT; i++) {
		l1_reinject(&l1);
		one_exit(&l1, &record);
	}
	note("event delivered by the entry: last vectoring 0x%x", l1.exit.idt_vectoring_info);
	timeout_record_check(&record, "event delivered by the entry");

	/* Either event of the pair may be the one a hypervisor delivers again. */
	timeout_record_init(&record);
	l1.exit.idt_vectoring_info = INFO(VECTOR_NP);
	l1.exit.idt_vectoring_error = NP_ERROR;
	l1_reinject(&l1);
	one_exit(&l1, &record);
	timeout_record_check(&record, "#NP delivered by the entry");
}
