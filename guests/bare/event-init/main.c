/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-init - INIT signals in VMX operation.
 *
 * Claim:    an INIT signal that arrives in VMX root operation is blocked, not lost, and exits right
 *           after the next VM entry; one that arrives in VMX non-root operation exits at the next
 *           instruction boundary, before a pending single-step trap, which is saved.
 * Manual:   SDM Vol. 3C, "Restrictions on VMX operation", "Other causes of VM exits", "Saving
 *           non-register state".
 * Expected: all claims hold on any CPU.
 */
#include "l1.h"
#include "timer.h"

#define ICR_INIT        0x4500u         /* INIT, assert */

void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;

static void send_init(void)
{
	apic_ipi_self(ICR_INIT);
	for (volatile unsigned i = 0; i < 1000; i++)
		;
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	l1_setup(&l1, L1_LONG64, send_init, stack + sizeof(stack), 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_DB);
	if (l1_run_to(&l1, REASON_INIT, "INIT in L1 exits")) {
		check_equal(l1.exit.qualification, 0, "INIT in L1: exit qualification");
		check_equal(l1.exit.interruption_info & INFO_VALID, 0,
			    "INIT in L1: no interruption information");
	}
	l1_restart(nops, stack + sizeof(stack));
	l1_run_to(&l1, REASON_VMCALL, "it is used up");

	send_init();
	check(true, "INIT in VMX root operation is blocked");
	l1_restart(nops, stack + sizeof(stack));
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_TF);
	vmcs_write(GUEST_PENDING_DEBUG, PENDING_DEBUG_BS);
	if (l1_run_to(&l1, REASON_INIT, "INIT that was blocked exits after VM entry")) {
		check_equal(l1.exit.rip, (uint64_t)nops, "before the first instruction");
		check_equal(l1.exit.pending_debug, PENDING_DEBUG_BS,
			    "before a pending debug exception, which is saved");
	}
}
