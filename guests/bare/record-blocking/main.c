/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-blocking - the state that an instruction timeout saves of a stalled instruction.
 *
 * Claim:    an instruction timeout outside of deliveries saves blocking by STI and by MOV SS where
 *           they are in effect, and blocking by NMI as it was; the pending debug exceptions are 0 but in the shadow of MOV SS, where they hold what is pending;
 *           the stalled instruction has done nothing, and a resumed one completes.
 * Manual:   SDM Vol. 3C, "Saving RIP, RSP, RFLAGS, and SSP", "Saving non-register state".
 * Expected: all claims hold in nwsim; skipped elsewhere.
 */
#include "l1.h"
#include "stall.h"
#include "smp.h"
#include "timeout_record.h"

void at_plain(void);
void at_sti(void);
void at_mov_ss(void);
extern const char stall_nop[], sti_nop[], mov_ss_nop[];

/* RAX is what the stall lasts; the instruction before it makes the shadow. */
asm(".text\n"
    "at_plain:  nop\n"
    "stall_nop: " STALL_NOP(NW_MAGIC_STALL) "vmcall\n"
    "at_sti:    sti\n"
    "sti_nop:   " STALL_NOP(NW_MAGIC_STALL) "vmcall\n"
    "at_mov_ss: mov %ecx, %ss\n"
    "mov_ss_nop: " STALL_NOP(NW_MAGIC_STALL) "vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

struct state {
	const char *what;
	const void *begin, *at;
	uint64_t rflags, saved_rflags;
	uint32_t blocking, saved_blocking;
	uint64_t pending;
};

static const struct state states[] = {
	{ "nothing blocked", at_plain, stall_nop, 0, 0, 0, 0, 0 },
	{ "NMIs blocked", at_plain, stall_nop, 0, 0, INTERRUPTIBILITY_NMI, INTERRUPTIBILITY_NMI, 0 },
	{ "behind STI", at_sti, sti_nop, 0, RFLAGS_IF, 0, INTERRUPTIBILITY_STI, 0 },
	{ "behind STI, NMIs blocked", at_sti, sti_nop, 0, RFLAGS_IF, INTERRUPTIBILITY_NMI,
	  INTERRUPTIBILITY_STI | INTERRUPTIBILITY_NMI, 0 },
	{ "behind STI with IF = 1", at_sti, sti_nop, RFLAGS_IF, RFLAGS_IF, 0, 0, 0 },
	{ "behind MOV SS", at_mov_ss, mov_ss_nop, 0, 0, 0, INTERRUPTIBILITY_MOV_SS, 0 },
	{ "behind MOV SS with TF = 1", at_mov_ss, mov_ss_nop, RFLAGS_TF, RFLAGS_TF, 0, INTERRUPTIBILITY_MOV_SS,
	  PENDING_DEBUG_BS },
};

static void begin(const struct state *s, uint64_t clocks)
{
	l1_restart(s->begin, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | s->rflags);
	vmcs_write(GUEST_INTERRUPTIBILITY, s->blocking);
	l1.gpr[RAX] = clocks;
	l1.gpr[RCX] = SEL_DATA;
}

static void test(const struct state *s)
{
	struct timeout_record record;
	struct timeout_expect want = {
		.rip = (uint64_t)s->at, .rflags = RFLAGS_FIXED | s->saved_rflags, .interruptibility = s->saved_blocking,
	};

	begin(s, STALL_LONG);
	want.rsp = vmcs_read(GUEST_RSP);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", s->what))
		return;
	if (s->pending)
		check_equal(l1.exit.pending_debug, s->pending, "%s: what is pending", s->what);
	l1.exit.pending_debug -= s->pending;
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", s->what);
	l1.gpr[RAX] = 0;
	if (s->pending) {
		vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
		if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "%s: resumed, the debug trap follows", s->what))
			check_equal(l1.exit.rip, want.rip + NW_MAGIC_NOP_LENGTH, "%s: one instruction later", s->what);
		vmcs_write(EXCEPTION_BITMAP, 0);
	} else if (l1_run_to(&l1, REASON_VMCALL, "%s: resumed, it completes", s->what)) {
		check_equal(l1.exit.rip, want.rip + NW_MAGIC_NOP_LENGTH, "%s: and goes on", s->what);
	}
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("stalls of a given length are the simulator's");
	smp_keep_busy();
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, at_plain, stack + sizeof(stack), 0);
	timeout_enable(0);
	for (unsigned i = 0; i < ARRAY_SIZE(states); i++)
		test(&states[i]);
}
