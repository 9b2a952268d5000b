/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * measure.h - what the measurements of the guest share: series of intervals, results.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "loop32.h"

#define REPEAT          31
#define WINDOWS         8
#define MIXED           64

extern const uint32_t measure_windows[WINDOWS];
/* An instruction of L1: VMCALL. */
extern const char measure_vmcall[];

/* Intervals in TSC ticks; sorted before they are read. */
struct series { unsigned n; uint64_t v[REPEAT]; };
void series_init(struct series *s);
void series_add(struct series *s, uint64_t value);
void series_sort(struct series *s);
uint64_t series_min(const struct series *s);
uint64_t series_median(const struct series *s);
uint64_t series_max(const struct series *s);

enum halted { HALT_UNKNOWN, HALT_OPEN, HALT_COUNTED };

struct measure {
	struct clock_ratio ratio;       /* of CPUID.15H, zeros if it does not say */
	uint64_t tsc_hz;                /* by CPUID.15H or else by the PIT; 0 = unknown */
	struct series overhead, at[WINDOWS], injected;
	uint32_t vectoring_info, vectoring_error;
	uint64_t rflags;
	unsigned mixed_ac, mixed_np, mixed_none;
	uint64_t longest;               /* 0 = not measured */
	enum halted halt;
};

/* Fills ratio and frequency, and prints what machine it is (machine.c). */
void measure_machine(struct measure *m);
/* Does HLT with interrupts enabled time out (halt.c)? */
void measure_halt(struct measure *m);
/* Intercept of the line: the wait with window 0, lowest and highest (report.c). */
uint64_t measure_threshold_min(const struct measure *m);
uint64_t measure_threshold_max(const struct measure *m);
void measure_report(const struct measure *m);

#endif
