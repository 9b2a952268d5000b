# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/: the nwsim command. Everything but main() is a library, so that the unit tests can link it.

noinst_LIBRARIES += libnwtools.a
libnwtools_a_SOURCES = \
	tools/args.c \
	tools/args.h \
	tools/batch.c \
	tools/batch.h \
	tools/batch_report.c \
	tools/bochsrc.c \
	tools/bochsrc.h \
	tools/cmd.h \
	tools/cmd_coverage.c \
	tools/cmd_linux.c \
	tools/cmd_list.c \
	tools/cmd_params.c \
	tools/cmd_run.c \
	tools/cmd_snapshot.c \
	tools/cmd_trace.c \
	tools/columns.c \
	tools/columns.h \
	tools/coverage_report.c \
	tools/coverage_report.h \
	tools/cpumodel.c \
	tools/cpumodel.h \
	tools/guests.c \
	tools/guests.h \
	tools/hash.c \
	tools/hash.h \
	tools/linux_table.c \
	tools/linux_table.h \
	tools/nws.c \
	tools/nws.h \
	tools/options.c \
	tools/options.h \
	tools/options_check.c \
	tools/options_check.h \
	tools/options_parse.c \
	tools/options_saved.c \
	tools/options_saved.h \
	tools/options_table.c \
	tools/options_table.h \
	tools/output.c \
	tools/output.h \
	tools/paths.c \
	tools/paths.h \
	tools/progress.c \
	tools/progress.h \
	tools/report.h \
	tools/report_json.c \
	tools/report_text.c \
	tools/runner.c \
	tools/runner.h \
	tools/serial.c \
	tools/serial.h \
	tools/session.c \
	tools/session.h \
	tools/session_prepare.c \
	tools/session_run.h \
	tools/simconfig.c \
	tools/simconfig.h \
	tools/snapshot.c \
	tools/snapshot.h \
	tools/snapshot_files.c \
	tools/snapshot_ram.c \
	tools/snapshot_sums.c \
	tools/tap.c \
	tools/tap.h \
	tools/trace_dump.c \
	tools/trace_dump.h \
	tools/verdict.c \
	tools/verdict.h \
	tools/workdir.c \
	tools/workdir.h
libnwtools_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools -D_GNU_SOURCE $(JANSSON_CFLAGS) $(NETTLE_CFLAGS) \
	-DPKGDATADIR='"$(pkgdatadir)"' -DPKGLIBEXECDIR='"$(libexecdir)/nwsim"'

nwsim_libs = libnwtools.a libnwboot.a libnwtrace.a libnwmodel.a $(JANSSON_LIBS) $(NETTLE_LIBS) $(ZSTD_LIBS)

bin_PROGRAMS += tools/nwsim
tools_nwsim_SOURCES = tools/main.c
tools_nwsim_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools -D_GNU_SOURCE
tools_nwsim_LDADD = $(nwsim_libs)

dist_man_MANS += docs/nwsim.1

nwsim_tests = \
	tests/unit/test_bochsrc \
	tests/unit/test_guest_output \
	tests/unit/test_nwsim_options \
	tests/unit/test_nwsim_report \
	tests/unit/test_output
nwsim_cli_tests = \
	tests/cli/quickstart-arguments.sh \
	tests/cli/outputs.sh \
	tests/cli/several.sh \
	tests/cli/quickstart.sh \
	tests/cli/report.sh \
	tests/cli/signals.sh \
	tests/cli/terminal.sh \
	tests/cli/usage.sh \
	tests/cli/verdicts.sh
check_PROGRAMS += $(nwsim_tests) tests/cli/fake_simulator
TESTS += $(nwsim_tests) $(nwsim_cli_tests)

nwsim_test_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tools -D_GNU_SOURCE $(JANSSON_CFLAGS)

tests_unit_test_bochsrc_SOURCES = tests/unit/test_bochsrc.c
tests_unit_test_bochsrc_CPPFLAGS = $(nwsim_test_cppflags)
tests_unit_test_bochsrc_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_bochsrc_LDADD = $(nwsim_libs) $(CHECK_LIBS)

tests_unit_test_guest_output_SOURCES = tests/unit/test_guest_output.c
tests_unit_test_guest_output_CPPFLAGS = $(nwsim_test_cppflags)
tests_unit_test_guest_output_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_guest_output_LDADD = $(nwsim_libs) $(CHECK_LIBS)

tests_unit_test_nwsim_options_SOURCES = tests/unit/test_nwsim_options.c
tests_unit_test_nwsim_options_CPPFLAGS = $(nwsim_test_cppflags)
tests_unit_test_nwsim_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_nwsim_options_LDADD = $(nwsim_libs) $(CHECK_LIBS)

tests_unit_test_nwsim_report_SOURCES = tests/unit/test_nwsim_report.c
tests_unit_test_nwsim_report_CPPFLAGS = $(nwsim_test_cppflags)
tests_unit_test_nwsim_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_nwsim_report_LDADD = $(nwsim_libs) $(CHECK_LIBS)

tests_unit_test_output_SOURCES = tests/unit/test_output.c
tests_unit_test_output_CPPFLAGS = $(nwsim_test_cppflags)
tests_unit_test_output_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_output_LDADD = $(nwsim_libs) $(CHECK_LIBS)

tests_cli_fake_simulator_SOURCES = tests/cli/fake_simulator.c
tests_cli_fake_simulator_LDADD = libnwtrace.a $(ZSTD_LIBS)

EXTRA_DIST += tests/cli/lib.sh $(nwsim_cli_tests)
