/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench.c - nwsim against unpatched Bochs 3.0: Linux boot and a CPU-bound guest. README.md explains the numbers.
 *
 * A slow result does not make the program fail: timing on a machine that others use decides no test.
 */
#include <stdlib.h>

#include "nws.h"
#include "bench_report.h"

static int print_json(const struct nwb_results *r)
{
	json_t *report = nwb_report_json(r);
	int rc = json_dumpf(report, stdout, JSON_INDENT(2)) || putchar('\n') == EOF || fflush(stdout);

	json_decref(report);
	return rc;
}

static int print(const struct nwb_results *r)
{
	int rc = 0;

	if (r->o->json)
		rc = print_json(r);
	else
		nwb_report_text(stdout, r);
	if (rc || fflush(stdout) || ferror(stdout))
		return nws_usage("cannot write the report to standard output");
	return 0;
}

int main(int argc, char **argv)
{
	struct nwb_options o;
	struct nwb_linux linux_boot = { .cmdline = NULL };
	struct nwb_cpu_bound cpu_bound;
	struct nwb_results r = { .o = &o };
	int rc = 0;

	if (nwb_options_parse(&o, argc, argv)) {
		nwb_options_free(&o);
		return NWS_EXIT_USAGE;
	}
	if (o.cpu_bound) {
		rc = nwb_measure_cpu_bound(&o, &cpu_bound);
		r.cpu_bound = &cpu_bound;
	}
	if (o.linux_boot && !rc) {
		rc = nwb_measure_linux(&o, &linux_boot);
		r.linux_boot = &linux_boot;
	}
	if (!rc)
		rc = print(&r);
	free(linux_boot.cmdline);
	nwb_options_free(&o);
	return rc;
}
