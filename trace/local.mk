# trace/: libnwtrace, the event trace (.nwt): writer, reader, text lines, summary.

noinst_LIBRARIES += libnwtrace.a
libnwtrace_a_SOURCES = \
	trace/nw_trace.h \
	trace/nw_trace_priv.h \
	trace/nw_trace_types.c \
	trace/nw_trace_code.c \
	trace/nw_trace_header.c \
	trace/nw_trace_write.c \
	trace/nw_trace_read.c \
	trace/nw_coverage.h \
	trace/nw_coverage.c \
	trace/nw_coverage_rules.c \
	trace/nw_exit_names.h \
	trace/nw_exit_names.c \
	trace/nw_dump.h \
	trace/nw_dump.c \
	trace/nw_summary.h \
	trace/nw_summary.c
libnwtrace_a_CPPFLAGS = $(AM_CPPFLAGS) $(ZSTD_CFLAGS)

nwtrace_tests = \
	test_trace_format \
	test_trace_damage \
	test_trace_hostile \
	test_trace_fault \
	test_trace_names \
	test_trace_dump \
	test_coverage \
	test_summary
check_PROGRAMS += $(nwtrace_tests)
TESTS += $(nwtrace_tests)

nwtrace_test_cppflags = $(AM_CPPFLAGS) $(ZSTD_CFLAGS) $(CHECK_CFLAGS)
nwtrace_test_ldadd = libnwtrace.a $(ZSTD_LIBS) $(CHECK_LIBS)

test_trace_format_SOURCES = tests/unit/test_trace_format.c tests/unit/test_trace_util.h
test_trace_format_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_format_LDADD = $(nwtrace_test_ldadd)

test_trace_damage_SOURCES = tests/unit/test_trace_damage.c tests/unit/test_trace_util.h
test_trace_damage_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_damage_LDADD = $(nwtrace_test_ldadd)

# These stand between the library and what it calls, to make calls fail or to watch them.
test_trace_hostile_SOURCES = tests/unit/test_trace_hostile.c tests/unit/test_trace_util.h
test_trace_hostile_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_hostile_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc
test_trace_hostile_LDADD = $(nwtrace_test_ldadd)

test_trace_fault_SOURCES = tests/unit/test_trace_fault.c tests/unit/test_trace_util.h
test_trace_fault_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_fault_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup \
	-Wl,--wrap=ZSTD_createCCtx,--wrap=ZSTD_createDCtx
test_trace_fault_LDADD = $(nwtrace_test_ldadd)

test_trace_names_SOURCES = tests/unit/test_trace_names.c tests/unit/test_trace_util.h
test_trace_names_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_names_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=flock,--wrap=close
test_trace_names_LDADD = $(nwtrace_test_ldadd)

test_trace_dump_SOURCES = tests/unit/test_trace_dump.c tests/unit/test_trace_util.h
test_trace_dump_CPPFLAGS = $(nwtrace_test_cppflags)
test_trace_dump_LDADD = $(nwtrace_test_ldadd)

test_coverage_SOURCES = tests/unit/test_coverage.c tests/unit/test_trace_util.h
test_coverage_CPPFLAGS = $(nwtrace_test_cppflags)
test_coverage_LDADD = $(nwtrace_test_ldadd)

test_summary_SOURCES = tests/unit/test_summary.c tests/unit/test_trace_util.h
test_summary_CPPFLAGS = $(nwtrace_test_cppflags)
test_summary_LDADD = $(nwtrace_test_ldadd)

EXTRA_DIST += docs/trace-format.md
