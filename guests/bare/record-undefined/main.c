/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-undefined - what the manual leaves undefined of an instruction timeout is 0 or junk, as the run says.
 *
 * Claim:    outside and during a delivery, the undefined bits of the exit qualification, of the
 *           VM-exit interruption information and of the IDT-vectoring information, both error codes,
 *           instruction length, instruction information, guest-linear and guest-physical address
 *           are 0 with undefined=zero; with undefined=junk none of them is, they differ from exit
 *           to exit, and the defined ones are what they are with zero. What an earlier VM exit left
 *           in the fields is gone.
 * Manual:   SDM Vol. 3C, "Recording VM-exit information and updating VM-entry control fields".
 * Expected: all claims hold in nwsim, junk=1 on the command line with --param=undefined=junk, junk=0
 *           with undefined=zero. Skipped on real machines, which leave what they like.
 */
#include "ept.h"
#include "l1.h"
#include "stall.h"

void at_stall(void);
void at_ud2(void);
void at_load(void);
extern const char stall_nop[];

asm(".text\n"
    "at_stall:  movabs $0x10000000000, %rax\n"
    "stall_nop: " STALL_NOP(NW_MAGIC_STALL)
    "           vmcall\n"
    "at_ud2:    ud2\n"
    "at_load:   mov far_page, %eax; vmcall\n");

uint8_t far_page[4096] __attribute__((aligned(4096)));
static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static bool junk;

struct undefined { const char *name; uint32_t field; uint64_t bits; };

#define EXITS           3
static uint64_t seen[EXITS][8];

static void check_fields(const char *what, unsigned exit, const struct undefined *u, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t value = vmcs_read(u[i].field) & u[i].bits;

		seen[exit][i] = value;
		if (junk)
			check(value != 0, "%s: %s is junk (%lx)", what, u[i].name, value);
		else
			check_equal(value, 0, "%s: undefined bits of %s", what, u[i].name);
	}
}

/* An EPT violation fills most of the fields. */
static void fill_fields(void)
{
	*ept_entry((uint64_t)far_page, 1) &= ~EPT_RWX;
	ept_flush();
	l1_restart(at_load, stack + sizeof(stack));
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "an EPT violation before"))
		check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), (uint64_t)far_page, "left its guest-linear address");
	*ept_entry((uint64_t)far_page, 1) |= EPT_RWX;
}

/* During no delivery; NMI exiting is 0, so that bit 12 of the qualification is defined. */
static void test_outside(const char *what, unsigned exit)
{
	static const struct undefined u[] = {
		{ "exit qualification", EXIT_QUALIFICATION, ~(uint64_t)(NW_QUAL_CONTEXT_INVALID | NW_QUAL_NMI_UNBLOCKING) },
		{ "interruption information", EXIT_INTERRUPTION_INFO, ~(uint64_t)INFO_VALID },
		{ "interruption error code", EXIT_INTERRUPTION_ERROR, ~0ul },
		{ "IDT-vectoring information", IDT_VECTORING_INFO, ~(uint64_t)INFO_VALID },
		{ "IDT-vectoring error code", IDT_VECTORING_ERROR, ~0ul },
		{ "instruction length", EXIT_INSTRUCTION_LENGTH, ~0ul },
		{ "guest-linear address", GUEST_LINEAR_ADDRESS, ~0ul },
		{ "guest-physical address", GUEST_PHYSICAL_ADDRESS, ~0ul },
	};

	fill_fields();
	l1_restart(at_stall, stack + sizeof(stack));
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: instruction timeout", what))
		return;
	check_fields(what, exit, u, ARRAY_SIZE(u));
	check_equal(vmcs_read(EXIT_INSTRUCTION_INFO) != 0, junk, "%s: instruction information", what);
	check_equal(l1.exit.qualification & (NW_QUAL_CONTEXT_INVALID | NW_QUAL_NMI_UNBLOCKING), 0,
		    "%s: defined bits of the exit qualification", what);
	check_equal((l1.exit.interruption_info | l1.exit.idt_vectoring_info) & INFO_VALID, 0,
		    "%s: no event is reported", what);
	check_equal(l1.exit.rip, (uint64_t)stall_nop, "%s: RIP", what);
}

/* #UD, stalled by a rule: no error code, no length. */
static void test_delivery(void)
{
	static const struct undefined u[] = {
		{ "exit qualification with bit 12", EXIT_QUALIFICATION, ~(uint64_t)NW_QUAL_CONTEXT_INVALID },
		{ "bit 12 of IDT-vectoring information", IDT_VECTORING_INFO, INFO_BIT12 },
		{ "IDT-vectoring error code", IDT_VECTORING_ERROR, ~0ul },
		{ "instruction length", EXIT_INSTRUCTION_LENGTH, ~0ul },
		{ "interruption information", EXIT_INTERRUPTION_INFO, ~(uint64_t)INFO_VALID },
	};

	l1_restart(at_ud2, stack + sizeof(stack));
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "#UD: instruction timeout"))
		return;
	check_fields("#UD", 2, u, ARRAY_SIZE(u));
	check_equal(l1.exit.idt_vectoring_info & ~INFO_BIT12, INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD,
		    "#UD: defined bits of the IDT-vectoring information");
}

/* Neither "NMI exiting" = 1 with "virtual NMIs" = 0: bit 12 has no meaning either. */
static void test_nmi_exiting(void)
{
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI))
		return;
	for (unsigned i = 0; i < 2; i++) {
		l1_restart(at_stall, stack + sizeof(stack));
		if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "NMI exiting: instruction timeout"))
			return;
		check_equal((l1.exit.qualification & ~(uint64_t)NW_QUAL_CONTEXT_INVALID) != 0, junk,
			    "NMI exiting without virtual NMIs: undefined bits of the exit qualification");
	}
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI);
}

void guest_main(void)
{
	unsigned differ = 0;

	if (!in_simulator())
		skip_all("silicon may leave anything in undefined fields");
	junk = param_number("junk", 0);
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, at_stall, stack + sizeof(stack), 0);
	ept_entry((uint64_t)far_page, 1);
	timeout_enable(0);
	test_outside("stall", 0);
	test_outside("second stall", 1);
	for (unsigned i = 0; i < ARRAY_SIZE(seen[0]); i++)
		differ += seen[0][i] != seen[1][i];
	check_equal(differ, junk ? ARRAY_SIZE(seen[0]) : 0, "fields that differ between two exits");
	test_delivery();
	test_nmi_exiting();
}
