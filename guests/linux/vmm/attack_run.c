/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs one attack. Nothing is printed meanwhile: serial output would take time of L0.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "attack.h"

#define SLACK_USER_MS	3000	/* for the internal threshold of all exits together */
#define SLACK_KERNEL_MS	200
#define RELEASE_MS	2000

#define VECTOR_MASK	0xff

static volatile sig_atomic_t timer_fired;
static struct kvm_run *timer_run;

/* The signal may come just before KVM_RUN: immediate_exit makes the call return at once. */
static void on_timer(int signal)
{
	(void)signal;
	timer_fired = 1;
	if (timer_run)
		timer_run->immediate_exit = 1;
}

static void timer_start(struct vm *vm, uint64_t ms)
{
	struct sigaction action = { .sa_handler = on_timer };
	struct itimerval t = { .it_value = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) } };

	timer_fired = 0;
	timer_run = vm->run;
	vm->run->immediate_exit = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static void timer_stop(void)
{
	const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	timer_run = NULL;
}

static uint64_t time_limit_ms(const struct attack_plan *plan)
{
	struct l0_crystal crystal = l0_crystal();
	uint64_t window_ms = l0_crystal_ns(&crystal, plan->window_crystal) / 1000000 + 1;

	if (plan->time_ms)
		return plan->time_ms;
	if (plan->user)
		return plan->exits * window_ms + SLACK_USER_MS;
	return 4 * window_ms + SLACK_KERNEL_MS;
}

static int observe(struct vm *vm, struct attack_exit *e)
{
	return vm_get_regs(vm, &e->regs) || vm_get_events(vm, &e->events) ? -1 : 0;
}

static void handle_io(struct vm *vm, struct attack_result *r)
{
	const struct kvm_run *run = vm->run;
	uint32_t value;

	if (run->io.direction != KVM_EXIT_IO_OUT || run->io.size != sizeof(value))
		return;
	memcpy(&value, (const uint8_t *)run + run->io.data_offset, sizeof(value));
	if (run->io.port == L1_PORT_DONE)
		r->finished = true;
	else if (run->io.port == L1_PORT_REPORT && r->report_count < REPORTS_MAX)
		r->reports[r->report_count++] = value;
}

/* One KVM_EXIT_NOTIFY; *go_on = the guest is entered again. */
static int handle_notify(struct vm *vm, const struct attack_plan *plan, struct attack_result *r,
			 uint64_t interval_tsc, bool *go_on)
{
	struct attack_exit *e = &r->exits[r->exit_notify < EXITS_MAX ? r->exit_notify : EXITS_MAX - 1];

	e->flags = kvm_notify_flags(vm->run);
	e->interval_tsc = interval_tsc;
	r->exit_notify++;
	*go_on = !(e->flags & KVM_NOTIFY_CONTEXT_INVALID) && r->exit_notify < plan->exits;
	return observe(vm, e);
}

/*
 * KVM_INTERNAL_ERROR_SIMUL_EX: an intercepted exception came up while an event was being delivered.
 * data[0] is the IDT-vectoring information, data[1] the VM-exit interruption information.
 */
static bool is_own_vector_twice(const struct vm *vm, const struct attack *a)
{
	const struct kvm_run *run = vm->run;

	return run->exit_reason == KVM_EXIT_INTERNAL_ERROR &&
	       run->internal.suberror == KVM_INTERNAL_ERROR_SIMUL_EX && run->internal.ndata >= 2 &&
	       a->vector >= 0 && (run->internal.data[0] & VECTOR_MASK) == (uint32_t)a->vector &&
	       (run->internal.data[1] & VECTOR_MASK) == (uint32_t)a->vector;
}

/* One exit to user space; *go_on = false ends the attack. */
static int handle_exit(struct vm *vm, const struct attack_plan *plan, struct attack_result *r,
		       uint64_t interval_tsc, bool *go_on)
{
	if (vm->run->exit_reason == KVM_EXIT_IO) {
		handle_io(vm, r);
		return 0;
	}
	if (vm->run->exit_reason == KVM_EXIT_NOTIFY)
		return handle_notify(vm, plan, r, interval_tsc, go_on);
	if (plan->notify || r->simul_ex || !is_own_vector_twice(vm, plan->attack))
		return vm_unexpected(vm);
	r->simul_ex = true;
	*go_on = false;
	return observe(vm, &r->last);
}

/* Until the guest is done, the exits are counted, KVM gives up or the timer fires. */
static int run_guest(struct vm *vm, const struct attack_plan *plan, struct attack_result *r)
{
	bool go_on = true;

	while (go_on && !r->finished) {
		uint64_t start = l0_tsc();
		int status = vm_run(vm);
		uint64_t interval = l0_tsc() - start;

		if (status < 0)
			return -1;
		if (status > 0) {
			if (!timer_fired)
				continue;
			r->timed_out = true;
			return observe(vm, &r->last);
		}
		if (handle_exit(vm, plan, r, interval, &go_on))
			return -1;
	}
	return 0;
}

/* The VMM takes the cause away; the guest must now come to its end. */
static int release(struct vm *vm, const struct attack_plan *plan, struct attack_result *r)
{
	struct attack_plan rest = *plan;
	struct attack_result after = { 0 };
	int status;

	if (plan->attack->release(vm))
		return -1;
	rest.exits = 1;
	timer_start(vm, RELEASE_MS);
	status = run_guest(vm, &rest, &after);
	timer_stop();
	r->finished = r->released = after.finished;
	r->report_count = after.report_count;
	memcpy(r->reports, after.reports, sizeof(r->reports));
	return status;
}

static int prepare(struct vm *vm, const struct attack_plan *plan)
{
	uint32_t flags = KVM_X86_NOTIFY_VMEXIT_ENABLED;
	int error;

	if (vm_create(vm))
		return -1;
	if (plan->notify) {
		if (plan->user)
			flags |= KVM_X86_NOTIFY_VMEXIT_USER;
		error = vm_enable_notify(vm, kvm_notify_args(plan->window_crystal, flags));
		if (error) {
			snprintf(vm->error, sizeof(vm->error),
				 "KVM_ENABLE_CAP(KVM_CAP_X86_NOTIFY_VMEXIT): %s", strerror(error));
			return -1;
		}
	}
	return vm_create_vcpu(vm) || vm_load(vm, &plan->attack->image, plan->rdi) ? -1 : 0;
}

static bool may_resume(const struct attack_plan *plan, const struct attack_result *r)
{
	uint32_t n = r->exit_notify < EXITS_MAX ? r->exit_notify : EXITS_MAX;

	if (r->finished || !plan->attack->release)
		return false;
	return !n || !(r->exits[n - 1].flags & KVM_NOTIFY_CONTEXT_INVALID);
}

int attack_run(struct vm *vm, const struct attack_plan *plan, struct attack_result *r)
{
	uint64_t start_ns;
	int64_t start_ticks;
	int status;

	memset(r, 0, sizeof(*r));
	r->stat = -1;
	if (prepare(vm, plan)) {
		vm_destroy(vm);
		return -1;
	}
	start_ticks = l0_timer_ticks();
	start_ns = l0_monotonic_ns();
	timer_start(vm, time_limit_ms(plan));
	status = run_guest(vm, plan, r);
	timer_stop();
	r->l0_elapsed_ns = l0_monotonic_ns() - start_ns;
	r->l0_ticks = l0_timer_ticks() - start_ticks;
	r->stat = l0_notify_window_exits(vm->fd);
	if (!status && may_resume(plan, r))
		status = release(vm, plan, r);
	vm_destroy(vm);
	return status;
}
