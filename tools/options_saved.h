/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_saved.h - the words of a command line that decide what a run is, for a saved run.
 */
#ifndef NWS_OPTIONS_SAVED_H
#define NWS_OPTIONS_SAVED_H

#include <argp.h>

struct nws_options;

/* Remembers an option of table[] with its argument, NULL = none. */
void nws_options_remember(struct nws_options *o, const struct argp_option *table, int key, const char *arg);
/* Remembers the name of the guest. */
void nws_options_remember_guest(struct nws_options *o, const char *name);
/*
 * In options_parse.c: parses the words of the run saved in dir. It accepts no others than those above remember, so that
 * somebody else's saved run cannot name a program to be started or a file to be written. 0, or NWS_EXIT_USAGE after a
 * message, also by ending the program.
 */
int nws_options_parse_saved(struct nws_options *o, int argc, char **argv, const char *dir);
/* Releases what was remembered. */
void nws_options_forget(struct nws_options *o);

#endif
