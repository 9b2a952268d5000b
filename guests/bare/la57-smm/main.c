/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * la57-smm - 5-level paging and CR4.VMXE survive an SMI.
 *
 * Claim:    in IA-32e mode MOV to CR4 cannot change CR4.LA57; with LA57 clear canonical addresses have
 *           48 bits, with LA57 set 57, while MSRs that hold an address take 57 in both
 *           modes; after an SMI control registers, EFER and the width of canonical addresses are
 *           those from before, in 4- and 5-level paging and with CR4.VMXE set outside VMX operation.
 * Manual:   SDM Vol. 3A 2.5 (CR4.LA57), 4.5; Vol. 1 3.3.7.1 (canonical addressing); Vol. 3C 32.4 and
 *           32.14 (SMM, RSM).
 * Expected: all claims hold. The SMIs are made only in nwsim, by the APM control port of the PIIX4, whose
 *           handler (the BIOS's) does nothing for command 0.
 */
#include "la57.h"
#include "try.h"

#define APM_CONTROL     0xb2
#define CPUID1_ECX_VMX  (1u << 5)
#define MSR_SYSENTER_EIP        0x176
#define MSR_LSTAR               0xc0000082
#define MSR_KERNEL_GS_BASE      0xc0000102
#define VECTOR_PF       14
#define CANONICAL_48    0x00007ffffffff000ul
#define CANONICAL_57    0x00fffffffffff000ul

/* Exception of a load from an address that is not mapped: #PF if it is canonical, #GP if not. */
static uint64_t load_from(uint64_t address)
{
	return (uint64_t)try_instruction("mov (%0), %%al", : : "r"(address) : "rax", "memory");
}

static void check_width(const char *when, bool wide)
{
	check_equal(load_from(CANONICAL_48), VECTOR_PF, "%s: load from a 48-bit address", when);
	check_equal(load_from(CANONICAL_57), wide ? VECTOR_PF : VECTOR_GP,
		    "%s: load from a 57-bit address", when);
	check_equal(load_from(CANONICAL_57 | 1ul << 57), VECTOR_GP, "%s: load from a 58-bit address",
		    when);
}

/* Bases take whatever the processor could address, in any paging mode. */
static void check_bases(const char *when, bool supported)
{
	static const uint32_t msrs[] = { MSR_FS_BASE, MSR_KERNEL_GS_BASE, MSR_LSTAR, MSR_SYSENTER_EIP };

	for (unsigned i = 0; i < ARRAY_SIZE(msrs); i++) {
		check_equal(wrmsr_try(msrs[i], CANONICAL_57), supported, "%s: MSR 0x%x takes 57 bits",
			    when, msrs[i]);
		check(!wrmsr_try(msrs[i], CANONICAL_57 | 1ul << 57), "%s: MSR 0x%x refuses 58 bits",
		      when, msrs[i]);
		wrmsr(msrs[i], 0);
	}
}

static void check_fixed(const char *when)
{
	check_equal((uint64_t)try_instruction("mov %0, %%cr4", : : "r"(read_cr4() ^ CR4_LA57) : "memory"),
		    VECTOR_GP, "%s: MOV to CR4 that changes LA57 raises #GP", when);
}

static void check_smi(const char *when, bool wide)
{
	uint64_t cr0 = read_cr0(), cr3 = read_cr3(), cr4 = read_cr4(), efer = rdmsr(MSR_EFER);

	if (!in_simulator()) {
		skip("no simulator: what an SMI does here is not known", "%s: SMI", when);
		return;
	}
	outb(APM_CONTROL, 0);
	check_equal(read_cr0(), cr0, "%s: CR0 after an SMI", when);
	check_equal(read_cr3(), cr3, "%s: CR3 after an SMI", when);
	check_equal(read_cr4(), cr4, "%s: CR4 after an SMI", when);
	check_equal(rdmsr(MSR_EFER), efer, "%s: EFER after an SMI", when);
	check_width(when, wide);
}

static void test_vmxe(void)
{
	if (!(cpuid(1, 0).ecx & CPUID1_ECX_VMX)) {
		skip("no VMX", "CR4.VMXE survives an SMI");
		return;
	}
	write_cr4(read_cr4() | CR4_VMXE);
	check_smi("CR4.VMXE set", false);
	write_cr4(read_cr4() & ~CR4_VMXE);
}

void guest_main(void)
{
	bool la57 = cpuid(7, 0).ecx & CPUID7_ECX_LA57;

	check_width("4-level paging", false);
	check_bases("4-level paging", la57);
	check_smi("4-level paging", false);
	test_vmxe();
	if (!la57) {
		skip("no LA57", "5-level paging");
		return;
	}
	check_fixed("4-level paging");
	la57_on();
	check(read_cr4() & CR4_LA57, "5-level paging is on");
	check_width("5-level paging", true);
	check_fixed("5-level paging");
	check_smi("5-level paging", true);
	la57_off();
	check_width("4-level paging again", false);
}
