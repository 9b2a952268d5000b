/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-misconfig - entries that no access may go through.
 *
 * Claim:    an EPT entry that is present and writable but not readable, or has a reserved bit set
 *           or a reserved memory type, ends the access in an EPT misconfiguration, and does so
 *           before its permissions are looked at; the guest-physical address is saved.
 * Manual:   SDM Vol. 3C, "EPT misconfigurations" and the formats of the EPT paging-structure entries.
 * Expected: all claims hold on any CPU with EPT.
 */
#include "ept.h"
#include "l1.h"

#define TARGET          0x2000000ul     /* guest-physical; nobody needs memory there */
#define MEMORY_TYPE     (7ul << 3)
#define RESERVED_TYPE   (2ul << 3)

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void l1_read(void)
{
	(void)*(volatile uint64_t *)TARGET;
}

static const struct wrong {
	const char *name;
	unsigned level;
	uint64_t clear, set;
} wrongs[] = {
	{ "PTE, W only", 1, EPT_RWX, EPT_W },
	{ "PTE, W and X", 1, EPT_RWX, EPT_W | EPT_X },
	{ "PDE, W only", 2, EPT_RWX, EPT_W },
	{ "PTE, memory type 2", 1, MEMORY_TYPE, RESERVED_TYPE },
	{ "PTE, memory type 3", 1, MEMORY_TYPE, RESERVED_TYPE | 1ul << 3 },
	{ "PTE, memory type 7", 1, 0, MEMORY_TYPE },
	{ "PDE of a table, bit 3", 2, 0, 1ul << 3 },
	{ "PDE of a table, bit 6", 2, 0, 1ul << 6 },
	{ "PTE, address bit 51", 1, 0, 1ul << 51 },
	{ "PDE of a table, address bit 51", 2, 0, 1ul << 51 },
	{ "PDE, 2 MiB, bit 12", 2, ~0ul, TARGET | EPT_RWX | EPT_LARGE | EPT_WRITE_BACK | 1ul << 12 },
	{ "PDE, 2 MiB, bit 20", 2, ~0ul, TARGET | EPT_RWX | EPT_LARGE | EPT_WRITE_BACK | 1ul << 20 },
	{ "PDE, 2 MiB, memory type 2", 2, ~0ul, TARGET | EPT_RWX | EPT_LARGE | RESERVED_TYPE },
	{ "PDE, 2 MiB, bit 12, not readable", 2, ~0ul, TARGET | EPT_X | EPT_LARGE | 1ul << 12 },
};

static void test_wrong(const struct wrong *w)
{
	uint64_t *entry = ept_entry(TARGET, w->level), saved = *entry;

	*entry = (*entry & ~w->clear) | w->set;
	ept_flush();
	l1_restart(l1_read, stack + sizeof(stack));
	if (l1_run_to(&l1, REASON_EPT_MISCONFIGURATION, "%s", w->name))
		check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS), TARGET, "%s: guest-physical address",
			    w->name);
	*entry = saved;
	ept_flush();
}

/* What is ignored: bits 11 and 62:52 of an entry, bit 7 of a page table entry. */
static void test_ignored(void)
{
	uint64_t *pte = ept_entry(TARGET, 1);

	*pte |= 1ul << 7 | 1ul << 11 | 1ul << 52;
	ept_flush();
	l1_restart(l1_read, stack + sizeof(stack));
	l1_run_to(&l1, REASON_VMCALL, "PTE with the ignored bits 7, 11 and 52: permitted");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_read, stack + sizeof(stack), 0);
	ept_entry(TARGET, 1);   /* a page table from here on */
	for (unsigned i = 0; i < ARRAY_SIZE(wrongs); i++)
		test_wrong(&wrongs[i]);
	test_ignored();
}
