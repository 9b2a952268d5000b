/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timeout_record.h - what an instruction-timeout ("notify") VM exit has to leave in the VMCS.
 *
 * One claim per field over any number of exits. SDM Vol. 3C, chapter "VM exits": "Recording VM-exit
 * information and updating VM-entry control fields", "Saving guest state". Undefined bits are not
 * looked at.
 */
#ifndef KIT_TIMEOUT_RECORD_H
#define KIT_TIMEOUT_RECORD_H

#include "vmx.h"

struct timeout_expect {
	uint64_t rip, rsp, rflags;
	uint32_t idt_vectoring_info;    /* 0: not during a delivery */
	uint32_t idt_vectoring_error;   /* bit 0 (EXT) is not compared: not public for silicon */
	uint32_t qualification;         /* bits 0 and 12 */
	uint32_t interruptibility;
};

#define TIMEOUT_CLAIMS  12
struct timeout_record { struct tally t[TIMEOUT_CLAIMS]; };

void timeout_record_init(struct timeout_record *r);
/*
 * Compares l1->exit. RFLAGS.RF is compared in the simulator only: on silicon it is an open point
 * (P10).
 */
void timeout_record_add(struct timeout_record *r, const struct l1_exit *got,
			const struct timeout_expect *want);
/* Reports one line per field, after a prefix. */
void timeout_record_check(const struct timeout_record *r, const char *fmt, ...) PRINTF(2, 3);

#endif
