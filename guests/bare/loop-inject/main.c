/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-inject - an event of any type that VM entry injects can begin the endless #AC.
 *
 * Claim:    L1 is at CPL 3 on a misaligned stack with gates to ring 3. Whatever VM entry injects (external interrupt, NMI,
 *           hardware exception with and without error code, INT n, INT1, INT3), its delivery raises #AC, for ever, and is
 *           left by an instruction timeout. The event that it records is the #AC in delivery, with bit 0 (EXT) at most in
 *           its error code; RIP, RSP and RFLAGS are those that the entry loaded; an injected NMI blocks NMIs.
 * Manual:   SDM Vol. 3C, "Event injection", "Information for VM exits that occur during event delivery", "Architectural
 *           state before a VM exit"; Vol. 3A, "Interrupt 17 - Alignment check exception".
 * Expected: all claims hold. stalled=1: the delivery of vector 31 itself lasts too long (`nwsim run --stall'): that event is
 *           recorded then, with its type and, for INT n, the instruction length; RF is as loaded.
 */
#include "loop32.h"
#include "timeout_record.h"

#define VECTOR          31
#define ERROR_EXT       1u
#define REPEAT          2       /* as injected, and with the event that was recorded */

static const struct kind {
	const char *name;
	uint32_t info, error, length;
} kinds[] = {
	{ "external interrupt", INFO_TYPE_EXTERNAL_INTERRUPT | VECTOR, 0, 0 },
	{ "NMI", INFO_TYPE_NMI | VECTOR_NMI, 0, 0 },
	{ "#UD", INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, 0, 0 },
	{ "#GP", INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_GP, 0x50, 0 },
	{ "#AC", INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_AC, 0, 0 },
	{ "INT n", INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR, 0, 2 },
	{ "INT1", INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB, 0, 1 },
	{ "INT3", INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, 0, 1 },
};

static struct l1 l1;

/* The first delivery is stalled and does not get as far as #AC. */
static bool stalled(const struct kind *k)
{
	return (uint8_t)k->info == VECTOR && param_number("stalled", 0);
}

static void check_event(const struct kind *k)
{
	if (stalled(k)) {
		if (k->length)
			check_equal(l1.exit.instruction_length, k->length, "%s: instruction length", k->name);
	} else if (in_simulator()) {
		check_equal(l1.exit.idt_vectoring_error, ERROR_EXT, "%s: error code", k->name);
	} else {
		note("%s: error code 0x%x", k->name, l1.exit.idt_vectoring_error);
	}
}

static void one_exit(const struct kind *k, struct timeout_record *record)
{
	struct timeout_expect want = {
		.rip = (uint64_t)loop32_load, .rsp = loop32_esp(),
		.rflags = RFLAGS_FIXED | RFLAGS_IF | RFLAGS_AC | RFLAGS_RF,
		.idt_vectoring_info = INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC,
	};
	uint32_t blocking = (k->info & 0x700) == INFO_TYPE_NMI ? INTERRUPTIBILITY_NMI : 0;

	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: a timeout exits", k->name))
		return;
	check_equal(l1.exit.interruptibility, blocking, "%s: blocking by NMI", k->name);
	check_event(k);
	l1.exit.interruptibility = 0;
	if (stalled(k)) {
		want.idt_vectoring_info = INFO_VALID | k->info;
		want.rflags &= ~RFLAGS_RF;
	}
	timeout_record_add(record, &l1.exit, &want);
}

static void test(const struct kind *k)
{
	struct timeout_record record;

	timeout_record_init(&record);
	loop32_restart(&l1);
	for (uint8_t vector = 0; vector < 32; vector++)
		loop32_gate(vector, GATE_RING3);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC | RFLAGS_IF);
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | k->info);
	vmcs_write(ENTRY_ERROR_CODE, k->error);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, k->length);
	for (unsigned i = 0; i < REPEAT; i++) {
		one_exit(k, &record);
		l1_reinject(&l1);
	}
	timeout_record_check(&record, "%s", k->name);
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	loop32_setup(&l1, LOOP32_AC);
	timeout_enable(0);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		test(&kinds[i]);
}
