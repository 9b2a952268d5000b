/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch.c - starts the guests of `nwsim run --all`, each in a process of its own, and waits for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"
#include "columns.h"
#include "nws.h"
#include "output.h"
#include "progress.h"
#include "workdir.h"

#define OVERHEAD_MIB    96              /* of a simulator besides the guest's RAM */
#define TICK_MS         500

/* Beyond struct nws_batch: what only the running needs. */
struct run {
	struct nws_batch b;
	int argc;
	char **argv;
	unsigned jobs;
	struct nws_result *results;     /* shared with the children */
	struct nws_workdir dir;
	sigset_t watched, old_mask;
	bool progress;
};

/* ---- Which guests --------------------------------------------------------------------------------------- */

static bool group_exists(const struct nws_guests *list, const char *group)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->g[i].group, group))
			return true;
	return false;
}

static int check_names(const struct nws_guests *list, const struct nws_options *o)
{
	for (unsigned i = 0; i < o->n_groups; i++)
		if (!group_exists(list, o->group[i]))
			return nws_usage("no group '%s'; `nwsim list' shows the groups", o->group[i]);
	for (unsigned i = 0; i < o->n_names; i++)
		if (!nws_guests_find(list, o->names[i]))
			return nws_usage("no guest '%s'; `nwsim list' shows the guests", o->names[i]);
	return 0;
}

static bool wanted(const struct nws_options *o, const struct nws_guest *g)
{
	if (o->all)
		return true;
	for (unsigned i = 0; i < o->n_groups; i++)
		if (!strcmp(o->group[i], g->group))
			return true;
	for (unsigned i = 0; i < o->n_names; i++)
		if (!strcmp(o->names[i], g->name))
			return true;
	return false;
}

/* In the order of the list, each once. Everything that is wrong with one of them is found before any is run. */
static int select_guests(struct run *r, const struct nws_guests *list)
{
	struct nws_batch *b = &r->b;

	if (check_names(list, b->o))
		return NWS_EXIT_USAGE;
	b->job = nws_realloc(NULL, (list->n + 1) * sizeof(*b->job));
	for (size_t i = 0; i < list->n; i++) {
		struct nws_job *j = &b->job[b->n];

		if (!wanted(b->o, &list->g[i]))
			continue;
		memset(j, 0, sizeof(*j));
		j->guest = &list->g[i];
		if (nws_guest_check(j->guest, r->argc, r->argv, &j->memory_mib, &j->expect))
			return NWS_EXIT_USAGE;
		b->n++;
	}
	return b->n ? 0 : nws_usage("the list of guests is empty");
}

/* ---- How many at a time --------------------------------------------------------------------------------- */

static unsigned host_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

/* Memory that can be had without swapping; UINT64_MAX if the host does not say. */
static uint64_t available_mib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	if (f)
		fclose(f);
	return found ? kib >> 10 : UINT64_MAX;
}

/* RAM that was promised to guests that run may not have been touched yet: it counts in full. */
static bool memory_for(const struct nws_batch *b, const struct nws_job *next)
{
	uint64_t need = next->memory_mib + OVERHEAD_MIB;

	if (b->started == b->ended)
		return true;            /* alone it runs wherever `nwsim run` does */
	for (size_t i = 0; i < b->started; i++)
		if (!b->job[i].ended)
			need += b->job[i].memory_mib;
	return need <= available_mib();
}

/* ---- Processes ------------------------------------------------------------------------------------------ */

static void child_main(struct run *r, struct nws_job *j, pid_t parent, int out)
{
	int null = open("/dev/null", O_RDONLY);
	char *trace = NULL;
	int status;

	/* The simulator goes with its nwsim, and that with this one's parent. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(NWS_EXIT_USAGE);
	clearerr(stdout); /* that its parent could not print is not its own failure */
	sigprocmask(SIG_SETMASK, &r->old_mask, NULL);
	if (r->b.o->results)
		trace = nws_format("%s/%s.nwt", r->dir.path, j->guest->name);
	status = nws_run_guest(j->guest, r->argc, r->argv, trace, &r->results[j - r->b.job]);
	fflush(NULL);
	_exit(status);
}

static int start(struct run *r, struct nws_job *j)
{
	char *name = nws_format("%s.out", j->guest->name);
	pid_t parent = getpid();
	int out;

	j->output = nws_workdir_path(&r->dir, name);
	free(name);
	j->result = &r->results[j - r->b.job];
	out = open(j->output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (out < 0) {
		nws_error("%s: %s", j->output, strerror(errno));
		return -1;
	}
	fflush(NULL);
	j->begin = nws_now_s();
	j->pid = fork();
	if (j->pid == 0)
		child_main(r, j, parent, out);
	close(out);
	if (j->pid < 0) {
		nws_error("cannot start a process: %s", strerror(errno));
		j->pid = 0;
		return -1;
	}
	r->b.started++;
	return 0;
}

static int start_some(struct run *r)
{
	struct nws_batch *b = &r->b;

	while (b->started < b->n && b->started - b->ended < r->jobs && memory_for(b, &b->job[b->started]))
		if (start(r, &b->job[b->started]))
			return -1;
	return 0;
}

static void reap(struct run *r)
{
	struct nws_batch *b = &r->b;
	int status;

	for (size_t i = 0; i < b->started; i++) {
		struct nws_job *j = &b->job[i];

		if (j->ended || waitpid(j->pid, &status, WNOHANG) != j->pid)
			continue;
		j->ended = true;
		j->seconds = nws_now_s() - j->begin;
		j->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		b->ended++;
		b->met += nws_job_end(j) == NWS_JOB_MET;
	}
}

/* The nwsim of each guest stops its simulator and removes its files. */
static void stop(struct run *r)
{
	for (size_t i = 0; i < r->b.started; i++)
		if (!r->b.job[i].ended) {
			r->b.job[i].stopped = true;
			kill(r->b.job[i].pid, SIGTERM);
		}
}

/* In the order of the list: a result waits for those before it. last: there is nothing more to wait for. */
static void report(struct run *r, bool last)
{
	struct nws_batch *b = &r->b;

	if (r->progress)
		nws_progress_erase();
	for (; b->reported < b->started && (last || b->job[b->reported].ended); b->reported++)
		if (nws_job_end(&b->job[b->reported]) != NWS_JOB_NOT_RUN)
			nws_batch_line(b, &b->job[b->reported]);
}

static void wait_some(struct run *r)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000l };
	int signal_number = sigtimedwait(&r->watched, NULL, &tick);

	if (signal_number > 0 && signal_number != SIGCHLD && !r->b.interrupted) {
		r->b.interrupted = signal_number;
		stop(r);
	}
	reap(r);
}

static int run_all(struct run *r)
{
	struct nws_batch *b = &r->b;
	int rc = 0;

	b->begin = nws_now_s();
	nws_batch_head(b);
	while (b->ended < b->n) {
		if (!rc && !r->b.interrupted && start_some(r)) {
			rc = -1;
			stop(r);
		}
		if ((rc || r->b.interrupted) && b->ended == b->started)
			break;
		wait_some(r);
		report(r, false);
		if (r->progress)
			nws_batch_progress(b, nws_now_s());
	}
	report(r, true);
	b->seconds = nws_now_s() - b->begin;
	return rc;
}

/* ---- Outputs -------------------------------------------------------------------------------------------- */

static bool failed(const struct nws_job *j)
{
	enum nws_job_end end = nws_job_end(j);

	return end != NWS_JOB_MET && end != NWS_JOB_NOT_RUN;
}

/* Outputs of the guests that did not end as expected get a directory that stays. */
static void keep_failed(struct run *r)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = nws_format("%s/nwsim-failed-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	if (!mkdtemp(dir)) {
		nws_error("%s: %s", dir, strerror(errno));
		free(dir);
		return;
	}
	for (size_t i = 0; i < r->b.n; i++) {
		struct nws_job *j = &r->b.job[i];
		char *to = nws_format("%s/%s.out", dir, j->guest->name);

		if (failed(j))
			nws_output_file("", j->output, to);
		free(to);
	}
	r->b.kept = dir;
}

/* error: not all guests could be started. */
static int batch_status(const struct nws_batch *b, bool error)
{
	if (b->interrupted)
		return 128 + b->interrupted;
	if (error || nws_batch_count(b, NWS_JOB_ERROR))
		return NWS_EXIT_USAGE;
	if (nws_batch_count(b, NWS_JOB_FAULT))
		return NWS_EXIT_FAULT;
	return b->met == b->n ? NWS_EXIT_MET : NWS_EXIT_NOT_MET;
}

static int finish(struct run *r, bool error)
{
	struct nws_batch *b = &r->b;
	size_t bad = b->n - b->met - nws_batch_count(b, NWS_JOB_NOT_RUN);

	if (b->interrupted)
		nws_error("ended by signal %d (%s) after %zu of %zu guests", b->interrupted, strsignal(b->interrupted),
			  b->met + bad, b->n);
	if (b->o->results)
		b->kept = nws_strdup(r->dir.path);
	else if (bad)
		keep_failed(r);
	if (nws_batch_foot(b))
		return NWS_EXIT_USAGE;
	return batch_status(b, error);
}

static int prepare(struct run *r)
{
	const struct nws_options *o = r->b.o;

	r->jobs = o->jobs ? o->jobs : host_cpus();
	r->progress = nws_terminal(STDERR_FILENO);
	r->results = mmap(NULL, r->b.n * sizeof(*r->results), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->results == MAP_FAILED) {
		nws_error("mmap: %s", strerror(errno));
		return -1;
	}
	return o->results ? nws_workdir_create_kept(&r->dir, "--results", o->results) : nws_workdir_create(&r->dir, NULL);
}

static void watch_signals(struct run *r)
{
	nws_end_signals(&r->watched);
	sigaddset(&r->watched, SIGCHLD);
	sigprocmask(SIG_BLOCK, &r->watched, &r->old_mask);
}

static void release(struct run *r)
{
	for (size_t i = 0; i < r->b.n; i++)
		free(r->b.job[i].output);
	free(r->b.job);
	free(r->b.kept);
}

int nws_batch(const struct nws_guests *list, const struct nws_options *o, int argc, char **argv)
{
	struct run r = { .b = { .o = o }, .argc = argc, .argv = argv };
	int status = select_guests(&r, list);

	if (!status && prepare(&r))
		status = NWS_EXIT_USAGE;
	if (!status) {
		watch_signals(&r);
		status = finish(&r, run_all(&r) != 0);
		nws_workdir_remove(&r.dir);
		sigprocmask(SIG_SETMASK, &r.old_mask, NULL);
	}
	release(&r);
	return status;
}
