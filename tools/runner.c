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
#include <unistd.h>

#include "bochsrc.h"
#include "nws.h"
#include "paths.h"
#include "progress.h"
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
	uint64_t copied, logged;
	char log_line[256];
	size_t log_len;
};

/* ---- Child ------------------------------------------------------------------------------------------- */

/* A limit that the user has set stays, even if this process could raise it. */
static uint64_t file_limit(uint64_t disk_bytes)
{
	rlim_t max = disk_bytes > NWS_FILE_MAX ? disk_bytes : NWS_FILE_MAX;
	struct rlimit user;

	return !getrlimit(RLIMIT_FSIZE, &user) && user.rlim_cur < max ? user.rlim_cur : max;
}

static void child_limits(uint64_t bytes)
{
	struct rlimit no_core = { 0, 0 }, file = { bytes, bytes };

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
	child_limits(s->res->file_limit);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
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
	s->res->file_limit = file_limit(s->run->disk_bytes);
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

	nws_end_signals(&set);
	sigaddset(&set, SIGCHLD);
	if (!nws_ignored(SIGTSTP))
		sigaddset(&set, SIGTSTP);
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

static void show_progress(struct state *s, double now)
{
	if (s->run->progress && !s->line_open && now - s->last_output >= PROGRESS_AFTER_S)
		nws_progress_show("nwsim: simulating, %.0f s", now - s->start);
}

static void copy_out(struct state *s, const char *data, size_t n)
{
	size_t room = NWS_COPY_MAX - s->copied;

	if (s->res->output_failed || !room)
		return;
	nws_progress_erase();
	if (fwrite(data, 1, n < room ? n : room, s->run->copy) != (n < room ? n : room) ||
	    fflush(s->run->copy)) {
		nws_output_lost("the guest's output", errno);
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
	s->last_output = nws_now_s();
	if (s->run->tee && !s->res->tee_error && fwrite(data, 1, n, s->run->tee) != n)
		s->res->tee_error = errno;
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

static void keep_log(struct state *s, const char *data, size_t n)
{
	if (!s->run->log || s->res->log_error || s->logged >= NWS_LOG_MAX)
		return;
	if (fwrite(data, 1, n, s->run->log) != n)
		s->res->log_error = errno;
	s->logged += n;
}

static bool serve_log(struct state *s)
{
	char data[65536];
	ssize_t n = read(s->fd[FD_LOG].fd, data, sizeof(data));

	if (n <= 0)
		return false;
	keep_log(s, data, (size_t)n);
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

/*
 * The terminal's stop reaches this process only, the simulator has a group of its own: it stops first and goes on last.
 * The time between does not count.
 */
static void suspend(struct state *s)
{
	double begin = nws_now_s(), stopped;

	nws_progress_erase();
	if (!s->reaped)
		kill(-s->pid, SIGSTOP);
	raise(SIGSTOP);
	if (!s->reaped)
		kill(-s->pid, SIGCONT);
	stopped = nws_now_s() - begin;
	s->start += stopped;
	s->last_output += stopped;
	if (s->term_time > 0)
		s->term_time += stopped;
}

static void serve_signals(struct state *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd[FD_SIGNAL].fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (info.ssi_signo == SIGTSTP)
			suspend(s);
		else if (!s->res->interrupted)
			s->res->interrupted = (int)info.ssi_signo;
	}
}

static void serve(struct state *s)
{
	s->start = s->last_output = nws_now_s();
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
		now = nws_now_s();
		if (s->run->host_limit_s > 0 && now - s->start >= s->run->host_limit_s && !s->reaped)
			s->res->limited = true;
		if (s->res->interrupted || s->res->output_failed || s->res->limited)
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
	nws_progress_erase();
	s->res->host_seconds = nws_now_s() - s->start;
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
			nws_error("cannot start the simulator %s: %s%s", r->simulator, strerror(errno),
				  errno == ENOENT || errno == EACCES || errno == ENOEXEC ? "; " NWS_REMEDY : "");
		else
			serve(&s);
	}
	if (!rc)
		nws_serial_finish(r->serial);
	clean_up(&s);
	signal(SIGPIPE, old_pipe);
	return rc;
}
