# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/: what runs guests in the simulator. Unit tests and command-line tests belong to the rooms they test.

guest_tests = tests/guest/guests.sh tests/guest/windows.sh tests/golden/repeat.sh tests/guest/linux.sh

check_PROGRAMS += tests/guest/check_deadlines
tests_guest_check_deadlines_SOURCES = tests/guest/check_deadlines.c
tests_guest_check_deadlines_LDADD = libnwtrace.a $(ZSTD_LIBS)

TESTS += $(guest_tests)
EXTRA_DIST += tests/unit/tap.h tests/guest/lib.sh $(guest_tests)
