/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_check.h - what the parser of `nwsim run` and `nwsim linux` refuses, and how.
 */
#ifndef NWS_OPTIONS_CHECK_H
#define NWS_OPTIONS_CHECK_H

#include <argp.h>
#include <stdbool.h>

#include "nws.h"

struct nws_options;

/* One line that begins with the name of the command or list entry; ends the program with NWS_EXIT_USAGE. */
void nws_options_fail(const struct argp_state *state, const char *fmt, ...) NWS_PRINTF(2, 3);

/* All options have been parsed: fails if they do not fit together. operands: as for nws_options_parse(). */
void nws_options_check(const struct argp_state *state, const struct nws_options *o, bool operands);

#endif
