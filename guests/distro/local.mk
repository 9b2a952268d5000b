# SPDX-License-Identifier: GPL-2.0-only
#
# guests/distro: stock kernels of Debian with an initramfs of ours, built from fetched packages by "make distro".
# An image NAME is the package image-NAME of sources/lock; NAME-qemu has QEMU and its guest in the initramfs.

# What make check boots, and what is needed for all of make check-distro.
DISTRO_IMAGES = 6.1 6.1-cloud 6.1-cloud-qemu
DISTRO_MORE = 5.10-cloud 5.10-cloud-qemu 6.12-cloud 6.12-cloud-qemu

noinst_PROGRAMS += guests/distro/init/distro-init

# PID 1 of a machine whose libraries, if there are any, are QEMU's.
guests_distro_init_distro_init_CPPFLAGS = -I$(top_srcdir)/include -I$(top_srcdir)/guests/linux/vmm
guests_distro_init_distro_init_LDFLAGS = -static -s -Wl,--build-id=none
guests_distro_init_distro_init_SOURCES = \
	guests/distro/init/attack.c \
	guests/distro/init/distro.h \
	guests/distro/init/kernel_log.c \
	guests/distro/init/kvm.c \
	guests/distro/init/main.c \
	guests/distro/init/modules.c \
	guests/distro/init/qemu.c \
	guests/distro/init/selftests.c \
	guests/distro/init/tap.c \
	guests/linux/l1/db_loop.S \
	guests/linux/l1/l1.h \
	guests/linux/l1/stall.S \
	guests/linux/vmm/beat.c \
	guests/linux/vmm/beat.h \
	guests/linux/vmm/kvm_notify.h \
	guests/linux/vmm/l0.c \
	guests/linux/vmm/l0.h \
	guests/linux/vmm/machine.c \
	guests/linux/vmm/out.c \
	guests/linux/vmm/out.h \
	guests/linux/vmm/vm.c \
	guests/linux/vmm/vm.h

.PHONY: distro distro-all
distro: $(DISTRO_IMAGES:%=guests/distro/%/initrd)
distro-all: distro $(DISTRO_MORE:%=guests/distro/%/initrd)

guests/distro/%/initrd: guests/distro/init/distro-init$(EXEEXT) guests/linux/mkinitramfs$(EXEEXT) \
		$(top_srcdir)/guests/distro/build-initramfs $(top_srcdir)/guests/distro/kernel-log.rules \
		$(top_srcdir)/guests/distro/kernel-log-l1.rules $(top_srcdir)/sources/lock
	$(AM_V_GEN)deb=`$(top_srcdir)/sources/fetch image-$(*:-qemu=)` && \
	$(top_srcdir)/guests/distro/build-initramfs --quiet --deb "$$deb" --init guests/distro/init/distro-init$(EXEEXT) \
	  --mkinitramfs guests/linux/mkinitramfs$(EXEEXT) --out guests/distro/$* $(if $(filter %-qemu,$*),--qemu)

TESTS += guests/distro/test-build-initramfs.sh
CLEAN_DIRS += $(DISTRO_IMAGES:%=guests/distro/%) $(DISTRO_MORE:%=guests/distro/%)
EXTRA_DIST += guests/distro/README.md guests/distro/build-initramfs guests/distro/kernel-log.rules \
	guests/distro/qemu-files.sh guests/distro/kernel-log-l1.rules guests/distro/test-build-initramfs.sh
