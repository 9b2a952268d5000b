/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-task-switch - task switches of a 32-bit L1 that stall.
 *
 * Claim:    a task switch that stalls for longer than N (a stall rule) ends in an instruction timeout
 *           instead of the VM exit for task switches: the old task is as it was, an event whose gate
 *           began the switch is reported, an IRET has unblocked NMIs. Without the control the VM exit
 *           for task switches comes when the stall is over. Descriptor checks come before the stall.
 * Manual:   SDM Vol. 3C, "Treatment of task switches", "Information about NMI unblocking due to IRET",
 *           "Information for VM exits that occur during event delivery".
 * Expected: all claims hold in nwsim with the stall rule of guests.list: each task switch of L1 stalls
 *           for 200000 crystal clocks, one by #UD's gate for 50000 more. Skipped elsewhere.
 */
#include "l1.h"
#include "smp.h"
#include "task32_switch.h"
#include "timeout_record.h"

#define STALL_CLOCKS    200000
#define UD_CLOCKS       50000

static struct l1 l1;
static struct clock_ratio ratio;

struct switching {
	const char *what, *code;
	uint64_t rflags;
	uint32_t vectoring, length;
	bool rf, unblocks;
	uint64_t clocks;
};

static const struct switching switches[] = {
	{ "JMP", jmp_tss, .clocks = STALL_CLOCKS },
	{ "CALL", call_tss, .clocks = STALL_CLOCKS },
	{ "IRET with NT", iret_nt, .rflags = RFLAGS_NT, .unblocks = true, .clocks = STALL_CLOCKS },
	{ "INT n through a task gate", int_gate, .vectoring = INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR, .length = 2,
	  .clocks = STALL_CLOCKS },
	{ "#UD through a task gate", ud_gate, .vectoring = INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, .rf = true,
	  .clocks = STALL_CLOCKS + UD_CLOCKS },
};

static void begin(const char *code, uint64_t rflags)
{
	task32_begin(code, rflags, INTERRUPTIBILITY_NMI);
}

static void test_timeout(const struct switching *s)
{
	struct timeout_record record;
	const struct timeout_expect want = {
		.rip = (uint64_t)s->code, .rsp = vmcs_read(GUEST_RSP),
		.rflags = RFLAGS_FIXED | s->rflags | (s->rf ? RFLAGS_RF : 0),
		.idt_vectoring_info = s->vectoring ? INFO_VALID | s->vectoring : 0,
		.qualification = s->unblocks ? NW_QUAL_NMI_UNBLOCKING : 0,
		.interruptibility = s->unblocks ? 0 : INTERRUPTIBILITY_NMI,
	};

	begin(s->code, s->rflags);
	timeout_enable(0);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", s->what))
		return;
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", s->what);
	if (s->length)
		check_equal(l1.exit.instruction_length, s->length, "%s: instruction length", s->what);
	check_equal(task32_access(TASK32_AVAILABLE), 0x89, "%s: the new task is not busy", s->what);
}

static void test_switch(const struct switching *s)
{
	uint64_t ticks = mul_div(s->clocks, ratio.numerator, ratio.denominator), interval;

	begin(s->code, s->rflags);
	timeout_disable();
	if (!l1_run_to(&l1, REASON_TASK_SWITCH, "%s, no timeout: exits", s->what))
		return;
	interval = vmx_interval_tsc(&l1);
	check(interval >= ticks && interval < ticks + 1000, "%s, no timeout: %lu TSC ticks later (%lu)", s->what, ticks,
	      interval);
}

void guest_main(void)
{
	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("how a task switch can stall is not public");
	smp_keep_busy();
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_PROT32, jmp_tss, l1_stack32_top, 0);
	task32_gates();
	for (unsigned i = 0; i < ARRAY_SIZE(switches); i++) {
		test_timeout(&switches[i]);
		test_switch(&switches[i]);
	}
	begin(jmp_busy, 0);
	timeout_enable(0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "JMP to a busy task faults"))
		check_equal(l1.exit.interruption_info & 0xff, VECTOR_GP, "with #GP, before any stall");
}
