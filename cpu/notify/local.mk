# SPDX-License-Identifier: LGPL-2.1-or-later
# libnwmodel: the model of the notify VM exit, and its unit tests.

noinst_LIBRARIES += libnwmodel.a
libnwmodel_a_SOURCES = \
	cpu/notify/nw_clock.c \
	cpu/notify/nw_clock.h \
	cpu/notify/nw_context.c \
	cpu/notify/nw_context.h \
	cpu/notify/nw_flow.c \
	cpu/notify/nw_flow.h \
	cpu/notify/nw_param.c \
	cpu/notify/nw_param.h \
	cpu/notify/nw_stall.c \
	cpu/notify/nw_stall.h \
	cpu/notify/nw_text.c \
	cpu/notify/nw_text.h \
	cpu/notify/nw_window.c \
	cpu/notify/nw_window.h

model_tests = \
	tests/unit/test_clock \
	tests/unit/test_context \
	tests/unit/test_flow \
	tests/unit/test_param \
	tests/unit/test_stall \
	tests/unit/test_window
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)

tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_clock_LDADD = libnwmodel.a $(CHECK_LIBS)

tests_unit_test_context_SOURCES = tests/unit/test_context.c
tests_unit_test_context_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_context_LDADD = libnwmodel.a $(CHECK_LIBS)

tests_unit_test_flow_SOURCES = tests/unit/test_flow.c
tests_unit_test_flow_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_flow_LDADD = libnwmodel.a $(CHECK_LIBS)

tests_unit_test_param_SOURCES = tests/unit/test_param.c
tests_unit_test_param_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_param_LDADD = libnwmodel.a $(CHECK_LIBS)

tests_unit_test_stall_SOURCES = tests/unit/test_stall.c
tests_unit_test_stall_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_stall_LDADD = libnwmodel.a $(CHECK_LIBS)

tests_unit_test_window_SOURCES = tests/unit/test_window.c
tests_unit_test_window_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_window_LDADD = libnwmodel.a $(CHECK_LIBS)
