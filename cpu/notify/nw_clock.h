/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_clock.h - the ratio between the time-stamp counter and the core crystal clock.
 *
 * CPUID leaf 15H: TSC frequency = crystal frequency * EBX / EAX (SDM Vol. 3B, "Determining the Processor Base
 * Frequency"). All conversions are exact integer arithmetic with 128-bit products; nothing drifts.
 */
#ifndef NW_CLOCK_H
#define NW_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nw_clock {
	uint32_t num; /* TSC ticks ... CPUID.15H:EBX, never 0 */
	uint32_t den; /* ... per this many crystal clocks, CPUID.15H:EAX, never 0 */
};

/* Largest time the model handles; conversions saturate here. */
#define NW_TIME_MAX UINT64_MAX

/* Sets the ratio; num or den of 0 (leaf not enumerated) gives 1:1. */
void nw_clock_init(struct nw_clock *clk, uint32_t num, uint32_t den);

/* Smallest number of TSC ticks that is not shorter than n crystal clocks: ceil(n * num / den), saturating. */
uint64_t nw_clock_crystal_to_tsc(const struct nw_clock *clk, uint64_t n_crystal);

/* Whole crystal clocks that have elapsed after t TSC ticks: floor(t * den / num), saturating. */
uint64_t nw_clock_tsc_to_crystal(const struct nw_clock *clk, uint64_t t_tsc);

/*
 * Tick of the nth edge after s_tsc of a crystal that has run since tick 0 (edge k is at tick ceil(k * num / den));
 * n = 0 gives the last edge that is not later than s_tsc. Saturating.
 */
uint64_t nw_clock_edge_tsc(const struct nw_clock *clk, uint64_t s_tsc, uint64_t n);

/* Smallest number of TSC ticks that is not shorter than us microseconds at tsc_hz, saturating. */
uint64_t nw_clock_us_to_tsc(uint64_t us, uint64_t tsc_hz);

/* a + b, saturating at NW_TIME_MAX. */
uint64_t nw_time_add(uint64_t a, uint64_t b);

#ifdef __cplusplus
}
#endif

#endif
