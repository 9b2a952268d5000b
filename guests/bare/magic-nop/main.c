/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * magic-nop - the stall instruction is a plain NOP that takes longer in the simulator.
 *
 * Claim:    NOP r/m32 with a magic displacement (there are three) changes no register, no flag and no memory and
 *           advances RIP by 8; in nwsim it lasts EAX crystal clocks longer than a plain NOP, EAX *
 *           EBX / EAX of CPUID.15H TSC ticks, exactly.
 * Manual:   SDM Vol. 2, NOP (0F 1F /0); CPUID.15H.
 * Expected: all claims hold; the duration is only judged in nwsim.
 */
#include "kit.h"
#include "stall.h"

#define OTHER_DISPLACEMENT      0x4e5700ff

/*
 * void nop_state(uint64_t state[16]): loads RAX RCX RDX RBX RBP RSI R8-R15 and RFLAGS from
 * state[0..13] and state[14], executes the magic NOP and stores all of them back. state[15] gets
 * the length of the instruction.
 */
typedef void nop_state(uint64_t *state);
nop_state state_policy, state_valid, state_invalid;
typedef uint64_t ticks(uint64_t clocks);
ticks ticks_policy, ticks_valid, ticks_invalid;
uint64_t ticks_other(uint64_t clocks);

#define MOVE_ALL(load) \
	load("rax", "0") load("rcx", "8") load("rdx", "16") load("rbx", "24") load("rbp", "32") \
	load("rsi", "40") load("r8", "48") load("r9", "56") load("r10", "64") load("r11", "72") \
	load("r12", "80") load("r13", "88") load("r14", "96") load("r15", "104")
#define LOAD(reg, at)   "mov " at "(%rdi), %" reg "\n"
#define STORE(reg, at)  "mov %" reg ", " at "(%rdi)\n"

#define STATE(name, displacement) \
asm(".text\n" #name ":\n" \
    "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n" \
    "movq $(2f - 1f), 120(%rdi)\n" \
    "pushq 112(%rdi); popf\n" \
    MOVE_ALL(LOAD) \
    "1: " STALL_NOP(displacement) \
    "2:\n" \
    MOVE_ALL(STORE) \
    "pushf; popq 112(%rdi)\n" \
    "pushq $2; popf\n" \
    "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n" \
    "ret\n")
STATE(state_policy, NW_MAGIC_STALL);
STATE(state_valid, NW_MAGIC_STALL_VALID);
STATE(state_invalid, NW_MAGIC_STALL_INVALID);

/*
 * Ticks between two RDTSC around the instruction; EAX is loaded in between by an instruction of its
 * own.
 */
#define TICKS(name, displacement) \
asm(".text\n" #name ":\n" \
    "lfence; rdtsc; shl $32, %rdx; lea (%rax, %rdx), %rsi\n" \
    "mov %rdi, %rax\n" \
    STALL_NOP(displacement) \
    "lfence; rdtsc; shl $32, %rdx; add %rdx, %rax; sub %rsi, %rax\n" \
    "ret\n")
TICKS(ticks_policy, NW_MAGIC_STALL);
TICKS(ticks_valid, NW_MAGIC_STALL_VALID);
TICKS(ticks_invalid, NW_MAGIC_STALL_INVALID);
TICKS(ticks_other, OTHER_DISPLACEMENT);

static const struct {
	const char *name;
	nop_state *state;
	ticks *last;
} nops[] = {
	{ "as the policy says", state_policy, ticks_policy },
	{ "context valid", state_valid, ticks_valid },
	{ "context invalid", state_invalid, ticks_invalid },
};

static void test_state(nop_state *f, uint64_t rflags, const char *name, const char *what)
{
	uint64_t state[16], want[16];

	for (unsigned i = 0; i < 14; i++)
		want[i] = state[i] = 0x1122334455667788ul * (i + 3);
	want[0] = state[0] = 3;         /* RAX: stall of 3 clocks in the simulator */
	want[14] = state[14] = rflags | RFLAGS_FIXED;
	want[15] = NW_MAGIC_NOP_LENGTH;
	f(state);
	check(!memcmp(state, want, sizeof(state)), "%s: registers and flags unchanged, length 8 (%s)", name, what);
}

static void test_duration(ticks *last, const char *name, const struct clock_ratio *r)
{
	static const uint64_t clocks[] = { 0, 1, 2, 9, 1000, 131072, 1000000 };
	uint64_t base = ticks_other(0);

	check_equal(ticks_other(1000), base, "another displacement: a NOP like any other");
	for (unsigned i = 0; i < ARRAY_SIZE(clocks); i++)
		check_equal(last(clocks[i]) - base, mul_div(clocks[i], r->numerator, r->denominator),
			    "%s: %lu crystal clocks longer", name, clocks[i]);
}

void guest_main(void)
{
	struct clock_ratio r;
	uint64_t best = ~0ul;

	for (unsigned i = 0; i < ARRAY_SIZE(nops); i++) {
		test_state(nops[i].state, 0x000, nops[i].name, "flags clear");
		test_state(nops[i].state, 0x8d5, nops[i].name, "CF PF AF ZF SF OF set");
	}
	if (in_simulator() && clock_ratio(&r)) {
		for (unsigned i = 0; i < ARRAY_SIZE(nops); i++)
			test_duration(nops[i].last, nops[i].name, &r);
		return;
	}
	for (unsigned i = 0; i < 100; i++) {
		uint64_t t = ticks_policy(1000000);

		best = t < best ? t : best;
	}
	note("magic NOP with EAX = 1000000: %lu TSC ticks between the RDTSCs", best);
	skip("no simulator", "the duration is EAX crystal clocks");
}
