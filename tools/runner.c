/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runner.c - starts the simulator and serves its pipes until it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bochsrc.h"
#include "nws.h"
#include "runner.h"

#define PROGRESS_AFTER_S        3.0
#define POLL_MS                 500
#define TERM_GRACE_S            2.0     /* from SIGTERM to SIGKILL */

enum { FD_SERIAL, FD_LOG, FD_SIGNAL, FD_COUNT };

struct state {
	const struct nws_run *run;
	struct nws_run_result *res;
	struct pollfd fd[FD_COUNT];
	sigset_t old_mask;
	pid_t pid;
	bool reaped;
	double start, last_output, term_time;   /* term_time 0 = not yet asked to end */
	bool line_open;                 /* the copied output does not end with a newline */
	bool progress_shown;
	uint64_t copied, logged;
	char log_line[256];
	size_t log_len;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Child ------------------------------------------------------------------------------------------- */

static void child_limits(uint64_t disk_bytes)
{
	rlim_t max = disk_bytes > NWS_FILE_MAX ? disk_bytes : NWS_FILE_MAX;
	struct rlimit no_core = { 0, 0 }, file = { max, max };

	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_FSIZE, &file);
}

static void child_main(const struct state *s, pid_t parent, int log_fd, int error_fd)
{
	const char *const argv[] = { s->run->simulator, "-q", "-f", NWS_F_BOCHSRC, NULL };
	int null = open("/dev/null", O_RDWR), e;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NWS_EXIT_FAULT);
	child_limits(s->run->disk_bytes);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
	/* No locale and time zone of the host in the results. */
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC0", 1);
	if (null >= 0 && dup2(null, 0) >= 0 && dup2(log_fd, 1) >= 0 && dup2(log_fd, 2) >= 0 &&
	    !chdir(s->run->directory))
		execv(s->run->simulator, (char *const *)argv);
	e = errno;
	if (write(error_fd, &e, sizeof(e)) < 0)
		_exit(NWS_EXIT_FAULT);
	_exit(NWS_EXIT_FAULT);
}

/* Reads the errno of a failed exec, 0 when it worked (the descriptor closed itself). */
static int exec_error(int fd)
{
	int e = 0;
	ssize_t n;

	do
		n = read(fd, &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	return n == sizeof(e) ? e : 0;
}

static int start_child(struct state *s)
{
	pid_t parent = getpid();
	int log_fd[2], error_fd[2], e;

	if (pipe2(log_fd, O_CLOEXEC))
		return -1;
	if (pipe2(error_fd, O_CLOEXEC)) {
		close(log_fd[0]);
		close(log_fd[1]);
		return -1;
	}
	fflush(NULL);
	s->pid = fork();
	if (s->pid == 0)
		child_main(s, parent, log_fd[1], error_fd[1]);
	e = errno;
	close(log_fd[1]);
	close(error_fd[1]);
	if (s->pid > 0)
		e = exec_error(error_fd[0]);
	close(error_fd[0]);
	if (s->pid < 0 || e) {
		close(log_fd[0]);
		if (s->pid > 0)
			waitpid(s->pid, NULL, 0);
		errno = e;
		return -1;
	}
	fcntl(log_fd[0], F_SETFL, O_NONBLOCK);
	s->fd[FD_LOG] = (struct pollfd){ .fd = log_fd[0], .events = POLLIN };
	return 0;
}

/* ---- Parent ------------------------------------------------------------------------------------------ */

/* The FIFO is opened before the child runs, so that its open for writing never waits. */
static int open_serial(struct state *s)
{
	char *path = nws_format("%s/%s", s->run->directory, NWS_F_SERIAL);
	int fd = -1;

	if (mkfifo(path, 0600) == 0)
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		nws_error("cannot create the serial pipe %s: %s", path, strerror(errno));
	free(path);
	s->fd[FD_SERIAL] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return fd < 0 ? -1 : 0;
}

static int open_signals(struct state *s)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &s->old_mask);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		nws_error("signalfd: %s", strerror(errno));
	s->fd[FD_SIGNAL] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return fd < 0 ? -1 : 0;
}

static void stop_child(struct state *s, double now)
{
	if (s->reaped)
		return;
	if (s->term_time == 0) {
		s->term_time = now;
		kill(-s->pid, SIGTERM);
	} else if (now - s->term_time > TERM_GRACE_S) {
		kill(-s->pid, SIGKILL);
	}
}

static void erase_progress(struct state *s)
{
	if (!s->progress_shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	s->progress_shown = false;
}

static void show_progress(struct state *s, double now)
{
	if (!s->run->progress || s->line_open || now - s->last_output < PROGRESS_AFTER_S)
		return;
	fprintf(stderr, "\r\033[Knwsim: simulating, %.0f s", now - s->start);
	fflush(stderr);
	s->progress_shown = true;
}

static void copy_out(struct state *s, const char *data, size_t n)
{
	size_t room = NWS_COPY_MAX - s->copied;

	if (s->res->output_failed || !room)
		return;
	erase_progress(s);
	if (fwrite(data, 1, n < room ? n : room, s->run->copy) != (n < room ? n : room) ||
	    fflush(s->run->copy)) {
		nws_error("cannot write the guest's output: %s", strerror(errno));
		s->res->output_failed = true;
		return;
	}
	s->copied += n < room ? n : room;
	s->line_open = data[n - 1] != '\n';
	if (s->copied == NWS_COPY_MAX)
		nws_error("the guest printed more than %u MiB: the rest is not shown", NWS_COPY_MAX >> 20);
}

static void take_output(struct state *s, const char *data, size_t n)
{
	s->res->serial_bytes += (uint64_t)n;
	s->last_output = now_s();
	if (s->run->tee)
		fwrite(data, 1, n, s->run->tee);
	copy_out(s, data, n);
	nws_serial_feed(s->run->serial, data, n);
}

/* Reads once what is there. False at the end of the data. */
static bool serve_serial(struct state *s)
{
	char data[65536];
	ssize_t n = read(s->fd[FD_SERIAL].fd, data, sizeof(data));

	if (n <= 0)
		return false;
	take_output(s, data, (size_t)n);
	return true;
}

static void replay(struct state *s)
{
	char data[65536];
	size_t n;

	while (s->run->before && (n = fread(data, 1, sizeof(data), s->run->before)) > 0)
		take_output(s, data, n);
}

/* Says this line of the log why the simulator ended? Its banner, rulers and information do not. */
static bool is_reason(const char *line)
{
	char level = line[strspn(line, "0123456789")];

	return *line && *line != ' ' && *line != '=' && !(line[0] == '0' && (level == 'i' || level == 'd'));
}

static void log_line(struct state *s)
{
	const char *panic;

	s->log_line[s->log_len] = 0;
	panic = strstr(s->log_line, ">>PANIC<< ");
	if (panic)
		strcpy(s->res->last_panic, panic + strlen(">>PANIC<< "));
	if (is_reason(s->log_line))
		strcpy(s->res->last_line, s->log_line);
	s->log_len = 0;
}

static bool serve_log(struct state *s)
{
	char data[65536];
	ssize_t n = read(s->fd[FD_LOG].fd, data, sizeof(data));

	if (n <= 0)
		return false;
	if (s->run->log && s->logged < NWS_LOG_MAX)
		s->logged += fwrite(data, 1, (size_t)n, s->run->log);
	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n')
			log_line(s);
		else if (s->log_len < sizeof(s->log_line) - 1)
			s->log_line[s->log_len++] = (unsigned char)data[i] < ' ' ? ' ' : data[i];
	}
	return true;
}

static void reap(struct state *s)
{
	int status;

	if (s->reaped || waitpid(s->pid, &status, WNOHANG) != s->pid)
		return;
	s->reaped = true;
	s->res->exited = WIFEXITED(status);
	s->res->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

static void serve_signals(struct state *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd[FD_SIGNAL].fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (!s->res->interrupted)
			s->res->interrupted = (int)info.ssi_signo;
	}
}

static void serve(struct state *s)
{
	s->start = s->last_output = now_s();
	replay(s);
	while (!s->reaped) {
		double now;

		if (poll(s->fd, FD_COUNT, POLL_MS) < 0 && errno != EINTR)
			break;
		if (s->fd[FD_SERIAL].revents && !serve_serial(s) && (s->fd[FD_SERIAL].revents & POLLHUP))
			s->fd[FD_SERIAL].fd =
				-1 - s->fd[FD_SERIAL].fd; /* closed by the child: not polled any more */
		if (s->fd[FD_LOG].revents && !serve_log(s) && (s->fd[FD_LOG].revents & POLLHUP))
			s->fd[FD_LOG].fd = -1 - s->fd[FD_LOG].fd;
		serve_signals(s);
		now = now_s();
		if (s->res->interrupted || s->res->output_failed)
			stop_child(s, now);
		show_progress(s, now);
	}
	for (int i = FD_SERIAL; i <= FD_LOG; i++)
		if (s->fd[i].fd < -1)
			s->fd[i].fd = -1 - s->fd[i].fd;
	while (serve_serial(s))
		;
	while (serve_log(s))
		;
	if (s->log_len)
		log_line(s);
	erase_progress(s);
	s->res->host_seconds = now_s() - s->start;
}

static void clean_up(struct state *s)
{
	char *path = nws_format("%s/%s", s->run->directory, NWS_F_SERIAL);

	unlink(path); /* in a kept directory the simulator can then be run by hand */
	free(path);
	for (int i = 0; i < FD_COUNT; i++)
		if (s->fd[i].fd >= 0)
			close(s->fd[i].fd);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

int nws_run_simulator(const struct nws_run *r, struct nws_run_result *result)
{
	struct state s = { .run = r, .res = result, .fd = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } } };
	void (*old_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	int rc = -1;

	memset(result, 0, sizeof(*result));
	sigprocmask(SIG_SETMASK, NULL, &s.old_mask);
	if (!open_serial(&s) && !open_signals(&s)) {
		rc = start_child(&s);
		if (rc)
			nws_error("cannot start the simulator %s: %s; run ./quickstart", r->simulator,
				  strerror(errno));
		else
			serve(&s);
	}
	if (!rc)
		nws_serial_finish(r->serial);
	clean_up(&s);
	signal(SIGPIPE, old_pipe);
	return rc;
}
