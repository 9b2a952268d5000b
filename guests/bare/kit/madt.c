/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * madt.c - the CPUs that the firmware announces: RSDP, RSDT, MADT of the ACPI specification.
 */
#include "smp.h"

#define BIOS_AREA               0xe0000ul
#define BIOS_AREA_END           0x100000ul
#define EBDA_SEGMENT            0x40eul         /* BIOS data area */
#define EBDA_SCAN               1024
#define RSDP_LENGTH             20
#define MADT_ENTRIES            44
#define MADT_LOCAL_APIC         0
#define LOCAL_APIC_ENABLED      (1u << 0)

struct __attribute__((packed)) rsdp {
	char signature[8];
	uint8_t checksum, oem[6], revision;
	uint32_t rsdt;
};

struct __attribute__((packed)) table {
	char signature[4];
	uint32_t length;
	uint8_t rest[28];
};

struct __attribute__((packed)) madt_entry {
	uint8_t type, length, processor, apic_id;
	uint32_t flags;
};

static bool sum_is_zero(const void *data, size_t length)
{
	const uint8_t *p = data;
	uint8_t sum = 0;

	while (length--)
		sum = (uint8_t)(sum + *p++);
	return !sum;
}

static const struct rsdp *find_rsdp(uintptr_t from, uintptr_t end)
{
	for (; from + RSDP_LENGTH <= end; from += 16) {
		const struct rsdp *r = (const struct rsdp *)from;

		if (!memcmp(r->signature, "RSD PTR ", 8) && sum_is_zero(r, RSDP_LENGTH))
			return r;
	}
	return NULL;
}

static const struct table *find_table(const char *signature)
{
	uintptr_t word = EBDA_SEGMENT, ebda;
	const struct rsdp *r;
	const struct table *rsdt;

	asm("" : "+r"(word)); /* the compiler takes a constant address this low for a mistake */
	ebda = (uintptr_t)*(volatile uint16_t *)word << 4;
	r = find_rsdp(ebda, ebda + EBDA_SCAN);
	if (!r)
		r = find_rsdp(BIOS_AREA, BIOS_AREA_END);
	if (!r)
		return NULL;
	rsdt = (const struct table *)(uintptr_t)r->rsdt;
	for (uint32_t at = sizeof(*rsdt); at + 4 <= rsdt->length; at += 4) {
		uint32_t address;
		const struct table *t;

		memcpy(&address, (const uint8_t *)rsdt + at, sizeof(address));
		t = (const struct table *)(uintptr_t)address;
		if (!memcmp(t->signature, signature, 4) && sum_is_zero(t, t->length))
			return t;
	}
	return NULL;
}

unsigned madt_cpus(uint32_t *apic_id, unsigned max)
{
	const struct table *madt = find_table("APIC");
	unsigned n = 0;

	if (!madt)
		return 0;
	for (uint32_t at = MADT_ENTRIES; at + 2 <= madt->length;) {
		const struct madt_entry *e =
			(const struct madt_entry *)((const uint8_t *)madt + at);

		if (e->type == MADT_LOCAL_APIC && e->flags & LOCAL_APIC_ENABLED && n < max)
			apic_id[n++] = e->apic_id;
		if (e->length < 2)
			break;
		at += e->length;
	}
	return n;
}
