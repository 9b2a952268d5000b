/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smm-rsm - RSM with a damaged state save area shuts the processor down.
 *
 * Claim:    an SMM handler that returns untouched resumes the interrupted program; one that has set CR4.VMXE, a
 *           reserved bit of EFER or one of CR4 in its save area (parameter bad=0, 1, 2) puts the processor
 *           into the shutdown state, which the simulator reports as such and not as its own failure.
 * Manual:   SDM Vol. 3C, "SMM revision identifier", "Exiting from SMM": RSM enters the shutdown state on invalid state
 *           in SMRAM.
 * Expected: verdict shutdown. Refused where SMRAM cannot be opened through a 440FX or is locked.
 */
#include "smm.h"

void guest_main(void)
{
	static const struct { uint16_t offset; uint32_t bits; const char *what; } bad[] = {
		{ 0xff48, 1u << 13, "CR4.VMXE" },
		{ 0xfed0, 1u << 31, "a reserved bit of EFER" },
		{ 0xff48, 1u << 31, "a reserved bit of CR4" },
	};
	uint64_t which = param_number("bad", 0);

	smm_need();
	smm_install(0, 0, 0);
	if (!check_equal(smm_run(), 1, "the handler runs and the program is resumed"))
		return;
	note("the handler sets %s", bad[which % ARRAY_SIZE(bad)].what);
	smm_install(bad[which % ARRAY_SIZE(bad)].offset, 0, bad[which % ARRAY_SIZE(bad)].bits);
	smm_run();
	check(false, "the program is not resumed");
}
