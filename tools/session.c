/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.c - runs the simulator in the directory that was prepared, reads the trace, reports.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bochsrc.h"
#include "columns.h"
#include "nws.h"
#include "progress.h"
#include "session_run.h"

/* ---- The run ----------------------------------------------------------------------------------------- */

static void on_line(void *ctx, const char *line)
{
	struct session *s = ctx;

	const char *panic = strstr(line, "Kernel panic - not syncing: ");

	if (panic && !s->kernel_panic)
		s->kernel_panic = nws_strdup(panic + strlen("Kernel panic - not syncing: "));
	nws_tap_line(&s->report.outcome.tap, line);
	if (s->t->table)
		nws_table_line(s->t->table, line);
}

static int run(struct session *s)
{
	struct nws_run r = {
		.simulator = s->simulator, .directory = s->dir.path, .copy = s->o->json ? stderr : stdout,
		.host_limit_s = (double)s->o->host_limit_us / 1e6,
		.progress = nws_terminal(STDERR_FILENO), .serial = &s->serial, .tee = s->save.serial,
	};
	struct stat st;
	int rc;

	if (s->o->disk_write && s->t->disk && !stat(s->t->disk, &st))
		r.disk_bytes = (uint64_t)st.st_size;
	if (s->o->log) {
		r.log = nws_session_create(s, NWS_F_LOG);
		if (!r.log)
			return -1;
	}
	if (s->o->restore && !(r.before = nws_snapshot_serial(s->o->restore)))
		return -1;
	rc = nws_run_simulator(&r, &s->result);
	if (r.before)
		fclose(r.before);
	if (r.log && fclose(r.log) && !s->result.log_error)
		s->result.log_error = errno;
	return rc;
}

/* ---- After the run ----------------------------------------------------------------------------------- */

/* Reads the trace; explains in s->message why there is none to read. */
static void read_trace(struct session *s)
{
	char *path = nws_workdir_path(&s->dir, NWS_F_TRACE);
	char err[NWT_ERRLEN];
	struct nwt_reader *r;

	if (access(path, R_OK)) {
		s->message = nws_strdup("it left no trace");
		free(path);
		return;
	}
	r = nwt_open(path, err);
	free(path);
	if (!r) {
		s->message = nws_strdup(err);
		return;
	}
	nws_trace_head(&s->report.trace, r);
	if (nw_summary_read(&s->sum, r, err))
		s->message = nws_strdup(err);
	else if (!s->sum.has_verdict)
		s->message = nws_strdup("its trace ends without a verdict");
	nwt_reader_close(r);
	s->report.trace.sum = &s->sum;
	s->report.has_trace = true;
}

static const char *first_of(const char *a, const char *b)
{
	return *a ? a : b;
}

static void explain_death(struct session *s)
{
	const struct nws_run_result *res = &s->result;
	const char *log = first_of(res->last_panic, res->last_line);

	free(s->message);
	if (res->limited)
		s->message = nws_format("it was stopped after %.1f s of host time; --host-limit SECONDS gives another limit",
					res->host_seconds);
	else if (res->exited)
		s->message = nws_format("it exited with status %d%s%s", res->status, *log ? ": " : "", log);
	else if (res->status == SIGXFSZ)
		s->message = nws_format(
			"it was stopped: its trace grew beyond %" PRIu64 " %s; give a lower --time-limit or a "
			"higher --param gap_min=TICKS", res->file_limit >> (res->file_limit >> 30 ? 30 : 10),
			res->file_limit >> 30 ? "GiB" : "KiB (ulimit -f)");
	else
		s->message = nws_format("it died of signal %d (%s)%s%s", res->status,
					strsignal(res->status), *log ? ": " : "", log);
}

static void judge(struct session *s)
{
	struct nws_outcome *out = &s->report.outcome;

	read_trace(s);
	if (!s->result.exited || s->result.status)
		explain_death(s);
	/* It may have come to its end just then. */
	out->host_limit = s->result.limited && (!s->result.exited || s->result.status);
	out->simulator_ok = s->result.exited && s->result.status == 0 && s->report.has_trace && !s->message;
	out->kind = (enum nwt_verdict_kind)s->sum.verdict_kind;
	out->code = s->sum.verdict_code;
	out->tap_required = s->t->tap_required;
	if (out->simulator_ok && out->kind == NWT_VERDICT_FAULT)
		s->message =
			nws_format("it gave up: %s", first_of(s->result.last_panic, s->result.last_line));
	s->report.verdict = nws_verdict_of(out);
	s->report.status = nws_verdict_status(s->report.verdict, s->o->expect, s->o->guest_status, out);
}

static void fill_result(const struct session *s)
{
	const struct nws_tap *tap = &s->report.outcome.tap;

	*s->t->result = (struct nws_result){
		.reported = true,
		.verdict = s->report.verdict,
		.tests = tap->run,
		.failed = tap->not_ok,
		.skipped = tap->skipped,
		.notify_exits = s->sum.notify_total,
		.notify_at_deadline = s->sum.notify_at_deadline,
	};
}

static int copy_output(const struct session *s, struct nws_output *o, const char *name)
{
	char *from = nws_workdir_path(&s->dir, name);
	int rc = nws_output_copy(o, from) || nws_output_commit(o) ? -1 : 0;

	free(from);
	return rc;
}

static int copy_outputs(struct session *s)
{
	int rc = 0;

	if (s->o->trace && s->report.has_trace)
		rc |= copy_output(s, &s->trace, NWS_F_TRACE);
	if (s->o->log && s->result.log_error) {
		nws_error("cannot write %s: %s", s->o->log, strerror(s->result.log_error));
		rc = -1;
	} else if (s->o->log) {
		rc |= copy_output(s, &s->log, NWS_F_LOG);
	}
	return rc;
}

static int print_report(struct session *s)
{
	struct nws_report *r = &s->report;

	r->o = s->o;
	r->guest = s->t->name;
	r->claim = s->t->claim;
	r->cmdline = s->t->cmdline;
	r->message = s->message;
	r->kernel_panic = s->kernel_panic;
	r->serial = &s->serial;
	r->host_seconds = s->result.host_seconds;
	r->table = s->t->table;
	if (s->o->json)
		return nws_json_print(stdout, nws_report_json(r));
	nws_report_text(stdout, r);
	return nws_stdout_done(0) ? -1 : 0;
}

/* Completes the directory of a saved run. Status of the command when the run ends with it, else -1. */
static int finish_save(struct session *s)
{
	char *config = nws_workdir_path(&s->dir, NWS_F_CONFIG);
	const char *name[] = { s->o->linux_command ? "nwsim linux" : "nwsim run" };
	char **words = nws_realloc(NULL, (s->o->n_words + 2) * sizeof(*words));
	int rc = NWS_EXIT_USAGE;

	words[0] = (char *)name[0];
	memcpy(words + 1, s->o->word, s->o->n_words * sizeof(*words));
	words[s->o->n_words + 1] = NULL;
	if (s->result.tee_error) {
		nws_error("--save %s: cannot write the guest's output: %s", s->o->save, strerror(s->result.tee_error));
	} else if (!nws_snapshot_taken(&s->save) && (!s->result.exited || s->result.status || *s->result.last_panic)) {
		nws_error("--save %s: nothing was saved: %s", s->o->save,
			  first_of(s->result.last_panic, "the simulator failed"));
		rc = -1;
	} else if (!nws_snapshot_taken(&s->save)) {
		nws_error("--save %s: nothing was saved, the run ended before tick %llu", s->o->save,
			  (unsigned long long)nws_session_save_tick(s));
		rc = -1;
	} else if (!nws_snapshot_finish(&s->save, s->t->name, words, config)) {
		fprintf(stderr, "nwsim: saved in %s at tick %llu, %.1f MiB\n", s->o->save,
			(unsigned long long)s->save.tick, (double)s->save.size / (1 << 20));
		rc = s->o->save_go_on ? -1 : NWS_EXIT_MET;
	}
	free(words);
	free(config);
	return rc;
}

static void release(struct session *s)
{
	nws_snapshot_abandon(&s->save);
	nws_output_abandon(&s->trace);
	nws_output_abandon(&s->log);
	nws_workdir_remove(&s->dir);
	nws_serial_free(&s->serial);
	nw_summary_free(&s->sum);
	free(s->simulator);
	free(s->bios);
	free(s->vgabios);
	free(s->boot_rom);
	free(s->build_flags);
	free(s->message);
	free(s->kernel_panic);
	free(s);
}

int nws_session(const struct nws_options *o, const struct nws_target *t)
{
	struct session *s = nws_realloc(NULL, sizeof(*s));
	int status = NWS_EXIT_USAGE;

	memset(s, 0, sizeof(*s));
	s->o = o;
	s->t = t;
	s->dir.guard_fd = -1;
	s->trace = s->log = (struct nws_output)NWS_OUTPUT_NONE;
	nw_summary_init(&s->sum);
	nws_serial_init(&s->serial, on_line, s);
	if (nws_session_prepare(s) || run(s)) {
		release(s);
		return status;
	}
	if (s->result.interrupted) {
		nws_error("ended by signal %d (%s)", s->result.interrupted,
			  strsignal(s->result.interrupted));
		status = 128 + s->result.interrupted;
	} else if (!s->result.output_failed && (!o->save || (status = finish_save(s)) < 0)) {
		judge(s);
		status = s->report.status;
		if (o->save && s->save.tick == 0 && status == NWS_EXIT_MET)
			status = NWS_EXIT_NOT_MET;
		if (s->t->result)
			fill_result(s);
		if (copy_outputs(s) || print_report(s))
			status = NWS_EXIT_USAGE;
	}
	release(s);
	return status;
}
