# SPDX-License-Identifier: LGPL-2.1-or-later
# guests/foreign/: kernels that know nothing of nwsim, for tests/guest/foreign.sh. Nothing of them is installed.

FOREIGN_CFLAGS = -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
	-std=gnu11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes
FOREIGN_CC32 = $(CC) -m32 $(FOREIGN_CFLAGS)
FOREIGN_CC64 = $(CC) -m64 -mno-red-zone $(FOREIGN_CFLAGS)
FOREIGN_LD = $(LD) --build-id=none -z noexecstack -z max-page-size=4096 -T $(top_srcdir)/guests/foreign/foreign.ld

foreign_src = $(top_srcdir)/guests/foreign
foreign_obj = guests/foreign/obj
foreign_common = $(foreign_obj)/start.o $(foreign_obj)/lib.o
foreign_long = $(foreign_obj)/long_start.o $(foreign_obj)/lib64.o $(foreign_obj)/long.o
foreign_guests = \
	guests/foreign/machine.elf \
	guests/foreign/ends.elf \
	guests/foreign/long.elf \
	guests/foreign/long64.elf \
	guests/foreign/kludge.bin \
	guests/foreign/disk.bin

$(foreign_obj)/%.o: $(foreign_src)/%.S
	$(AM_V_at)$(MKDIR_P) $(foreign_obj)
	$(AM_V_CC)$(FOREIGN_CC32) -c -o $@ $<

$(foreign_obj)/%.o: $(foreign_src)/%.c $(foreign_src)/foreign.h
	$(AM_V_at)$(MKDIR_P) $(foreign_obj)
	$(AM_V_CC)$(FOREIGN_CC32) -c -o $@ $<

$(foreign_obj)/long_start.o: $(foreign_src)/long_start.S
	$(AM_V_at)$(MKDIR_P) $(foreign_obj)
	$(AM_V_CC)$(FOREIGN_CC64) -c -o $@ $<

$(foreign_obj)/lib64.o: $(foreign_src)/lib.c $(foreign_src)/foreign.h
	$(AM_V_at)$(MKDIR_P) $(foreign_obj)
	$(AM_V_CC)$(FOREIGN_CC64) -c -o $@ $<

$(foreign_obj)/long.o: $(foreign_src)/long.c $(foreign_src)/foreign.h
	$(AM_V_at)$(MKDIR_P) $(foreign_obj)
	$(AM_V_CC)$(FOREIGN_CC64) -c -o $@ $<

guests/foreign/machine.elf: $(foreign_common) $(foreign_obj)/machine.o $(foreign_src)/foreign.ld
	$(AM_V_GEN)$(FOREIGN_LD) -m elf_i386 -o $@ $(foreign_common) $(foreign_obj)/machine.o

guests/foreign/ends.elf: $(foreign_common) $(foreign_obj)/ends.o $(foreign_src)/foreign.ld
	$(AM_V_GEN)$(FOREIGN_LD) -m elf_i386 -o $@ $(foreign_common) $(foreign_obj)/ends.o

guests/foreign/long64.elf: $(foreign_long) $(foreign_src)/foreign.ld
	$(AM_V_GEN)$(FOREIGN_LD) -m elf_x86_64 -o $@ $(foreign_long)

guests/foreign/long.elf: guests/foreign/long64.elf
	$(AM_V_GEN)objcopy -O elf32-i386 guests/foreign/long64.elf $@

guests/foreign/%.bin: $(foreign_obj)/%.o
	$(AM_V_GEN)$(LD) -m elf_i386 -Ttext=0 -e 0 --oformat binary -o $@ $<

check_DATA += $(foreign_guests)
foreign-guests: $(foreign_guests)
.PRECIOUS: $(foreign_obj)/%.o
.PHONY: foreign-guests

EXTRA_DIST += \
	guests/foreign/README.md \
	guests/foreign/disk.S \
	guests/foreign/ends.c \
	guests/foreign/foreign.h \
	guests/foreign/foreign.ld \
	guests/foreign/kludge.S \
	guests/foreign/lib.c \
	guests/foreign/long.c \
	guests/foreign/long_start.S \
	guests/foreign/machine.c \
	guests/foreign/start.S

CLEANFILES += $(foreign_guests)
CLEAN_DIRS += guests/foreign/obj
