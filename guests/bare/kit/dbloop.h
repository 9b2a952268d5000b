/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dbloop.h - 64-bit code whose #DB handler never gets to its first instruction.
 *
 * The stack frame of #DB is on a data breakpoint: as soon as one is delivered the next one is pending (CVE-2015-8104).
 * With an interrupt stack (IST) every frame is at the same place and there is no end. The tables are those of L0, which a
 * 64-bit L1 shares.
 */
#ifndef KIT_DBLOOP_H
#define KIT_DBLOOP_H

#include "l1.h"

#define DR6_INIT        0xffff0ff0ul
#define DR6_B(n)        (1ul << (n))
#define DR6_BS          (1ul << 14)
#define DR7_INIT        0x400ul
#define DR7_GD          (1ul << 13)
#define DBLOOP_INFO     (INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB)
#define DBLOOP_FRAME    40      /* bytes: RIP, CS, RFLAGS, RSP, SS from the lowest address on */
/* RAX of the VMCALL by which the handler says that it was reached, see dbloop_frame() */
#define DBLOOP_HANDLER  0x44424c50ul

/* Puts the handler in place. constant_stack: #DB has an interrupt stack, otherwise it uses the current one. */
void dbloop_setup(bool constant_stack);
/* RSP at the first instruction of the handler with the interrupt stack. */
uint64_t dbloop_stack(void);
/* RSP there the last time that the handler was reached. */
uint64_t dbloop_frame(void);

enum breakpoint { BREAK_EXECUTE, BREAK_WRITE, BREAK_READ_WRITE };
/* Loads DRn and returns the bits of DR7 that enable it. bytes: 1, 2, 4 or 8. */
uint64_t dbloop_breakpoint(unsigned n, enum breakpoint kind, const volatile void *address, unsigned bytes);
void write_dr6(uint64_t value);
uint64_t read_dr6(void);
void write_dr7(uint64_t value);

#endif
