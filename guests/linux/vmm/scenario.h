/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios: one claim each, one TAP line each. Every scenario runs in a process of its own.
 */
#ifndef NW_SCENARIO_H
#define NW_SCENARIO_H

#include "attack.h"

enum outcome { PASS, FAIL, SKIP };

struct context {
	struct options	options;
	char		kernel[72];	/* uname release */
	struct vm	vm;		/* opened by the scenario's process */
	bool		is_init;	/* PID 1 of the simulated machine */
	bool		is_nwsim;	/* the magic NOP must work */
	bool		offered;	/* KVM_CAP_X86_NOTIFY_VMEXIT */
	int		cpu_has;	/* IA32_VMX_PROCBASED_CTLS2[63], -1 = unknown */
	enum l0_switch	test_switch;
	char		*reason;	/* of FAIL and SKIP, one line */
	size_t		reason_size;
};

struct scenario {
	const char	*name;
	const char	*claim;
	enum outcome	(*run)(struct context *c);
};

enum outcome scenario_caps(struct context *c);
enum outcome scenario_intercepted(struct context *c);
enum outcome scenario_quiet(struct context *c);
enum outcome scenario_stall(struct context *c);
enum outcome scenario_delivery_stall(struct context *c);
enum outcome scenario_ac_loop(struct context *c);
enum outcome scenario_db_loop(struct context *c);
enum outcome scenario_responsive(struct context *c);
enum outcome scenario_kernel_log(struct context *c);

/* Sets the reason; for "return because(c, FAIL, ...)". */
enum outcome because(struct context *c, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* PASS if the attack may run to a notify exit on this L0, else SKIP with the reason. */
enum outcome scenario_possible(struct context *c, const struct attack *attack);

/* Runs the plan with the options of the command line, prints it, and judges it. */
enum outcome scenario_attack(struct context *c, struct attack_plan *plan);

/* "NW: row ..." with the kernel release in front. */
void scenario_row(const struct context *c, const char *row);

#endif
