# SPDX-License-Identifier: LGPL-2.1-or-later
# libnwboot: direct loading of guests, and its unit tests.

noinst_LIBRARIES += libnwboot.a
libnwboot_a_SOURCES = \
	tools/boot/boot_elf.c \
	tools/boot/boot_file.c \
	tools/boot/boot_handoff.c \
	tools/boot/boot_internal.h \
	tools/boot/boot_kind.c \
	tools/boot/boot_linux.c \
	tools/boot/boot_media.c \
	tools/boot/boot_multiboot.c \
	tools/boot/nw_boot.c \
	tools/boot/nw_boot.h \
	tools/boot/nw_handoff.h

boot_tests = \
	tests/unit/test_boot \
	tests/unit/test_boot_media \
	tests/unit/test_boot_parse
check_PROGRAMS += $(boot_tests)
TESTS += $(boot_tests)

tests_unit_test_boot_SOURCES = tests/unit/test_boot.c tests/unit/boot_samples.h
tests_unit_test_boot_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/boot
tests_unit_test_boot_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_boot_LDADD = libnwboot.a $(CHECK_LIBS)

tests_unit_test_boot_parse_SOURCES = tests/unit/test_boot_parse.c tests/unit/boot_samples.h
tests_unit_test_boot_parse_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/boot
tests_unit_test_boot_parse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_boot_parse_LDADD = libnwboot.a $(CHECK_LIBS)

tests_unit_test_boot_media_SOURCES = tests/unit/test_boot_media.c
tests_unit_test_boot_media_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/boot
tests_unit_test_boot_media_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_boot_media_LDADD = libnwboot.a $(CHECK_LIBS)
