/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_dump.c - a trace as lines for people and for grep.
 */
#include <stdio.h>
#include <string.h>

#include "nw_dump.h"
#include "nws.h"
#include "trace_dump.h"

#define TYPES 256

static bool is_build(const struct nwt_config *c)
{
	return !strncmp(c->key, "build.", 6);
}

static void print_config(const struct nwt_reader *r, enum nws_dump_config how)
{
	size_t build = 0;

	if (how == NWS_DUMP_NO_CONFIG)
		return;
	for (size_t i = 0; i < nwt_config_count(r); i++) {
		const struct nwt_config *c = nwt_config_at(r, i);

		if (how == NWS_DUMP_SHORT && is_build(c))
			build++;
		else
			printf("# %s=%s\n", c->key, c->value);
	}
	if (build)
		printf("# build.*: %zu line%s, shown with --config\n", build, build == 1 ? "" : "s");
}

static int unknown_type(const struct nwt_reader *r, const char *name, size_t len)
{
	struct nws_buf b = { 0 };
	int rc;

	for (unsigned i = 0; i < TYPES; i++)
		if (nwt_file_type(r, i))
			nws_buf_printf(&b, "%s%s", b.len ? ", " : "", nwt_file_type(r, i)->name);
	rc = nws_usage("--type: the trace has no type '%.*s'; it has %s", (int)len, name, b.len ? b.s : "none");
	nws_buf_free(&b);
	return rc;
}

/* The types that the names select. */
static int select_types(const struct nwt_reader *r, const char *names, bool wanted[TYPES])
{
	memset(wanted, !names, TYPES * sizeof(*wanted));
	while (names) {
		size_t len = strcspn(names, ",");
		bool found = false;

		for (unsigned i = 0; i < TYPES; i++) {
			const struct nwt_type_info *type = nwt_file_type(r, i);

			if (type && strlen(type->name) == len && !strncmp(type->name, names, len))
				wanted[i] = found = true;
		}
		if (!found)
			return unknown_type(r, names, len);
		names = names[len] ? names + len + 1 : NULL;
	}
	return NWS_EXIT_MET;
}

int nws_trace_dump(struct nwt_reader *r, const struct nws_dump_filter *f)
{
	char line[NW_DUMP_LINE], err[NWT_ERRLEN];
	bool wanted[TYPES];
	struct nwt_record rec;
	struct nw_dump d;
	int rc;

	if (select_types(r, f->types, wanted))
		return NWS_EXIT_USAGE;
	print_config(r, f->config);
	nw_dump_init(&d, r);
	nw_dump_heading(&d, line, sizeof(line));
	puts(line);
	while ((rc = nwt_next(r, &rec, err)) > 0) {
		if (!wanted[rec.type] || (f->one_cpu && rec.cpu != f->cpu) || rec.time_tsc < f->from || rec.time_tsc > f->to)
			continue;
		nw_dump_record(&d, &rec, line, sizeof(line));
		if (puts(line) < 0)
			break;
	}
	return rc < 0 ? nws_usage("%s", err) : NWS_EXIT_MET;
}
