/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* timeout_record.c - claims about the VMCS after instruction-timeout exits. */
#include "timeout_record.h"

#define QUALIFICATION_DEFINED   (NW_QUAL_CONTEXT_INVALID | NW_QUAL_NMI_UNBLOCKING)
#define ERROR_EXT               1u

enum {
	REASON,
	QUALIFICATION,
	INTERRUPTION,
	VECTORING,
	VECTORING_ERROR,
	RIP,
	RSP,
	RFLAGS,
	ENTRY_INFO,
	PENDING_DEBUG,
	ACTIVITY,
	INTERRUPTIBILITY
};

static const char *const claims[TIMEOUT_CLAIMS] = {
	[REASON] = "exit reason is 75",
	[QUALIFICATION] = "defined bits of the exit qualification",
	[INTERRUPTION] = "VM-exit interruption information is not valid",
	[VECTORING] = "IDT-vectoring information",
	[VECTORING_ERROR] = "IDT-vectoring error code, bit 0 masked",
	[RIP] = "RIP is that of the instruction it happened in",
	[RSP] = "RSP is unchanged",
	[RFLAGS] = "RFLAGS",
	[ENTRY_INFO] = "VM-entry interruption information is no longer valid",
	[PENDING_DEBUG] = "pending debug exceptions are 0",
	[ACTIVITY] = "activity state is active",
	[INTERRUPTIBILITY] = "interruptibility state",
};

void timeout_record_init(struct timeout_record *r)
{
	for (unsigned i = 0; i < TIMEOUT_CLAIMS; i++)
		r->t[i] = (struct tally){ .what = claims[i] };
}

static void add_vectoring(struct timeout_record *r, const struct l1_exit *got,
			  const struct timeout_expect *want)
{
	if (!(want->idt_vectoring_info & INFO_VALID)) {
		tally_equal(&r->t[VECTORING], got->idt_vectoring_info & INFO_VALID, 0);
		return;
	}
	tally_equal(&r->t[VECTORING], got->idt_vectoring_info & ~INFO_BIT12,
		    want->idt_vectoring_info);
	if (want->idt_vectoring_info & INFO_ERROR_CODE)
		tally_equal(&r->t[VECTORING_ERROR], got->idt_vectoring_error & ~ERROR_EXT,
			    want->idt_vectoring_error & ~ERROR_EXT);
}

void timeout_record_add(struct timeout_record *r, const struct l1_exit *got,
			const struct timeout_expect *want)
{
	uint64_t rflags_mask = in_simulator() ? ~0ul : ~RFLAGS_RF;
	/* bit 12 has no meaning during a delivery */
	uint32_t defined = want->idt_vectoring_info & INFO_VALID ? NW_QUAL_CONTEXT_INVALID : QUALIFICATION_DEFINED;

	tally_equal(&r->t[REASON], got->reason, REASON_INSTRUCTION_TIMEOUT);
	tally_equal(&r->t[QUALIFICATION], got->qualification & defined, want->qualification);
	tally_equal(&r->t[INTERRUPTION], got->interruption_info & INFO_VALID, 0);
	add_vectoring(r, got, want);
	tally_equal(&r->t[RIP], got->rip, want->rip);
	tally_equal(&r->t[RSP], got->rsp, want->rsp);
	tally_equal(&r->t[RFLAGS], got->rflags & rflags_mask, want->rflags & rflags_mask);
	tally_equal(&r->t[ENTRY_INFO], got->entry_info & INFO_VALID, 0);
	tally_equal(&r->t[PENDING_DEBUG], got->pending_debug, 0);
	tally_equal(&r->t[ACTIVITY], got->activity, ACTIVITY_ACTIVE);
	tally_equal(&r->t[INTERRUPTIBILITY], got->interruptibility, want->interruptibility);
}

void timeout_record_check(const struct timeout_record *r, const char *fmt, ...)
{
	va_list ap;

	for (unsigned i = 0; i < TIMEOUT_CLAIMS; i++) {
		if (i == VECTORING_ERROR && !r->t[i].count)
			continue;       /* no delivery with an error code */
		va_start(ap, fmt);
		tally_vcheck(&r->t[i], fmt, ap);
		va_end(ap);
	}
}
