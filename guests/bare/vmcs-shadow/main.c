/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcs-shadow - VMREAD and VMWRITE of field 0x4024 by an L1 with VMCS shadowing.
 *
 * Claim:    bit 0x4024 of the VMREAD (VMWRITE) bitmap decides alone whether VMREAD (VMWRITE) of the field exits; without an
 *           exit a 64-bit and a 32-bit L1 read and write the field of the shadow VMCS, 32 bits of it, whatever is in the
 *           upper half of the source; their own window, in the current VMCS, is as before. The encoding 0x4025 fails, and so
 *           does 0x4024 on a CPU without the feature; without a shadow VMCS both instructions are VMfailInvalid.
 * Manual:   SDM Vol. 3C, "VMREAD and VMWRITE bitmaps", "VMCS link pointer", VMREAD, VMWRITE; Vol. 3D, appendix B.
 * Expected: all claims that apply to the CPU hold.
 */
#include "l1.h"

#define PROC2_VMCS_SHADOWING    (1u << 14)
#define VMREAD_BITMAP           0x2026
#define VMWRITE_BITMAP          0x2028
#define REASON_VMREAD           23
#define REASON_VMWRITE          25
#define SHADOW                  (1u << 31)
#define OWN_WINDOW              0x00345678u
#define SHADOWED                0x89abcdefu
#define HIGH                    (INSTRUCTION_TIMEOUT + 1)

static uint8_t stack[4096] __attribute__((aligned(16)));
static uint8_t shadow[4096] __attribute__((aligned(4096)));
static struct l1 of_shadow = { .vmcs = shadow };
static uint8_t bitmaps[2][4096] __attribute__((aligned(4096)));

/* What the 64-bit L1 is asked to do, and what came of it. */
static struct { uint64_t field, value, rflags; } call;

extern const char vmread32[], vmwrite32[];

/* ECX: field, EAX: value; EDX: RFLAGS after it. */
asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "vmread32:  vmread %ecx, %eax; jmp 1f\n"
    "vmwrite32: vmwrite %eax, %ecx\n"
    "1: pushf; pop %edx; vmcall; hlt\n"
    ".code64\n"
    ".text\n");

static void l1_vmread(void)
{
	asm volatile("vmread %2, %0; pushf; pop %1"
		     : "+r"(call.value), "=r"(call.rflags)
		     : "r"(call.field)
		     : "cc", "memory");
}

static void l1_vmwrite(void)
{
	asm volatile("vmwrite %1, %2; pushf; pop %0"
		     : "=r"(call.rflags)
		     : "r"(call.value), "r"(call.field)
		     : "cc", "memory");
}

/* Returns the exit reason; what L1 did is in `call` if it is VMCALL. */
static uint32_t ask(struct l1 *l1, void (*f)(void), uint64_t field, uint64_t value)
{
	call.field = field;
	call.value = value;
	call.rflags = ~0ul;
	l1_restart(f, stack + sizeof(stack));
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	return l1->exit.reason;
}

static void set_bit(uint8_t *bitmap, uint32_t field, bool exits)
{
	uint8_t bit = (uint8_t)(1u << (field & 7));

	bitmap[field >> 3] = (uint8_t)(exits ? bitmap[field >> 3] | bit : bitmap[field >> 3] & ~bit);
}

static void set_revision(uint32_t bits)
{
	uint32_t revision = ((uint32_t)rdmsr(MSR_VMX_BASIC) & 0x7fffffff) | bits;

	memcpy(shadow, &revision, sizeof(revision));
}

/* The field of the shadow VMCS, seen by L0. */
static uint64_t shadow_value(const struct l1 *l1)
{
	uint64_t value;

	vmcs_load(&of_shadow);
	value = vmcs_read(INSTRUCTION_TIMEOUT);
	vmcs_clear(&of_shadow);
	vmcs_load(l1);
	return value;
}

static void shadow_set(const struct l1 *l1, uint64_t value)
{
	vmcs_load(&of_shadow);
	vmcs_write(INSTRUCTION_TIMEOUT, value);
	vmcs_clear(&of_shadow);
	vmcs_load(l1);
}

static void shadowing_on(void)
{
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_VMCS_SHADOWING);
	vmcs_write(VMREAD_BITMAP, (uint64_t)bitmaps[0]);
	vmcs_write(VMWRITE_BITMAP, (uint64_t)bitmaps[1]);
	vmcs_write(VMCS_LINK_POINTER, (uint64_t)shadow);
}

/* All bits but those of the field, then only those. */
static void test_bitmaps(struct l1 *l1)
{
	for (unsigned i = 0; i < 4; i++) {
		bool read_exits = i & 1, write_exits = i & 2;

		memset(bitmaps[0], read_exits ? 0 : 0xff, sizeof(bitmaps[0]));
		memset(bitmaps[1], write_exits ? 0 : 0xff, sizeof(bitmaps[1]));
		set_bit(bitmaps[0], INSTRUCTION_TIMEOUT, read_exits);
		set_bit(bitmaps[1], INSTRUCTION_TIMEOUT, write_exits);
		check_equal(ask(l1, l1_vmread, INSTRUCTION_TIMEOUT, 0), read_exits ? REASON_VMREAD : REASON_VMCALL,
			    "VMREAD bitmap, bit 0x4024 = %u: VMREAD %s", read_exits, read_exits ? "exits" : "does not exit");
		check_equal(ask(l1, l1_vmwrite, INSTRUCTION_TIMEOUT, 1), write_exits ? REASON_VMWRITE : REASON_VMCALL,
			    "VMWRITE bitmap, bit 0x4024 = %u: VMWRITE %s", write_exits,
			    write_exits ? "exits" : "does not exit");
	}
	memset(bitmaps, 0, sizeof(bitmaps));
	check_equal(ask(l1, l1_vmread, INSTRUCTION_TIMEOUT | 1ul << 15, 0), REASON_VMREAD,
		    "an encoding beyond the bitmap exits");
}

static void test_access(struct l1 *l1)
{
	shadow_set(l1, SHADOWED);
	ask(l1, l1_vmread, INSTRUCTION_TIMEOUT, ~0ul);
	check(!(call.rflags & (RFLAGS_CF | RFLAGS_ZF)) && call.value == SHADOWED,
	      "64-bit VMREAD gives the shadow VMCS's field in 64 bits (0x%lx)", call.value);
	ask(l1, l1_vmwrite, INSTRUCTION_TIMEOUT, 0xfedcba9876543210ul);
	check(!(call.rflags & (RFLAGS_CF | RFLAGS_ZF)), "64-bit VMWRITE succeeds");
	ask(l1, l1_vmread, INSTRUCTION_TIMEOUT, ~0ul);
	check_equal(call.value, 0x76543210, "and the upper 32 bits of the source are ignored");
	check_equal(shadow_value(l1), 0x76543210, "L0 finds the value in the shadow VMCS");
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), OWN_WINDOW, "the window of L1 itself is as before");
	ask(l1, l1_vmread, HIGH, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_ZF, "VMREAD of 0x4025 fails");
	ask(l1, l1_vmwrite, HIGH, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_ZF, "VMWRITE of 0x4025 fails");
	check_equal(shadow_value(l1), 0x76543210, "and writes nothing");
}

static void test_missing(struct l1 *l1)
{
	ask(l1, l1_vmread, INSTRUCTION_TIMEOUT, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_ZF, "without the feature VMREAD of 0x4024 fails");
	ask(l1, l1_vmwrite, INSTRUCTION_TIMEOUT, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_ZF, "without the feature VMWRITE of 0x4024 fails");
}

static void test_no_shadow(struct l1 *l1)
{
	vmcs_write(VMCS_LINK_POINTER, ~0ul);
	ask(l1, l1_vmread, INSTRUCTION_TIMEOUT, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_CF, "without a shadow VMCS: VMREAD is VMfailInvalid");
	ask(l1, l1_vmwrite, INSTRUCTION_TIMEOUT, 0);
	check_equal(call.rflags & (RFLAGS_CF | RFLAGS_ZF), RFLAGS_CF, "without a shadow VMCS: VMWRITE is VMfailInvalid");
	vmcs_write(VMCS_LINK_POINTER, (uint64_t)shadow);
}

static uint32_t ask32(struct l1 *l1, const char *code, uint32_t field, uint32_t value)
{
	vmcs_write(GUEST_RIP, (uint64_t)code);
	vmcs_write(GUEST_RSP, (uint64_t)l1_stack32_top);
	l1->gpr[RCX] = field;
	l1->gpr[RAX] = value;
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (l1->exit.reason != REASON_VMCALL)
		vmx_note_exit(l1);
	return (uint32_t)l1->gpr[RDX] & (RFLAGS_CF | RFLAGS_ZF);
}

/* The 64-bit L1's VMCS region is used again. */
static void test_prot32(struct l1 *l1, bool feature)
{
	l1_setup(l1, L1_PROT32, vmread32, l1_stack32_top, 0);
	shadowing_on();
	if (!feature) {
		check_equal(ask32(l1, vmread32, INSTRUCTION_TIMEOUT, 0), RFLAGS_ZF, "32-bit VMREAD of 0x4024 fails");
		return;
	}
	timeout_enable(OWN_WINDOW);
	shadow_set(l1, SHADOWED);
	check_equal(ask32(l1, vmread32, INSTRUCTION_TIMEOUT, 0), 0, "32-bit VMREAD succeeds");
	check_equal(l1->gpr[RAX], SHADOWED, "and gives the shadow VMCS's field");
	check_equal(ask32(l1, vmwrite32, INSTRUCTION_TIMEOUT, 0xffffffff), 0, "32-bit VMWRITE succeeds");
	check_equal(shadow_value(l1), 0xffffffff, "and L0 finds the value in the shadow VMCS");
	check_equal(ask32(l1, vmread32, HIGH, 0), RFLAGS_ZF, "32-bit VMREAD of 0x4025 fails");
	check_equal(ask32(l1, vmwrite32, HIGH, 0), RFLAGS_ZF, "32-bit VMWRITE of 0x4025 fails");
	check_equal(vmcs_read(INSTRUCTION_TIMEOUT), OWN_WINDOW, "the window of L1 itself is as before");
}

void guest_main(void)
{
	struct l1 l1;
	bool feature;

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_vmread, stack + sizeof(stack), 0);
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_VMCS_SHADOWING))
		skip_all("CPU lacks VMCS shadowing");
	feature = timeout_available();
	set_revision(SHADOW);
	vmcs_clear(&of_shadow);
	shadowing_on();
	if (feature)
		timeout_enable(OWN_WINDOW);
	test_bitmaps(&l1);
	if (feature)
		test_access(&l1);
	else
		test_missing(&l1);
	test_no_shadow(&l1);
	test_prot32(&l1, feature);
}
