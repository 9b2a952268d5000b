/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * protection-keys - PKRU decides on data accesses to user pages as the CR4 of host or guest says.
 *
 * Claim:    with CR4.PKE = 1, PKRU forbids reads and writes (AD) or writes (WD) of user pages of a key, from
 *           user mode and from supervisor mode, there writes with WD only if CR0.WP = 1; never
 *           instruction fetches; #PF has bit 5 in its error code. CR4.PKE and CR0.WP are those that VM
 *           entry and VM exit have loaded, with no WRPKRU and no MOV to CR in between.
 * Manual:   SDM Vol. 3A, "Protection keys", "Determination of access rights"; Vol. 3C, "Loading guest
 *           control registers, debug registers, and MSRs", "Loading host control registers, debug
 *           registers, MSRs".
 * Expected: all claims hold on CPUs with protection keys for user pages.
 */
#include "l1.h"
#include "try.h"
#include "walk.h"

#define CPUID_7_ECX_PKU (1u << 3)
#define KEY             1u
#define PTE_KEY         ((uint64_t)KEY << 59)
#define AD              (1u << (2 * KEY))
#define WD              (2u << (2 * KEY))
#define PF_READ         0x21u           /* present, protection key */
#define PF_WRITE        0x23u
#define PF_USER         0x04u
#define NO_FAULT        (~0u)
#define GUEST_CS        0x0802
#define AR_CODE64_3     0xa0fb
#define AR_DATA_3       0xc0f3

enum access { READ, WRITE, FETCH, ACCESSES };
static const char *const access_name[ACCESSES] = { "read", "write", "fetch" };

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct l1 l1;

extern const char l1_read[], l1_write[], l1_fetch[];
asm("l1_read: mov (%rbx), %al; vmcall\n"
    "l1_write: mov %al, (%rbx); vmcall\n"
    "l1_fetch: call *%rbx; vmcall\n");
static const char *const code[ACCESSES] = { l1_read, l1_write, l1_fetch };

static void set_pkru(uint32_t value)
{
	write_cr4(read_cr4() | CR4_PKE);
	asm volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
}

/* Error code of the #PF, or NO_FAULT. */
static uint32_t host_access(enum access a)
{
	int vector;

	switch (a) {
	case READ:
		vector = try_instruction("movb (%0), %%al", : : "r"(WALK_LINEAR) : "rax", "memory");
		break;
	case WRITE:
		vector = try_instruction("movb $0xc3, (%0)", : : "r"(WALK_LINEAR) : "memory");
		break;
	default:
		vector = try_instruction("call *%0", : : "r"(WALK_LINEAR) : "memory");
		break;
	}
	if (vector != NO_EXCEPTION && vector != VECTOR_PF)
		bail("exception %d", vector);
	return vector == VECTOR_PF ? (uint32_t)try_state.error_code : NO_FAULT;
}

/* What the manual says. */
static uint32_t expected(enum access a, bool pke, bool wp, uint32_t pkru, bool user)
{
	bool denied = a != FETCH && pke &&
		      (pkru & AD || (a == WRITE && pkru & WD && (user || wp)));

	if (!denied)
		return NO_FAULT;
	return (a == WRITE ? PF_WRITE : PF_READ) | (user ? PF_USER : 0);
}

static void set_host(bool pke, bool wp)
{
	write_cr4(pke ? read_cr4() | CR4_PKE : read_cr4() & ~CR4_PKE);
	write_cr0(wp ? read_cr0() | CR0_WP : read_cr0() & ~CR0_WP);
	vmcs_write(HOST_CR0, read_cr0());
	vmcs_write(HOST_CR4, read_cr4());
}

static void set_guest(bool pke, bool wp, bool user)
{
	uint64_t cr0 = read_cr0(), cr4 = read_cr4();

	vmcs_write(GUEST_CR0, wp ? cr0 | CR0_WP : cr0 & ~CR0_WP);
	vmcs_write(GUEST_CR4, pke ? cr4 | CR4_PKE : cr4 & ~CR4_PKE);
	for (unsigned field = GUEST_ES_SELECTOR; field <= GUEST_ES_SELECTOR + 10; field += 2) {
		bool cs = field == GUEST_CS;

		vmcs_write(field, (cs ? SEL_CODE64 : SEL_DATA) | (user ? 3 : 0));
		vmcs_write(field - GUEST_ES_SELECTOR + GUEST_ES_ACCESS_RIGHTS,
			   (cs ? AR_CODE64_3 : AR_DATA_3) & (user ? 0xffff : 0xff9f));
	}
}

static uint32_t guest_access(enum access a)
{
	l1_restart(code[a], stack + sizeof(stack));
	l1.gpr[RBX] = WALK_LINEAR;
	l1.gpr[RAX] = 0xc3;
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	if (l1.exit.reason == REASON_VMCALL)
		return NO_FAULT;
	if (l1.exit.reason != REASON_EXCEPTION_NMI || (l1.exit.interruption_info & 0xff) != VECTOR_PF ||
	    l1.exit.qualification != WALK_LINEAR) {
		vmx_note_exit(&l1);
		bail("L1 exits otherwise");
	}
	return l1.exit.interruption_error;
}

static void test_host(void)
{
	struct tally t = { .what = "accesses in supervisor mode" };

	for (unsigned i = 0; i < 4 * 4 * ACCESSES; i++) {
		bool pke = i & 1, wp = i & 2;
		uint32_t pkru = (i / 4 % 4) << (2 * KEY);
		enum access a = i / 16;

		set_pkru(pkru);
		set_host(pke, wp);
		tally_equal(&t, host_access(a), expected(a, pke, wp, pkru, false));
	}
	tally_check(&t, "host alone");
}

static void test_vmx(bool user)
{
	struct tally guest = { .what = "accesses in L1" }, host = { .what = "accesses in L0 after its VM exit" };
	const char *mode = user ? "user mode" : "supervisor mode";

	for (unsigned i = 0; i < 4 * 4 * 4 * ACCESSES; i++) {
		bool host_pke = i & 1, host_wp = i & 2, pke = i & 4, wp = i & 8;
		uint32_t pkru = (i / 16 % 4) << (2 * KEY);
		enum access a = i / 64;

		set_pkru(pkru);
		set_host(host_pke, host_wp);
		set_guest(pke, wp, user);
		tally_equal(&guest, guest_access(a), expected(a, pke, wp, pkru, user));
		if (guest.bad == 1 && guest.count == i + 1)
			note("first at %s: host PKE %u WP %u, L1 PKE %u WP %u, PKRU 0x%x", access_name[a], host_pke,
			     host_wp, pke, wp, pkru);
		tally_equal(&host, host_access(a), expected(a, host_pke, host_wp, pkru, false));
	}
	tally_check(&guest, "%s", mode);
	tally_check(&host, "L1 in %s", mode);
}

void guest_main(void)
{
	if (cpuid(0, 0).eax < 7 || !(cpuid(7, 0).ecx & CPUID_7_ECX_PKU))
		skip_all("CPU lacks protection keys");
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_read, stack + sizeof(stack), 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_PF);
	walk_setup();
	*walk_entry(1) |= PTE_KEY;
	write_cr3(walk_page(4));
	vmcs_write(HOST_CR3, walk_page(4));
	test_host();
	test_vmx(false);
	test_vmx(true);
}
