/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs the kernel's own tests of KVM that are in the initramfs: "nw.selftests=NAME[:ARGUMENT],..." or "all". A test's output is
 * repeated line by line behind "NAME| ", which keeps its TAP lines apart from ours; its exit code decides: 0 passed, 4 skipped.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "distro.h"
#include "out.h"

#define DIRECTORY	"/selftests"
#define CODE_SKIP	4

struct selftest {
	const char	*name;
	char		line[1024], skip[256], last[256];
	size_t		used;
	unsigned int	pass, fail, skipped;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end_line(struct selftest *t)
{
	char *skip;

	t->line[t->used] = 0;
	t->used = 0;
	if (!*t->line)
		return;
	say("%s| %s", t->name, t->line);
	skip = strstr(t->line, "# SKIP ");
	if (!strncmp(t->line, "not ok ", 7))
		t->fail++;
	else if (!strncmp(t->line, "ok ", 3) && skip)
		t->skipped++;
	else if (!strncmp(t->line, "ok ", 3))
		t->pass++;
	if (skip)
		snprintf(t->skip, sizeof(t->skip), "%.255s", skip + 7);
	snprintf(t->last, sizeof(t->last), "%.255s", t->line);
}

static void take(struct selftest *t, const char *data, ssize_t n)
{
	for (; n > 0; data++, n--) {
		if (*data == '\n' || t->used == sizeof(t->line) - 1)
			end_line(t);
		else if (*data != '\r')
			t->line[t->used++] = *data;
	}
}

/* Repeats the output until the test closes it; false when the time is over. */
static bool follow(struct selftest *t, int in, int64_t end_ms)
{
	struct pollfd p = { .fd = in, .events = POLLIN };
	char data[4096];
	ssize_t n;

	for (;;) {
		int64_t left = end_ms - now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return false;
		n = read(in, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		take(t, data, n);
	}
}

static pid_t start(const char *name, char *argument, int out)
{
	char path[300], *argv[] = { path, argument, NULL };
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(path, argv);
	dprintf(STDERR_FILENO, "execv %s: %s\n", path, strerror(errno));
	_exit(127);
}

/* "NAME" or "NAME:ARGUMENT". */
static void run_one(char *name, unsigned int seconds)
{
	struct selftest t = { .name = name };
	char *argument, what[300];
	int out[2], status = 0, code;
	int64_t begin = now_ms();
	bool ended;
	pid_t pid;

	snprintf(what, sizeof(what), "selftest %s", name);
	argument = strchr(name, ':');
	if (argument)
		*argument++ = 0;
	if (pipe(out) || (pid = start(name, argument, out[1])) < 0) {
		tap(false, what, "%s", strerror(errno));
		return;
	}
	close(out[1]);
	ended = follow(&t, out[0], begin + seconds * 1000LL);
	if (!ended)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(out[0]);
	end_line(&t);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	say("NW: selftest name=%s argument=%s code=%d pass=%u fail=%u skip=%u ms=%lld", name, argument ? argument : "-",
	    code, t.pass, t.fail, t.skipped, (long long)(now_ms() - begin));
	if (code == CODE_SKIP)
		tap_skip(what, *t.skip ? t.skip : "it exits with code 4");
	else
		tap(ended && code == 0 && !t.fail, what,
		    ended ? "wait status 0x%x, %u lines not ok, the last line '%s'" :
		    "not at its end in time, wait status 0x%x, %u lines not ok, the last line '%s'",
		    (unsigned int)status, t.fail, t.last);
}

static int is_test(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

void run_selftests(const struct settings *s)
{
	struct dirent **list;
	char *names, *next;
	int i, n;

	if (strcmp(s->selftests, "all")) {
		names = strdup(s->selftests);
		while ((next = strsep(&names, ",")))
			if (*next)
				run_one(next, s->selftest_s);
		return;
	}
	n = scandir(DIRECTORY, &list, is_test, alphasort);
	if (n <= 0)
		tap(false, "selftests are there", DIRECTORY ": %s", n ? strerror(errno) : "empty");
	for (i = 0; i < n; i++)
		run_one(list[i]->d_name, s->selftest_s);
}
