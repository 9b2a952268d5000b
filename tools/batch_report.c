/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch_report.c - results of several guests as a table, as TAP or as JSON, and the progress on a terminal.
 *
 * Table and TAP come in the order of the list. TAP has nothing in it that differs from run to run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "nws.h"
#include "progress.h"
#include "report.h"

#define REASON_LINES 20

enum nws_job_end nws_job_end(const struct nws_job *j)
{
	if (!j->ended || (j->stopped && !j->result->reported))
		return NWS_JOB_NOT_RUN;
	if (!j->result->reported || j->status == NWS_EXIT_USAGE || j->status >= 128)
		return NWS_JOB_ERROR;
	if (j->status == NWS_EXIT_FAULT)
		return NWS_JOB_FAULT;
	return j->status == NWS_EXIT_MET ? NWS_JOB_MET : NWS_JOB_NOT_MET;
}

size_t nws_batch_count(const struct nws_batch *b, enum nws_job_end end)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += nws_job_end(&b->job[i]) == end;
	return n;
}

static bool met(const struct nws_job *j)
{
	return nws_job_end(j) == NWS_JOB_MET;
}

/* A guest without a verdict was not run: its output says why. */
static const char *verdict(const struct nws_job *j)
{
	return j->result->reported ? nws_verdict_name(j->result->verdict) : "not run";
}

/* ---- Why a guest did not end as expected ---------------------------------------------------------------- */

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/*
 * The lines of an output that say what is wrong: claims that did not hold with the comment that follows, the end of a run
 * that was given up, what nwsim says. Only the first of them: the output itself is kept.
 */
static void print_reason(const struct nws_job *j, const char *before)
{
	FILE *f = fopen(j->output, "re");
	unsigned left = REASON_LINES;
	char *line = NULL;
	bool failed = false;
	size_t size = 0;

	while (f && left && getline(&line, &size, f) >= 0) {
		bool wanted;

		line[strcspn(line, "\r\n")] = 0;
		wanted = begins(line, "not ok") || begins(line, "Bail out!") || begins(line, "1..0") || begins(line, "nwsim: ") ||
			 begins(line, "  simulator") || (failed && begins(line, "#"));
		failed = begins(line, "not ok");
		if (wanted) {
			printf("%s%s\n", before, line);
			left--;
		}
	}
	free(line);
	if (f)
		fclose(f);
	if (left == REASON_LINES && nws_job_end(j) == NWS_JOB_ERROR)
		printf("%snothing in its output says why; it could not be written, the file system may be full\n", before);
}

/* What the verdict alone does not say. */
static void print_remark(const struct nws_job *j, const char *before, const char *after)
{
	if (!j->result->reported)
		return;
	if (j->result->verdict != j->expect)
		printf("%sexpected: %s%s", before, nws_verdict_name(j->expect), after);
	if (nws_job_end(j) == NWS_JOB_ERROR)
		printf("%sits files could not be written%s", before, after);
}

/* ---- Table and TAP -------------------------------------------------------------------------------------- */

static int name_width(const struct nws_batch *b)
{
	int width = 5;

	for (size_t i = 0; i < b->n; i++)
		if ((int)strlen(b->job[i].guest->name) > width)
			width = (int)strlen(b->job[i].guest->name);
	return width;
}

void nws_batch_head(const struct nws_batch *b)
{
	if (b->o->tap)
		printf("1..%zu\n", b->n);
	else if (!b->o->json)
		printf("        %-*s  %-10s %6s %8s %13s %8s\n", name_width(b), "guest", "verdict", "tests", "skipped",
		       "notify exits", "seconds");
	fflush(stdout);
}

static void tap_line(const struct nws_batch *b, const struct nws_job *j)
{
	const struct nws_result *r = j->result;

	printf("%sok %zu - %s: %s, %lu tests, %" PRIu64 " notify exits", met(j) ? "" : "not ",
	       (size_t)(j - b->job) + 1, j->guest->name, verdict(j), r->tests, r->notify_exits);
	print_remark(j, " (", ")");
	putchar('\n');
	if (!met(j))
		print_reason(j, "# ");
}

static void table_line(const struct nws_batch *b, const struct nws_job *j)
{
	static const char *const words[NWS_JOB_ENDS] = {
		[NWS_JOB_MET] = "ok", [NWS_JOB_NOT_MET] = "NOT OK", [NWS_JOB_FAULT] = "FAULT", [NWS_JOB_ERROR] = "ERROR",
		[NWS_JOB_NOT_RUN] = "",
	};
	const struct nws_result *r = j->result;

	printf("%-7s %-*s  %-10s %6lu %8lu %13" PRIu64 " %8.2f", words[nws_job_end(j)], name_width(b),
	       j->guest->name, verdict(j), r->tests, r->skipped, r->notify_exits, j->seconds);
	print_remark(j, "  ", "");
	putchar('\n');
	if (!met(j))
		print_reason(j, "        | ");
}

void nws_batch_line(const struct nws_batch *b, const struct nws_job *j)
{
	if (b->o->tap)
		tap_line(b, j);
	else if (!b->o->json)
		table_line(b, j);
	fflush(stdout);
}

/* ---- JSON ----------------------------------------------------------------------------------------------- */

static json_t *job_json(const struct nws_job *j)
{
	static const char *const words[NWS_JOB_ENDS] = {
		[NWS_JOB_MET] = "ok", [NWS_JOB_NOT_MET] = "not_ok", [NWS_JOB_FAULT] = "fault", [NWS_JOB_ERROR] = "error",
		[NWS_JOB_NOT_RUN] = "not_run",
	};
	static const struct nws_result nothing;
	const struct nws_result *r = j->result ? j->result : &nothing;
	json_t *o = json_object();

	json_object_set_new(o, "name", nws_json_text(j->guest->name));
	json_object_set_new(o, "group", nws_json_text(j->guest->group));
	json_object_set_new(o, "claim", nws_json_text(j->guest->claim));
	json_object_set_new(o, "expected", json_string(nws_verdict_name(j->expect)));
	json_object_set_new(o, "verdict", r->reported ? json_string(verdict(j)) : json_null());
	json_object_set_new(o, "result", json_string(words[nws_job_end(j)]));
	json_object_set_new(o, "as_expected", json_boolean(met(j)));
	json_object_set_new(o, "exit_status", nws_job_end(j) == NWS_JOB_NOT_RUN ? json_null() : json_integer(j->status));
	json_object_set_new(o, "tests", json_integer((json_int_t)r->tests));
	json_object_set_new(o, "failed", json_integer((json_int_t)r->failed));
	json_object_set_new(o, "skipped", json_integer((json_int_t)r->skipped));
	json_object_set_new(o, "notify_exits", json_integer((json_int_t)r->notify_exits));
	json_object_set_new(o, "notify_at_deadline", json_integer((json_int_t)r->notify_at_deadline));
	json_object_set_new(o, "host_seconds", json_real(j->seconds));
	return o;
}

/* Those that ended, but not as expected, for whatever reason. */
static size_t bad(const struct nws_batch *b)
{
	return b->n - b->met - nws_batch_count(b, NWS_JOB_NOT_RUN);
}

static int print_json(const struct nws_batch *b)
{
	json_t *o = json_object(), *guests = json_array();

	for (size_t i = 0; i < b->n; i++)
		json_array_append_new(guests, job_json(&b->job[i]));
	json_object_set_new(o, "guests", guests);
	json_object_set_new(o, "as_expected", json_integer((json_int_t)b->met));
	json_object_set_new(o, "not_as_expected", json_integer((json_int_t)bad(b)));
	json_object_set_new(o, "faults", json_integer((json_int_t)nws_batch_count(b, NWS_JOB_FAULT)));
	json_object_set_new(o, "errors", json_integer((json_int_t)nws_batch_count(b, NWS_JOB_ERROR)));
	json_object_set_new(o, "not_run", json_integer((json_int_t)nws_batch_count(b, NWS_JOB_NOT_RUN)));
	json_object_set_new(o, "interrupted", b->interrupted ? json_integer(b->interrupted) : json_null());
	json_object_set_new(o, "host_seconds", json_real(b->seconds));
	json_object_set_new(o, "kept", b->kept ? nws_json_text(b->kept) : json_null());
	return nws_json_print(stdout, o);
}

/* ---- End and progress ----------------------------------------------------------------------------------- */

static void print_counts(const struct nws_batch *b)
{
	size_t fault = nws_batch_count(b, NWS_JOB_FAULT), error = nws_batch_count(b, NWS_JOB_ERROR);
	size_t not_run = nws_batch_count(b, NWS_JOB_NOT_RUN);

	printf("%zu guest%s: %zu ended as expected, %zu did not", b->n, b->n == 1 ? "" : "s", b->met, bad(b));
	if (fault && error)
		printf(" (%zu FAULT, %zu ERROR)", fault, error);
	else if (fault || error)
		printf(" (%zu %s)", fault + error, fault ? "FAULT" : "ERROR");
	if (not_run)
		printf(", %zu %s not run", not_run, not_run == 1 ? "was" : "were");
}

int nws_batch_foot(const struct nws_batch *b)
{
	const char *before = b->o->tap ? "# " : "";

	if (b->o->json)
		return print_json(b);
	if (b->o->tap && b->interrupted)
		printf("Bail out! ended by signal %d\n", b->interrupted);
	printf("%s", before);
	print_counts(b);
	if (!b->o->tap)
		printf("; %.1f s", b->seconds);
	putchar('\n');
	if (b->kept)
		printf("%soutputs are in %s\n", before, b->kept);
	if (b->kept && !b->o->results)
		printf("%snobody else removes them: rm -r %s\n", before, b->kept);
	return nws_stdout_done(0) ? -1 : 0;
}

void nws_batch_progress(const struct nws_batch *b, double now)
{
	double elapsed = now - b->begin;
	struct nws_buf line = { 0 };
	unsigned shown = 0;

	nws_buf_printf(&line, "%zu of %zu guests, %zu not as expected, %.0f s", b->ended, b->n, b->ended - b->met, elapsed);
	if (b->ended && b->ended < b->n)
		nws_buf_printf(&line, ", about %.0f s to go", elapsed * (double)(b->n - b->ended) / (double)b->ended);
	for (size_t i = 0; i < b->started && shown < 3; i++)
		if (!b->job[i].ended)
			nws_buf_printf(&line, "%s%s", shown++ ? ", " : ": ", b->job[i].guest->name);
	nws_progress_show("%s", line.s);
	nws_buf_free(&line);
}
