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
#include "report.h"

#define REASON_LINES 20

bool nws_job_met(const struct nws_job *j)
{
	return j->ended && j->result->reported && j->status == NWS_EXIT_MET;
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
static void print_reason(const char *path, const char *before)
{
	FILE *f = fopen(path, "re");
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

	printf("%sok %zu - %s: %s, %lu tests, %" PRIu64 " notify exits", nws_job_met(j) ? "" : "not ",
	       (size_t)(j - b->job) + 1, j->guest->name, verdict(j), r->tests, r->notify_exits);
	if (r->reported && r->verdict != j->expect)
		printf(" (expected: %s)", nws_verdict_name(j->expect));
	putchar('\n');
	if (!nws_job_met(j))
		print_reason(j->output, "# ");
}

static void table_line(const struct nws_batch *b, const struct nws_job *j)
{
	const struct nws_result *r = j->result;

	printf("%-7s %-*s  %-10s %6lu %8lu %13" PRIu64 " %8.2f", nws_job_met(j) ? "ok" : "NOT OK", name_width(b),
	       j->guest->name, verdict(j), r->tests, r->skipped, r->notify_exits, j->seconds);
	if (r->reported && r->verdict != j->expect)
		printf("  expected: %s", nws_verdict_name(j->expect));
	putchar('\n');
	if (!nws_job_met(j))
		print_reason(j->output, "        | ");
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
	const struct nws_result *r = j->result;
	json_t *o = json_object();

	json_object_set_new(o, "name", nws_json_text(j->guest->name));
	json_object_set_new(o, "group", nws_json_text(j->guest->group));
	json_object_set_new(o, "claim", nws_json_text(j->guest->claim));
	json_object_set_new(o, "expected", json_string(nws_verdict_name(j->expect)));
	json_object_set_new(o, "verdict", r->reported ? json_string(verdict(j)) : json_null());
	json_object_set_new(o, "as_expected", json_boolean(nws_job_met(j)));
	json_object_set_new(o, "exit_status", json_integer(j->status));
	json_object_set_new(o, "tests", json_integer((json_int_t)r->tests));
	json_object_set_new(o, "failed", json_integer((json_int_t)r->failed));
	json_object_set_new(o, "skipped", json_integer((json_int_t)r->skipped));
	json_object_set_new(o, "notify_exits", json_integer((json_int_t)r->notify_exits));
	json_object_set_new(o, "notify_at_deadline", json_integer((json_int_t)r->notify_at_deadline));
	json_object_set_new(o, "host_seconds", json_real(j->seconds));
	return o;
}

static int print_json(const struct nws_batch *b)
{
	json_t *o = json_object(), *guests = json_array();

	for (size_t i = 0; i < b->n; i++)
		json_array_append_new(guests, job_json(&b->job[i]));
	json_object_set_new(o, "guests", guests);
	json_object_set_new(o, "as_expected", json_integer((json_int_t)b->met));
	json_object_set_new(o, "not_as_expected", json_integer((json_int_t)(b->n - b->met)));
	json_object_set_new(o, "host_seconds", json_real(b->seconds));
	json_object_set_new(o, "kept", b->kept ? nws_json_text(b->kept) : json_null());
	return nws_json_print(stdout, o);
}

/* ---- End and progress ----------------------------------------------------------------------------------- */

int nws_batch_foot(const struct nws_batch *b)
{
	if (b->o->json)
		return print_json(b);
	printf("%s%zu guests: %zu ended as expected, %zu did not", b->o->tap ? "# " : "", b->n, b->met, b->n - b->met);
	if (!b->o->tap)
		printf("; %.1f s", b->seconds);
	putchar('\n');
	if (b->kept)
		printf("%soutputs are in %s\n", b->o->tap ? "# " : "", b->kept);
	if (fflush(stdout) || ferror(stdout)) {
		nws_error("cannot write the results");
		return -1;
	}
	return 0;
}

static bool progress_shown;

void nws_batch_progress_erase(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
	progress_shown = false;
}

void nws_batch_progress(const struct nws_batch *b, double now)
{
	double elapsed = now - b->begin;
	unsigned shown = 0;

	fprintf(stderr, "\r\033[K%zu of %zu guests, %zu not as expected, %.0f s", b->ended, b->n, b->ended - b->met,
		elapsed);
	if (b->ended && b->ended < b->n)
		fprintf(stderr, ", about %.0f s to go", elapsed * (double)(b->n - b->ended) / (double)b->ended);
	for (size_t i = 0; i < b->started && shown < 3; i++)
		if (!b->job[i].ended)
			fprintf(stderr, "%s%s", shown++ ? ", " : ": ", b->job[i].guest->name);
	fflush(stderr);
	progress_shown = true;
}
