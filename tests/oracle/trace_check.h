/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_check.h - recomputes every notify expiry of a trace from what the trace records, with the oracle's arithmetic.
 *
 * What is checked, for each processor and each closed interval (from the first flow_begin or stall record on):
 *  - s, N and D of an expiry follow from the VM entry in force, the interval's begin and the parameters of the head;
 *    the expiry is at D (P20 = complete: at the end of the stalled instruction), the VM exit with reason 75 follows
 *    at the same tick with the same qualification, IDT-vectoring information and RIP;
 *  - none is missing: no interval of an armed guest ends by a window after D, or by another VM exit at or after D, and
 *    none is open past D when the trace or the stay in the guest ends;
 *  - none is extra: not while the control is clear, not outside an interval, not when the stall was to end in time;
 *  - an SMI puts aside what is armed, and RSM takes it up: with P16 = count the exit comes at the boundary after RSM;
 *    inactive states that count (P8) are intervals of their own; P7 = after-injection: nothing expires in the interval
 *    that begins with the VM entry;
 *  - no loop of a kind that P5 does not list is an interval;
 *  - VM_CONTEXT_INVALID comes at the exits that P11 names; without P9 there is no IDT-vectoring information;
 *  - the guest record just before an expiry is of the same tick, and its event is the one that the exit tells of;
 *  - iterations of loops agree with P4, the hang limit (P22) is kept, stalls last what their record says;
 *  - gap records have at least gap_min ticks, agree with the intervals and with the histogram at the end.
 *
 * What a trace cannot show:
 *  - a closed interval that the simulator did not notice: nothing is recorded then, and a window that opened although
 *    none should have leaves no record either;
 *  - how long shadows are (P21): with shadow=closed an interval may begin one or two ticks before its first record, and
 *    the window at the end of a stall may open that much later;
 *  - where an interval shorter than gap_min ended, and the begin of one that a debug trap began, other than by the length
 *    of its gap;
 *  - a reset while a stall is being timed; what the guest state saved by the exit was (P10), except RIP;
 *  - which deliveries were stalled: a flow with stalls inside is not checked for its number of iterations.
 */
#ifndef NW_TRACE_CHECK_H
#define NW_TRACE_CHECK_H

#include <stdint.h>
#include <stdio.h>

/*
 * Checks the trace at path; each complaint is one line to f. Returns 0 when all holds, 1 when something does not, 2 when
 * the trace cannot be read. *checked: number of notify exits recomputed.
 */
int trace_check(const char *path, FILE *f, uint64_t *checked);

#endif
