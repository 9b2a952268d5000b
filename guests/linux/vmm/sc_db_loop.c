/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "db-loop": the #DB on delivery of CVE-2015-8104 meets notify VM exits.
 */
#include "scenario.h"

enum outcome scenario_db_loop(struct context *c)
{
	struct attack_plan plan = {
		.scenario = "db-loop", .attack = attack_find("db-loop"), .user = c->options.user,
	};
	enum outcome possible = scenario_possible(c, plan.attack);

	return possible == PASS ? scenario_attack(c, &plan) : possible;
}
