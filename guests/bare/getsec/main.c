/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getsec - GETSEC by CR4.SMXE, leaf function and mode.
 *
 * Claim:    CR4.SMXE can be set exactly if CPUID.1:ECX[6] says so; GETSEC raises #UD with CR4.SMXE = 0
 *           and for a leaf function that CAPABILITIES does not name; in VMX non-root operation it exits
 *           whatever the leaf function.
 * Manual:   SDM Vol. 2D, GETSEC[CAPABILITIES]; Vol. 3C, "Instructions that cause VM exits
 *           unconditionally".
 * Expected: all claims hold on any CPU. Only CAPABILITIES and a leaf that no processor has are executed.
 */
#include "l1.h"
#include "try.h"

#define CR4_SMXE        (1ul << 14)
#define CPUID_1_ECX_SMX (1u << 6)
#define CAPABILITIES    0u
#define NO_LEAF         0x7fffffffu
#define LEAF_BITS       0x1ffu          /* the chipset and leaf functions 1 to 8 */

static uint8_t stack[4096] __attribute__((aligned(16)));

static int getsec(uint32_t leaf, uint32_t *result)
{
	uint32_t a = leaf, b = 0, c = 0, d = 0;
	int vector = try_instruction("getsec", : "+a"(a), "+b"(b), "+c"(c), "+d"(d) : : "memory");

	*result = a;
	return vector;
}

static int set_cr4(uint64_t value)
{
	return try_instruction("mov %0, %%cr4", : : "r"(value) : "memory");
}

static void l1_main(void)
{
	uint32_t result;

	getsec(CAPABILITIES, &result);
	getsec(NO_LEAF, &result);
}

static void test_l1(void)
{
	const char *missing = vmx_missing();
	struct l1 l1;

	if (missing) {
		skip(missing, "GETSEC in L1");
		return;
	}
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	if (!l1_run_to(&l1, REASON_GETSEC, "GETSEC[CAPABILITIES] in L1 exits"))
		return;
	l1_skip_instruction(&l1, l1.exit.instruction_length);
	check_equal(l1.exit.instruction_length, 2, "with its length");
	l1_run_to(&l1, REASON_GETSEC, "an unknown leaf function exits, too");
}

void guest_main(void)
{
	bool smx = cpuid(1, 0).ecx & CPUID_1_ECX_SMX;
	uint32_t result;

	check_equal((uint64_t)getsec(CAPABILITIES, &result), VECTOR_UD, "CR4.SMXE = 0: #UD");
	check_equal((uint64_t)set_cr4(read_cr4() | CR4_SMXE), smx ? (uint64_t)NO_EXCEPTION : VECTOR_GP,
		    "CR4.SMXE can be set as CPUID says");
	if (!smx) {
		skip("no SMX", "leaf functions");
		return;
	}
	check_equal((uint64_t)getsec(CAPABILITIES, &result), (uint64_t)NO_EXCEPTION, "CAPABILITIES is executed");
	note("capabilities 0x%x", result);
	check_equal(result & ~LEAF_BITS, 0, "and sets no reserved bits");
	check((result & 1) || !result, "without a chipset there are no other leaf functions");
	check_equal((uint64_t)getsec(NO_LEAF, &result), VECTOR_UD, "a leaf function that does not exist: #UD");
	if (!result)
		bail("EAX was changed by #UD");
	test_l1();
}
