/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Observations of L0, from user space: CPUID, /proc, /sys, /dev/cpu.
 */
#include <cpuid.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "l0.h"
#include "nw_abi.h"

#define SLOWEST_CRYSTAL_HZ	19200000	/* of the crystals Intel has documented */

uint64_t l0_tsc(void)
{
	_mm_lfence();
	return __rdtsc();
}

uint64_t l0_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct l0_crystal l0_crystal(void)
{
	struct l0_crystal crystal = { 0, 0, 0 };
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(0x15, &eax, &ebx, &ecx, &edx) && eax && ebx) {
		crystal.numerator = ebx;
		crystal.denominator = eax;
		crystal.hz = ecx;
	}
	return crystal;
}

uint64_t l0_crystal_clocks(const struct l0_crystal *crystal, uint64_t tsc)
{
	if (!crystal->denominator)
		return 0;
	return (uint64_t)((unsigned __int128)tsc * crystal->denominator / crystal->numerator);
}

uint64_t l0_crystal_ns(const struct l0_crystal *crystal, uint64_t clocks)
{
	uint64_t hz = crystal->hz ? crystal->hz : SLOWEST_CRYSTAL_HZ;

	return (uint64_t)(((unsigned __int128)clocks * 1000000000 + hz - 1) / hz);
}

int64_t l0_timer_ticks(void)
{
	FILE *f = fopen("/proc/interrupts", "re");
	char line[512], *p, *end;
	int64_t sum = -1;

	while (f && fgets(line, sizeof(line), f)) {
		p = line + strspn(line, " ");
		if (strncmp(p, "LOC:", 4) && strncmp(p, "0:", 2))
			continue;
		p = strchr(p, ':') + 1;
		for (sum = sum < 0 ? 0 : sum;; p = end) {
			int64_t n = strtoll(p, &end, 10);

			if (end == p)
				break;
			sum += n;
		}
	}
	if (f)
		fclose(f);
	return sum;
}

int l0_cpu_has_notify(void)
{
	uint64_t value;
	ssize_t n = -1;
	int fd = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = pread(fd, &value, sizeof(value), NW_MSR_VMX_PROCBASED_CTLS2);
		close(fd);
	}
	return n == sizeof(value) ? (int)(value >> 63) : -1;
}

int l0_is_nwsim(void)
{
	uint32_t value;

	if (ioperm(NW_PORT_SIGNATURE, sizeof(value), 1))
		return -1;
	value = inl(NW_PORT_SIGNATURE);
	ioperm(NW_PORT_SIGNATURE, sizeof(value), 0);
	return value == NW_SIGNATURE;
}

/* The start of a small file, without its newline; false if it cannot be read. */
static bool read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(text, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		text[strcspn(text, "\n")] = 0;
	return ok;
}

int64_t l0_notify_window_exits(int vm_fd)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/notify_window_exits", (int)getpid(),
		 vm_fd);
	return read_text(path, text, sizeof(text)) ? strtoll(text, NULL, 10) : -1;
}

enum l0_switch l0_test_switch(void)
{
	char text[8];

	if (!read_text("/sys/module/kvm_intel/parameters/test_no_ac_db_intercept", text, sizeof(text)))
		return SWITCH_ABSENT;
	return *text == 'Y' || *text == '1' ? SWITCH_ON : SWITCH_OFF;
}
