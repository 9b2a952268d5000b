/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * coverage_report.c - functional coverage as text and as HTML.
 */
#include <inttypes.h>
#include <string.h>

#include "coverage_report.h"

static bool possible(const struct nw_coverage *c, unsigned d, unsigned b, unsigned e, unsigned k, const struct nw_cov_rule **rule)
{
	int bin[NW_COV_DIMS];

	memset(bin, -1, sizeof(bin));
	bin[d] = (int)b;
	bin[e] = (int)k;
	return nw_cov_possible(c, bin, rule);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A bin by itself is the pair with itself. */
static bool bin_possible(const struct nw_coverage *c, unsigned d, unsigned b)
{
	const struct nw_cov_rule *rule;

	return possible(c, d, b, d, b, &rule);
}

static void pair_figures(const struct nw_coverage *c, unsigned d, unsigned e, size_t *can, size_t *seen)
{
	const struct nw_cov_rule *rule;

	*can = *seen = 0;
	for (unsigned b = 0; b < c->bins[d]; b++)
		for (unsigned k = 0; k < c->bins[e]; k++)
			if (possible(c, d, b, e, k, &rule)) {
				++*can;
				*seen += c->pair[d][e][b][k] != 0;
			}
}

void nws_coverage_figures(const struct nw_coverage *c, struct nws_coverage_figures *f)
{
	size_t rules, can, seen;

	memset(f, 0, sizeof(*f));
	for (unsigned d = 0; d < NW_COV_DIMS; d++) {
		for (unsigned b = 0; b < c->bins[d]; b++)
			if (bin_possible(c, d, b)) {
				f->single_possible++;
				f->single_seen += c->single[d][b] != 0;
			}
		for (unsigned e = d + 1; e < NW_COV_DIMS; e++) {
			pair_figures(c, d, e, &can, &seen);
			f->pairs_possible += can;
			f->pairs_seen += seen;
		}
	}
	nw_cov_rules(&rules);
	for (size_t r = 0; r < rules; r++)
		f->contradictions += c->contradicted[r];
}

/* ---- Text ----------------------------------------------------------------------------------------------- */

static void text_bins(FILE *f, const struct nw_coverage *c)
{
	for (unsigned d = 0; d < NW_COV_DIMS; d++) {
		fprintf(f, "%s: %s\n", nw_cov_name(d), nw_cov_help(d));
		for (unsigned b = 0; b < c->bins[d]; b++)
			fprintf(f, "  %-22s %10" PRIu64 "%s\n", c->bin[d][b], c->single[d][b],
				!bin_possible(c, d, b) ? "  impossible" : c->single[d][b] ? "" : "  HOLE");
	}
}

static void text_holes(FILE *f, const struct nw_coverage *c, unsigned d, unsigned e)
{
	const struct nw_cov_rule *rule;

	for (unsigned b = 0; b < c->bins[d]; b++) {
		bool first = true;

		for (unsigned k = 0; k < c->bins[e]; k++) {
			if (c->pair[d][e][b][k] || !possible(c, d, b, e, k, &rule))
				continue;
			if (first)
				fprintf(f, "    hole: %s=%s with %s=%s", nw_cov_name(d), c->bin[d][b], nw_cov_name(e), c->bin[e][k]);
			else
				fprintf(f, ", %s", c->bin[e][k]);
			first = false;
		}
		if (!first)
			fputc('\n', f);
	}
}

static void text_pairs(FILE *f, const struct nw_coverage *c)
{
	size_t can, seen;

	for (unsigned d = 0; d < NW_COV_DIMS; d++)
		for (unsigned e = d + 1; e < NW_COV_DIMS; e++) {
			pair_figures(c, d, e, &can, &seen);
			fprintf(f, "  %-10s x %-12s %4zu of %zu\n", nw_cov_name(d), nw_cov_name(e), seen, can);
			text_holes(f, c, d, e);
		}
}

static void text_contradictions(FILE *f, const struct nw_coverage *c)
{
	size_t rules;
	const struct nw_cov_rule *rule = nw_cov_rules(&rules);

	for (size_t r = 0; r < rules; r++)
		if (c->contradicted[r])
			fprintf(f, "CONTRADICTED: %" PRIu64 " exits are impossible: %s\n", c->contradicted[r], rule[r].reason);
}

static void cross_name(FILE *f, const char *separator)
{
	for (unsigned d = 0; d < NW_COV_CROSS; d++)
		fprintf(f, "%s%s", d ? separator : "", nw_cov_name(d));
}

void nws_coverage_text(FILE *f, const struct nw_coverage *c)
{
	struct nws_coverage_figures g;

	nws_coverage_figures(c, &g);
	fprintf(f, "%" PRIu64 " notify VM exit%s in %u trace%s", c->exits, plural(c->exits), c->traces, plural(c->traces));
	if (c->without_guest)
		fprintf(f, " (%" PRIu64 " more have no guest record and are not counted)", c->without_guest);
	fputc('\n', f);
	text_bins(f, c);
	fputs("pairs: seen of possible\n", f);
	text_pairs(f, c);
	text_contradictions(f, c);
	fprintf(f, "bins   %zu of %zu\npairs  %zu of %zu\ncross  %zu of %zu (", g.single_seen, g.single_possible, g.pairs_seen,
		g.pairs_possible, nw_cov_cross_seen(c), nw_cov_cross_possible(c));
	cross_name(f, " x ");
	fputs(")\n", f);
}

/* ---- HTML ----------------------------------------------------------------------------------------------- */

/* Names and reasons are ours, but may have the characters that HTML gives a meaning. */
static void html_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '<': fputs("&lt;", f); break;
		case '&': fputs("&amp;", f); break;
		case '"': fputs("&quot;", f); break;
		default: fputc(*s, f);
		}
	}
}

static void html_head(FILE *f)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Functional coverage of notify VM exits</title>\n"
	      "<style>\n"
	      "body { font: 14px/1.4 sans-serif; margin: 2em; color: #222 }\n"
	      "table { border-collapse: collapse; margin: 0 0 1.5em }\n"
	      "th, td { border: 1px solid #bbb; padding: 2px 7px; text-align: right }\n"
	      "th { background: #eee; font-weight: normal }\n"
	      ".seen { background: #cfe8cf } .hole { background: #f3b6ae } .not { background: #f4f4f4; color: #999 }\n"
	      "</style></head><body>\n", f);
}

static void html_cell(FILE *f, uint64_t n, bool can, const struct nw_cov_rule *rule)
{
	if (n) {
		fprintf(f, "<td class=\"%s\">%" PRIu64 "</td>", can ? "seen" : "hole", n);
	} else if (can) {
		fputs("<td class=\"hole\">hole</td>", f);
	} else {
		fputs("<td class=\"not\" title=\"", f);
		html_text(f, rule ? rule->reason : "impossible by several rules together");
		fputs("\">-</td>", f);
	}
}

static void html_bins(FILE *f, const struct nw_coverage *c)
{
	fputs("<h2>Bins</h2>\n<table>\n", f);
	for (unsigned d = 0; d < NW_COV_DIMS; d++) {
		fputs("<tr><th title=\"", f);
		html_text(f, nw_cov_help(d));
		fprintf(f, "\">%s</th>", nw_cov_name(d));
		for (unsigned b = 0; b < c->bins[d]; b++) {
			fputs("<th>", f);
			html_text(f, c->bin[d][b]);
			fputs("</th>", f);
			html_cell(f, c->single[d][b], bin_possible(c, d, b), NULL);
		}
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void html_pair(FILE *f, const struct nw_coverage *c, unsigned d, unsigned e)
{
	const struct nw_cov_rule *rule;
	size_t can, seen;

	pair_figures(c, d, e, &can, &seen);
	fprintf(f, "<h3>%s x %s: %zu of %zu</h3>\n<table><tr><th></th>", nw_cov_name(d), nw_cov_name(e), seen, can);
	for (unsigned k = 0; k < c->bins[e]; k++) {
		fputs("<th>", f);
		html_text(f, c->bin[e][k]);
		fputs("</th>", f);
	}
	fputs("</tr>\n", f);
	for (unsigned b = 0; b < c->bins[d]; b++) {
		fputs("<tr><th>", f);
		html_text(f, c->bin[d][b]);
		fputs("</th>", f);
		for (unsigned k = 0; k < c->bins[e]; k++) {
			bool is = possible(c, d, b, e, k, &rule);

			html_cell(f, c->pair[d][e][b][k], is, rule);
		}
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

void nws_coverage_html(FILE *f, const struct nw_coverage *c)
{
	struct nws_coverage_figures g;

	nws_coverage_figures(c, &g);
	html_head(f);
	fprintf(f, "<h1>Functional coverage of notify VM exits</h1>\n"
		"<p>%" PRIu64 " exit%s in %u trace%s. Bins: %zu of %zu. Pairs: %zu of %zu. Cross of ", c->exits, plural(c->exits),
		c->traces, plural(c->traces), g.single_seen, g.single_possible, g.pairs_seen, g.pairs_possible);
	cross_name(f, ", ");
	fprintf(f, ": %zu of %zu.</p>\n<p>A dash is impossible; the reason is its tooltip.</p>\n", nw_cov_cross_seen(c),
		nw_cov_cross_possible(c));
	html_bins(f, c);
	fputs("<h2>Pairs</h2>\n", f);
	for (unsigned d = 0; d < NW_COV_DIMS; d++)
		for (unsigned e = d + 1; e < NW_COV_DIMS; e++)
			html_pair(f, c, d, e);
	fputs("</body></html>\n", f);
}
