# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/: what runs guests in the simulator. Unit tests and command-line tests belong to the rooms they test.

guest_tests = \
	tests/golden/repeat.sh \
	tests/guest/ata.sh \
	tests/guest/coverage.sh \
	tests/guest/foreign.sh \
	tests/guest/guests.sh \
	tests/guest/kvm.sh \
	tests/guest/linux-snapshot.sh \
	tests/guest/log.sh \
	tests/guest/loops.sh \
	tests/guest/measure.sh \
	tests/guest/models.sh \
	tests/guest/options.sh \
	tests/guest/panic.sh \
	tests/guest/plain.sh \
	tests/guest/readme.sh \
	tests/guest/smp.sh \
	tests/guest/snapshot.sh \
	tests/guest/stalls.sh \
	tests/guest/window-params.sh \
	tests/guest/windows.sh \
	tests/guest/linux.sh

TESTS += $(guest_tests)

# What "make coverage" runs in a simulator that counts.
coverage_tests = $(filter-out tests/guest/linux.sh tests/guest/readme.sh tests/guest/linux-snapshot.sh tests/golden/%, $(guest_tests))

# Boots of stock kernels, one test each, the longest first; they skip without "make distro". check-distro has all of them.
distro_tests = \
	tests/guest/distro/6.1-qemu-smp.boot \
	tests/guest/distro/6.1-cpus4.boot \
	tests/guest/distro/6.1-cpus2.boot \
	tests/guest/distro/6.1-cloud-cpus4.boot \
	tests/guest/distro/6.1-cpus1.boot \
	tests/guest/distro/6.1-qemu.boot \
	tests/guest/distro/6.1-cloud-cpus2.boot \
	tests/guest/distro/6.1-cloud-cpus1.boot
distro_tests_more = \
	tests/guest/distro/5.10-cpus1.boot \
	tests/guest/distro/5.10-cpus2.boot \
	tests/guest/distro/5.10-qemu.boot \
	tests/guest/distro/6.12-cpus1.boot \
	tests/guest/distro/6.12-cpus2.boot \
	tests/guest/distro/6.12-qemu.boot

TEST_EXTENSIONS += .boot
BOOT_LOG_COMPILER = $(top_srcdir)/tests/guest/distro.sh
BOOT_LOG_DRIVER = $(LOG_DRIVER)
TESTS += $(distro_tests)
EXTRA_DIST += tests/guest/distro.sh $(distro_tests) $(distro_tests_more)

.PHONY: check-distro
check-distro: all distro-all
	$(MAKE) check-TESTS TESTS='$(distro_tests) $(distro_tests_more)'
EXTRA_DIST += tests/unit/tap.h tests/guest/lib.sh tests/guest/media.sh tests/guest/saved.sh tests/guest/levels.sh tests/guest/kvm-boots.sh \
	tests/guest/kvm-summary tests/guest/kvm-table tests/guest/kvm.expected $(guest_tests)

include tests/oracle/local.mk
include tests/mutation/local.mk
include tests/kvm-mutation/local.mk
include tests/coverage/local.mk
include tests/witness/local.mk
