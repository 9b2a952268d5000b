/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * apic-mmio - accesses to local APIC and I/O APIC that the manuals leave undefined.
 *
 * Claim:    accesses of other widths or alignments, registers that do not exist and a reserved
 *           model in the destination format register do no harm: the machine goes on and registers
 *           read as before.
 * Manual:   SDM Vol. 3A, "The local APIC block diagram" (accesses of 32 bits, aligned to 16 bytes),
 *           "Logical destination mode"; 82093AA data sheet, "Register description".
 * Expected: all claims hold in the simulator. On silicon the result is undefined: skipped there.
 */
#include "lapic.h"

#define IOAPIC          0xfec00000ul
#define IOAPIC_SELECT   0x00
#define IOAPIC_DATA     0x10
#define IOAPIC_VERSION  0x01
#define LOGICAL_ID      0x01000000u

#define AT(type, address)       (*(volatile type *)(address))

static void test_local(void)
{
	uint64_t base = APIC_DEFAULT_ADDRESS;
	uint32_t version = apic_read(APIC_VERSION);

	check_equal(AT(uint8_t, base + APIC_VERSION), version & 0xff, "8-bit read of a register");
	check_equal(AT(uint16_t, base + APIC_VERSION + 1), version >> 8 & 0xffff,
		    "16-bit read within a register");
	check_equal((uint32_t)AT(uint64_t, base + APIC_VERSION), version, "64-bit read of a register");
	note("32-bit read across its end: 0x%x", AT(uint32_t, base + APIC_VERSION + 2));
	note("32-bit read after it: 0x%x", AT(uint32_t, base + APIC_VERSION + 4));
	AT(uint8_t, base + APIC_LVT_ERROR) = 0x12;
	AT(uint16_t, base + APIC_LVT_ERROR) = 0x1234;
	AT(uint64_t, base + APIC_LVT_ERROR) = 0x12345678;
	AT(uint32_t, base + APIC_LVT_ERROR + 4) = 0x12345678;
	AT(uint32_t, base + APIC_LVT_ERROR + 2) = 0x12345678;
	check(true, "writes of other widths and alignments");
	check_equal(apic_read(APIC_VERSION), version, "registers read as before");
}

static void test_format(void)
{
	arrived_start(true);
	apic_write(APIC_LDR, LOGICAL_ID);
	apic_write(APIC_DFR, 0x5fffffff);
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_LOGICAL | 0x55, 1);
	interrupts_open();
	check(arrived.count <= 1, "IPI to a logical destination with a reserved model");
	arrived_clear();
	apic_write(APIC_DFR, 0xffffffff);
	apic_ipi(ICR_FIXED | ICR_ASSERT | ICR_LOGICAL | 0x56, 1);
	interrupts_open();
	check(arrived.count == 1 && arrived.vector[0] == 0x56, "the flat model works afterwards");
	arrived_stop();
}

static uint32_t ioapic_version(void)
{
	AT(uint32_t, IOAPIC + IOAPIC_SELECT) = IOAPIC_VERSION;
	return AT(uint32_t, IOAPIC + IOAPIC_DATA);
}

static void test_io(void)
{
	uint32_t version = ioapic_version();

	AT(uint32_t, IOAPIC + IOAPIC_SELECT) = 0xf0;
	note("register F0H reads 0x%x", AT(uint32_t, IOAPIC + IOAPIC_DATA));
	AT(uint32_t, IOAPIC + IOAPIC_DATA) = 0x12345678;
	note("offset 20H reads 0x%x", AT(uint32_t, IOAPIC + 0x20));
	note("offset 4 reads 0x%x", AT(uint32_t, IOAPIC + 0x04));
	note("64 bits read 0x%lx", AT(uint64_t, IOAPIC + IOAPIC_DATA));
	AT(uint32_t, IOAPIC + 0x20) = 1;
	AT(uint32_t, IOAPIC + 0x04) = 1;
	AT(uint8_t, IOAPIC + IOAPIC_DATA) = 1;
	AT(uint64_t, IOAPIC + IOAPIC_DATA) = 1;
	check_equal(ioapic_version(), version, "I/O APIC: registers read as before");
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("undefined on silicon");
	if (rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD)
		skip_all("the firmware left the local APIC in x2APIC mode");
	apic_enable();
	test_local();
	test_format();
	test_io();
}
