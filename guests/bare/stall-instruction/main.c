/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall-instruction - which instructions a stall rule stalls, and what comes first.
 *
 * Claim:    a stalled instruction has done nothing: if the stall is longer than N the instruction
 *           timeout comes before the VM exit, the fault or the event that the instruction would
 *           have caused, and before the first iteration of a repeated one; a stall that is over in
 *           time is followed by them. A repeated instruction stalls once, however many iterations
 *           it has. A stalled VM entry instruction of L0 costs time and no timeout: the window begins
 *           when the guest state has been loaded. mode and nth of a rule choose; with rip=ADDRESS
 *           on the command line (and in a rule) the NOP there stalls, and the one before it does not.
 * Manual:   SDM Vol. 3C, "Other causes of VM exits" (instruction timeout). Stalls are the simulator's
 *           (`nwsim run --stall').
 * Expected: all claims hold in nwsim with the stall rules of guests.list. Skipped elsewhere.
 */
#include "l1.h"
#include "timeout_record.h"

#define LONG_CLOCKS     200000  /* more than N */
#define SHORT_CLOCKS    1000
#define SLACK_TICKS     1000
#define COUNT           100
#define NTH             3

void at_cpuid(void);
void at_ud2(void);
void at_int_n(void);
void at_vmresume(void);
void at_rep(void);
void at_nops(void);
extern const char rep_movsb[], second_nop[];

uint8_t copy_from[COUNT], copy_to[COUNT];

asm(".text\n"
    "at_cpuid:  cpuid; vmcall\n"
    "at_ud2:    ud2\n"
    "at_int_n:  int $0x50\n"
    "at_vmresume: vmresume\n"
    "at_rep:    lea copy_from, %rsi; lea copy_to, %rdi; mov $100, %ecx\n"
    "rep_movsb: rep movsb; vmcall\n"
    "at_nops:   nop\n"
    "second_nop: nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static struct clock_ratio ratio;
static uint64_t long_ticks, short_ticks;

static void begin(const void *code)
{
	l1_restart(code, stack + sizeof(stack));
}

static void test_timeout(const char *what, const void *code, const char *at)
{
	const struct timeout_expect want = {
		.rip = (uint64_t)at, .rsp = (uint64_t)(stack + sizeof(stack) - 8), .rflags = RFLAGS_FIXED,
	};
	struct timeout_record record;

	begin(code);
	timeout_enable(0);
	l1.gpr[RAX] = 0;
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", what))
		return;
	timeout_record_init(&record);
	timeout_record_add(&record, &l1.exit, &want);
	timeout_record_check(&record, "%s", what);
}

/* Without the control: the other exit, when the stall is over. resumed: VMRESUME has stalled too. */
static void test_other(const char *what, const void *code, uint32_t reason)
{
	uint64_t interval;

	begin(code);
	timeout_disable();
	if (!l1_run_to(&l1, reason, "%s, no timeout: VM exit %u", what, reason))
		return;
	interval = vmx_interval_tsc(&l1);
	check(interval >= 2 * long_ticks && interval < 2 * long_ticks + SLACK_TICKS,
	      "%s, no timeout: %lu TSC ticks later, and as many for VMRESUME (%lu)", what, long_ticks, interval);
}

static void test_each(void)
{
	test_timeout("CPUID", at_cpuid, (const char *)at_cpuid);
	test_other("CPUID", at_cpuid, REASON_CPUID);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_UD);
	test_timeout("UD2", at_ud2, (const char *)at_ud2);
	test_other("UD2", at_ud2, REASON_EXCEPTION_NMI);
	vmcs_write(EXCEPTION_BITMAP, 0);
	test_timeout("INT n", at_int_n, (const char *)at_int_n);
	test_timeout("VMRESUME of L1", at_vmresume, (const char *)at_vmresume);
	test_other("VMRESUME of L1", at_vmresume, 24);
	memset(copy_to, 0, sizeof(copy_to));
	test_timeout("REP MOVSB", at_rep, rep_movsb);
	check_equal(l1.gpr[RCX], COUNT, "REP MOVSB: no iteration was done");
	check_equal(copy_to[0], 0, "REP MOVSB: nothing was copied");
	test_other("REP MOVSB", at_rep, REASON_VMCALL);
	check(!memcmp(copy_from, copy_to, COUNT), "REP MOVSB: all was copied");
}

/* VMRESUME stalls for longer than N in VMX root operation. */
static void test_entry_instruction(void)
{
	begin(at_nops);
	timeout_enable(0);
	if (l1_run_to(&l1, REASON_VMCALL, "VMRESUME of L0: no timeout"))
		check(vmx_interval_tsc(&l1) >= long_ticks, "VMRESUME of L0: but it lasts");
}

#define DEFINE_TICKS(name, instruction) \
static uint64_t name(void) \
{ \
	uint64_t start = rdtsc(); \
	asm volatile(instruction : : "a"(0), "d"(0) : "cc"); \
	return rdtsc() - start; \
}
DEFINE_TICKS(btr_ticks, "btr %%edx, %%eax")
DEFINE_TICKS(bts_ticks, "bts %%edx, %%eax")

static volatile uint64_t l1_btr, l1_bts[2 * NTH];

static void measure(void)
{
	l1_btr = btr_ticks();
	for (unsigned i = 0; i < 2 * NTH; i++)
		l1_bts[i] = bts_ticks();
}

static void test_choice(void)
{
	uint64_t root = btr_ticks();

	begin(measure);
	timeout_disable();
	if (!l1_run_to(&l1, REASON_VMCALL, "L1 measures"))
		return;
	check(root >= short_ticks && root < short_ticks + SLACK_TICKS, "mode=root: BTR of L0 stalls (%lu)", root);
	check(l1_btr < SLACK_TICKS, "mode=root: BTR of L1 does not (%lu)", l1_btr);
	for (unsigned i = 0; i < 2 * NTH; i++)
		check_equal(l1_bts[i] >= short_ticks, i + 1 == NTH, "nth=%u: BTS %u of L1 (%lu)", NTH, i + 1, l1_bts[i]);
	check(bts_ticks() < SLACK_TICKS, "mode=nonroot is the default: BTS of L0 does not stall");
}

static void test_rip(void)
{
	begin(at_nops);
	timeout_enable(0);
	if (l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "rip: instruction timeout"))
		check_equal(l1.exit.rip, (uint64_t)second_nop, "rip: at the NOP of that address");
}

void guest_main(void)
{
	if (!in_simulator() || !clock_ratio(&ratio))
		skip_all("stalls are the simulator's");
	vmx_on();
	timeout_need();
	long_ticks = mul_div(LONG_CLOCKS, ratio.numerator, ratio.denominator);
	short_ticks = mul_div(SHORT_CLOCKS, ratio.numerator, ratio.denominator);
	for (unsigned i = 0; i < COUNT; i++)
		copy_from[i] = (uint8_t)(i * 7 + 1);
	l1_setup(&l1, L1_LONG64, at_nops, stack + sizeof(stack), 0);
	l1_run_to(&l1, REASON_VMCALL, "VMLAUNCH");
	note("NOP at 0x%lx", (uint64_t)second_nop);
	if (param_given("rip")) {
		test_rip();
		return;
	}
	test_each();
	test_entry_instruction();
	test_choice();
}
