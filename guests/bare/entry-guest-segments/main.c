/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-guest-segments - VM entry checks the guest's segment and descriptor-table registers.
 *
 * Claim:    VM entry fails for exactly the selectors, bases, limits and access rights that the
 *           manual excludes, for 64-bit and 32-bit guests; a usable SS is checked in 64-bit mode
 *           as in any other, even with a null selector.
 * Manual:   SDM Vol. 3C, "Checks on guest segment registers", "Checks on guest descriptor-table
 *           registers" (26.3.1.2, 26.3.1.3).
 * Expected: all claims hold.
 */
#include "entry_check.h"

enum segment { ES, CS, SS, DS, FS, GS, LDTR, TR };

#define SELECTOR(s)     (GUEST_ES_SELECTOR + 2 * (s))
#define BASE(s)         (GUEST_ES_BASE + 2 * (s))
#define LIMIT(s)        (GUEST_ES_LIMIT + 2 * (s))
#define RIGHTS(s)       (GUEST_ES_ACCESS_RIGHTS + 2 * (s))
#define AR_P            0x80u
#define AR_S            0x10u
#define AR_DPL3         0x60u
#define AR_D_B          0x4000u
#define AR_G            0x8000u
#define AR_UNUSABLE     0x10000u
#define NOT_CANONICAL   0x8123456789abcdeful

#define AR_TYPE(s, type)        { RIGHTS(s), type, ~0xful }
#define NO_UNRESTRICTED         F_CLEAR(PROC_BASED_CONTROLS2, PROC2_UNRESTRICTED_GUEST)

/* Of any guest; the base is flat. */
static const struct entry_case any[] = {
	{ "TR with TI", GUEST, { F_BITS(SELECTOR(TR), 4) } },
	{ "TR unusable", GUEST, { F_BITS(RIGHTS(TR), AR_UNUSABLE) } },
	{ "TR not present", GUEST, { F_CLEAR(RIGHTS(TR), AR_P) } },
	{ "TR not a system segment", GUEST, { F_BITS(RIGHTS(TR), AR_S) } },
	{ "TR not busy", GUEST, { AR_TYPE(TR, 9) } },
	{ "TR reserved bit 17", GUEST, { F_BITS(RIGHTS(TR), 1u << 17) } },
	{ "TR base not canonical", GUEST, { F_SET(BASE(TR), NOT_CANONICAL) } },
	{ "TR byte limit above 1 MiB", GUEST, { F_SET(LIMIT(TR), 0x100067) } },
	{ "TR page limit not at the end of a page", GUEST, { F_BITS(RIGHTS(TR), AR_G) } },
	{ "LDTR unusable with bad bits", ENTERS,
	  { F_SET(RIGHTS(LDTR), AR_UNUSABLE | 0x0f1f), F_BITS(SELECTOR(LDTR), 4) } },
	{ "LDTR usable", ENTERS, { F_SET(RIGHTS(LDTR), 0x82) } },
	{ "LDTR with TI", GUEST, { F_SET(RIGHTS(LDTR), 0x82), F_BITS(SELECTOR(LDTR), 4) } },
	{ "LDTR of type 3", GUEST, { F_SET(RIGHTS(LDTR), 0x83) } },
	{ "LDTR not present", GUEST, { F_SET(RIGHTS(LDTR), 0x02) } },
	{ "LDTR not a system segment", GUEST, { F_SET(RIGHTS(LDTR), 0x92) } },
	{ "LDTR base not canonical", GUEST,
	  { F_SET(RIGHTS(LDTR), 0x82), F_SET(BASE(LDTR), NOT_CANONICAL) } },
	{ "CS base above 32 bits", GUEST, { F_SET(BASE(CS), 1ul << 32) } },
	{ "CS a data segment not accessed", GUEST, { AR_TYPE(CS, 2) } },
	{ "CS not accessed", GUEST, { AR_TYPE(CS, 10) } },
	{ "CS conforming", ENTERS, { AR_TYPE(CS, 15) } },
	{ "CS a system segment", GUEST, { F_CLEAR(RIGHTS(CS), AR_S) } },
	{ "CS not present", GUEST, { F_CLEAR(RIGHTS(CS), AR_P) } },
	{ "CS reserved bit 8", GUEST, { F_BITS(RIGHTS(CS), 1u << 8) } },
	{ "CS reserved bit 31", GUEST, { F_BITS(RIGHTS(CS), 1u << 31) } },
	{ "CS byte limit above 1 MiB", GUEST, { F_CLEAR(RIGHTS(CS), AR_G) } },
	{ "CS page limit not at the end of a page", GUEST, { F_SET(LIMIT(CS), 0xfffffffe) } },
	{ "CS DPL 3, SS DPL 0", GUEST, { F_BITS(RIGHTS(CS), AR_DPL3) } },
	{ "SS unusable with bad bits", ENTERS,
	  { F_SET(RIGHTS(SS), AR_UNUSABLE | 0x0f0a), F_SET(BASE(SS), 1ul << 40) } },
	{ "SS expand-down", ENTERS, { AR_TYPE(SS, 7) } },
	{ "SS read-only", GUEST, { AR_TYPE(SS, 1) } },
	{ "SS code", GUEST, { AR_TYPE(SS, 11) } },
	{ "SS not accessed", GUEST, { AR_TYPE(SS, 2) } },
	{ "SS not present", GUEST, { F_CLEAR(RIGHTS(SS), AR_P) } },
	{ "SS a system segment", GUEST, { F_CLEAR(RIGHTS(SS), AR_S) } },
	{ "SS reserved bit 8", GUEST, { F_BITS(RIGHTS(SS), 1u << 8) } },
	{ "SS byte limit above 1 MiB", GUEST, { F_CLEAR(RIGHTS(SS), AR_G) } },
	{ "SS base above 32 bits", GUEST, { F_SET(BASE(SS), 1ul << 32) } },
	{ "SS with a null selector", ENTERS, { F_SET(SELECTOR(SS), 0) } },
	{ "SS with a null selector, read-only", GUEST, { F_SET(SELECTOR(SS), 0), AR_TYPE(SS, 1) } },
	{ "SS with a null selector, not present", GUEST,
	  { F_SET(SELECTOR(SS), 0), F_CLEAR(RIGHTS(SS), AR_P) } },
	{ "SS with a null selector, reserved bit 8", GUEST,
	  { F_SET(SELECTOR(SS), 0), F_BITS(RIGHTS(SS), 1u << 8) } },
	{ "SS with a null selector, base above 32 bits", GUEST,
	  { F_SET(SELECTOR(SS), 0), F_SET(BASE(SS), 1ul << 32) } },
	{ "SS with a null selector, unusable", ENTERS,
	  { F_SET(SELECTOR(SS), 0), F_BITS(RIGHTS(SS), AR_UNUSABLE) } },
	{ "SS DPL 3, CS DPL 0", GUEST, { F_BITS(RIGHTS(SS), AR_DPL3) } },
	{ "DS unusable with bad bits", ENTERS,
	  { F_SET(RIGHTS(DS), AR_UNUSABLE | 0x0f02), F_SET(BASE(DS), 1ul << 40) } },
	{ "DS not accessed", GUEST, { AR_TYPE(DS, 2) } },
	{ "DS code, not readable", GUEST, { AR_TYPE(DS, 9) } },
	{ "DS code, readable", ENTERS, { AR_TYPE(DS, 11) } },
	{ "DS base above 32 bits", GUEST, { F_SET(BASE(DS), 1ul << 32) } },
	{ "ES not present", GUEST, { F_CLEAR(RIGHTS(ES), AR_P) } },
	{ "FS base not canonical", GUEST, { F_SET(BASE(FS), NOT_CANONICAL) } },
	{ "FS unusable, base not canonical", GUEST,
	  { F_SET(RIGHTS(FS), AR_UNUSABLE), F_SET(BASE(FS), NOT_CANONICAL) } },
	{ "GS base at the top", ENTERS, { F_SET(BASE(GS), ~0ul) } },
	{ "GS reserved bit 17", GUEST, { F_BITS(RIGHTS(GS), 1u << 17) } },
	{ "GDTR base not canonical", GUEST, { F_SET(GUEST_GDTR_BASE, NOT_CANONICAL) } },
	{ "IDTR base not canonical", GUEST, { F_SET(GUEST_IDTR_BASE, NOT_CANONICAL) } },
	{ "GDTR limit 10000H", GUEST, { F_SET(GUEST_GDTR_LIMIT, 0x10000) } },
	{ "IDTR limit 10000H", GUEST, { F_SET(GUEST_IDTR_LIMIT, 0x10000) } },
	{ "IDTR limit FFFFH", ENTERS, { F_SET(GUEST_IDTR_LIMIT, 0xffff) } },
};

static const struct entry_case only_long64[] = {
	{ "CS with L and D", GUEST, { F_BITS(RIGHTS(CS), AR_D_B) } },
	{ "TR 16-bit", GUEST, { AR_TYPE(TR, 3) } },
	{ "DS RPL 3, DPL 0, unrestricted guest", ENTERS, { F_BITS(SELECTOR(DS), 3) } },
	{ "DS RPL 3, DPL 0, not unrestricted", GUEST,
	  { NO_UNRESTRICTED, F_BITS(SELECTOR(DS), 3) } },
	{ "DS conforming, RPL 3, DPL 0, not unrestricted", ENTERS,
	  { NO_UNRESTRICTED, F_BITS(SELECTOR(DS), 3), AR_TYPE(DS, 15) } },
	{ "SS RPL differs from CS RPL, not unrestricted", GUEST,
	  { NO_UNRESTRICTED, F_BITS(SELECTOR(SS), 3) } },
	{ "CS a data segment, not unrestricted", GUEST, { NO_UNRESTRICTED, AR_TYPE(CS, 3) } },
};

static const struct entry_case only_prot32[] = {
	{ "TR 16-bit", ENTERS, { AR_TYPE(TR, 3) } },
	{ "CS a data segment, unrestricted guest", ENTERS, { AR_TYPE(CS, 3) } },
	{ "CS a data segment of DPL 3", GUEST,
	  { AR_TYPE(CS, 3), F_BITS(RIGHTS(CS), AR_DPL3), F_BITS(RIGHTS(SS), AR_DPL3) } },
	{ "SS DPL 3 and CR0.PE = 0", GUEST,
	  { F_CLEAR(GUEST_CR0, CR0_PE), F_BITS(RIGHTS(CS), AR_DPL3),
	    F_BITS(RIGHTS(SS), AR_DPL3) } },
};

void guest_main(void)
{
	vmx_on();
	if (!entry_checks_possible())
		skip_all("CPU lacks the VMX-preemption timer");
	entry_cases("64-bit", entry_base_long64, any, ARRAY_SIZE(any));
	entry_cases("64-bit", entry_base_long64, only_long64, ARRAY_SIZE(only_long64));
	entry_cases("32-bit", entry_base_prot32, any, ARRAY_SIZE(any));
	entry_cases("32-bit", entry_base_prot32, only_prot32, ARRAY_SIZE(only_prot32));
}
