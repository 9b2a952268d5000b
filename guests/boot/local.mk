# SPDX-License-Identifier: LGPL-2.1-or-later
# The option ROM nwboot.rom, and its test in the simulator with two small guests.

BOOT_CC = $(CC) -m32 -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
	-std=gnu11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes -I$(top_srcdir)/tools/boot
BOOT_LD = $(LD) -m elf_i386 --build-id=none -z noexecstack

noinst_PROGRAMS += guests/boot/mkrom
guests_boot_mkrom_SOURCES = guests/boot/mkrom.c

nwbootromdir = $(pkgdatadir)/guests/boot
nwbootrom_DATA = guests/boot/nwboot.rom

guests/boot/nwboot.o: $(top_srcdir)/guests/boot/nwboot.S $(top_srcdir)/tools/boot/nw_handoff.h
	$(AM_V_at)$(MKDIR_P) guests/boot
	$(AM_V_CC)$(BOOT_CC) -c -o $@ $(top_srcdir)/guests/boot/nwboot.S

guests/boot/nwboot.raw: guests/boot/nwboot.o
	$(AM_V_GEN)$(BOOT_LD) -Ttext=0 -e _start --oformat binary -o $@ guests/boot/nwboot.o

guests/boot/nwboot.rom: guests/boot/nwboot.raw guests/boot/mkrom$(EXEEXT)
	$(AM_V_GEN)guests/boot/mkrom$(EXEEXT) guests/boot/nwboot.raw $@

guests/boot/probe_start.o: $(top_srcdir)/guests/boot/probe_start.S
	$(AM_V_at)$(MKDIR_P) guests/boot
	$(AM_V_CC)$(BOOT_CC) -c -o $@ $(top_srcdir)/guests/boot/probe_start.S

guests/boot/probe.o: $(top_srcdir)/guests/boot/probe.c
	$(AM_V_at)$(MKDIR_P) guests/boot
	$(AM_V_CC)$(BOOT_CC) -c -o $@ $(top_srcdir)/guests/boot/probe.c

guests/boot/probe.elf: guests/boot/probe_start.o guests/boot/probe.o $(top_srcdir)/guests/boot/probe.ld
	$(AM_V_GEN)$(BOOT_LD) -z max-page-size=4096 -T $(top_srcdir)/guests/boot/probe.ld -o $@ \
		guests/boot/probe_start.o guests/boot/probe.o

guests/boot/probe_sector.o: $(top_srcdir)/guests/boot/probe_sector.S
	$(AM_V_at)$(MKDIR_P) guests/boot
	$(AM_V_CC)$(BOOT_CC) -c -o $@ $(top_srcdir)/guests/boot/probe_sector.S

guests/boot/probe_sector.bin: guests/boot/probe_sector.o
	$(AM_V_GEN)$(BOOT_LD) -Ttext=0 -e _start --oformat binary -o $@ guests/boot/probe_sector.o

check_PROGRAMS += guests/boot/test_boot_rom
TESTS += guests/boot/test_boot_rom
guests_boot_test_boot_rom_SOURCES = guests/boot/test_boot_rom.c
guests_boot_test_boot_rom_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/boot
guests_boot_test_boot_rom_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
guests_boot_test_boot_rom_LDADD = libnwboot.a $(CHECK_LIBS)
EXTRA_guests_boot_test_boot_rom_DEPENDENCIES = \
	guests/boot/nwboot.rom \
	guests/boot/probe.elf \
	guests/boot/probe_sector.bin

EXTRA_DIST += \
	guests/boot/nwboot.S \
	guests/boot/probe.c \
	guests/boot/probe.ld \
	guests/boot/probe_sector.S \
	guests/boot/probe_start.S

CLEANFILES += \
	guests/boot/nwboot.o \
	guests/boot/nwboot.raw \
	guests/boot/nwboot.rom \
	guests/boot/probe.elf \
	guests/boot/probe.o \
	guests/boot/probe_sector.bin \
	guests/boot/probe_sector.o \
	guests/boot/probe_start.o
