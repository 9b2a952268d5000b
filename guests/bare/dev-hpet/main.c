/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dev-hpet - accesses of any size and alignment leave the HPET as it was.
 *
 * Claim:    misaligned reads and reads of 1 and 2 bytes complete, such writes do not change the capability register,
 *           and the main counter goes on.
 * Manual:   IA-PC HPET specification 1.0a, 2.2: software uses aligned accesses of 32 and 64 bits; others are undefined,
 *           which a machine survives.
 * Expected: all claims hold where there is an HPET at FED00000h; skipped elsewhere.
 */
#include "kit.h"

#define BASE            0xfed00000ul
#define CAPABILITIES    0x000
#define CONFIGURATION   0x010
#define COUNTER         0x0f0

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)(BASE + offset);
}

static void touch(unsigned offset)
{
	volatile uint8_t *p = (volatile uint8_t *)(BASE + offset);

	(void)*p;
	(void)*(volatile uint16_t *)p;
	(void)*(volatile uint32_t *)p;
	(void)*(volatile uint64_t *)p;
	if (offset < 8) {                       /* read-only register */
		*p = 0xa5;
		*(volatile uint16_t *)p = 0xa5a5;
	}
}

void guest_main(void)
{
	uint32_t capabilities = *reg(CAPABILITIES), before;

	if (capabilities == ~0u || capabilities == 0)
		skip_all("no HPET at 0x%lx", BASE);
	for (unsigned offset = 0; offset < 0x400; offset++)
		touch(offset);
	check(true, "reads of 1, 2, 4, 8 bytes at every address complete");
	check_equal(*reg(CAPABILITIES), capabilities, "the capability register is as before");
	*reg(CONFIGURATION) |= 1;
	before = *reg(COUNTER);
	for (unsigned i = 0; i < 10000; i++)
		asm volatile("pause");
	check(*reg(COUNTER) != before, "the main counter goes on");
}
