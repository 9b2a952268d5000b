/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sim.c - the simulator as a child process behind a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nws.h"
#include "sim.h"

#define SERIAL_FD 3
#define POLL_MS   1000

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

/* Not every host counts instructions, and not every user may: that is no error. */
static int open_counter(pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr), .config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1, .exclude_hv = 1, .inherit = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* ---- Start ------------------------------------------------------------------------------------------- */

__attribute__((noreturn)) static void child(const char *simulator, const char *directory, const char *bochsrc,
					    int serial, int host_cpu)
{
	int null;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (host_cpu >= 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(host_cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	null = open("/dev/null", O_RDWR);
	if (chdir(directory) || null < 0)
		_exit(127);
	/* The pipe may lie on one of the numbers that are about to be replaced. */
	serial = fcntl(serial, F_DUPFD, SERIAL_FD + 1);
	null = fcntl(null, F_DUPFD, SERIAL_FD + 1);
	if (serial < 0 || null < 0)
		_exit(127);
	for (int fd = 0; fd < SERIAL_FD; fd++)
		dup2(null, fd);
	dup2(serial, SERIAL_FD);
	close(serial);
	close(null);
	execl(simulator, simulator, "-q", "-f", bochsrc, (char *)NULL);
	_exit(127);
}

int nwb_sim_start(struct nwb_sim *s, const char *name, const char *simulator, const char *directory,
		  const char *bochsrc, const char *log, int host_cpu)
{
	int fd[2];

	memset(s, 0, sizeof(*s));
	s->name = name;
	s->counter = -1;
	if (pipe2(fd, O_CLOEXEC)) {
		nws_error("cannot create a pipe: %s", strerror(errno));
		return -1;
	}
	fflush(NULL);
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	s->pid = fork();
	if (s->pid == 0)
		child(simulator, directory, bochsrc, fd[1], host_cpu);
	close(fd[1]);
	if (s->pid < 0 || clock_getcpuclockid(s->pid, &s->cpu_clock)) {
		nws_error("cannot start %s: %s", simulator, strerror(errno));
		close(fd[0]);
		s->pid = 0;
		return -1;
	}
	s->serial = fd[0];
	s->counter = open_counter(s->pid);
	s->log = nws_format("%s/%s", directory, log);
	return 0;
}

/* ---- Messages ---------------------------------------------------------------------------------------- */

/* The last panic of the log, or its last line. */
static void last_words(const char *log, char *words, size_t size)
{
	FILE *f = fopen(log, "re");
	char line[512];
	bool panic = false;

	words[0] = 0;
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		bool this_panics = strstr(line, "p[") != NULL;

		if (!this_panics && (panic || line[0] == '\n'))
			continue;
		panic = this_panics;
		line[strcspn(line, "\n")] = 0;
		snprintf(words, size, "%s", line);
	}
	fclose(f);
}

static int ended(struct nwb_sim *s, const char *wanted)
{
	char words[512], how[64] = "ended";
	int status;

	if (waitpid(s->pid, &status, 0) == s->pid) {
		if (WIFEXITED(status))
			snprintf(how, sizeof(how), "exited with status %d", WEXITSTATUS(status));
		else if (WIFSIGNALED(status))
			snprintf(how, sizeof(how), "died of signal %d", WTERMSIG(status));
		s->pid = 0;
	}
	last_words(s->log, words, sizeof(words));
	nws_error("%s: the simulator %s before the guest sent \"%s\"%s%s", s->name, how, wanted,
		  *words ? "; its log ends with: " : "", words);
	return -1;
}

/* ---- Serial line ------------------------------------------------------------------------------------- */

/* Removes n bytes from the front. */
static void drop(struct nwb_sim *s, size_t n)
{
	s->len -= n;
	memmove(s->text, s->text + n, s->len);
}

static char *find(struct nwb_sim *s, const char *text)
{
	return memmem(s->text, s->len, text, strlen(text));
}

/* Adds what has arrived. The buffer is not full. */
static int receive(struct nwb_sim *s, const char *wanted, const struct timespec *start, double limit_s)
{
	struct pollfd p = { .fd = s->serial, .events = POLLIN };
	ssize_t n;

	if (seconds_since(start) > limit_s) {
		nws_error("%s: the guest has not sent \"%s\" within %.0f s; --limit sets another limit", s->name,
			  wanted, limit_s);
		return -1;
	}
	if (poll(&p, 1, POLL_MS) <= 0)
		return 0;
	n = read(s->serial, s->text + s->len, sizeof(s->text) - s->len);
	if (n == 0)
		return ended(s, wanted);
	if (n > 0)
		s->len += (size_t)n;
	return 0;
}

int nwb_sim_wait(struct nwb_sim *s, const char *text, double limit_s)
{
	struct timespec start;
	char *found;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!(found = find(s, text))) {
		/* The end may be the beginning of the text. */
		if (s->len >= strlen(text))
			drop(s, s->len - strlen(text) + 1);
		if (receive(s, text, &start, limit_s))
			return -1;
	}
	drop(s, (size_t)(found - s->text) + strlen(text));
	return 0;
}

int nwb_sim_line(struct nwb_sim *s, char *line, size_t size, double limit_s)
{
	struct timespec start;
	size_t n = 0;
	char *end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		size_t part;

		end = find(s, "\n");
		part = end ? (size_t)(end - s->text) : s->len;
		for (size_t i = 0; i < part && n < size - 1; i++)
			if (s->text[i] != '\r')
				line[n++] = s->text[i];
		drop(s, part + (end != NULL));
		if (end)
			break;
		if (receive(s, "\\n", &start, limit_s))
			return -1;
	}
	line[n] = 0;
	return 0;
}

/* ---- Clocks and control ------------------------------------------------------------------------------- */

void nwb_sim_sample(const struct nwb_sim *s, struct nwb_sample *sample)
{
	struct timespec cpu = { 0 };

	clock_gettime(s->cpu_clock, &cpu);
	sample->wall_s = seconds_since(&s->start);
	sample->cpu_s = (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec;
	sample->instructions = 0;
	if (s->counter >= 0 && read(s->counter, &sample->instructions, sizeof(uint64_t)) != sizeof(uint64_t))
		sample->instructions = 0;
}

int nwb_sim_stop(struct nwb_sim *s)
{
	siginfo_t info;

	kill(s->pid, SIGSTOP);
	while (waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WEXITED | WNOWAIT))
		if (errno != EINTR)
			return -1;
	if (info.si_code != CLD_STOPPED)
		return ended(s, "the next mark");
	/* Take the report, so that the next call waits for the next stop. */
	waitid(P_PID, (id_t)s->pid, &info, WSTOPPED);
	return 0;
}

void nwb_sim_continue(const struct nwb_sim *s)
{
	kill(s->pid, SIGCONT);
}

void nwb_sim_end(struct nwb_sim *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (s->counter >= 0)
		close(s->counter);
	if (s->log)
		close(s->serial);
	free(s->log);
	memset(s, 0, sizeof(*s));
	s->counter = -1;
}
