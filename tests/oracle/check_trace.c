/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_trace.c - the command: check_trace FILE.nwt prints the number of notify VM exits it has recomputed.
 *
 * trace_check.h says what is checked and what a trace cannot show. Exit status: 0 all hold, 1 something does not (one line
 * each on standard error), 2 usage or unreadable trace.
 */
#include <inttypes.h>

#include "trace_check.h"

int main(int argc, char **argv)
{
	uint64_t checked;
	int status;

	if (argc != 2) {
		fputs("usage: check_trace FILE.nwt\n", stderr);
		return 2;
	}
	status = trace_check(argv[1], stderr, &checked);
	if (status != 2)
		printf("%" PRIu64 "\n", checked);
	return status;
}
