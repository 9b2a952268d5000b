/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx-instructions - how VMX instructions fail in VMX root operation.
 *
 * Claim:    VMXON, VMCLEAR, VMPTRLD, VMREAD, VMWRITE, VMLAUNCH, VMRESUME, VMCALL, INVEPT and INVVPID
 *           fail with the VM-instruction errors of the manual, or with VMfailInvalid without a
 *           current VMCS; a shadow VMCS cannot be entered; VMCALL without dual-monitor treatment of
 *           SMIs is error 1.
 * Manual:   SDM Vol. 3C, chapter "VMX instruction reference", "VM-instruction error numbers".
 * Expected: all claims hold; those about features that the CPU lacks are skipped.
 */
#include "l1.h"

#define FAIL_INVALID            ((uint64_t)VMX_FAIL_INVALID)
#define BASIC_DUAL_MONITOR      (1ul << 49)
#define PROC2_VMCS_SHADOWING    (1u << 14)
#define SHADOW                  (1u << 31)
#define CAP_INVVPID             (1ul << 32)

static uint8_t stack[4096] __attribute__((aligned(16)));
static uint8_t region[4096] __attribute__((aligned(4096)));
static uint8_t shadow[4096] __attribute__((aligned(4096)));

static uint64_t result(uint64_t rflags)
{
	if (rflags & RFLAGS_CF)
		return FAIL_INVALID;
	return rflags & RFLAGS_ZF ? vmcs_read(VM_INSTRUCTION_ERROR) : 0;
}

#define DEFINE_POINTER(name) \
	static uint64_t name(uint64_t pointer) \
	{ \
		uint64_t rflags; \
		asm volatile(#name " %1; pushf; pop %0" \
			     : "=r"(rflags) : "m"(pointer) : "cc", "memory"); \
		return result(rflags); \
	}
DEFINE_POINTER(vmclear)
DEFINE_POINTER(vmptrld)
DEFINE_POINTER(vmxon)

#define DEFINE_PLAIN(name) \
	static uint64_t name(void) \
	{ \
		uint64_t rflags; \
		asm volatile(#name "; pushf; pop %0" : "=r"(rflags) : : "cc", "memory"); \
		return result(rflags); \
	}
DEFINE_PLAIN(vmlaunch)
DEFINE_PLAIN(vmresume)
DEFINE_PLAIN(vmcall)

struct descriptor { uint64_t low, high; };

#define DEFINE_INVALIDATE(name) \
	static uint64_t name(uint64_t type, uint64_t low, uint64_t high) \
	{ \
		struct descriptor d = { low, high }; \
		uint64_t rflags; \
		asm volatile(#name " %1, %2; pushf; pop %0" \
			     : "=r"(rflags) : "m"(d), "r"(type) : "cc", "memory"); \
		return result(rflags); \
	}
DEFINE_INVALIDATE(invept)
DEFINE_INVALIDATE(invvpid)

static void set_revision(uint8_t *vmcs, uint32_t bits)
{
	uint32_t revision = (uint32_t)rdmsr(MSR_VMX_BASIC) | bits;

	memcpy(vmcs, &revision, sizeof(revision));
}

static void l1_main(void)
{
}

static void pointers(const struct l1 *l1)
{
	uint64_t beyond = 1ul << (cpuid(0x80000008, 0).eax & 0xff);
	uint64_t current = 0;

	check_equal(vmclear(1), 2, "VMCLEAR of a misaligned address: error 2");
	check_equal(vmclear(beyond), 2, "VMCLEAR beyond the physical-address width: error 2");
	check_equal(vmptrld(8), 9, "VMPTRLD of a misaligned address: error 9");
	check_equal(vmptrld(beyond), 9, "VMPTRLD beyond the physical-address width: error 9");
	set_revision(region, 0);
	region[0] ^= 1;
	check_equal(vmptrld((uint64_t)region), 11, "VMPTRLD of another revision: error 11");
	check_equal(vmxon((uint64_t)region), 15, "VMXON in VMX root operation: error 15");
	asm volatile("vmptrst %0" : "=m"(current) : : "cc");
	check_equal(current, (uint64_t)l1->vmcs, "VMPTRST: the failures left the current VMCS alone");
}

static void launch(struct l1 *l1)
{
	uint64_t got;

	check_equal(vmresume(), 5, "VMRESUME of a clear VMCS: error 5");
	check(vmx_run(l1) && l1->exit.reason == REASON_VMCALL, "VMLAUNCH");
	check_equal(vmlaunch(), 4, "VMLAUNCH of a launched VMCS: error 4");
	check_equal((uint64_t)vmread(0x6402 + 0x100, &got), VMERR_UNSUPPORTED_FIELD,
		    "VMREAD of no field: error 12");
	check_equal((uint64_t)vmwrite(0x4c02, 0), VMERR_UNSUPPORTED_FIELD,
		    "VMWRITE of no field: error 12");
	if (rdmsr(MSR_VMX_MISC) >> 29 & 1)
		check_equal((uint64_t)vmwrite(EXIT_REASON, 1), 0, "VMWRITE of a read-only field");
	else
		check_equal((uint64_t)vmwrite(EXIT_REASON, 1), 13,
			    "VMWRITE of a read-only field: error 13");
}

static void call(struct l1 *l1)
{
	if (rdmsr(MSR_VMX_BASIC) & BASIC_DUAL_MONITOR) {
		skip("the CPU has dual-monitor treatment", "VMCALL in VMX root operation");
		return;
	}
	check_equal(vmcall(), 1, "VMCALL with a launched VMCS: error 1");
	vmcs_clear_load(l1);
	check_equal(vmcall(), 1, "VMCALL with a clear VMCS: error 1");
}

static void invalidate(void)
{
	uint64_t eptp = vmcs_read(EPT_POINTER);

	check_equal(invept(1, eptp, 0), 0, "INVEPT of a context");
	check_equal(invept(2, 0, 0), 0, "INVEPT of all contexts");
	check_equal(invept(0, eptp, 0), 28, "INVEPT type 0: error 28");
	check_equal(invept(3, eptp, 0), 28, "INVEPT type 3: error 28");
	check_equal(invept(1ul << 32 | 1, eptp, 0), 28, "INVEPT type 2^32 + 1: error 28");
	check_equal(invept(1, eptp | 1 << 8, 0), 28, "INVEPT of a bad EPT pointer: error 28");
	if (!(rdmsr(MSR_VMX_EPT_VPID_CAP) & CAP_INVVPID)) {
		skip("no INVVPID", "INVVPID");
		return;
	}
	check_equal(invvpid(0, 1, 0x1000), 0, "INVVPID of an address");
	check_equal(invvpid(1, 1, 0), 0, "INVVPID of a context");
	check_equal(invvpid(2, 0, 0), 0, "INVVPID of all contexts");
	check_equal(invvpid(3, 1, 0), 0, "INVVPID of a context without globals");
	check_equal(invvpid(4, 1, 0), 28, "INVVPID type 4: error 28");
	check_equal(invvpid(1, 0, 0), 28, "INVVPID of VPID 0: error 28");
	check_equal(invvpid(1, 0x10001, 0), 28, "INVVPID with reserved bits: error 28");
	check_equal(invvpid(0, 1, 1ul << 63), 28, "INVVPID of no canonical address: error 28");
}

static void enter_shadow(struct l1 *l1)
{
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_VMCS_SHADOWING)) {
		skip("no VMCS shadowing", "shadow VMCS");
		return;
	}
	set_revision(shadow, SHADOW);
	check_equal(vmclear((uint64_t)shadow), 0, "VMCLEAR of a shadow VMCS");
	check_equal(vmptrld((uint64_t)shadow), 0, "VMPTRLD of a shadow VMCS");
	check_equal(vmlaunch(), FAIL_INVALID, "VMLAUNCH of a shadow VMCS: VMfailInvalid");
	check_equal(vmresume(), FAIL_INVALID, "VMRESUME of a shadow VMCS: VMfailInvalid");
	vmclear((uint64_t)shadow);
	vmcs_clear_load(l1);
}

static void without_vmcs(const struct l1 *l1)
{
	uint64_t got, current = 0;

	check_equal(vmclear((uint64_t)l1->vmcs), 0, "VMCLEAR of the current VMCS");
	asm volatile("vmptrst %0" : "=m"(current) : : "cc");
	check_equal(current, ~0ul, "there is no current VMCS");
	check_equal((uint64_t)vmread(EXIT_REASON, &got), FAIL_INVALID, "VMREAD: VMfailInvalid");
	check_equal((uint64_t)vmwrite(GUEST_RIP, 0), FAIL_INVALID, "VMWRITE: VMfailInvalid");
	check_equal(vmlaunch(), FAIL_INVALID, "VMLAUNCH: VMfailInvalid");
	check_equal(vmresume(), FAIL_INVALID, "VMRESUME: VMfailInvalid");
	check_equal(vmptrld(8), FAIL_INVALID, "VMPTRLD of a misaligned address: VMfailInvalid");
	check_equal(invept(0, 0, 0), FAIL_INVALID, "INVEPT type 0: VMfailInvalid");
	if (!(rdmsr(MSR_VMX_BASIC) & BASIC_DUAL_MONITOR))
		check_equal(vmcall(), FAIL_INVALID, "VMCALL: VMfailInvalid");
}

void guest_main(void)
{
	struct l1 l1;

	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	pointers(&l1);
	launch(&l1);
	invalidate();
	enter_shadow(&l1);
	without_vmcs(&l1);
	l1_setup(&l1, L1_LONG64, l1_main, stack + sizeof(stack), 0);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	call(&l1);
}
