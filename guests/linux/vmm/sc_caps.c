/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "caps": KVM_CAP_X86_NOTIFY_VMEXIT is offered exactly when the CPU has the control, and its
 * arguments are checked (api.rst, section of the capability).
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "out.h"
#include "scenario.h"

#define ENABLED	((uint32_t)KVM_X86_NOTIFY_VMEXIT_ENABLED)
#define USER	((uint32_t)KVM_X86_NOTIFY_VMEXIT_USER)

struct check {
	const char	*what;
	uint32_t	window_crystal;
	uint32_t	flags;
	bool		after_vcpu;
	int		expected;
};

static const struct check checks[] = {
	{ "enabled", 0, ENABLED, false, 0 },
	{ "enabled-user-longest-window", UINT32_MAX, ENABLED | USER, false, 0 },
	{ "no-flags", 0, 0, false, EINVAL },
	{ "user-without-enabled", 0, USER, false, EINVAL },
	{ "unknown-flag", 0, ENABLED | 1U << 2, false, EINVAL },
	{ "highest-unknown-flag", 0, ENABLED | 1U << 31, false, EINVAL },
	{ "after-vcpu-creation", 0, ENABLED, true, EINVAL },
};

static int outcome_of(struct context *c, const struct check *check, int *error)
{
	int status = vm_create(&c->vm);

	if (!status && check->after_vcpu)
		status = vm_create_vcpu(&c->vm);
	if (!status)
		*error = vm_enable_notify(&c->vm, kvm_notify_args(check->window_crystal, check->flags));
	vm_destroy(&c->vm);
	return status;
}

/* Every row of the table; without the feature each must be EINVAL. */
static enum outcome arguments(struct context *c)
{
	size_t i;
	int error;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const struct check *check = &checks[i];
		int expected = c->offered ? check->expected : EINVAL;

		if (outcome_of(c, check, &error))
			return because(c, FAIL, "%s: %s", check->what, c->vm.error);
		say("NW: check scenario=caps what=%s errno=%d expected=%d", check->what, error,
		    expected);
		if (error != expected)
			return because(c, FAIL, "%s: %s, expected %s", check->what,
				       error ? strerror(error) : "accepted",
				       expected ? strerror(expected) : "accepted");
	}
	return PASS;
}

enum outcome scenario_caps(struct context *c)
{
	enum outcome outcome = arguments(c);

	if (outcome != PASS)
		return outcome;
	if (c->cpu_has < 0)
		return because(c, SKIP, "IA32_VMX_PROCBASED_CTLS2 cannot be read here");
	if (c->cpu_has && !c->offered)
		return because(c, FAIL, "the CPU has the control (IA32_VMX_PROCBASED_CTLS2 bit 63), but "
			       "this kernel does not offer KVM_CAP_X86_NOTIFY_VMEXIT");
	if (!c->cpu_has && c->offered)
		return because(c, FAIL, "KVM offers notify VM exiting on a CPU without the control");
	return PASS;
}
