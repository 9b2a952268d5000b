/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * progress.h - the line on a terminal that says how far a command is; nws_terminal() says whether to show one.
 */
#ifndef NWS_PROGRESS_H
#define NWS_PROGRESS_H

#include "nws.h"

/* Shows this text (one line without its end) in place of the last one, cut at the width of the terminal. */
void nws_progress_show(const char *fmt, ...) NWS_PRINTF(1, 2);

/* Removes what is shown, before something else is printed. */
void nws_progress_erase(void);

#endif
