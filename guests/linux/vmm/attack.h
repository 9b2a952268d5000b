/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An attack: an L1 guest which closes the event window, how the VMM sees it stuck, and how it lets
 * it go again. A plan says how to run one, a result what came of it.
 */
#ifndef NW_ATTACK_H
#define NW_ATTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "l0.h"
#include "options.h"
#include "vm.h"

#define REPORTS_MAX	4

struct attack_result;

struct attack {
	const char		*name;
	struct l1_image		image;
	int			vector;		/* event KVM re-queues at the exit, -1 = none */
	bool			error_code;	/* it has an error code */
	bool			needs_switch;	/* only without KVM's #AC and #DB intercepts */
	bool			simul_ex;	/* with them, KVM ends it by an internal error */
	uint64_t		rdi;		/* handed to the guest */

	/* Takes the cause away; NULL: the VMM cannot. 0, or -1 with vm->error. */
	int			(*release)(struct vm *vm);

	/* What the guest reported at its end: NULL, or what is wrong with it. */
	const char		*(*check)(const struct attack *a, const struct attack_result *r);
};

struct attack_plan {
	const char		*scenario;
	const struct attack	*attack;
	bool			notify;		/* enable notify VM exiting */
	bool			user;		/* with exits to user space */
	bool			invalid;	/* the exits must report an invalid context */
	uint32_t		window_crystal;
	uint32_t		exits;
	uint32_t		time_ms;	/* 0 = derived from the window */
	uint64_t		rdi;
};

/* What KVM showed when the guest was interrupted. */
struct attack_exit {
	uint32_t		flags;		/* run->notify.flags */
	uint64_t		interval_tsc;	/* from KVM_RUN to its return */
	struct kvm_regs		regs;
	struct kvm_vcpu_events	events;
};

struct attack_result {
	uint32_t		exit_notify;	/* KVM_EXIT_NOTIFY seen */
	int64_t			stat;		/* notify_window_exits, -1 = no such file */
	bool			timed_out;	/* ended by the timer signal */
	bool			simul_ex;	/* ended by KVM: its vector in the delivery of itself */
	bool			finished;	/* the guest said that it is done */
	bool			released;	/* it did so after the VMM let it go */
	int64_t			l0_ticks;
	uint64_t		l0_elapsed_ns;
	uint32_t		reports[REPORTS_MAX];
	uint32_t		report_count;
	struct attack_exit	last;		/* state when the timer or KVM ended the attack */
	struct attack_exit	exits[EXITS_MAX];
};

/* By name; NULL if there is none. */
const struct attack *attack_find(const char *name);

/* Runs the plan in a new VM of *vm (opened). 0, or -1 with vm->error. */
int attack_run(struct vm *vm, const struct attack_plan *plan, struct attack_result *result);

/*
 * Compares the result with what the plan and the attack demand. Returns true, or false with one
 * line in text.
 */
bool attack_verify(const struct attack_plan *plan, const struct attack_result *result,
		   char *text, size_t size);

/* The result as "NW: exit" lines and the start of a "NW: row" line (in row). */
void attack_print(const struct attack_plan *plan, const struct attack_result *result,
		  char *row, size_t size);

#endif
