# SPDX-License-Identifier: LGPL-2.1-or-later
#
# guests/bare: the bare-metal kit and one ELF per guest (GNU make). The code is 64-bit in a 32-bit ELF container, which is
# what multiboot 1 loaders take. Nothing of the host enters: no headers, no libraries, no paths, no build ids.

# A guest is a directory with a main.c; the kit is every source file of kit/.
BARE_NAMES = $(sort $(patsubst $(top_srcdir)/guests/bare/%/main.c,%,$(filter-out %/kit/main.c,$(wildcard $(top_srcdir)/guests/bare/*/main.c))))

BARE_KIT = $(sort $(patsubst $(top_srcdir)/guests/bare/kit/%,%,$(basename $(wildcard $(top_srcdir)/guests/bare/kit/*.[cS]))))

BARE_KIT_H = $(top_srcdir)/include/nw_abi.h $(wildcard $(top_srcdir)/guests/bare/kit/*.h)

BARE_CC_FLAGS = -std=gnu11 -O2 -m64 -ffreestanding -nostdinc -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -fno-strict-aliasing -fno-common \
	-fno-tree-loop-distribute-patterns -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
BARE_INCLUDES = -isystem `$(CC) -print-file-name=include` -I$(top_srcdir)/include -I$(top_srcdir)/guests/bare/kit
BARE_LINK_FLAGS = -m64 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
BARE_OBJCOPY = objcopy

BARE_KIT_OBJECTS = $(BARE_KIT:%=guests/bare/obj/kit/%.o)
BARE_ELFS = $(BARE_NAMES:%=guests/bare/%.elf)
BARE_FILES = $(BARE_ELFS) guests/bare/ac-attack.bin

nwbaredir = $(pkgdatadir)/guests/bare
nwbare_DATA = $(BARE_FILES)
dist_nwbare_DATA = guests/bare/guests.list
CLEANFILES += $(BARE_FILES) guests/bare/obj/*/*.o guests/bare/obj/*.elf64
EXTRA_DIST += $(BARE_NAMES:%=guests/bare/%) guests/bare/ac-attack guests/bare/kit \
	guests/bare/README.md

.PRECIOUS: guests/bare/obj/%.o
.PHONY: bare-guests
bare-guests: $(BARE_FILES)

guests/bare/obj/%.o: $(top_srcdir)/guests/bare/%.c $(BARE_KIT_H)
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(BARE_INCLUDES) $(BARE_CC_FLAGS) -c -o $@ $<

guests/bare/obj/%.o: $(top_srcdir)/guests/bare/%.S $(BARE_KIT_H)
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(BARE_INCLUDES) -m64 -Wa,--noexecstack -c -o $@ $<

guests/bare/%.elf: guests/bare/obj/%/main.o $(BARE_KIT_OBJECTS) $(top_srcdir)/guests/bare/kit/kit.lds
	$(AM_V_CCLD)$(CC) $(BARE_LINK_FLAGS) -Wl,-T,$(top_srcdir)/guests/bare/kit/kit.lds \
		-o guests/bare/obj/$*.elf64 $(filter %.o,$^) && \
	$(BARE_OBJCOPY) -O elf32-i386 --strip-all guests/bare/obj/$*.elf64 $@

# Guests of more than one file.
BARE_MEASURE_OBJECTS = $(patsubst %,guests/bare/obj/measure/%.o,halt machine report series)
guests/bare/measure.elf: $(BARE_MEASURE_OBJECTS)
guests/bare/obj/measure/main.o $(BARE_MEASURE_OBJECTS): $(top_srcdir)/guests/bare/measure/measure.h

guests/bare/ac-attack.bin: $(top_srcdir)/guests/bare/ac-attack/boot.S
	$(AM_V_CC)$(MKDIR_P) guests/bare/obj/ac-attack && \
	$(CC) -m32 -Wa,--noexecstack -nostdinc -c -o guests/bare/obj/ac-attack/boot.o $< && \
	$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-m,elf_i386 -Wl,--oformat,binary -Wl,-Ttext,0x7c00 \
		-o $@ guests/bare/obj/ac-attack/boot.o
