# SPDX-License-Identifier: LGPL-2.1-or-later
# bench/: nwsim against unpatched Bochs 3.0. Options of bench/bench: make bench BENCH_FLAGS="--repeat 5".

BENCH_FLAGS =

bench_library = \
	bench/bench_options.c \
	bench/bench_options.h \
	bench/bench_report.c \
	bench/bench_report.h \
	bench/cpu_bound.c \
	bench/linux_boot.c \
	bench/machine.c \
	bench/machine.h \
	bench/measure.h \
	bench/sim.c \
	bench/sim.h \
	bench/spread.c \
	bench/spread.h
bench_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tools -I$(top_srcdir)/bench -D_GNU_SOURCE $(JANSSON_CFLAGS)

noinst_LIBRARIES += libnwbench.a
libnwbench_a_SOURCES = $(bench_library)
libnwbench_a_CPPFLAGS = $(bench_cppflags)

noinst_PROGRAMS += bench/bench
bench_bench_SOURCES = bench/bench.c
bench_bench_CPPFLAGS = $(bench_cppflags)
bench_bench_LDADD = libnwbench.a $(nwsim_libs)

bench_tests = \
	bench/test/test_bench_report \
	bench/test/test_bench_sim
check_PROGRAMS += $(bench_tests)
TESTS += $(bench_tests) bench/test/cpu-bound.sh

bench_test_test_bench_report_SOURCES = bench/test/test_bench_report.c
bench_test_test_bench_report_CPPFLAGS = $(bench_cppflags)
bench_test_test_bench_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
bench_test_test_bench_report_LDADD = libnwbench.a $(nwsim_libs) $(CHECK_LIBS)

bench_test_test_bench_sim_SOURCES = bench/test/test_bench_sim.c
bench_test_test_bench_sim_CPPFLAGS = $(bench_cppflags)
bench_test_test_bench_sim_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
bench_test_test_bench_sim_LDADD = libnwbench.a $(nwsim_libs) $(CHECK_LIBS)

# The guest is built as those of guests/bare are.
noinst_DATA += bench/cpu-bound.elf
CLEANFILES += bench/cpu-bound.elf bench/cpu-bound.elf64 bench/cpu-bound.o

bench/cpu-bound.o: $(top_srcdir)/bench/cpu-bound/main.c $(BARE_KIT_H)
	$(AM_V_CC)$(MKDIR_P) bench && $(CC) $(BARE_INCLUDES) $(BARE_CC_FLAGS) -c -o $@ $(top_srcdir)/bench/cpu-bound/main.c

bench/cpu-bound.elf: bench/cpu-bound.o $(BARE_KIT_OBJECTS) $(top_srcdir)/guests/bare/kit/kit.lds
	$(AM_V_CCLD)$(CC) $(BARE_LINK_FLAGS) -Wl,-T,$(top_srcdir)/guests/bare/kit/kit.lds \
		-o bench/cpu-bound.elf64 $(BARE_KIT_OBJECTS) bench/cpu-bound.o && \
	$(BARE_OBJCOPY) -O elf32-i386 --strip-all bench/cpu-bound.elf64 $@

bench: bench/bench$(EXEEXT) bench/cpu-bound.elf bochs/bochs bochs-stock/bochs guests/boot/nwboot.rom $(LINUX_IMAGE) \
		guests/linux/initramfs.cpio
	bench/bench$(EXEEXT) --kernel=$(LINUX_IMAGE) $(BENCH_FLAGS)

.PHONY: bench

EXTRA_DIST += bench/README.md bench/cpu-bound/main.c bench/test/cpu-bound.sh
