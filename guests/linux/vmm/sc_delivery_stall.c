/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "delivery-stall": the simulator's configuration stretches the delivery of vector 3. KVM does not
 * report a re-queued software exception to user space, but it injects it again on the next entry,
 * with the instruction length it has read at the exit.
 */
#include "scenario.h"

enum outcome scenario_delivery_stall(struct context *c)
{
	struct attack_plan plan = {
		.scenario = "delivery-stall", .attack = attack_find("delivery-stall"),
		.user = c->options.user,
	};
	enum outcome possible = scenario_possible(c, plan.attack);

	if (possible != PASS)
		return possible;
	possible = scenario_attack(c, &plan);
	if (possible == SKIP)
		because(c, SKIP, "nothing stalls the delivery of vector 3 (a rule of the simulator)");
	return possible;
}
