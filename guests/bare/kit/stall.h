/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stall.h - stalls that a guest asks for: the magic NOP of nw_abi.h as assembler text.
 */
#ifndef KIT_STALL_H
#define KIT_STALL_H

#include "nw_abi.h"

#define STALL_STRING2(x)        #x
#define STALL_STRING(x)         STALL_STRING2(x)
/* kind: NW_MAGIC_STALL and the like. It lasts RAX crystal clocks longer than a NOP. */
#define STALL_NOP(kind)         ".byte 0x0f, 0x1f, 0x84, 0x00; .long " STALL_STRING(kind) "\n"

/* Longer than any window and threshold that a guest of its own accord uses, in crystal clocks. */
#define STALL_LONG              (1ul << 40)

#endif
