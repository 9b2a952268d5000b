/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.h - runs a check suite and prints TAP on standard output.
 */
#ifndef NW_TEST_TAP_H
#define NW_TEST_TAP_H

#include <check.h>
#include <stdlib.h>

/* Runs every test in a process of its own and frees the suite. The exit status of a test program. */
static inline int tap_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_set_fork_status(runner, CK_FORK);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
