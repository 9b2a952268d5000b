/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* entry_check.c - runs tables of VM-entry checks. */
#include "entry_check.h"

static uint8_t stack[4096] __attribute__((aligned(16)));

static void not_reached(void)
{
	/* the preemption timer ends the run of the guest before this */
}

static void arm_timer(void)
{
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_PREEMPTION_TIMER);
	vmcs_write(GUEST_PREEMPTION_TIMER, 0);
}

void entry_base_long64(struct l1 *l1)
{
	l1_setup(l1, L1_LONG64, not_reached, stack + sizeof(stack), 0);
	arm_timer();
}

void entry_base_prot32(struct l1 *l1)
{
	l1_setup(l1, L1_PROT32, l1_stack32_top, l1_stack32_top, 0);
	arm_timer();
}

bool entry_checks_possible(void)
{
	return vmx_allows(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER);
}

static bool as_expected(const struct l1 *l1, bool exited, enum entry_outcome outcome)
{
	static const uint64_t qualification[] = {
		[GUEST] = 0, [GUEST_NMI] = 3, [GUEST_LINK] = 4
	};

	switch (outcome) {
	case CONTROLS:
		return !exited && l1->entry_failure == VMERR_ENTRY_CONTROLS;
	case HOST:
		return !exited && l1->entry_failure == VMERR_ENTRY_HOST_STATE;
	case ENTERS:
		return exited && !(l1->exit.reason & REASON_ENTRY_FAILURE);
	default:
		return exited &&
		       l1->exit.reason == (REASON_ENTRY_FAILURE | REASON_INVALID_GUEST_STATE) &&
		       l1->exit.qualification == qualification[outcome];
	}
}

static void show(const struct l1 *l1, bool exited)
{
	if (exited)
		vmx_note_exit(l1);
	else
		note("VM-instruction error %u", l1->entry_failure);
}

static void run_case(const char *name, entry_base *base, const struct entry_case *c)
{
	uint64_t before[ENTRY_CHANGES];
	struct l1 l1;
	unsigned n;
	bool exited;

	base(&l1);
	for (n = 0; n < ENTRY_CHANGES && c->changes[n].field; n++) {
		const struct field_change *f = &c->changes[n];

		before[n] = vmcs_read(f->field);
		vmcs_write(f->field, (before[n] & f->keep) | f->value);
	}
	exited = vmx_run(&l1);
	if (!check(as_expected(&l1, exited, c->outcome), "%s: %s", name, c->what))
		show(&l1, exited);
	while (n--)
		vmcs_write(c->changes[n].field, before[n]);
}

void entry_cases(const char *name, entry_base *base, const struct entry_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_case(name, base, &cases[i]);
}
