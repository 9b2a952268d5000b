/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-rep - the boundary between two iterations of a repeated string instruction is an event window.
 *
 * Claim:    REP STOSB, MOVSB, LODSB, REPE CMPSB and REPNE SCASB of 2^20 iterations, with interrupts disabled and NMIs blocked,
 *           cause no instruction timeout, and an interrupt that exits is taken between two iterations, with the
 *           registers of a whole number of iterations. In the simulator a stall rule makes the first instruction last
 *           N - 1 crystal clocks, N being notify window and internal threshold: the window opens after its first
 *           iteration.
 * Manual:   SDM Vol. 2B, "REP/REPE/REPZ/REPNE/REPNZ" (interrupts between iterations); Vol. 3C, "Secondary processor-based
 *           VM-execution controls" (bit 31).
 * Expected: all claims hold; threshold= is the internal threshold in crystal clocks, first= the number of the instruction
 *           that comes first.
 */
#include "l1.h"
#include "timer.h"

#define COUNT           (1u << 20)
#define VECTOR          0x57
#define SOON            500             /* crystal clocks */

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t from[COUNT] __attribute__((aligned(4096))), to[COUNT] __attribute__((aligned(4096)));
static struct l1 l1;
static unsigned interrupts, first;
static uint64_t stall_ticks;            /* N - 1 clocks, 0: no stall */

#define CODE(name, instruction) \
	extern const char name[], name##_rep[]; \
	asm(".text\n" #name ": cld\n" #name "_rep: " instruction "; vmcall\n")
CODE(stores, "rep stosb");
CODE(moves, "rep movsb");
CODE(loads, "rep lodsb");
CODE(compares, "repe cmpsb");
CODE(scans, "repne scasb");

static const struct kind { const char *name, *code, *rep; } kinds[] = {
	{ "REP STOSB", stores, stores_rep }, { "REP MOVSB", moves, moves_rep }, { "REP LODSB", loads, loads_rep },
	{ "REPE CMPSB", compares, compares_rep }, { "REPNE SCASB", scans, scans_rep },
};

static void begin(const struct kind *k)
{
	l1_restart(k->code, stack + sizeof(stack));
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_NMI);
	l1.gpr[RAX] = 1;        /* in neither buffer before it is stored */
	l1.gpr[RCX] = COUNT;
	l1.gpr[RSI] = (uint64_t)from;
	l1.gpr[RDI] = (uint64_t)to;
}

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

static void test_long(const struct kind *k)
{
	begin(k);
	l1_run_to(&l1, REASON_VMCALL, "%s of %u: no timeout", k->name, COUNT);
	check_equal(l1.gpr[RCX], 0, "%s: all iterations", k->name);
	if (stall_ticks && k == &kinds[first])
		check(vmx_interval_tsc(&l1) >= COUNT + stall_ticks, "%s: the first was stalled (%lu ticks)", k->name,
		      vmx_interval_tsc(&l1));
	memset(to, 0, COUNT);
}

static void test_interrupt(const struct kind *k)
{
	uint64_t moved;

	vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT);
	begin(k);
	apic_timer_start(VECTOR, SOON);
	if (l1_run_to(&l1, REASON_EXTERNAL_INTERRUPT, "%s: an interrupt exits", k->name)) {
		check_equal(l1.exit.rip, (uint64_t)k->rep, "%s: between iterations", k->name);
		moved = k->code == loads || k->code == compares ? l1.gpr[RSI] - (uint64_t)from :
								  l1.gpr[RDI] - (uint64_t)to;
		check(l1.gpr[RCX] && l1.gpr[RCX] < COUNT && moved == COUNT - l1.gpr[RCX], "%s: %lu iterations, %lu left",
		      k->name, moved, l1.gpr[RCX]);
	}
	asm volatile("sti; nop; cli" : : : "memory");
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_EXTERNAL_INTERRUPT);
	l1_run_to(&l1, REASON_VMCALL, "%s: goes on", k->name);
	memset(to, 0, COUNT);
}

void guest_main(void)
{
	struct clock_ratio ratio;

	vmx_on();
	if (in_simulator() && param_given("threshold") && clock_ratio(&ratio))
		stall_ticks = mul_div(param_number("window", 0) + param_number("threshold", 0) - 1, ratio.numerator,
				      ratio.denominator);
	timeout_need();
	apic_enable();
	trap_set(VECTOR, on_interrupt);
	l1_setup(&l1, L1_LONG64, stores, stack + sizeof(stack), 0);
	timeout_enable((uint32_t)param_number("window", 0));
	first = (unsigned)param_number("first", 0) % ARRAY_SIZE(kinds);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		test_long(&kinds[(first + i) % ARRAY_SIZE(kinds)]);
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		test_interrupt(&kinds[i]);
	check_equal(interrupts, ARRAY_SIZE(kinds), "each interrupt was taken by L0");
}
