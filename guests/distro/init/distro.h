/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the distribution test's init share. The options come from the kernel's command line.
 */
#ifndef DISTRO_H
#define DISTRO_H

#include <stdbool.h>
#include <stddef.h>

struct settings {
	bool		l1;		/* nw.role=l1: this is QEMU's guest, with nothing but its own log to check */
	unsigned int	cpus;		/* nw.cpus=N: so many CPUs must be online, 0 = any number */
	bool		qemu;		/* nw.qemu=1: run QEMU */
	unsigned int	l1_cpus;	/* nw.l1_cpus=N: CPUs of QEMU's guest */
	unsigned int	qemu_s;		/* nw.qemu_s=N: QEMU must come to its end within these seconds */
	bool		show_log;	/* nw.show_log=1: print the whole kernel log, with its levels */
	char		l1_words[512];	/* nw.l1_words=A;B: more words for the kernel of QEMU's guest, which is to use KVM */
	bool		qemu_notify;	/* nw.qemu_notify=0: QEMU does not enable notify VM exiting for its guest */
	unsigned int	attack_ms;	/* nw.attack_ms=N: run a guest that closes its event window for N milliseconds */
	char		attack[16];	/* nw.attack=NAME: which: stall, db-loop */
	unsigned int	stall_clocks;	/* nw.stall_clocks=N: crystal clocks of one stall */
	char		selftests[512];	/* nw.selftests=NAME[:ARGUMENT],... or all: which of /selftests run */
	unsigned int	selftest_s;	/* nw.selftest_s=N: each must come to its end within these seconds */
};

/* tap.c: one TAP line. "what" says what was claimed; the reason goes into a "#" line when it does not hold. */
void tap(bool ok, const char *what, const char *reason, ...) __attribute__((format(printf, 3, 4)));
void tap_skip(const char *what, const char *why);
void tap_plan(void);
bool tap_all_ok(void);

/* The first line of a small file without its newline; false when it cannot be read. */
bool first_line(const char *path, char *text, size_t size);

/* modules.c: loads the files that /modules/list names, in its order. */
void load_modules(void);

/* kvm.c: /dev/kvm works, and kvm-intel uses what Sapphire Rapids offers. */
void check_kvm(void);

/* kernel_log.c: every warning of the log is one that /kernel-log.rules allows. */
void check_kernel_log(bool show);

/* selftests.c: the kernel's own tests. */
void run_selftests(const struct settings *s);

/* attack.c: a guest that closes its event window. */
void run_attack(const struct settings *s);

/* qemu.c: QEMU runs the kernel and initramfs of /l1 to user space. */
void run_qemu(const struct settings *s);

#endif
