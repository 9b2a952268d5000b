/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report_json.c - the report for programs: one JSON object.
 *
 * Numbers are integers in the unit the member's name says. Addresses are strings ("0x..."), as 64-bit addresses do not
 * fit a JSON reader's integers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nw_abi.h"
#include "nw_clock.h"
#include "nw_exit_names.h"
#include "nws.h"
#include "report.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* From the table that every trace carries. */
static const char *value_name(enum nwt_type type, unsigned field, uint64_t value, char buf[NWS_NAME])
{
	const char *names = nwt_type_info(type)->fields[field].unit + strlen("enum:");
	size_t len;
	const char *name = nwt_enum_name(names, value, &len);

	if (name)
		snprintf(buf, NWS_NAME, "%.*s", (int)len, name);
	else
		snprintf(buf, NWS_NAME, "unknown");
	return buf;
}

const char *nws_cause_name(uint64_t cause, char buf[NWS_NAME])
{
	return value_name(NWT_EXPIRY, NWT_EXPIRY_CAUSE, cause, buf);
}

const char *nws_end_name(uint64_t verdict_kind, char buf[NWS_NAME])
{
	return value_name(NWT_VERDICT, NWT_VERDICT_KIND, verdict_kind, buf);
}

void nws_trace_head(struct nws_trace_report *t, const struct nwt_reader *r)
{
	static const char *const keys[] = { "clock.num", "clock.den", "clock.tsc_hz", "cpu.count" };
	uint64_t v[4] = { 0 };

	for (int i = 0; i < 4; i++) {
		const char *text = nwt_config_get(r, keys[i]);

		if (text)
			nws_parse_u64(text, 1, UINT32_MAX, &v[i]);
	}
	t->num = (uint32_t)v[0];
	t->den = (uint32_t)v[1];
	t->tsc_hz = v[2];
	t->cpus = v[3];
}

static json_t *number(uint64_t v)
{
	char text[24];

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

static json_t *hex(uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	return json_string(text);
}

static void set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static size_t lead_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/*
 * Length of the UTF-8 sequence at s, 0 when there is none. jansson checks the rest (overlong forms,
 * surrogates).
 */
static size_t sequence(const char *s)
{
	size_t n = lead_length((unsigned char)*s);
	json_t *test;

	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
	if (n < 3)
		return n;
	test = json_stringn(s, n);
	if (!test)
		return 0;
	json_decref(test);
	return n;
}

json_t *nws_json_text(const char *s)
{
	json_t *j = json_string(s);
	struct nws_buf b = { 0 };

	if (j)
		return j;
	while (*s) {
		size_t n = sequence(s);

		if (n)
			nws_buf_printf(&b, "%.*s", (int)n, s);
		else
			nws_buf_printf(&b, "\xef\xbf\xbd");
		s += n ? n : 1;
	}
	j = json_string(b.s ? b.s : "");
	nws_buf_free(&b);
	return j;
}

int nws_json_print(FILE *f, json_t *object)
{
	int rc = json_dumpf(object, f, JSON_INDENT(1) | JSON_ENSURE_ASCII);

	json_decref(object);
	if (!rc && (fputc('\n', f) == EOF || fflush(f)))
		rc = -1;
	if (f == stdout && nws_stdout_done(0))
		return -1;
	if (rc)
		nws_error("cannot write the JSON report: %s", strerror(errno));
	return rc;
}

/* ---- Members from the trace -------------------------------------------------------------------------- */

static json_t *exits_json(const struct nw_summary *s)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < NW_SUMMARY_REASONS; i++) {
		json_t *e;
		char key[8];

		if (!s->exits_by_reason[i])
			continue;
		e = json_object();
		snprintf(key, sizeof(key), "%u", i);
		set(e, "name", json_string(nw_exit_name(i) ? nw_exit_name(i) : "unknown"));
		set(e, "count", number(s->exits_by_reason[i]));
		set(o, key, e);
	}
	return o;
}

static json_t *notify_json(const struct nw_summary_notify *n)
{
	json_t *o = json_object();
	char name[NWS_NAME];

	set(o, "reason", n->exited ? json_integer(NW_EXIT_REASON_INSTRUCTION_TIMEOUT) : json_null());
	set(o, "cpu", json_integer(n->cpu));
	set(o, "s", number(n->s_tsc));
	set(o, "n", number(n->n_crystal));
	set(o, "d", number(n->d_tsc));
	set(o, "tick", n->exited ? number(n->exit_tsc) : json_null());
	set(o, "late", n->exited ? json_integer((json_int_t)(n->exit_tsc - n->d_tsc)) : json_null());
	set(o, "window", number(n->window_crystal));
	set(o, "qualification", number(n->qualification));
	set(o, "idt_vectoring", number(n->idt_vectoring));
	set(o, "rip", hex(n->rip));
	set(o, "cause", json_string(nws_cause_name(n->cause, name)));
	set(o, "iterations", number(n->iterations));
	return o;
}

static json_t *gaps_json(const struct nw_summary *s)
{
	json_t *a = json_array();
	char name[NWS_NAME];

	for (size_t i = 0; i < s->n_gap; i++) {
		json_t *o = json_object();

		set(o, "cpu", json_integer(s->gap[i].cpu));
		set(o, "length_tsc", number(s->gap[i].length_tsc));
		set(o, "end_tsc", number(s->gap[i].end_tsc));
		set(o, "cause", json_string(nws_cause_name(s->gap[i].cause, name)));
		set(o, "detail", number(s->gap[i].detail));
		set(o, "rip", hex(s->gap[i].rip));
		set(o, "nonroot", json_boolean(s->gap[i].nonroot));
		json_array_append_new(a, o);
	}
	return a;
}

/* One row per cause and detail; counts[i] = gaps with 2^i <= length in ticks < 2^(i+1). */
static json_t *histogram_json(const struct nw_summary *s)
{
	json_t *a = json_array();
	char name[NWS_NAME];

	for (size_t i = 0; i < s->n_hist; i++) {
		json_t *o = json_object(), *c = json_array();
		unsigned top = NW_SUMMARY_LOG2;

		while (top && !s->hist[i].count[top - 1])
			top--;
		for (unsigned k = 0; k < top; k++)
			json_array_append_new(c, number(s->hist[i].count[k]));
		set(o, "cause", json_string(nws_cause_name(s->hist[i].cause, name)));
		set(o, "detail", number(s->hist[i].detail));
		set(o, "total", number(s->hist[i].total));
		set(o, "counts_by_log2_tsc", c);
		json_array_append_new(a, o);
	}
	return a;
}

void nws_trace_json(json_t *object, const struct nws_trace_report *t)
{
	const struct nw_summary *s = t->sum;
	json_t *a = json_array(), *o = json_object();
	uint64_t tsc = s->has_verdict ? s->verdict_tsc : s->last_tsc;
	struct nw_clock clk = { t->num, t->den };
	char name[NWS_NAME];

	set(o, "tsc", number(tsc));
	set(o, "crystal", t->num && t->den ? number(nw_clock_tsc_to_crystal(&clk, tsc)) : json_null());
	set(o, "tsc_hz", number(t->tsc_hz));
	set(o, "clock_num", json_integer(t->num));
	set(o, "clock_den", json_integer(t->den));
	set(o, "instructions", s->has_verdict ? number(s->verdict_icount) : json_null());
	set(object, "time", o);
	set(object, "end", s->has_verdict ? json_string(nws_end_name(s->verdict_kind, name)) : json_null());
	set(object, "vm_entries", number(s->entries));
	set(object, "vm_entries_armed", number(s->entries_armed));
	set(object, "vm_exits", number(s->exits));
	set(object, "exits", exits_json(s));
	set(object, "notify_total", number(s->notify_total));
	set(object, "notify_at_deadline", number(s->notify_at_deadline));
	set(object, "notify_unpaired", number(s->notify_unpaired));
	for (size_t i = 0; i < s->n_notify; i++)
		json_array_append_new(a, notify_json(&s->notify[i]));
	set(object, "notify_exits", a);
	set(object, "gaps", gaps_json(s));
	set(object, "gap_histogram", histogram_json(s));
	set(object, "gaps_total", number(s->gaps_total));
	set(object, "flows", number(s->flows_begun));
	set(object, "flow_iterations", number(s->flow_iterations));
	set(object, "flow_skipped", number(s->flow_skipped));
	set(object, "stalls", number(s->stalls));
	set(object, "stalls_magic", number(s->stalls_magic));
	set(object, "marks", number(s->marks));
}

/* ---- Members of a run -------------------------------------------------------------------------------- */

static json_t *params_json(const struct nw_params *p)
{
	json_t *o = json_object();
	char text[64];

	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		const struct nw_param_info *info = nw_param_info((enum nw_param_id)i);

		nw_param_format(p, (enum nw_param_id)i, text, sizeof(text));
		set(o, info->name, info->choices ? json_string(text) : number(p->v[i]));
	}
	return o;
}

static json_t *tap_json(const struct nws_tap *t)
{
	json_t *o = json_object();

	set(o, "plan", t->plan_seen ? number(t->plan) : json_null());
	set(o, "run", number(t->run));
	set(o, "ok", number(t->ok));
	set(o, "not_ok", number(t->not_ok));
	set(o, "skipped", number(t->skipped));
	set(o, "complete", json_boolean(nws_tap_result(t) == NWS_TAP_OK));
	return o;
}

static json_t *serial_json(const struct nws_serial *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < nws_serial_kept(s); i++)
		json_array_append_new(a, nws_json_text(nws_serial_line(s, i)));
	return a;
}

json_t *nws_report_json(const struct nws_report *r)
{
	const struct nws_options *opt = r->o;
	json_t *o = json_object(), *rules = json_array();

	set(o, "nwsim", json_string(PACKAGE_VERSION));
	set(o, "guest", nws_json_text(r->guest));
	set(o, "claim", r->claim ? nws_json_text(r->claim) : json_null());
	set(o, "verdict", json_string(nws_verdict_name(r->verdict)));
	set(o, "expect", json_string(nws_verdict_name(opt->expect)));
	set(o, "status", json_integer(r->status));
	set(o, "exit_code", nws_has_code(&r->outcome) ? number(r->outcome.code) : json_null());
	set(o, "kernel_panic", r->kernel_panic ? nws_json_text(r->kernel_panic) : json_null());
	set(o, "message", r->message ? nws_json_text(r->message) : json_null());
	set(o, "tap", tap_json(&r->outcome.tap));
	set(o, "cpu", json_string(opt->cpu));
	set(o, "cmdline", nws_json_text(r->cmdline));
	set(o, "window", opt->window_set ? json_integer(opt->window) : json_null());
	set(o, "params", params_json(&opt->params));
	for (unsigned i = 0; i < opt->stall_set.count; i++)
		json_array_append_new(rules, nws_json_text(opt->stall[i]));
	set(o, "stall_rules", rules);
	if (r->has_trace)
		nws_trace_json(o, &r->trace);
	set(o, "host_seconds", json_real(r->host_seconds));
	set(o, "host_limit_seconds", opt->host_limit_us ? json_real((double)opt->host_limit_us / 1e6) : json_null());
	if (r->table)
		set(o, "rows", nws_table_json(r->table));
	set(o, "serial", serial_json(r->serial));
	set(o, "serial_dropped", number(nws_serial_dropped(r->serial)));
	return o;
}
