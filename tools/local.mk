# SPDX-License-Identifier: LGPL-2.1-or-later
# tools/: the nwsim command. Everything but main() is a library, so that the unit tests can link it.

noinst_LIBRARIES += libnwtools.a
libnwtools_a_SOURCES = \
	tools/bochsrc.c \
	tools/bochsrc.h \
	tools/cmd.h \
	tools/cmd_linux.c \
	tools/cmd_list.c \
	tools/cmd_params.c \
	tools/cmd_run.c \
	tools/cmd_trace.c \
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
	tools/paths.c \
	tools/paths.h \
	tools/report.h \
	tools/report_json.c \
	tools/report_text.c \
	tools/runner.c \
	tools/runner.h \
	tools/serial.c \
	tools/serial.h \
	tools/session.c \
	tools/session.h \
	tools/simconfig.c \
	tools/simconfig.h \
	tools/tap.c \
	tools/tap.h \
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
