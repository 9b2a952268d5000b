/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VMM observes about L0 itself: clocks, timer interrupts, the CPU's capability, KVM's
 * statistics and the test-only switch.
 */
#ifndef NW_L0_H
#define NW_L0_H

#include <stdbool.h>
#include <stdint.h>

enum l0_switch { SWITCH_ABSENT, SWITCH_OFF, SWITCH_ON };

struct l0_crystal {
	uint64_t	numerator;	/* TSC ticks = crystal clocks * numerator / denominator */
	uint64_t	denominator;	/* 0: CPUID.15H does not enumerate the ratio */
	uint64_t	hz;		/* 0: not enumerated */
};

uint64_t l0_tsc(void);
uint64_t l0_monotonic_ns(void);

/* CPUID leaf 15H. */
struct l0_crystal l0_crystal(void);

/* Whole crystal clocks in so many TSC ticks; 0 if the ratio is unknown. */
uint64_t l0_crystal_clocks(const struct l0_crystal *crystal, uint64_t tsc);

/* Nanoseconds of so many crystal clocks, rounded up; a slow crystal is assumed if it is unknown. */
uint64_t l0_crystal_ns(const struct l0_crystal *crystal, uint64_t clocks);

/* Timer interrupts taken by L0 since its start (/proc/interrupts: LOC and IRQ 0), or -1. */
int64_t l0_timer_ticks(void);

/* IA32_VMX_PROCBASED_CTLS2[63]: 1 or 0, or -1 if the MSR cannot be read. */
int l0_cpu_has_notify(void);

/*
 * Is this nwsim? Reads the signature port, which needs root; 1, 0, or -1 when the port cannot be read.
 * Only for a machine without other devices (PID 1 in the simulator).
 */
int l0_is_nwsim(void);

/* KVM statistic "notify_window_exits" of this process's VM with this descriptor, or -1. */
int64_t l0_notify_window_exits(int vm_fd);

/* kvm_intel.test_no_ac_db_intercept of the running kernel. */
enum l0_switch l0_test_switch(void);

#endif
