/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_report.c - tables, ratios, verdicts.
 */
#include <inttypes.h>

#include "nws.h"
#include "bench_report.h"

/* One change between two rows is one cause. */
static const struct cause {
	enum nwb_row without, with;
	const char *id, *text;
} causes[] = {
	{ NWB_ROW_STOCK, NWB_ROW_STOCK_FASTBOOT, "boot_menu_wait", "no boot-menu wait (BIOS), on stock" },
	{ NWB_ROW_STOCK, NWB_ROW_STOCK_DIRECT, "direct_on_stock", "direct loading, on stock" },
	{ NWB_ROW_STOCK, NWB_ROW_STEP, "patches", "the patches with nothing switched on" },
	{ NWB_ROW_STEP, NWB_ROW_JUMP, "idle", "idle time jumped" },
	{ NWB_ROW_JUMP, NWB_ROW_UART, "uart", "UART without baud delay" },
	{ NWB_ROW_UART, NWB_ROW_NWSIM, "direct", "direct loading" },
	{ NWB_ROW_TALK_BAUD, NWB_ROW_TALK_FAST, "uart_messages", "UART, kernel that prints its messages" },
};

#define N_CAUSES (sizeof(causes) / sizeof(causes[0]))

/* Ratios to the base line, and to stock with direct loading, that is, with the same way of booting. */
struct linux_ratios { double wall, cpu, cpu_direct, cpu_iso; bool pass; };

static struct linux_ratios linux_ratios(const struct nwb_linux *l)
{
	const struct nwb_spread *cpu = l->cpu_s;
	struct linux_ratios r = {
		.wall = l->wall_s[NWB_ROW_NWSIM].median / l->wall_s[NWB_ROW_STOCK].median,
		.cpu = cpu[NWB_ROW_NWSIM].median / cpu[NWB_ROW_STOCK].median,
		.cpu_direct = cpu[NWB_ROW_NWSIM].median / cpu[NWB_ROW_STOCK_DIRECT].median,
		.cpu_iso = cpu[NWB_ROW_UART].median / cpu[NWB_ROW_STOCK].median,
	};

	r.pass = r.wall <= NWB_LIMIT_LINUX && r.cpu <= NWB_LIMIT_LINUX;
	return r;
}

static const char *pass_text(bool pass)
{
	return pass ? "PASS" : "FAIL";
}

/* ---- Text -------------------------------------------------------------------------------------------- */

static void text_linux(FILE *f, const struct nwb_options *o, const struct nwb_linux *l)
{
	struct linux_ratios r = linux_ratios(l);

	fprintf(f, "Linux to \"%s\": %s at %" PRIu64 " Hz, %zu repetitions\n", o->marker, o->cpu, o->ips,
		l->cpu_s[0].n);
	fprintf(f, "kernel command line: %s\n\n", l->cmdline);
	fprintf(f, "%-45s %21s   %21s\n", "", "host wall time [s]", "host CPU time [s]");
	fprintf(f, "%-45s %7s %6s %6s   %7s %6s %6s\n", "", "median", "min", "max", "median", "min", "max");
	for (unsigned i = 0; i < NWB_ROWS; i++) {
		const struct nwb_spread *w = &l->wall_s[i], *c = &l->cpu_s[i];

		fprintf(f, "%-45s %7.2f %6.2f %6.2f   %7.2f %6.2f %6.2f\n", nwb_row_text((enum nwb_row)i), w->median,
			w->min, w->max, c->median, c->min, c->max);
	}
	fprintf(f, "\n%-45s %21s   %21s\n", "each cause by itself (median CPU time)", "[s] without    with",
		"with / without");
	for (size_t i = 0; i < N_CAUSES; i++) {
		const struct cause *c = &causes[i];
		double a = l->cpu_s[c->without].median, b = l->cpu_s[c->with].median;

		fprintf(f, "%-45s %12.2f %8.2f   %21.3f\n", c->text, a, b, b / a);
	}
	fprintf(f, "\nboth loaded directly: nwsim / stock = %.3f of the CPU time; both from CD-ROM: %.3f\n", r.cpu_direct,
		r.cpu_iso);
	fprintf(f, "nwsim / stock: wall time %.3f, CPU time %.3f; limit %.2f: %s\n", r.wall, r.cpu, NWB_LIMIT_LINUX,
		pass_text(r.pass));
}

static void text_cpu_bound(FILE *f, const struct nwb_options *o, const struct nwb_cpu_bound *c)
{
	fprintf(f, "CPU-bound guest: %s, %" PRIu64 " pairs of rounds of %.1f million instructions\n\n", o->cpu,
		c->round_pairs, (double)c->ticks * 1e-6);
	fprintf(f, "%-45s %8s %8s %8s %8s\n", "", "median", "quarter", "three q.", "minimum");
	fprintf(f, "%-45s %8.4f %8.4f %8.4f %8.4f\n", "stock, CPU time of a round [s]", c->stock_s.median,
		c->stock_s.low, c->stock_s.high, c->stock_s.min);
	fprintf(f, "%-45s %8.4f %8.4f %8.4f %8.4f\n", "nwsim, CPU time of a round [s]", c->nwsim_s.median,
		c->nwsim_s.low, c->nwsim_s.high, c->nwsim_s.min);
	fprintf(f, "%-45s %8.4f %8.4f %8.4f %8.4f\n", "nwsim / stock, same round", c->ratio.median, c->ratio.low,
		c->ratio.high, c->ratio.min);
	fprintf(f, "million guest instructions per second: stock %.1f, nwsim %.1f (medians)\n",
		(double)c->ticks * 1e-6 / c->stock_s.median, (double)c->ticks * 1e-6 / c->nwsim_s.median);
	if (c->instruction_ratio > 0)
		fprintf(f, "host instructions: nwsim / stock = %.4f\n", c->instruction_ratio);
	else
		fputs("host instructions: not counted on this host\n", f);
	fprintf(f, "nwsim / stock: %.4f (median); limit %.2f: %s\n", c->ratio.median, NWB_LIMIT_CPU_BOUND,
		pass_text(c->ratio.median <= NWB_LIMIT_CPU_BOUND));
}

void nwb_report_text(FILE *f, const struct nwb_results *r)
{
	if (r->linux_boot)
		text_linux(f, r->o, r->linux_boot);
	if (r->linux_boot && r->cpu_bound)
		fputc('\n', f);
	if (r->cpu_bound)
		text_cpu_bound(f, r->o, r->cpu_bound);
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static json_t *json_spread(const struct nwb_spread *s)
{
	return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f}", "n", (json_int_t)s->n, "min", s->min, "low", s->low,
			 "median", s->median, "high", s->high, "max", s->max);
}

static json_t *json_linux(const struct nwb_linux *l)
{
	struct linux_ratios r = linux_ratios(l);
	json_t *rows = json_array(), *list = json_array();

	for (unsigned i = 0; i < NWB_ROWS; i++)
		json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:o}", "id", nwb_row_id((enum nwb_row)i), "text",
						      nwb_row_text((enum nwb_row)i), "wall_s",
						      json_spread(&l->wall_s[i]), "cpu_s",
						      json_spread(&l->cpu_s[i])));
	for (size_t i = 0; i < N_CAUSES; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f}", "id", causes[i].id, "text", causes[i].text,
						      "cpu_s_without", l->cpu_s[causes[i].without].median,
						      "cpu_s_with", l->cpu_s[causes[i].with].median));
	return json_pack("{s:s, s:o, s:o, s:f, s:f, s:f, s:f, s:f, s:b}", "cmdline", l->cmdline, "rows", rows, "causes",
			 list, "ratio_wall", r.wall, "ratio_cpu", r.cpu, "ratio_cpu_both_direct", r.cpu_direct,
			 "ratio_cpu_both_cdrom", r.cpu_iso, "limit", NWB_LIMIT_LINUX, "pass", r.pass);
}

static json_t *json_cpu_bound(const struct nwb_cpu_bound *c)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:f, s:b}", "instructions_per_round", (json_int_t)c->ticks,
			 "stock_cpu_s", json_spread(&c->stock_s), "nwsim_cpu_s", json_spread(&c->nwsim_s), "ratio",
			 json_spread(&c->ratio), "host_instruction_ratio",
			 c->instruction_ratio > 0 ? json_real(c->instruction_ratio) : json_null(), "limit",
			 NWB_LIMIT_CPU_BOUND, "pass", c->ratio.median <= NWB_LIMIT_CPU_BOUND);
}

json_t *nwb_report_json(const struct nwb_results *r)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:o, s:o}", "cpu_model", r->o->cpu, "ips", (json_int_t)r->o->ips,
			 "memory_mib", (json_int_t)r->o->memory_mib, "marker", r->o->marker, "linux",
			 r->linux_boot ? json_linux(r->linux_boot) : json_null(), "cpu_bound",
			 r->cpu_bound ? json_cpu_bound(r->cpu_bound) : json_null());
}
