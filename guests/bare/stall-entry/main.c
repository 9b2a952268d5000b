/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-entry - a VM entry that stalls after it has loaded the guest state.
 *
 * Claim:    with every VM entry stalled (a stall rule) by more than N, the instruction timeout comes
 *           before L1's first instruction and before the delivery of the event that the entry
 *           injects: RIP, RSP, RFLAGS, interruptibility and activity state are those loaded, the event
 *           is reported as IDT-vectoring information (error code, length of a software event) and
 *           blocks NMIs if it is one. Injected again by an entry that does not time out it is
 *           delivered. A window longer than the stall causes no timeout.
 * Manual:   SDM Vol. 3C, "Event injection", "Information for VM exits that occur during event delivery".
 *           That the window is armed there is not public (parameter arm), nor what the exit reports.
 * Expected: all claims hold in nwsim with the stall rule of guests.list: each VM entry stalls for 200000
 *           crystal clocks, N is 131072 and more. Skipped elsewhere.
 */
#include "l1.h"
#include "smp.h"
#include "timeout_record.h"

#define STALL_CLOCKS    200000
#define INT_VECTOR      0x50
#define HANDLED         0x1000ul        /* + vector */

void at_nop(void);
void at_int_n(void);
void at_int3(void);

asm(".text\n"
    "at_nop:    nop; vmcall\n"
    "at_int_n:  int $0x50; vmcall\n"
    "at_int3:   int3; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void handler(struct trap_frame *frame)
{
	l1_call(HANDLED + frame->vector);
}

struct entry {
	const char *what;
	const void *begin;
	uint32_t event, error, length;
	uint64_t rflags;
	uint32_t blocking, activity;
	uint32_t blocked;               /* as saved, `blocking` if 0 */
};

#define HARD(vector)    (INFO_TYPE_HARDWARE_EXCEPTION | (vector))
static const struct entry entries[] = {
	{ "no event", at_nop, .rflags = RFLAGS_CF },
	{ "no event, blocking by STI", at_nop, .rflags = RFLAGS_IF, .blocking = INTERRUPTIBILITY_STI },
	{ "no event, blocking by NMI", at_nop, .blocking = INTERRUPTIBILITY_NMI },
	{ "#UD", at_nop, .event = HARD(VECTOR_UD) },
	{ "#GP", at_nop, .event = HARD(VECTOR_GP) | INFO_ERROR_CODE, .error = 0x1238 },
	{ "interrupt", at_nop, .event = INFO_TYPE_EXTERNAL_INTERRUPT | INT_VECTOR, .rflags = RFLAGS_IF },
	{ "interrupt, L1 halted", at_nop, .event = INFO_TYPE_EXTERNAL_INTERRUPT | INT_VECTOR, .rflags = RFLAGS_IF,
	  .activity = ACTIVITY_HLT },
	{ "INT n", at_int_n, .event = INFO_TYPE_SOFTWARE_INTERRUPT | INT_VECTOR, .length = 2 },
	{ "INT3", at_int3, .event = INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, .length = 1 },
	{ "NMI", at_nop, .event = INFO_TYPE_NMI | VECTOR_NMI, .blocked = INTERRUPTIBILITY_NMI },
};

static void enter(const struct entry *e, uint64_t rflags)
{
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | rflags);
	vmcs_write(GUEST_INTERRUPTIBILITY, e->blocking);
	vmcs_write(GUEST_ACTIVITY_STATE, e->activity);
	if (e->event) {
		vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | e->event);
		vmcs_write(ENTRY_ERROR_CODE, e->error);
		vmcs_write(ENTRY_INSTRUCTION_LENGTH, e->length);
	}
}

static void expect_end(const struct entry *e, const char *how)
{
	if (!l1_run_to(&l1, REASON_VMCALL, "%s: %s", e->what, how))
		return;
	if (e->event)
		check_equal(l1.gpr[RAX], HANDLED + (e->event & 0xff), "%s: delivered, %s", e->what, how);
	else
		check_equal(l1.exit.rip, (uint64_t)at_nop + 1, "%s: L1 runs, %s", e->what, how);
}

static void test(const struct entry *e)
{
	struct timeout_record record;
	struct timeout_expect want = {
		.rip = (uint64_t)e->begin, .rflags = RFLAGS_FIXED | e->rflags,
		.idt_vectoring_info = e->event ? INFO_VALID | e->event : 0, .idt_vectoring_error = e->error,
		.interruptibility = e->blocked ? e->blocked : e->blocking,
	};

	l1_restart(e->begin, stack + sizeof(stack));
	want.rsp = vmcs_read(GUEST_RSP);
	enter(e, e->rflags);
	timeout_enable(0);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", e->what))
		return;
	if (e->activity && !e->event)
		l1.exit.activity -= e->activity;
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", e->what);
	if (e->length)
		check_equal(l1.exit.instruction_length, e->length, "%s: instruction length", e->what);
	if (e->event)
		l1_reinject(&l1);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	timeout_disable();
	expect_end(e, "after it");

	l1_restart(e->begin, stack + sizeof(stack));
	enter(e, e->rflags);
	timeout_enable(STALL_CLOCKS);
	expect_end(e, "with a longer window");
}

/* L1 is entered halted: it is still when the entry times out. */
static void test_halted(void)
{
	l1_restart(at_nop, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_HLT);
	timeout_enable(0);
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "L1 entered halted: instruction timeout"))
		check_equal(l1.exit.activity, ACTIVITY_HLT, "L1 entered halted: the activity state is HLT");
}

static void iret(struct trap_frame *frame)
{
	(void)frame;
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("how a VM entry can stall is not public");
	smp_keep_busy();
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, at_nop, stack + sizeof(stack), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
		unsigned vector = entries[i].event & 0xff;

		if (entries[i].event)
			trap_set((uint8_t)vector, handler);
		test(&entries[i]);
	}
	test_halted();
	trap_set(VECTOR_BP, iret);
	asm volatile("int3");   /* NMIs are no longer blocked */
}
