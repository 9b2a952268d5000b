/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "intercepted": both loops against KVM as shipped, which intercepts #AC and #DB, so L0 stays in
 * control without notify exits. KVM gives up on an #AC in the delivery of #AC (internal error,
 * simultaneous exceptions); #DB goes round through a VM exit each time until a timer signal. Letting
 * the guests go works as after a notify exit. This proves the attacks on any CPU with VMX.
 */
#include "scenario.h"

#define TIME_MS		30

static enum outcome one(struct context *c, const char *name)
{
	static struct attack_result r;
	struct attack_plan plan = {
		.scenario = "intercepted", .attack = attack_find(name), .time_ms = TIME_MS,
	};
	char row[512];

	if (attack_run(&c->vm, &plan, &r))
		return because(c, FAIL, "%s: %s", name, c->vm.error);
	attack_print(&plan, &r, row, sizeof(row));
	scenario_row(c, row);
	return attack_verify(&plan, &r, c->reason, c->reason_size) ? PASS : FAIL;
}

enum outcome scenario_intercepted(struct context *c)
{
	enum outcome outcome;

	if (c->test_switch == SWITCH_ON)
		return because(c, SKIP, "kvm_intel.test_no_ac_db_intercept is on");
	outcome = one(c, "ac-loop");
	return outcome == PASS ? one(c, "db-loop") : outcome;
}
