/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_platform.h - what kernels written for other virtual machines expect of the machine, besides a PC. Internal to the
 * shim; bochsrc `nwsim: platform=test`.
 */
#ifndef NW_PLATFORM_H
#define NW_PLATFORM_H

#include "nw_bochs.h"

/* nw_fwcfg.cc: the firmware configuration device at ports 510H-51BH. cmdline: of the guest. */
void nw_fwcfg_start(const char *cmdline);

/* nw_testdev.cc: the test device at ports E0H-EBH and 2000H-2017H and at physical address FF000000H. */
void nw_testdev_start(void);

/* Their state, as part of the saved state (bx_list_c). */
void nw_register_fwcfg(void *list);
void nw_register_testdev(void *list);

#endif
