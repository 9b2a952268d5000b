/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smm.h - an SMI handler that changes one field of its state save area, on a PC with a 440FX.
 */
#ifndef KIT_SMM_H
#define KIT_SMM_H

#include "kit.h"

/* Skips the guest where SMRAM cannot be opened through a 440FX or is locked. */
void smm_need(void);
/*
 * Installs the handler at the default SMBASE: it counts, clears and sets bits of the doubleword at
 * offset from SMBASE (none if both are 0), and executes RSM.
 */
void smm_install(uint16_t offset, uint32_t clear, uint32_t set);
/*
 * The same without a change of the state save area; the handler also executes the magic NOP (include/nw_abi.h), which in
 * the simulator makes it last so many crystal clocks longer.
 */
void smm_install_stall(uint32_t clocks);
/* How often the handler has run since smm_install() or the last smm_run(). */
uint32_t smm_count(void);
/* Causes an SMI (APM control port); returns how often the handler has run since the last smm_run(). */
uint32_t smm_run(void);

#endif
