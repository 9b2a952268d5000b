/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry_check.h - the checks of VM entry as a table: what is changed in a VMCS that can be entered,
 * and what VM entry has to make of it. SDM Vol. 3C, chapter "VM entries".
 *
 * Every case starts from a new VMCS. The VMX-preemption timer is 0, so that a VM entry that
 * succeeds is followed by a VM exit before the guest's first instruction, in whatever state it is.
 */
#ifndef KIT_ENTRY_CHECK_H
#define KIT_ENTRY_CHECK_H

#include "l1.h"

enum entry_outcome {
	ENTERS,                 /* VM entry succeeds */
	CONTROLS,               /* VM-instruction error 7 */
	HOST,                   /* VM-instruction error 8 */
	GUEST,                  /* VM exit 33 with bit 31, exit qualification 0 */
	GUEST_NMI,              /* the same, exit qualification 3: NMI into blocking by STI */
	GUEST_LINK,             /* the same, exit qualification 4: VMCS link pointer */
};

/* field = (field & keep) | value */
struct field_change {
	uint32_t field;
	uint64_t value, keep;
};
#define F_SET(field, value)     { field, value, 0 }
#define F_BITS(field, bits)     { field, bits, ~0ul }
#define F_CLEAR(field, bits)    { field, 0, ~(uint64_t)(bits) }

#define ENTRY_CHANGES   8
struct entry_case {
	const char *what;
	enum entry_outcome outcome;
	struct field_change changes[ENTRY_CHANGES];     /* field 0: no more */
};

/* Makes a VMCS that can be entered; called before every case. */
typedef void entry_base(struct l1 *l1);
/* 64-bit L1 at CPL 0; 32-bit protected mode without paging (unrestricted guest). */
entry_base entry_base_long64, entry_base_prot32;

/* True when the preemption timer is there; false: the guests that use this file do not apply. */
bool entry_checks_possible(void);
/* Makes one claim per case, after the name of its base. */
void entry_cases(const char *name, entry_base *base, const struct entry_case *cases, size_t count);

#endif
