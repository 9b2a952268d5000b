/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch-device - a jump into a device or into nothing is an exception, not the end of the machine.
 *
 * Claim:    a call of the local APIC, the I/O APIC, the HPET and of addresses where nothing is comes back with an
 *           exception.
 * Manual:   SDM Vol. 3A: the processor executes whatever the bus returns. Nothing answers with ones; FF FF is no
 *           instruction, #UD.
 * Expected: all claims hold where the I/O APIC and the HPET are at their usual addresses; what devices return is not
 *           specified, so that any exception will do. Refused outside the simulator: registers may look like code.
 */
#include "kit.h"

static void jump(void *address)
{
	((void (*)(void))address)();
}

void guest_main(void)
{
	static const struct { uint64_t address; const char *name; } where[] = {
		{ 0xfee00000, "the local APIC" },
		{ 0xfee00ffe, "the last bytes of the local APIC" },
		{ 0xfec00000, "the I/O APIC" },
		{ 0xfed00000, "the HPET" },
		{ 0xe0000000, "a hole" },
		{ 0xbffff000, "an address beyond the memory" },
	};

	if (!in_simulator())
		skip_all("device registers may look like code");
	for (unsigned i = 0; i < ARRAY_SIZE(where); i++)
		check(trap_catch(jump, (void *)where[i].address), "a call of %s is an exception",
		      where[i].name);
	check_equal(trap_catch(jump, (void *)0xa0000ul), VECTOR_UD + 1, "VGA graphics memory: #UD");
}
