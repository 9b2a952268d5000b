/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reset - every way to reset a PC boots it again.
 *
 * Claim:    after a reset through port 92h, the keyboard controller, port CF9h (hard and soft) and a triple fault the
 *           firmware and the loader start this guest again; IA32_FEATURE_CONTROL, which the boot before has used,
 *           lets VMX be entered again; the TSC and IA32_TSC_ADJUST, which the boot before has written, begin at 0
 *           again; each boot takes as long as the others, so none is a detour through a firmware that dies on what the
           boot before has left, and another reset; the boots are counted in CMOS RAM, which a reset keeps. An INIT through the
 *           local APIC would not come back here and is not a reset of the machine.
 * Manual:   SDM Vol. 3A, "Initialization overview" (reset and INIT); PIIX3 data sheet, reset control register, port 92h.
 *           IA32_FEATURE_CONTROL: SDM Vol. 4, cleared by a reset, kept by an INIT. IA32_TSC_ADJUST: SDM Vol. 3B, "Time-stamp
 *           counter adjustment".
 * Expected: all claims hold in nwsim with --reset=boot. A real machine asks its boot loader each time.
 */
#include "cmos.h"
#include "timer.h"
#include "vmx.h"

#define CMOS_MAGIC      0x6a            /* bytes of CMOS RAM that the firmware leaves alone */
#define CMOS_STEP       0x6b
#define CMOS_WRONG_TSC  0x6c            /* boots that found something else than 0 */
#define CMOS_PM_TIMER   0x6d            /* three bytes: the PM timer, which runs on, at the reset */
#define CMOS_SHORTEST   0x70            /* three bytes each: shortest and longest time from a reset to the guest */
#define CMOS_LONGEST    0x73
#define MAGIC           0x5e
#define CMOS_SHUTDOWN   0x0f
#define ADJUSTMENT      (1ul << 44)     /* hours, no boot takes as long */

static void port92(void)
{
	uint8_t value = inb(0x92) & 0xfe;

	outb(0x92, value);
	outb(0x92, value | 1);
}

static void keyboard(void)
{
	outb(0x64, 0xfe);
}

static void keyboard_output(void)
{
	outb(0x64, 0xd1);
	outb(0x60, 0xfe);
}

static void hard(void)
{
	outb(0xcf9, 0x02);
	outb(0xcf9, 0x06);
}

static void soft(void)
{
	outb(0xcf9, 0x00);
	outb(0xcf9, 0x04);
}

static void triple_fault(void)
{
	struct __attribute__((packed)) { uint16_t limit; uint64_t base; } none = { 0, 0 };

	asm volatile("lidt %0; ud2" : : "m"(none));
}

static const struct { const char *name; void (*reset)(void); } ways[] = {
	{ "port 92h bit 0", port92 },
	{ "port CF9h, hard reset", hard },
	{ "port CF9h, soft reset", soft },
	{ "keyboard controller command FEh", keyboard },
	{ "keyboard controller output port bit 0", keyboard_output },
	{ "triple fault", triple_fault },
};

static bool has_adjust(void)
{
	return cpuid(0, 0).eax >= 7 && cpuid(7, 0).ebx & CPUID_7_EBX_TSC_ADJUST;
}

/* Looks at the TSC that the reset has left, and counts the boots that found it wrong. */
static void look_at_tsc(unsigned step)
{
	uint64_t adjust = rdmsr(MSR_TSC_ADJUST);
	uint8_t wrong = step ? cmos_read(CMOS_WRONG_TSC) : 0;

	if (adjust || rdtsc() >= ADJUSTMENT) {
		note("boot %u: IA32_TSC_ADJUST is %ld, the TSC is %lu", step + 1, (int64_t)adjust, rdtsc());
		wrong++;
	}
	cmos_write(CMOS_WRONG_TSC, wrong);
	wrmsr(MSR_TSC_ADJUST, ADJUSTMENT);
}

static uint32_t cmos_read24(uint8_t index)
{
	return cmos_read(index) | (uint32_t)cmos_read((uint8_t)(index + 1)) << 8 | (uint32_t)cmos_read((uint8_t)(index + 2)) << 16;
}

static void cmos_write24(uint8_t index, uint32_t value)
{
	for (uint8_t i = 0; i < 3; i++)
		cmos_write((uint8_t)(index + i), (uint8_t)(value >> 8 * i));
}

/* How long this boot has taken since the reset: below the 4.7 s of the PM timer's 24 bits. */
static void look_at_time(unsigned step)
{
	uint32_t took = (pm_timer_read() - cmos_read24(CMOS_PM_TIMER)) & 0xffffff;

	if (!step)
		return; /* power-on */
	note("boot %u: %u ms after the reset", step + 1, took / (PM_TIMER_HZ / 1000));
	if (step == 1 || took < cmos_read24(CMOS_SHORTEST))
		cmos_write24(CMOS_SHORTEST, took);
	if (step == 1 || took > cmos_read24(CMOS_LONGEST))
		cmos_write24(CMOS_LONGEST, took);
}

void guest_main(void)
{
	unsigned step = cmos_read(CMOS_MAGIC) == MAGIC ? cmos_read(CMOS_STEP) : 0;

	if (!in_simulator())
		skip_all("a real machine is reset once for each way");
	cmos_write(CMOS_SHUTDOWN, 0);
	if (has_adjust())
		look_at_tsc(step);
	if (pm_timer_find())
		look_at_time(step);
	if (!vmx_missing())
		vmx_on();               /* locks IA32_FEATURE_CONTROL if the firmware has not */
	if (step < ARRAY_SIZE(ways)) {
		cmos_write(CMOS_MAGIC, MAGIC);
		cmos_write(CMOS_STEP, (uint8_t)step + 1);
		note("boot %u: %s", step + 1, ways[step].name);
		if (pm_timer_find())
			cmos_write24(CMOS_PM_TIMER, pm_timer_read());
		ways[step].reset();
		for (unsigned i = 0; i < 1000000; i++)
			asm volatile("pause");
		bail("%s does not reset the machine", ways[step].name);
	}
	cmos_write(CMOS_MAGIC, 0);
	check_equal(step, ARRAY_SIZE(ways), "the machine has booted again after each reset");
	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++)
		check(true, "%s: booted again", ways[i].name);
	if (pm_timer_find())
		check(cmos_read24(CMOS_LONGEST) - cmos_read24(CMOS_SHORTEST) <= cmos_read24(CMOS_SHORTEST) / 20,
		      "each boot takes as long as the others, within 5 %%: %u to %u counts of the PM timer",
		      cmos_read24(CMOS_SHORTEST), cmos_read24(CMOS_LONGEST));
	else
		skip("no PM timer", "each boot takes as long as the others");
	if (has_adjust())
		check_equal(cmos_read(CMOS_WRONG_TSC), 0, "the TSC and IA32_TSC_ADJUST begin at 0 after each reset");
	else
		skip("no IA32_TSC_ADJUST", "the TSC and IA32_TSC_ADJUST begin at 0 after each reset");
}
