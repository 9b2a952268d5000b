/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges and prints the result of an attack.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attack.h"
#include "out.h"

#define LINES_MAX	8	/* "NW: exit" lines of one attack; the last exit is always among them */

struct judge {
	char	*text;
	size_t	size;
};

static bool bad(const struct judge *j, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool bad(const struct judge *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(j->text, j->size, format, args);
	va_end(args);
	return false;
}

/* The state KVM shows while the guest is stuck: instruction and re-queued event. */
static bool verify_state(const struct judge *j, const struct attack *a, const struct attack_exit *e)
{
	const struct l1_header *h = (const struct l1_header *)(const void *)a->image.start;
	bool queued = e->events.exception.injected || e->events.exception.pending;

	if (e->regs.rip != h->stuck[0] && e->regs.rip != h->stuck[1])
		return bad(j, "RIP 0x%llx, expected 0x%x or 0x%x", (unsigned long long)e->regs.rip,
			   h->stuck[0], h->stuck[1]);
	if (a->vector < 0)
		return !queued || bad(j, "exception %u is queued, expected none",
				      e->events.exception.nr);
	if (!queued || e->events.exception.nr != a->vector)
		return bad(j, "exception %d is not queued (injected %u, number %u)", a->vector,
			   e->events.exception.injected, e->events.exception.nr);
	if (!!e->events.exception.has_error_code != a->error_code)
		return bad(j, "exception %d: has_error_code is %u", a->vector,
			   e->events.exception.has_error_code);
	if (a->error_code && e->events.exception.error_code & ~1U)
		return bad(j, "exception %d: error code 0x%x", a->vector,
			   e->events.exception.error_code);
	return true;
}

/* An exit may not come before the window is over; the guest may not have moved since the last. */
static bool verify_exits(const struct judge *j, const struct attack_plan *plan,
			 const struct attack_result *r)
{
	struct l0_crystal crystal = l0_crystal();
	uint32_t i;

	for (i = 0; i < r->exit_notify; i++) {
		const struct attack_exit *e = &r->exits[i];
		uint64_t clocks = l0_crystal_clocks(&crystal, e->interval_tsc);

		if (e->flags)
			return bad(j, "exit %u: unknown flags 0x%x", i + 1, e->flags);
		if (!verify_state(j, plan->attack, e))
			return false;
		if (crystal.denominator && clocks < plan->window_crystal)
			return bad(j, "exit %u after %llu crystal clocks, the window is %u", i + 1,
				   (unsigned long long)clocks, plan->window_crystal);
		if (i && e->regs.rip == e[-1].regs.rip && e->regs.rsp != e[-1].regs.rsp)
			return bad(j, "exit %u: RSP moved to 0x%llx", i + 1,
				   (unsigned long long)e->regs.rsp);
	}
	return true;
}

/* Does the last exit say that the context is invalid? No other can: the VM is not entered again. */
static bool ended_invalid(const struct attack_result *r)
{
	return r->exit_notify && r->exits[r->exit_notify - 1].flags & KVM_NOTIFY_CONTEXT_INVALID;
}

/* An invalid context reaches user space whatever the USER flag says. */
static bool verify_invalid(const struct judge *j, const struct attack_plan *plan,
			   const struct attack_result *r)
{
	if (!ended_invalid(r))
		return bad(j, "%u notify exits, none with an invalid context", r->exit_notify);
	if (plan->user ? r->stat != r->exit_notify : r->exit_notify != 1 || r->stat < 1)
		return bad(j, "notify_window_exits is %lld after %u KVM_EXIT_NOTIFY",
			   (long long)r->stat, r->exit_notify);
	return true;
}

static bool verify_count(const struct judge *j, const struct attack_plan *plan,
			 const struct attack_result *r)
{
	if (plan->user && r->exit_notify != plan->exits && !r->finished)
		return bad(j, "%u of %u notify exits before the time was over", r->exit_notify,
			   plan->exits);
	if (plan->user && r->stat != r->exit_notify)
		return bad(j, "notify_window_exits is %lld after %u KVM_EXIT_NOTIFY",
			   (long long)r->stat, r->exit_notify);
	if (!plan->user && (r->exit_notify || r->stat < 1))
		return bad(j, "notify_window_exits is %lld, KVM_EXIT_NOTIFY %u, without the USER flag",
			   (long long)r->stat, r->exit_notify);
	if (!plan->user && !r->timed_out)
		return bad(j, "the guest ended by itself");
	return true;
}

/* Without notify exits it is KVM's intercepts that keep L0 in control. */
static bool verify_intercepted(const struct judge *j, const struct attack *a,
			       const struct attack_result *r)
{
	if (!r->timed_out && !r->simul_ex)
		return bad(j, "the guest ended by itself");
	if (r->simul_ex != a->simul_ex)
		return bad(j, a->simul_ex ? "KVM did not see vector %d in its own delivery" :
			   "KVM saw vector %d in its own delivery", a->vector);
	return true;
}

bool attack_verify(const struct attack_plan *plan, const struct attack_result *r,
		   char *text, size_t size)
{
	const struct judge j = { text, size };
	const char *wrong;

	if (plan->notify && plan->invalid)
		return verify_invalid(&j, plan, r);
	if (ended_invalid(r))
		return bad(&j, "exit %u: the context is invalid (expected with nw.context=invalid)",
			   r->exit_notify);
	if (plan->notify && !verify_count(&j, plan, r))
		return false;
	if (!plan->notify && !verify_intercepted(&j, plan->attack, r))
		return false;
	if (!verify_exits(&j, plan, r))
		return false;
	if ((r->timed_out || r->simul_ex) && !verify_state(&j, plan->attack, &r->last))
		return false;
	if (plan->attack->release && !r->released)
		return bad(&j, "the guest did not come to its end after it was let go");
	wrong = r->finished ? plan->attack->check(plan->attack, r) : NULL;
	return !wrong || bad(&j, "%s", wrong);
}

static void print_exit(const struct attack_plan *plan, const struct attack_exit *e, uint32_t n,
		       const struct l0_crystal *crystal)
{
	say("NW: exit scenario=%s n=%u flags=0x%x rip=0x%llx rsp=0x%llx rflags=0x%llx injected=%u "
	    "vector=%u has_error_code=%u error_code=0x%x interval_tsc=%llu interval_crystal=%llu",
	    plan->scenario, n, e->flags, (unsigned long long)e->regs.rip,
	    (unsigned long long)e->regs.rsp, (unsigned long long)e->regs.rflags,
	    e->events.exception.injected, e->events.exception.nr,
	    e->events.exception.has_error_code, e->events.exception.error_code,
	    (unsigned long long)e->interval_tsc,
	    (unsigned long long)l0_crystal_clocks(crystal, e->interval_tsc));
}

static const char *stopped_by(const struct attack_result *r)
{
	if (r->timed_out)
		return "timer";
	if (r->simul_ex)
		return "kvm";
	return r->finished && !r->released ? "guest" : "vmm";
}

void attack_print(const struct attack_plan *plan, const struct attack_result *r,
		  char *row, size_t size)
{
	struct l0_crystal crystal = l0_crystal();
	uint64_t least = UINT64_MAX, most = 0;
	size_t used;
	uint32_t i;

	for (i = 0; i < r->exit_notify; i++) {
		uint64_t clocks = l0_crystal_clocks(&crystal, r->exits[i].interval_tsc);

		least = clocks < least ? clocks : least;
		most = clocks > most ? clocks : most;
		if (i < LINES_MAX - 1 || i == r->exit_notify - 1)
			print_exit(plan, &r->exits[i], i + 1, &crystal);
	}
	used = (size_t)snprintf(row, size,
		"scenario=%s guest=%s window=%u flags=%s exit_notify=%u notify_window_exits=%lld "
		"stopped_by=%s released=%u l0_ticks=%lld l0_elapsed_ns=%llu",
		plan->scenario, plan->attack->name, plan->window_crystal,
		!plan->notify ? "off" : plan->user ? "user" : "kernel", r->exit_notify,
		(long long)r->stat, stopped_by(r), r->released, (long long)r->l0_ticks,
		(unsigned long long)r->l0_elapsed_ns);
	if (r->exit_notify && used < size)
		snprintf(row + used, size - used,
			 " interval_min_crystal=%llu interval_max_crystal=%llu",
			 (unsigned long long)least, (unsigned long long)most);
}
