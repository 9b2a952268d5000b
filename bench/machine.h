/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.h - what the simulators are given: a guest as RAM images and as a CD-ROM, and configuration files.
 *
 * Both simulators get the same lines, except that the patched one gets its own `nwsim:` lines in addition. All files of
 * a guest are in one private directory, the simulator's working directory.
 */
#ifndef NWB_MACHINE_H
#define NWB_MACHINE_H

#include <stdbool.h>

#include "boot/nw_boot.h"
#include "bench_options.h"
#include "workdir.h"

enum nwb_boot {
	NWB_BOOT_ISO,           /* BIOS, GRUB, CD-ROM */
	NWB_BOOT_ISO_FASTBOOT,  /* the same without the BIOS's wait for a boot-menu key */
	NWB_BOOT_DIRECT         /* libnwboot: RAM images and an option ROM */
};

struct nwb_machine {
	const char *id;         /* for file names */
	bool nwsim;             /* the patched simulator; the last two are for it only */
	enum nwb_boot boot;
	bool uart_fast, idle_jump;
};

struct nwb_guest {
	const struct nwb_options *o;
	const char *kernel, *initrd, *cmdline;
	struct nws_workdir dir;
	struct nw_boot_plan plan;
};

/*
 * Creates the directory with the RAM images, and with the CD-ROM image if wanted (program grub-mkrescue). 0, or -1 after
 * one line on standard error.
 */
int nwb_guest_create(struct nwb_guest *g, bool iso);
void nwb_guest_remove(struct nwb_guest *g);

/* Writes the file `name` for this machine; its log is `log`. 0, or -1 after one line on standard error. */
int nwb_machine_write(const struct nwb_guest *g, const struct nwb_machine *m, const char *name, const char *log);

#endif
