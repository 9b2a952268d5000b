/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_witness.c - the command: check_witness FILE.nwt WITNESS compares a trace with what the witness build saw.
 *
 * Prints "boundaries gaps entries exits excused". Exit status: 0 equal, 1 not (one line each on standard error), 2 usage
 * or a file that cannot be read.
 */
#include <inttypes.h>

#include "compare.h"

int main(int argc, char **argv)
{
	struct witness_counts c;
	int status;

	if (argc != 3) {
		fputs("usage: check_witness FILE.nwt WITNESS\n", stderr);
		return 2;
	}
	status = witness_compare(argv[1], argv[2], stderr, &c);
	if (status != 2)
		printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", c.boundaries, c.gaps, c.entries,
		       c.exits, c.excused);
	return status;
}
