/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "ac-loop": the nested #AC of CVE-2015-5307 meets notify VM exits.
 */
#include "scenario.h"

enum outcome scenario_ac_loop(struct context *c)
{
	struct attack_plan plan = {
		.scenario = "ac-loop", .attack = attack_find("ac-loop"), .user = c->options.user,
	};
	enum outcome possible = scenario_possible(c, plan.attack);

	return possible == PASS ? scenario_attack(c, &plan) : possible;
}
