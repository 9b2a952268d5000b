/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that closes its event window ("nw.attack_ms=N"), run without notify VM exiting of its own: one of the L1 guests of
 * guests/linux, which here may be an L2. Whether this kernel gets its CPU back is up to the hypervisor below it.
 */
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "distro.h"
#include "out.h"
#include "vm.h"

extern const uint8_t l1_stall[], l1_stall_end[];
extern const uint8_t l1_db_loop[], l1_db_loop_end[];

static const struct attack {
	const char		*name;
	struct l1_image		image;
} attacks[] = {
	{ "stall", { l1_stall, l1_stall_end } },
	{ "db-loop", { l1_db_loop, l1_db_loop_end } },
};

static volatile sig_atomic_t over;

static void time_is_over(int number)
{
	(void)number;
	over = 1;
}

static const struct attack *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (!strcmp(attacks[i].name, name))
			return &attacks[i];
	return NULL;
}

/* Runs the guest, from its beginning again when it has come to its end, until the timer: 0, or -1 with vm->error. */
static int run_until_over(struct vm *vm, const struct attack *attack, uint32_t stall)
{
	while (!over) {
		int rc = vm_run(vm);

		if (rc < 0)
			return -1;
		if (rc > 0)
			continue;
		if (vm->run->exit_reason != KVM_EXIT_IO)
			return vm_unexpected(vm);
		if (vm->run->io.port == L1_PORT_DONE && vm_load(vm, &attack->image, stall))
			return -1;
	}
	return 0;
}

void run_attack(const struct settings *s)
{
	/* Should the signal come between the test and KVM_RUN, the next one ends it. */
	struct itimerval timer = {
		.it_value = { s->attack_ms / 1000, s->attack_ms % 1000 * 1000 }, .it_interval = { .tv_usec = 100000 },
	};
	static const struct itimerval off;
	struct sigaction action = { .sa_handler = time_is_over };
	const struct attack *attack = find(s->attack);
	struct vm vm;
	int rc;

	if (!attack) {
		tap(false, "the attack is known", "nw.attack=%s: stall and db-loop are accepted", s->attack);
		return;
	}
	if (vm_open(&vm) || vm_create(&vm) || vm_create_vcpu(&vm) || vm_load(&vm, &attack->image, s->stall_clocks)) {
		tap(false, "the attacker starts", "%s", vm.error);
		return;
	}
	sigaction(SIGALRM, &action, NULL);
	say("NW: attack begins: %s", attack->name);
	setitimer(ITIMER_REAL, &timer, NULL);
	rc = run_until_over(&vm, attack, s->stall_clocks);
	setitimer(ITIMER_REAL, &off, NULL);
	tap(!rc, "attack: a timer ends KVM_RUN", "%s", vm.error);
	vm_destroy(&vm);
	close(vm.kvm);
}
