/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scenarios share.
 */
#include <stdarg.h>
#include <stdio.h>

#include "out.h"
#include "scenario.h"

enum outcome because(struct context *c, enum outcome outcome, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->reason, c->reason_size, format, args);
	va_end(args);
	return outcome;
}

enum outcome scenario_possible(struct context *c, const struct attack *attack)
{
	if (!c->offered)
		return because(c, SKIP, "KVM does not offer notify VM exiting (%s)",
			       c->cpu_has == 0 ? "the CPU lacks it" : "the kernel lacks it");
	if (!attack->needs_switch)
		return PASS;
	if (c->test_switch == SWITCH_ABSENT)
		return because(c, SKIP, "KVM intercepts #AC and #DB (no test-only patch in this "
			       "kernel)");
	if (c->test_switch == SWITCH_OFF)
		return because(c, SKIP, "KVM intercepts #AC and #DB "
			       "(kvm_intel.test_no_ac_db_intercept is off)");
	return PASS;
}

void scenario_row(const struct context *c, const char *row)
{
	say("NW: row kernel=%s %s", c->kernel, row);
}

enum outcome scenario_attack(struct context *c, struct attack_plan *plan)
{
	static struct attack_result result;
	char row[512];

	plan->notify = true;
	plan->window_crystal = c->options.window_crystal;
	plan->exits = c->options.exits;
	plan->time_ms = c->options.time_ms;
	plan->invalid = c->options.invalid;
	plan->rdi = plan->attack->rdi;
	if (attack_run(&c->vm, plan, &result))
		return because(c, FAIL, "%s", c->vm.error);
	attack_print(plan, &result, row, sizeof(row));
	scenario_row(c, row);
	if (result.finished && !result.released && !result.exit_notify && result.stat < 1)
		return because(c, SKIP, "nothing closed the event window");
	if (!attack_verify(plan, &result, c->reason, c->reason_size))
		return FAIL;
	return PASS;
}
