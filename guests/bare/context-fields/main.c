/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * context-fields - which VMCS fields a VM exit with VM_CONTEXT_INVALID damages.
 *
 * Claim:    after an instruction timeout with VM_CONTEXT_INVALID every field of the guest-state area
 *           that VM exits save has another value than after the same exit without (poison, random), or
 *           the value of the last VM entry (stale), or another value if it is the copy of an MSR (msrs);
 *           all other fields, guest-state fields that the exit does not save among them, are those of
 *           the exit without, but for bit 0 of the exit qualification.
 * Manual:   SDM Vol. 3C, "Basic VM-exit information" (instruction timeout, bit 0); "Saving guest state".
 *           What hardware loses is not public (parameter context_damage).
 * Expected: all claims hold in nwsim; damage=N on the command line: 0 with context_damage=poison (the
 *           default), 1 stale, 2 random, 3 msrs. Skipped elsewhere.
 */
#include "l1.h"
#include "stall.h"

#define TYPES           4
#define TYPE_GUEST      2
#define WIDTHS          4
#define INDEXES         0x40
#define EXIT_SAVE_PAT   (1u << 18)
#define LATE            0x40000000      /* of the preemption timer */
#define FIELD(width, type, index) ((uint32_t)((width) << 13 | (type) << 10 | (index) << 1))

enum damage { POISON, STALE, RANDOM, MSRS, DAMAGES };

void before_valid(void);
void before_invalid(void);
extern const char at_valid[], at_invalid[];

/* The same work twice; what is saved differs from what was loaded. */
#define WORK    "sub $64, %rsp; stc; mov $0, %ecx; mov %ecx, %fs; xor %ecx, %ecx; movabs $0x10000000000, %rax\n"
asm(".text\n"
    ".balign 64\n"
    "before_valid: " WORK
    "at_valid: " STALL_NOP(NW_MAGIC_STALL_VALID) "vmcall\n"
    ".balign 64\n"
    "before_invalid: " WORK
    "at_invalid: " STALL_NOP(NW_MAGIC_STALL_INVALID) "vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

struct snapshot {
	uint64_t value[WIDTHS][TYPES][INDEXES];
	bool exists[WIDTHS][TYPES][INDEXES];
};
static struct snapshot loaded, valid, invalid;
static bool saves_pat, saves_timer;
static uint64_t damage;

static void take(struct snapshot *s)
{
	for (unsigned w = 0; w < WIDTHS; w++)
		for (unsigned t = 0; t < TYPES; t++)
			for (unsigned i = 0; i < INDEXES; i++)
				s->exists[w][t][i] = !vmread(FIELD(w, t, i), &s->value[w][t][i]);
}

/* Fields of the guest-state area that this exit does not save: no exit does, or a control says not to. */
static bool kept(uint32_t field)
{
	static const uint32_t fields[] = {
		VMCS_LINK_POINTER, GUEST_PERF_GLOBAL_CTRL, GUEST_PML_INDEX, GUEST_SPEC_CTRL,
		0x0810 /* interrupt status */, 0x280a, 0x280c, 0x280e, 0x2810 /* PDPTEs: L1 has no PAE paging */,
		0x2812 /* BNDCFGS */, 0x2814 /* RTIT_CTL */, 0x2816 /* LBR_CTL */, 0x2830 /* deadline */, 0x4828 /* SMBASE */,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
		if (field == fields[i])
			return true;
	return (field == GUEST_PAT && !saves_pat) || (field == GUEST_PREEMPTION_TIMER && !saves_timer);
}

static bool is_msr(uint32_t field)
{
	static const uint32_t fields[] = {
		GUEST_DEBUGCTL, GUEST_PAT, GUEST_EFER, GUEST_PERF_GLOBAL_CTRL, 0x2818 /* PKRS */, 0x482a, 0x6824, 0x6826 /* SYSENTER */,
		0x6828, 0x682c /* S_CET, interrupt SSP table */,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
		if (field == fields[i])
			return true;
	return false;
}

static bool run(void (*code)(void), const char *at, uint32_t bit0, struct snapshot *after)
{
	l1_restart(code, stack + sizeof(stack));
	vmcs_write(GUEST_ES_SELECTOR + 8, SEL_DATA);    /* FS, which L1 loads with 0 */
	vmcs_write(GUEST_PREEMPTION_TIMER, LATE);
	take(&loaded);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "instruction timeout"))
		return false;
	check_equal(l1.exit.qualification & NW_QUAL_CONTEXT_INVALID, bit0, "bit 0 of the exit qualification");
	check_equal(l1.exit.rip == (uint64_t)at, !bit0 || damage == MSRS, "RIP is %sL1's", !bit0 || damage == MSRS ? "" : "not ");
	take(after);
	return true;
}

static bool is_code(uint32_t field)
{
	return field == GUEST_RIP;
}

static void compare(void)
{
	struct tally damaged = { .what = "a field that the exit saves is damaged" },
		     whole = { .what = "any other field is not" };

	for (unsigned w = 0; w < WIDTHS; w++) {
		for (unsigned t = 0; t < TYPES; t++) {
			for (unsigned i = 0; i < INDEXES; i++) {
				uint32_t field = FIELD(w, t, i);
				uint64_t v = valid.value[w][t][i], x = invalid.value[w][t][i];

				if (!valid.exists[w][t][i])
					continue;
				if (field == EXIT_QUALIFICATION)
					tally_equal(&whole, x, v | NW_QUAL_CONTEXT_INVALID);
				else if (t != TYPE_GUEST || kept(field) || (damage == MSRS && !is_msr(field)))
					tally_equal(&whole, x, is_code(field) ? (uint64_t)at_invalid : v);
				else if (damage == STALE)
					tally_equal(&damaged, x, is_code(field) ? (uint64_t)before_invalid : loaded.value[w][t][i]);
				else
					tally_equal(&damaged, x != v, true);
				if (t == TYPE_GUEST && !kept(field) && damage != STALE && (damage != MSRS || is_msr(field)) && x == v)
					note("field %x is %lx", field, x);
				if ((t != TYPE_GUEST || kept(field)) && x != v && field != EXIT_QUALIFICATION)
					note("field %x was %lx, is %lx", field, v, x);
			}
		}
	}
	tally_check(&damaged, "guest-state area");
	tally_check(&whole, "VMCS");
	check(damaged.count >= (damage == MSRS ? 5 : 55), "%u fields are damaged", damaged.count);
	if (damage == RANDOM)
		note("RIP %lx CR3 %lx", vmcs_read(GUEST_RIP), vmcs_read(GUEST_CR3));
}

void guest_main(void)
{
	damage = param_number("damage", POISON);
	if (!in_simulator())
		skip_all("no processor is known to set VM_CONTEXT_INVALID");
	if (damage >= DAMAGES)
		bail("command line: damage=%lu; 0 to 3 is accepted", damage);
	vmx_on();
	timeout_need();
	l1_setup(&l1, L1_LONG64, before_valid, stack + sizeof(stack), 0);
	timeout_enable(0);
	vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_DEBUG_CONTROLS | EXIT_SAVE_EFER);
	saves_pat = vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_PAT);
	saves_timer = vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER) &&
		      vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_SAVE_PREEMPTION_TIMER);
	if (run(before_valid, at_valid, 0, &valid) && run(before_invalid, at_invalid, NW_QUAL_CONTEXT_INVALID, &invalid))
		compare();
}
