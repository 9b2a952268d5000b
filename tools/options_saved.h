/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_saved.h - the words of a command line that decide what a run is, for a saved run.
 */
#ifndef NWS_OPTIONS_SAVED_H
#define NWS_OPTIONS_SAVED_H

#include <argp.h>

struct nws_options;

/* Remembers an option of table[], or the name of the guest. */
void nws_options_remember(struct nws_options *o, const struct argp_option *table, int key, const char *arg);
void nws_options_remember_guest(struct nws_options *o, const char *name);
/* Releases what was remembered. */
void nws_options_forget(struct nws_options *o);

#endif
