/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmos.h - CMOS RAM and the registers of the real-time clock behind ports 70H and 71H.
 */
#ifndef KIT_CMOS_H
#define KIT_CMOS_H

#include "kit.h"

#define CMOS_INDEX      0x70
#define CMOS_DATA       0x71

static inline uint8_t cmos_read(uint8_t index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static inline void cmos_write(uint8_t index, uint8_t value)
{
	outb(CMOS_INDEX, index);
	outb(CMOS_DATA, value);
}

#endif
