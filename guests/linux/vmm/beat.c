/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heartbeat process. The VMM and it share one page; only it writes.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "l0.h"

#define PERIOD_NS	10000000

static void beat_for_ever(volatile struct beat_count *shared)
{
	const struct timespec period = { 0, PERIOD_NS };
	uint64_t last = l0_monotonic_ns();

	for (;;) {
		uint64_t now;

		nanosleep(&period, NULL);
		now = l0_monotonic_ns();
		if (now - last > shared->max_gap_ns)
			shared->max_gap_ns = now - last;
		shared->beats++;
		last = now;
	}
}

int beat_start(struct beat *b)
{
	void *page = mmap(NULL, sizeof(*b->shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -1;
	b->shared = page;
	b->pid = fork();
	if (!b->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		beat_for_ever(b->shared);
	}
	return b->pid < 0 ? -1 : 0;
}

struct beat_count beat_stop(struct beat *b)
{
	struct beat_count count;

	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	count = *b->shared;
	munmap((void *)b->shared, sizeof(*b->shared));
	return count;
}
