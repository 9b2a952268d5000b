/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loop-modes - the endless #AC is left in 16-bit and in 32-bit code, whatever blocks NMIs, for each class of window.
 *
 * Claim:    the loops of #AC, and of #AC and #NP, begun by 16-bit or by 32-bit code, with NMIs, virtual NMIs or nothing
 *           blocked, behind STI, MOV SS or neither, end by an exit with reason 75 that names an exception of the loop,
 *           saves RIP and the access rights of CS, and keeps the blocking of NMIs.
 * Manual:   SDM Vol. 3C: "Other causes of VM exits", "Information for VM exits that occur during event delivery", "Saving
 *           guest state", "Guest non-register state"; Vol. 3A, "Interrupt 17".
 * Expected: all claims hold. The longest window lasts minutes where a crystal clock is as long as usual: words window=N for
 *           another one than 2^32 - 1 and 2^31; in guests.list the crystal is so fast that both are short.
 */
#include "loop32.h"

#define AR_CODE16       0x00fbu         /* DPL 3, accessed, readable; byte granularity, D = 0 */
#define AR_CODE32       0xc0fbu
#define LIMIT_16        0xffffu

/* MOV EAX, [EBX] of 16-bit code, which can be anywhere: CS begins there. */
extern const char loop16_load[];
asm(".pushsection .l1, \"awx\"\n"
    ".balign 16\n"
    "loop16_load: .byte 0x67, 0x66, 0x8b, 0x03, 0xf4\n"
    ".popsection\n");

static const struct { const char *name; bool code16; enum loop32_kind kind; } loops[] = {
	{ "#AC in 32-bit code", false, LOOP32_AC },
	{ "#AC in 16-bit code", true, LOOP32_AC },
	{ "#AC and #NP in 32-bit code", false, LOOP32_NP },
	{ "#AC and #NP in 16-bit code", true, LOOP32_NP },
};

enum blocking { NOTHING, NMIS, VIRTUAL_NMIS, BLOCKINGS };
static const uint32_t shadows[] = { 0, INTERRUPTIBILITY_STI, INTERRUPTIBILITY_MOV_SS };

enum { REASON, VECTORING, RIP, CODE, NMI_BLOCKING, CLAIMS };
static struct tally claims[CLAIMS];
static const char *const claim_text[CLAIMS] = {
	[REASON] = "exit reason is 75",
	[VECTORING] = "IDT-vectoring information names an exception of the loop",
	[RIP] = "RIP is that of the load",
	[CODE] = "access rights of CS are those entered with",
	[NMI_BLOCKING] = "NMIs are blocked as before",
};

static struct l1 l1;

static void set_code16(void)
{
	vmcs_write(GUEST_ES_BASE + 2, (uint64_t)loop16_load);
	vmcs_write(GUEST_ES_LIMIT + 2, LIMIT_16);
	vmcs_write(GUEST_ES_ACCESS_RIGHTS + 2, AR_CODE16);
	vmcs_write(GUEST_RIP, 0);
}

static void set_blocking(enum blocking blocking, uint32_t shadow)
{
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
	if (blocking == VIRTUAL_NMIS)
		vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS);
	vmcs_write(GUEST_INTERRUPTIBILITY, shadow | (blocking == NOTHING ? 0 : INTERRUPTIBILITY_NMI));
	vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | RFLAGS_IF); /* which blocking by STI requires */
}

static bool names_the_loop(uint32_t info, enum loop32_kind kind)
{
	uint32_t exception = INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION;

	info &= ~(1u << 12); /* undefined */
	return info == (exception | VECTOR_AC) || (kind == LOOP32_NP && info == (exception | VECTOR_NP));
}

static void one(unsigned loop, enum blocking blocking, uint32_t shadow, uint32_t window)
{
	bool code16 = loops[loop].code16;

	loop32_setup(&l1, loops[loop].kind);
	if (code16)
		set_code16();
	set_blocking(blocking, shadow);
	timeout_enable(window);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	tally_equal(&claims[REASON], l1.exit.reason, REASON_INSTRUCTION_TIMEOUT);
	tally_equal(&claims[VECTORING], names_the_loop(l1.exit.idt_vectoring_info, loops[loop].kind), true);
	tally_equal(&claims[RIP], l1.exit.rip, code16 ? 0 : (uint64_t)loop32_load);
	tally_equal(&claims[CODE], vmcs_read(GUEST_ES_ACCESS_RIGHTS + 2), code16 ? AR_CODE16 : AR_CODE32);
	tally_equal(&claims[NMI_BLOCKING], l1.exit.interruptibility & INTERRUPTIBILITY_NMI,
		    blocking == NOTHING ? 0 : INTERRUPTIBILITY_NMI);
	if (claims[REASON].bad == 1)
		vmx_note_exit(&l1);
}

void guest_main(void)
{
	uint32_t windows[] = { 0, 1, 1000, 0x80000000u, 0xffffffffu };
	unsigned n = ARRAY_SIZE(windows);

	vmx_on();
	timeout_need();
	if (param_given("window")) {
		windows[3] = (uint32_t)param_number("window", 0);
		n = 4;
	}
	for (unsigned loop = 0; loop < ARRAY_SIZE(loops); loop++) {
		mark(loop);
		for (unsigned i = 0; i < CLAIMS; i++)
			claims[i] = (struct tally){ .what = claim_text[i] };
		for (enum blocking b = 0; b < BLOCKINGS; b++)
			for (unsigned s = 0; s < ARRAY_SIZE(shadows); s++)
				for (unsigned w = 0; w < n; w++)
					one(loop, b, shadows[s], windows[w]);
		for (unsigned i = 0; i < CLAIMS; i++)
			tally_check(&claims[i], "%s", loops[loop].name);
	}
}
