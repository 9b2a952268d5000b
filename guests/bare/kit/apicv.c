/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* apicv.c - controls, pages and requests of APIC virtualization. */
#include "apicv.h"

#define ENTRY_ADDRESS           0xffffffffff000ul
#define ENTRY_LARGE             (1ul << 7)
#define SPLIT_TABLES            8

uint8_t virtual_apic_page[4096] __attribute__((aligned(4096)));
uint8_t apic_access_page[4096] __attribute__((aligned(4096)));
struct posted_descriptor posted;

/* The table of small pages for a large-page entry; the same one when l1_setup() made it large again. */
static uint64_t *split_table(const uint64_t *entry)
{
	static uint64_t tables[SPLIT_TABLES][512] __attribute__((aligned(4096)));
	static const uint64_t *owner[SPLIT_TABLES];
	unsigned i = 0;

	while (i < SPLIT_TABLES && owner[i] && owner[i] != entry)
		i++;
	if (i == SPLIT_TABLES)
		bail("page_entry: more than %u large pages to split", SPLIT_TABLES);
	owner[i] = entry;
	return tables[i];
}

uint64_t *page_entry(uint64_t root, uint64_t address)
{
	uint64_t *table = (uint64_t *)(root & ENTRY_ADDRESS), *entry, *small;

	table = (uint64_t *)(table[address >> 39 & 511] & ENTRY_ADDRESS);
	table = (uint64_t *)(table[address >> 30 & 511] & ENTRY_ADDRESS);
	entry = &table[address >> 21 & 511];
	if (*entry & ENTRY_LARGE) {
		small = split_table(entry);
		for (uint64_t i = 0; i < 512; i++)
			small[i] = (*entry & ~ENTRY_LARGE) + i * 4096;
		*entry = (uint64_t)small | (*entry & 7);
	}
	return &((uint64_t *)(*entry & ENTRY_ADDRESS))[address >> 12 & 511];
}

static void small_pages(const void *page)
{
	page_entry(read_cr3(), (uint64_t)page);
	write_cr3(read_cr3());
	page_entry(vmcs_read(EPT_POINTER), (uint64_t)page);
}

static void require(uint32_t msr, uint32_t bits, const char *what)
{
	if (!vmx_allows(msr, bits))
		skip_all("CPU lacks %s", what);
}

void apicv_primary(uint32_t set, uint32_t clear)
{
	vmcs_write(PROC_BASED_CONTROLS, (vmcs_read(PROC_BASED_CONTROLS) | set) & ~clear);
}

void apicv_setup(struct l1 *l1, const void *entry, void *stack_top, uint32_t controls2)
{
	require(MSR_VMX_PROC_CTLS, PROC_TPR_SHADOW, "the TPR shadow");
	require(MSR_VMX_PROC_CTLS2, controls2, "a control of APIC virtualization");
	l1_setup(l1, L1_LONG64, entry, stack_top, 0);
	small_pages(virtual_apic_page);
	small_pages(apic_access_page);
	memset(virtual_apic_page, 0, sizeof(virtual_apic_page));
	memset(apic_access_page, 0, sizeof(apic_access_page));
	vmcs_write(VIRTUAL_APIC_ADDRESS, (uint64_t)virtual_apic_page);
	vmcs_write(TPR_THRESHOLD, 0);
	apicv_primary(PROC_TPR_SHADOW, 0);
	vmcs_write(PROC_BASED_CONTROLS2, vmcs_read(PROC_BASED_CONTROLS2) | controls2);
	if (controls2 & PROC2_APIC_ACCESSES)
		vmcs_write(APIC_ACCESS_ADDRESS, (uint64_t)apic_access_page);
	if (!(controls2 & PROC2_VIRTUAL_INTERRUPTS))
		return;
	vmcs_write(PIN_BASED_CONTROLS,
		   vmx_controls(MSR_VMX_PIN_CTLS, PIN_EXTERNAL_INTERRUPT,
				"external-interrupt exiting"));
	for (unsigned i = 0; i < 4; i++)
		vmcs_write(EOI_EXIT_BITMAP0 + 2 * i, 0);
	vmcs_write(GUEST_INTERRUPT_STATUS, 0);
}

void apicv_posted(uint8_t notification_vector)
{
	require(MSR_VMX_PIN_CTLS, PIN_POSTED_INTERRUPTS, "posted interrupts");
	memset(&posted, 0, sizeof(posted));
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_POSTED_INTERRUPTS);
	vmcs_write(EXIT_CONTROLS, vmcs_read(EXIT_CONTROLS) | EXIT_ACKNOWLEDGE_INTERRUPT);
	vmcs_write(POSTED_INTERRUPT_VECTOR, notification_vector);
	vmcs_write(POSTED_INTERRUPT_DESCRIPTOR, (uint64_t)&posted);
}

void apicv_time_limit(uint32_t ticks)
{
	require(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER, "the VMX-preemption timer");
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_PREEMPTION_TIMER);
	vmcs_write(GUEST_PREEMPTION_TIMER, ticks);
}

void apicv_restart(const void *entry, void *stack_top, uint64_t rflags)
{
	l1_restart(entry, stack_top);
	vmcs_write(GUEST_RFLAGS, rflags | RFLAGS_FIXED);
	arrived_clear();
}

void apicv_status(uint8_t rvi, uint8_t svi)
{
	vmcs_write(GUEST_INTERRUPT_STATUS, (uint64_t)svi << 8 | rvi);
}

uint8_t apicv_rvi(void)
{
	return (uint8_t)vmcs_read(GUEST_INTERRUPT_STATUS);
}

uint8_t apicv_svi(void)
{
	return (uint8_t)(vmcs_read(GUEST_INTERRUPT_STATUS) >> 8);
}

void apicv_request(uint8_t vector)
{
	unsigned reg = APIC_IRR + vector / 32 * 0x10;

	vapic_write(reg, vapic_read(reg) | 1u << vector % 32);
	if (vector > apicv_rvi())
		apicv_status(vector, apicv_svi());
}

void apicv_eoi_exit(uint8_t vector, bool exits)
{
	uint32_t field = EOI_EXIT_BITMAP0 + vector / 64 * 2;
	uint64_t bit = 1ul << vector % 64, map = vmcs_read(field);

	vmcs_write(field, exits ? map | bit : map & ~bit);
}

uint32_t vapic_read(unsigned reg)
{
	return *(volatile uint32_t *)(virtual_apic_page + reg);
}

void vapic_write(unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(virtual_apic_page + reg) = value;
}

bool vapic_vector_bit(unsigned base, uint8_t vector)
{
	return vapic_read(base + vector / 32 * 0x10) >> (vector % 32) & 1;
}

bool apicv_run_to(struct l1 *l1, uint32_t reason, const char *what)
{
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (check_equal(l1->exit.reason, reason, "%s", what))
		return true;
	vmx_note_exit(l1);
	return false;
}
