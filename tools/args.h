/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * args.h - argp with errors of one line.
 */
#ifndef NWS_ARGS_H
#define NWS_ARGS_H

#include <argp.h>

/*
 * argp_parse() whose own errors are one line each and end the program with NWS_EXIT_USAGE. 0, or NWS_EXIT_USAGE after one
 * line; --help and --version exit.
 */
int nws_args_parse(const struct argp *argp, int argc, char **argv, unsigned flags, void *input);

#endif
