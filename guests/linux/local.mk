# SPDX-License-Identifier: GPL-2.0-only
#
# guests/linux: the VMM that runs in L0 Linux, its L1 guests, the initramfs.

guests_linux_l1 = \
	guests/linux/l1/l1.h \
	guests/linux/l1/ac_loop.S \
	guests/linux/l1/db_loop.S \
	guests/linux/l1/delivery_stall.S \
	guests/linux/l1/quiet.S \
	guests/linux/l1/stall.S

noinst_PROGRAMS += guests/linux/mkinitramfs guests/linux/vmm/nw-vmm

guests_linux_mkinitramfs_SOURCES = guests/linux/mkinitramfs.c

# It is PID 1 of a machine without any library; no build-id and no symbols, so that the same
# compiler gives the same initramfs.
guests_linux_vmm_nw_vmm_CPPFLAGS = -I$(top_srcdir)/include
guests_linux_vmm_nw_vmm_LDFLAGS = -static -s -Wl,--build-id=none
guests_linux_vmm_nw_vmm_SOURCES = \
	$(guests_linux_l1) \
	guests/linux/vmm/attack.h \
	guests/linux/vmm/attack_report.c \
	guests/linux/vmm/attack_run.c \
	guests/linux/vmm/attack_table.c \
	guests/linux/vmm/beat.c \
	guests/linux/vmm/beat.h \
	guests/linux/vmm/kvm_notify.h \
	guests/linux/vmm/l0.c \
	guests/linux/vmm/l0.h \
	guests/linux/vmm/machine.c \
	guests/linux/vmm/main.c \
	guests/linux/vmm/options.c \
	guests/linux/vmm/options.h \
	guests/linux/vmm/out.c \
	guests/linux/vmm/out.h \
	guests/linux/vmm/sc_ac_loop.c \
	guests/linux/vmm/sc_caps.c \
	guests/linux/vmm/sc_db_loop.c \
	guests/linux/vmm/sc_delivery_stall.c \
	guests/linux/vmm/sc_intercepted.c \
	guests/linux/vmm/sc_kernel_log.c \
	guests/linux/vmm/sc_quiet.c \
	guests/linux/vmm/sc_responsive.c \
	guests/linux/vmm/sc_stall.c \
	guests/linux/vmm/scenario.c \
	guests/linux/vmm/scenario.h \
	guests/linux/vmm/vm.c \
	guests/linux/vmm/vm.h

noinst_DATA += guests/linux/initramfs.cpio
CLEANFILES += guests/linux/initramfs.cpio

guests/linux/initramfs.cpio: guests/linux/mkinitramfs$(EXEEXT) guests/linux/vmm/nw-vmm$(EXEEXT)
	$(AM_V_GEN)guests/linux/mkinitramfs$(EXEEXT) $@ guests/linux/vmm/nw-vmm$(EXEEXT)

guests_linux_tests = \
	guests/linux/test/test_l1_images \
	guests/linux/test/test_mkinitramfs \
	guests/linux/test/test_vmm_options

check_PROGRAMS += $(guests_linux_tests)
TESTS += $(guests_linux_tests)

guests_linux_test_test_l1_images_SOURCES = guests/linux/test/test_l1_images.c $(guests_linux_l1)
guests_linux_test_test_l1_images_CPPFLAGS = -I$(top_srcdir) -I$(top_srcdir)/include
guests_linux_test_test_l1_images_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
guests_linux_test_test_l1_images_LDADD = $(CHECK_LIBS)

guests_linux_test_test_mkinitramfs_SOURCES = guests/linux/test/test_mkinitramfs.c
guests_linux_test_test_mkinitramfs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
guests_linux_test_test_mkinitramfs_LDADD = $(CHECK_LIBS)

guests_linux_test_test_vmm_options_SOURCES = \
	guests/linux/test/test_vmm_options.c \
	guests/linux/vmm/options.c
guests_linux_test_test_vmm_options_CPPFLAGS = -I$(top_srcdir)
guests_linux_test_test_vmm_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
guests_linux_test_test_vmm_options_LDADD = $(CHECK_LIBS)

EXTRA_DIST += guests/linux/README.md guests/linux/kernel.config guests/linux/kernel-debug.config guests/linux/kernel-log.rules
