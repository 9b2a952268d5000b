/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_exit_names.h - names of the basic VM-exit reasons (SDM Vol. 3D, appendix C).
 */
#ifndef NW_EXIT_NAMES_H
#define NW_EXIT_NAMES_H

#ifdef __cplusplus
extern "C" {
#endif

#define NW_EXIT_NAMES_COUNT     86      /* all reasons named here are below */

/* Name of a basic exit reason (bits 15:0 of the exit-reason field); NULL when it is reserved or unknown. */
const char *nw_exit_name(unsigned basic_reason);

#ifdef __cplusplus
}
#endif

#endif
