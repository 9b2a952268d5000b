/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-qualification - what an EPT violation says about the access and the translation.
 *
 * Claim:    a data read, data write or instruction fetch that EPT does not permit exits with the
 *           access in bits 2:0, the permissions (the AND over all levels) in bits 5:3, the
 *           user-execute permission in bit 6 with mode-based execute control, bits 7 and 8 set for
 *           the translation of a linear address, and, where announced, what ordinary paging says
 *           about that address in bits 11:9; the guest-linear and guest-physical addresses are saved.
 * Manual:   SDM Vol. 3C, "Basic VM-exit information", table of the exit qualification for EPT
 *           violations; "EPT violations".
 * Expected: all claims hold on any CPU with EPT; what is not announced is skipped.
 */
#include "l1.h"
#include "walk.h"

#define OFFSET          0x120ul
#define TARGET          (WALK_LINEAR + OFFSET)
#define ELSEWHERE       0x2000000ul
#define EFER_NXE        (1ul << 11)
#define CPUID_NX        (1u << 20)

/* Undefined: bit 6 without the control, bits 11:9 without the announcement, bits 16:13. */
#define DEFINED         (0x3ful | EPTV_LINEAR_VALID | EPTV_TRANSLATED | EPTV_NMI_UNBLOCKED)
#define ADVANCED        (EPTV_USER_ADDRESS | EPTV_WRITABLE_ADDRESS | EPTV_XD_ADDRESS)
#define SHADOW_STACK    (1ul << 13)

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t defined;

static void l1_read(void)
{
	(void)*(volatile uint64_t *)TARGET;
}

static void l1_write(void)
{
	*(volatile uint64_t *)TARGET = 0;
}

static void l1_fetch(void)
{
	asm volatile("call *%0" : : "r"(TARGET) : "memory");
}

static const struct access { const char *name; void (*l1)(void); uint64_t bit; } accesses[] = {
	{ "read", l1_read, EPTV_READ },
	{ "write", l1_write, EPTV_WRITE },
	{ "fetch", l1_fetch, EPTV_FETCH },
};

static void permit(unsigned level, uint64_t rights)
{
	uint64_t *entry = ept_entry(walk_page(0), level);

	*entry = (*entry & ~(EPT_RWX | EPT_USER_X)) | rights;
	ept_flush();
}

static void begin(const struct access *a)
{
	walk_setup();
	l1_restart(a->l1, stack + sizeof(stack));
}

static void expect_violation(const struct access *a, uint64_t rights, uint64_t more, const char *how)
{
	if (!l1_run_to(&l1, REASON_EPT_VIOLATION, "%s, %s: EPT violation", a->name, how))
		return;
	check_equal(l1.exit.qualification & defined,
		    a->bit | rights << 3 | EPTV_LINEAR_VALID | EPTV_TRANSLATED | (more & defined),
		    "%s, %s: exit qualification", a->name, how);
	check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), TARGET, "%s, %s: guest-linear address", a->name,
		    how);
	check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS), walk_page(0) + OFFSET,
		    "%s, %s: guest-physical address", a->name, how);
}

static void test_permissions(const struct access *a)
{
	static const struct { uint64_t rights; const char *name; } sets[] = {
		{ 0, "not present" }, { EPT_R, "R" }, { EPT_R | EPT_W, "RW" }, { EPT_R | EPT_X, "RX" },
		{ EPT_X, "X" }, { EPT_RWX, "RWX" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(sets); i++) {
		uint64_t rights = sets[i].rights;

		if (rights == EPT_X && !(rdmsr(MSR_VMX_EPT_VPID_CAP) & EPT_CAP_EXECUTE_ONLY))
			continue;
		begin(a);
		permit(1, rights);
		if (rights & a->bit)
			l1_run_to(&l1, REASON_VMCALL, "%s, %s: permitted", a->name, sets[i].name);
		else
			expect_violation(a, rights, EPTV_USER_ADDRESS | EPTV_WRITABLE_ADDRESS,
					 sets[i].name);
	}
	permit(1, EPT_RWX | EPT_USER_X);
}

/* A large page elsewhere, so that the upper levels are not those of L1's own code and stack. */
static void test_levels(void)
{
	static const struct { uint64_t pte, pde; const char *name; } sets[] = {
		{ EPT_RWX, EPT_R | EPT_X, "RWX below RX" },
		{ EPT_R | EPT_X, EPT_R | EPT_W, "RX below RW" },
		{ EPT_RWX, 0, "RWX below not present" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(sets); i++) {
		uint64_t *pte = ept_entry(ELSEWHERE, 1), *pde = ept_entry(ELSEWHERE, 2);

		begin(&accesses[1]);
		*walk_entry(1) = ELSEWHERE | (*walk_entry(1) & 0xfff);
		*pte = (*pte & ~(EPT_RWX | EPT_USER_X)) | sets[i].pte;
		*pde = (*pde & ~(EPT_RWX | EPT_USER_X)) | sets[i].pde;
		ept_flush();
		if (!l1_run_to(&l1, REASON_EPT_VIOLATION, "write, %s: EPT violation", sets[i].name))
			continue;
		check_equal(l1.exit.qualification & 0x3f, EPTV_WRITE | (sets[i].pte & sets[i].pde) << 3,
			    "write, %s: the permissions are the AND", sets[i].name);
	}
}

static void test_advanced(void)
{
	if (!(rdmsr(MSR_VMX_EPT_VPID_CAP) & EPT_CAP_ADVANCED_INFO)) {
		skip("not announced", "advanced information");
		return;
	}
	permit(1, 0);
	begin(&accesses[0]);
	*walk_entry(2) &= ~PTE_U;
	expect_violation(&accesses[0], 0, EPTV_WRITABLE_ADDRESS, "supervisor address");
	begin(&accesses[0]);
	*walk_entry(1) &= ~PTE_W;
	expect_violation(&accesses[0], 0, EPTV_USER_ADDRESS, "read-only address");
	if (cpuid(0x80000001, 0).edx & CPUID_NX) {
		vmcs_write(GUEST_EFER, vmcs_read(GUEST_EFER) | EFER_NXE);
		begin(&accesses[0]);
		*walk_entry(3) |= PTE_XD;
		expect_violation(&accesses[0], 0,
				 EPTV_USER_ADDRESS | EPTV_WRITABLE_ADDRESS | EPTV_XD_ADDRESS,
				 "execute-disable address");
	}
	permit(1, EPT_RWX | EPT_USER_X);
}

static void test_mode_based(void)
{
	static const uint64_t more = EPTV_USER_ADDRESS | EPTV_WRITABLE_ADDRESS;

	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_MODE_BASED_EXECUTE)) {
		skip("not announced", "mode-based execute control");
		return;
	}
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | PROC2_MODE_BASED_EXECUTE);
	defined |= EPTV_MAY_FETCH_USER | SHADOW_STACK;
	begin(&accesses[1]);
	permit(1, EPT_R | EPT_USER_X);
	expect_violation(&accesses[1], EPT_R, more | EPTV_MAY_FETCH_USER, "R, user X");
	begin(&accesses[0]);
	permit(1, EPT_USER_X | EPT_X);
	if (rdmsr(MSR_VMX_EPT_VPID_CAP) & EPT_CAP_EXECUTE_ONLY)
		expect_violation(&accesses[0], EPT_X, more | EPTV_MAY_FETCH_USER, "X, user X");
	begin(&accesses[2]);
	permit(1, EPT_R | EPT_X);
	expect_violation(&accesses[2], EPT_R | EPT_X, more, "RX, user address without user X");
	begin(&accesses[2]);
	*walk_entry(1) &= ~PTE_U;
	permit(1, EPT_R | EPT_USER_X);
	expect_violation(&accesses[2], EPT_R, EPTV_WRITABLE_ADDRESS | EPTV_MAY_FETCH_USER,
			 "R, user X, supervisor address");
	begin(&accesses[2]);
	permit(1, EPT_R | EPT_USER_X);
	l1_run_to(&l1, REASON_VMCALL, "fetch, R, user X, user address: permitted");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_read, stack + sizeof(stack), 0);
	defined = DEFINED;
	if (rdmsr(MSR_VMX_EPT_VPID_CAP) & EPT_CAP_ADVANCED_INFO)
		defined |= ADVANCED;
	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++)
		test_permissions(&accesses[i]);
	test_levels();
	test_advanced();
	test_mode_based();
}
