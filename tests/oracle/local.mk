# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/oracle/: the second implementation of the window rules, what it is compared with, and the check of traces.

check_LIBRARIES = libnworacle.a
libnworacle_a_SOURCES = \
	tests/oracle/nw_oracle.c \
	tests/oracle/nw_oracle.h

oracle_tests = \
	tests/oracle/fuzz \
	tests/oracle/test_check_trace \
	tests/oracle/test_oracle
check_PROGRAMS += tests/oracle/check_trace $(oracle_tests)
TESTS += $(oracle_tests)

# Fewer schedules in "make check" than tests/oracle/fuzz runs by itself.
AM_TESTS_ENVIRONMENT += NW_FUZZ_COUNT="$${NW_FUZZ_COUNT-1000000}"; export NW_FUZZ_COUNT;

tests_oracle_fuzz_SOURCES = \
	tests/oracle/compare.c \
	tests/oracle/fuzz.c \
	tests/oracle/generate.c \
	tests/oracle/model_run.c \
	tests/oracle/schedule.h
tests_oracle_fuzz_LDADD = libnworacle.a libnwmodel.a

trace_check_sources = \
	tests/oracle/trace_check.c \
	tests/oracle/trace_check.h \
	tests/oracle/trace_rules.c \
	tests/oracle/trace_rules.h

tests_oracle_check_trace_SOURCES = \
	tests/oracle/check_trace.c \
	$(trace_check_sources)
tests_oracle_check_trace_LDADD = libnworacle.a libnwtrace.a $(ZSTD_LIBS)

tests_oracle_test_check_trace_SOURCES = \
	tests/oracle/test_check_trace.c \
	$(trace_check_sources)
tests_oracle_test_check_trace_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit $(CHECK_CFLAGS)
tests_oracle_test_check_trace_LDADD = libnworacle.a libnwtrace.a $(ZSTD_LIBS) $(CHECK_LIBS)

tests_oracle_test_oracle_SOURCES = tests/oracle/test_oracle.c
tests_oracle_test_oracle_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit $(CHECK_CFLAGS)
tests_oracle_test_oracle_LDADD = libnworacle.a $(CHECK_LIBS)
