/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "responsive": the attack runs without the USER flag, so KVM re-enters the guest after each notify
 * exit. L0 must go on meanwhile: timer interrupts arrive, another process is scheduled, and a timer
 * signal ends KVM_RUN.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "beat.h"
#include "scenario.h"

#define ALIVE_LEAST	2	/* timer interrupts, heartbeats */

/* nw.guest, or the first attack this L0 allows. */
static const struct attack *choose(struct context *c, enum outcome *outcome)
{
	const char *name = c->options.guest;
	const struct attack *attack;

	if (!*name)
		name = c->test_switch == SWITCH_ON ? "ac-loop" : "stall";
	attack = attack_find(name);
	*outcome = attack ? scenario_possible(c, attack) :
		   because(c, FAIL, "nw.guest=%s: accepted: ac-loop, db-loop, stall, delivery-stall",
			   name);
	return attack;
}

enum outcome scenario_responsive(struct context *c)
{
	static struct attack_result r;
	struct attack_plan plan = {
		.scenario = "responsive", .notify = true,
		.window_crystal = c->options.window_crystal, .exits = c->options.exits,
		.time_ms = c->options.time_ms,
	};
	struct beat_count count;
	enum outcome outcome;
	struct beat beat;
	char row[512];
	size_t used;
	int status;

	if (c->options.invalid)
		return because(c, SKIP, "an exit with an invalid context ends the VM");
	plan.attack = choose(c, &outcome);
	if (outcome != PASS)
		return outcome;
	plan.rdi = plan.attack->rdi;
	if (beat_start(&beat))
		return because(c, FAIL, "heartbeat process: %s", strerror(errno));
	status = attack_run(&c->vm, &plan, &r);
	count = beat_stop(&beat);
	if (status)
		return because(c, FAIL, "%s", c->vm.error);
	attack_print(&plan, &r, row, sizeof(row));
	used = strlen(row);
	snprintf(row + used, sizeof(row) - used, " l0_beats=%u l0_max_gap_ns=%llu", count.beats,
		 (unsigned long long)count.max_gap_ns);
	scenario_row(c, row);
	if (r.finished && !r.released && r.stat < 1)
		return because(c, SKIP, "nothing closed the event window");
	if (!attack_verify(&plan, &r, c->reason, c->reason_size))
		return FAIL;
	if (r.l0_ticks < ALIVE_LEAST || count.beats < ALIVE_LEAST)
		return because(c, FAIL, "L0 took %lld timer interrupts and %u heartbeats in %llu ms",
			       (long long)r.l0_ticks, count.beats,
			       (unsigned long long)(r.l0_elapsed_ns / 1000000));
	return PASS;
}
