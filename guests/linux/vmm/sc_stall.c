/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "stall": one instruction takes longer than the window. First one which takes half the window of
 * its VM: no exit may come, whatever the internal threshold is; it shows also whether this CPU
 * stretches the instruction at all, which nwsim must. Then one that takes hours.
 */
#include <stdio.h>

#include "scenario.h"

#define PROBE_WINDOW	20000	/* crystal clocks */

/* PASS if the instruction takes its time here and a short stall gives no exit. */
static enum outcome probe(struct context *c, const struct attack *attack)
{
	static struct attack_result r;
	struct attack_plan plan = {
		.scenario = "stall-short", .attack = attack, .notify = true, .user = true,
		.window_crystal = PROBE_WINDOW, .exits = 1, .rdi = PROBE_WINDOW / 2,
	};
	struct l0_crystal crystal = l0_crystal();
	uint64_t tsc, clocks;
	char row[512];

	if (attack_run(&c->vm, &plan, &r))
		return because(c, FAIL, "%s", c->vm.error);
	attack_print(&plan, &r, row, sizeof(row));
	scenario_row(c, row);
	if (r.exit_notify || r.stat)
		return because(c, FAIL, "a stall of %u crystal clocks gave %lld notify exits at window "
			       "%u", PROBE_WINDOW / 2, (long long)r.stat, PROBE_WINDOW);
	if (!r.finished || r.report_count != 2)
		return because(c, FAIL, "the guest did not end after a short stall");
	tsc = (uint64_t)r.reports[1] << 32 | r.reports[0];
	clocks = crystal.denominator ? l0_crystal_clocks(&crystal, tsc) : tsc;
	if (clocks < PROBE_WINDOW / 2)
		return because(c, c->is_nwsim ? FAIL : SKIP, "the magic NOP is a plain NOP on this CPU (%llu TSC ticks)",
			       (unsigned long long)tsc);
	return PASS;
}

enum outcome scenario_stall(struct context *c)
{
	struct attack_plan plan = {
		.scenario = "stall", .attack = attack_find("stall"), .user = c->options.user,
	};
	enum outcome outcome = scenario_possible(c, plan.attack);

	if (outcome == PASS)
		outcome = probe(c, plan.attack);
	return outcome == PASS ? scenario_attack(c, &plan) : outcome;
}
