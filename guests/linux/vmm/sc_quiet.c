/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "quiet": ordinary work in L1 with window 0 gives no notify exit. The busy phases are longer than
 * the default window and threshold together. While L1 runs with interrupts off, those of L0 must
 * arrive: external-interrupt exiting does not depend on the guest's IF.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "scenario.h"

#define BUSY_TSC	80000000
#define TICK_NS		10000000	/* of L0, CONFIG_HZ_100 */
#define HALTS		4	/* of l1/quiet.S */

extern const uint8_t l1_quiet[], l1_quiet_end[];

struct quiet {
	uint32_t	notify;
	uint32_t	halts;
	uint32_t	interrupts;	/* the guest's count */
	bool		done;
	uint64_t	begin_ns;
	int64_t		begin_ticks;
	uint64_t	if0_ns;		/* the phase with interrupts off */
	int64_t		if0_ticks;
};

static int wake(struct vm *vm)
{
	struct kvm_interrupt interrupt = { .irq = L1_VECTOR_IRQ };

	if (!ioctl(vm->vcpu, KVM_INTERRUPT, &interrupt))
		return 0;
	snprintf(vm->error, sizeof(vm->error), "KVM_INTERRUPT: %s", strerror(errno));
	return -1;
}

static void output(struct vm *vm, struct quiet *q)
{
	uint32_t value;

	memcpy(&value, (const uint8_t *)vm->run + vm->run->io.data_offset, sizeof(value));
	if (vm->run->io.port == L1_PORT_REPORT)
		q->interrupts = value;
	if (vm->run->io.port == L1_PORT_PHASE) {
		q->if0_ns = l0_monotonic_ns() - q->begin_ns;
		q->if0_ticks = l0_timer_ticks() - q->begin_ticks;
	}
	q->done = vm->run->io.port == L1_PORT_DONE;
}

static int work(struct vm *vm, struct quiet *q)
{
	while (!q->done) {
		int status = vm_run(vm);

		if (status < 0)
			return -1;
		if (status > 0)
			continue;
		switch (vm->run->exit_reason) {
		case KVM_EXIT_IO:
			output(vm, q);
			break;
		case KVM_EXIT_HLT:
			q->halts++;
			if (wake(vm))
				return -1;
			break;
		case KVM_EXIT_NOTIFY:
			q->notify++;
			break;
		default:
			return vm_unexpected(vm);
		}
	}
	return 0;
}

static int start(struct context *c)
{
	const struct l1_image image = { l1_quiet, l1_quiet_end };
	int error = 0;

	if (vm_create(&c->vm))
		return -1;
	if (c->offered)
		error = vm_enable_notify(&c->vm, kvm_notify_args(0, KVM_X86_NOTIFY_VMEXIT_ENABLED |
								   KVM_X86_NOTIFY_VMEXIT_USER));
	if (error) {
		snprintf(c->vm.error, sizeof(c->vm.error), "KVM_ENABLE_CAP: %s", strerror(error));
		return -1;
	}
	return vm_create_vcpu(&c->vm) || vm_load(&c->vm, &image, BUSY_TSC) ? -1 : 0;
}

static void print_row(const struct context *c, const struct quiet *q, int64_t stat)
{
	char row[512];

	snprintf(row, sizeof(row), "scenario=quiet guest=quiet window=0 flags=%s exit_notify=%u "
		 "notify_window_exits=%lld halts=%u interrupts=%u l0_ticks=%lld l0_elapsed_ns=%llu "
		 "if0_ticks=%lld if0_ns=%llu", c->offered ? "user" : "off", q->notify,
		 (long long)stat, q->halts, q->interrupts,
		 (long long)(l0_timer_ticks() - q->begin_ticks),
		 (unsigned long long)(l0_monotonic_ns() - q->begin_ns), (long long)q->if0_ticks,
		 (unsigned long long)q->if0_ns);
	scenario_row(c, row);
}

enum outcome scenario_quiet(struct context *c)
{
	struct quiet q = { 0 };
	int64_t stat;
	int status;

	status = start(c);
	q.begin_ns = l0_monotonic_ns();
	q.begin_ticks = l0_timer_ticks();
	if (!status)
		status = work(&c->vm, &q);
	stat = l0_notify_window_exits(c->vm.fd);
	vm_destroy(&c->vm);
	if (status)
		return because(c, FAIL, "%s", c->vm.error);
	print_row(c, &q, stat);
	if (q.if0_ns >= 3 * TICK_NS && (uint64_t)q.if0_ticks * 2 * TICK_NS < q.if0_ns)
		return because(c, FAIL, "L0 took %lld timer interrupts in %llu ms while L1 ran with "
			       "interrupts off", (long long)q.if0_ticks,
			       (unsigned long long)(q.if0_ns / 1000000));
	if (q.halts != HALTS || q.interrupts != HALTS)
		return because(c, FAIL, "%u HLT exits and %u interrupts, expected %u each", q.halts,
			       q.interrupts, HALTS);
	if (!c->offered)
		return because(c, SKIP, "the guest worked, but KVM does not offer notify VM exiting");
	if (q.notify || stat)
		return because(c, FAIL, "%u KVM_EXIT_NOTIFY, notify_window_exits %lld, expected none",
			       q.notify, (long long)stat);
	return PASS;
}
