/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs the distribution's QEMU with KVM. Its guest's serial output comes through a pipe and is repeated line by line
 * behind "L1| ", which keeps its TAP lines apart from ours.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "beat.h"
#include "distro.h"
#include "out.h"

#define QEMU		"/usr/bin/qemu-system-x86_64"
#define GAP_MAX_NS	100000000ULL
#define L1_APPEND	"console=ttyS0 panic=-1 reboot=t nw.role=l1"

struct l1 {
	char		line[1024];
	size_t		used;
	bool		user_space, passed;
	unsigned int	not_ok;
	char		last[256];
};

/* "A;B" as " A B". */
static void add_words(char *append, size_t size, const char *words)
{
	size_t used = strlen(append);

	snprintf(append + used, size - used, "%s%s", *words ? " " : "", words);
	for (; append[used]; used++)
		if (append[used] == ';')
			append[used] = ' ';
}

/* With several CPUs a QEMU whose guest attacks has the first one, and a process that wakes up every 10 ms the last one. */
static void keep_to_cpu(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void start_qemu(const struct settings *s, int out)
{
	char cpus[16], append[1024];
	char *const argv[] = {
		(char *)QEMU, (char *)"-accel", (char *)(s->qemu_notify ? "kvm" : "kvm,notify-vmexit=disable"), (char *)"-cpu",
		/* A guest that can be migrated sees those VMX controls only that QEMU knows by name. */
		(char *)(*s->l1_words ? "host,migratable=off" : "host"), (char *)"-smp", cpus,
		(char *)"-m", (char *)"256", (char *)"-nodefaults", (char *)"-no-user-config", (char *)"-display",
		(char *)"none", (char *)"-serial", (char *)"stdio", (char *)"-no-reboot", (char *)"-kernel",
		(char *)"/l1/vmlinuz", (char *)"-initrd", (char *)"/l1/initrd", (char *)"-append", append, NULL
	};

	snprintf(cpus, sizeof(cpus), "%u", s->l1_cpus);
	snprintf(append, sizeof(append), L1_APPEND " nw.cpus=%u%s", s->l1_cpus, s->show_log ? "" : " quiet");
	add_words(append, sizeof(append), s->l1_words);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(QEMU, argv);
	dprintf(STDERR_FILENO, "execv: %s\n", strerror(errno));
	_exit(127);
}

static void end_line(struct l1 *l1)
{
	l1->line[l1->used] = 0;
	l1->used = 0;
	if (!*l1->line)
		return;
	say("L1| %s", l1->line);
	snprintf(l1->last, sizeof(l1->last), "%.255s", l1->line);
	/* The firmware may have left something at the beginning of the first line. */
	if (strstr(l1->line, "NW: init start"))
		l1->user_space = true;
	else if (!strcmp(l1->line, "NW: result code=0"))
		l1->passed = true;
	else if (!strncmp(l1->line, "not ok ", 7))
		l1->not_ok++;
}

static void take(struct l1 *l1, const char *data, ssize_t n)
{
	for (; n > 0; data++, n--) {
		if (*data == '\n' || l1->used == sizeof(l1->line) - 1)
			end_line(l1);
		else if (*data != '\r')
			l1->line[l1->used++] = *data;
	}
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Repeats the output until QEMU closes it; false when the time is over. */
static bool follow(struct l1 *l1, int in, double end)
{
	struct pollfd p = { .fd = in, .events = POLLIN };
	char data[4096];
	ssize_t n;

	for (;;) {
		double left = end - now_s();

		if (left <= 0 || poll(&p, 1, (int)(left * 1000) + 1) == 0)
			return false;
		n = read(in, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		take(l1, data, n);
	}
}

void run_qemu(const struct settings *s)
{
	static struct l1 l1;
	double start = now_s();
	int out[2], status = 0;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct beat_count beats;
	struct beat beat;
	bool ended, apart;
	pid_t pid;

	apart = cpus > 1 && *s->l1_words;
	if (apart)
		keep_to_cpu(cpus - 1);
	if (beat_start(&beat) || pipe(out) || (pid = fork()) < 0) {
		tap(false, "QEMU starts", "%s", strerror(errno));
		return;
	}
	if (!pid) {
		if (apart)
			keep_to_cpu(0);
		start_qemu(s, out[1]);
	}
	close(out[1]);
	ended = follow(&l1, out[0], start + s->qemu_s);
	if (!ended)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	end_line(&l1);
	beats = beat_stop(&beat);
	say("NW: beats=%u max_gap_ms=%llu", beats.beats, (unsigned long long)beats.max_gap_ns / 1000000);
	if (apart)
		tap(beats.beats && beats.max_gap_ns < GAP_MAX_NS, "work on the other CPU goes on",
		    "%u wake-ups, once none for %llu ms", beats.beats, (unsigned long long)beats.max_gap_ns / 1000000);
	say("NW: qemu seconds=%.3f status=0x%x", now_s() - start, (unsigned int)status);
	tap(l1.user_space, "QEMU's guest reaches user space", "its last line: '%s'", l1.last);
	tap(l1.passed && !l1.not_ok, "QEMU's guest passes its own checks", "%u not ok, last line '%s'", l1.not_ok, l1.last);
	tap(ended && WIFEXITED(status) && !WEXITSTATUS(status), "QEMU ends by itself, without an error",
	    ended ? "wait status 0x%x" : "no end within %u s", ended ? (unsigned int)status : s->qemu_s);
}
