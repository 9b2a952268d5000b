/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PID 1 under a distribution's stock kernel: loads KVM's modules with their defaults, checks what they found, runs
 * the distribution's QEMU, and reads the kernel log for warnings. The same program is PID 1 of QEMU's guest, where
 * it checks that guest's log and powers off.
 *
 * Output: TAP lines, and "NW: result code=N" at the end with the NW_EXIT_* codes of nw_abi.h.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "distro.h"
#include "nw_abi.h"
#include "out.h"

#define CONSOLE_LEVEL	8	/* syslog(2) action: console log level */
#define ONLY_EMERGENCY	1
#define QEMU_S		8
#define SELFTEST_S	60
#define STALL_CLOCKS	2147483647	/* 86 s at 25 MHz */

static void mount_all(void)
{
	static const char *const mounts[][2] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" }, { "debugfs", "/sys/kernel/debug" },
	};
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL) && errno != EBUSY)
			say("# mount of %s on %s: %s", mounts[i][0], mounts[i][1], strerror(errno));
}

/* What stands behind "name=", where that begins a word; NULL when it is not there. */
static const char *behind(const char *words, const char *name)
{
	const char *p = words;

	while ((p = strstr(p, name))) {
		if (p == words || p[-1] == ' ')
			return p + strlen(name);
		p++;
	}
	return NULL;
}

/* A number behind "name=", or the default; a word that is no number ends the run. */
static unsigned int number(const char *words, const char *name, unsigned int otherwise)
{
	const char *p = behind(words, name);
	char *end;
	unsigned long n;

	if (!p)
		return otherwise;
	n = strtoul(p, &end, 10);
	if (end == p || (*end && *end != ' ') || n > UINT32_MAX) {
		say("Bail out! %s%.20s: a number up to %u is accepted", name, p, UINT32_MAX);
		n = otherwise;
	}
	return (unsigned int)n;
}

/* The word behind "name=", or an empty text. */
static void word(const char *words, const char *name, char *text, size_t size)
{
	const char *p = behind(words, name);
	size_t length;

	*text = 0;
	if (!p)
		return;
	length = strcspn(p, " ");
	if (length >= size)
		say("Bail out! %s%.20s...: at most %zu characters are accepted", name, p, size - 1);
	else
		snprintf(text, size, "%.*s", (int)length, p);
}

static void read_settings(struct settings *s)
{
	char words[2048];

	first_line("/proc/cmdline", words, sizeof(words));
	s->l1 = behind(words, "nw.role=l1") != NULL;
	s->cpus = number(words, "nw.cpus=", 0);
	s->qemu = number(words, "nw.qemu=", 0) != 0;
	s->l1_cpus = number(words, "nw.l1_cpus=", 1);
	s->qemu_s = number(words, "nw.qemu_s=", QEMU_S);
	s->show_log = number(words, "nw.show_log=", 0) != 0;
	word(words, "nw.l1_words=", s->l1_words, sizeof(s->l1_words));
	s->qemu_notify = number(words, "nw.qemu_notify=", 1) != 0;
	s->attack_ms = number(words, "nw.attack_ms=", 0);
	word(words, "nw.attack=", s->attack, sizeof(s->attack));
	if (!*s->attack)
		snprintf(s->attack, sizeof(s->attack), "stall");
	s->stall_clocks = number(words, "nw.stall_clocks=", STALL_CLOCKS);
	word(words, "nw.selftests=", s->selftests, sizeof(s->selftests));
	s->selftest_s = number(words, "nw.selftest_s=", SELFTEST_S);
}

static void check_machine(const struct settings *s)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	char source[64];

	tap(!s->cpus || online == (long)s->cpus, "all CPUs are online", "%ld of %u", online, s->cpus);
	if (s->l1)
		return;
	/* A kernel that finds the TSCs of its CPUs apart, or the TSC wrong against another clock, drops it. */
	first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source, sizeof(source));
	tap(!strcmp(source, "tsc"), "the clock source is the TSC", "it is '%s'", source);
}

/* A kernel with lockdep: it stops looking after its first report, and when it runs out of room. */
static void check_lock_validator(void)
{
	FILE *f = fopen("/proc/lockdep_stats", "re");
	char line[160];
	unsigned int active = 0, classes = 0;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, " debug_locks: %u", &active);
		sscanf(line, " lock-classes: %u", &classes);
	}
	fclose(f);
	tap(active && classes, "the kernel's lock validator is at work", "debug_locks %u, %u lock classes", active, classes);
}

/* Ends the machine: by the simulator's port, else by ACPI. */
static void end_machine(const struct settings *s, int code)
{
	out_drain();
	if (!s->l1 && !ioperm(NW_PORT_EXIT, 1, 1))
		outb((unsigned char)code, NW_PORT_EXIT);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

int main(void)
{
	struct settings s = { 0 };
	struct utsname u;
	int code;

	out_raw_console();
	uname(&u);
	klogctl(CONSOLE_LEVEL, NULL, ONLY_EMERGENCY);
	say("NW: init start kernel=%s", u.release);
	mount_all();
	read_settings(&s);
	check_machine(&s);
	if (!s.l1) {
		load_modules();
		check_kvm();
		if (s.qemu)
			run_qemu(&s);
	}
	if (s.attack_ms)
		run_attack(&s);
	if (*s.selftests)
		run_selftests(&s);
	check_lock_validator();
	check_kernel_log(s.show_log);
	tap_plan();
	code = tap_all_ok() ? NW_EXIT_PASS : NW_EXIT_FAIL;
	say("NW: result code=%d", code);
	end_machine(&s, code);
	return code;
}
