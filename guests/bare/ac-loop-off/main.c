/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ac-loop-off - without the control nothing ends the nested #AC of L1.
 *
 * Claim:    ac-loop with "instruction timeout" = 0: no VM exit ever happens, although the timer of
 *           L0 goes on and its interrupt would exit. (On real machines this is what CVE-2015-5307
 *           was about; there the guest refuses to run.)
 * Manual:   SDM Vol. 3C, "Secondary processor-based VM-execution controls", bit 31; CVE-2015-5307,
 *           XSA-156.
 * Expected: verdict "hung". Any VM exit is a failure.
 */
#include "loop32.h"
#include "timer.h"

#define TIMER_VECTOR    0x40
#define TIMER_COUNT     100000          /* crystal clocks, 4 ms at 25 MHz */

void guest_main(void)
{
	struct l1 l1;

	if (!in_simulator())
		skip_all("this would hang a real machine for good");
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_EXTERNAL_INTERRUPT);
	apic_enable();
	apic_timer_start(TIMER_VECTOR, TIMER_COUNT);
	note("the run must end with the verdict \"hung\"");
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u", l1.entry_failure);
	vmx_note_exit(&l1);
	check(false, "no VM exit");
}
