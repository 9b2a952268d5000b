/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_boot.h - direct loading of guests into Bochs: libnwboot.
 *
 * The library turns a guest (kernel, initial RAM disk, modules, command line) into flat RAM images that an unchanged
 * Bochs loads at power-on (bochsrc `optramimage`), and a hand-off area (nw_handoff.h) for the option ROM nwboot.rom,
 * which starts the guest as soon as the BIOS's self test is over. No disk image, no boot loader, no boot-key wait.
 * Images of disks and CD-ROMs are left to the BIOS; the library only says what a file is.
 *
 * The library has no global state and prints nothing. The caller owns the directory and removes the files.
 */
#ifndef NW_BOOT_H
#define NW_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NW_BOOT_ERRLEN          512
#define NW_BOOT_PATH_MAX        512     /* Bochs's limit, with the final NUL */
#define NW_BOOT_IMAGES_MAX      4       /* Bochs 3.0 has optramimage1 to optramimage4 */
#define NW_BOOT_ROM_ADDRESS     0xd0000
#define NW_BOOT_MEMORY_MIN_MIB  8
#define NW_BOOT_MEMORY_MAX_MIB  65536
#define NW_BOOT_HOLE_MIB        3072    /* RAM ends here and goes on at 4 GiB */

/* Return codes: 0 and these. Each failure also leaves one line "file: what is wrong, what is accepted" in err. */
enum nw_boot_error {
	NW_BOOT_EIO      = -1,          /* a file cannot be read or written, or no memory on the host */
	NW_BOOT_EFORMAT  = -2,          /* a file is not what it should be */
	NW_BOOT_ELIMIT   = -3,          /* the guest does not fit into its RAM, or a text is too long */
	NW_BOOT_EREQUEST = -4           /* the request is contradictory (RAM size, initrd for a boot sector, ...) */
};

enum nw_boot_kind {
	NW_BOOT_MULTIBOOT = 1,          /* Multiboot 1 header in the first 8 KiB of an ELF32, an ELF64, or, with
					   address fields, any file */
	NW_BOOT_LINUX,                  /* bzImage, boot protocol 2.06 or later, loaded high */
	NW_BOOT_SECTOR                  /* 512 bytes that end with 55 AA */
};

/* What the BIOS boots. */
enum nw_boot_media {
	NW_BOOT_NO_MEDIA,               /* something else */
	NW_BOOT_ISO,                    /* CD-ROM: ISO 9660 with an El Torito boot record */
	NW_BOOT_DISK                    /* hard disk: more than one sector, 55 AA at the end of the first */
};

struct nw_boot_module {
	const char *path;
	const char *string;             /* what the guest is told about it; NULL: the path */
};

struct nw_boot_request {
	const char *kernel;
	const char *initrd;             /* linux only; NULL: none */
	const char *cmdline;            /* multiboot and linux; NULL: empty. Passed unchanged: no file name in front */
	const struct nw_boot_module *modules;   /* multiboot only */
	size_t module_count;            /* at most NW_HO_MODULES_MAX */
	uint64_t memory_bytes;          /* guest RAM: whole MiB, 8 MiB to 64 GiB */
	const char *directory;          /* existing directory for the images */
};

struct nw_boot_image {
	char path[NW_BOOT_PATH_MAX];
	uint32_t address;               /* physical address of its first byte */
};

struct nw_boot_plan {
	enum nw_boot_kind kind;
	uint32_t entry;                 /* physical address at which the guest starts */
	uint32_t memory_mib;
	size_t image_count;
	struct nw_boot_image images[NW_BOOT_IMAGES_MAX];        /* in the order in which Bochs must load them */
};

/*
 * What the bochsrc has to say for so much RAM: Bochs counts addresses, so the gigabyte below 4 GiB, where the PCI
 * devices and the BIOS are, comes on top of a memory that goes on above it.
 */
uint32_t nw_boot_bochs_mib(uint64_t memory_mib);

/* Text for a kind: "multiboot", "linux" or "sector". */
const char *nw_boot_kind_name(enum nw_boot_kind kind);

/*
 * Finds out what kind of guest the file is, and checks it as far as that is possible without knowing the RAM size.
 * Sources: Multiboot Specification 0.6.96 section 3.1, ELF gABI, Linux Documentation/x86/boot.rst.
 * 0, NW_BOOT_EIO, NW_BOOT_EFORMAT or NW_BOOT_ELIMIT.
 */
int nw_boot_inspect(const char *path, enum nw_boot_kind *kind, char err[NW_BOOT_ERRLEN]);

/*
 * Is the file a bootable image, and a sound one? Compressed files and the formats of other simulators are refused.
 * Sources: ECMA-119, El Torito 1.0. 0, NW_BOOT_EIO or NW_BOOT_EFORMAT; at 0, NW_BOOT_NO_MEDIA leaves the file to
 * nw_boot_inspect().
 */
int nw_boot_find_media(const char *path, enum nw_boot_media *media, char err[NW_BOOT_ERRLEN]);

/* The same for a file that shall be a raw disk; boot: it needs a boot sector. */
int nw_boot_check_disk(const char *path, bool boot, char err[NW_BOOT_ERRLEN]);

/*
 * Checks the request, writes the image files into request->directory (each under a temporary name, then renamed;
 * on failure none is left) and fills the plan. A payload image may be sparse. 0 or an nw_boot_error.
 */
int nw_boot_prepare(const struct nw_boot_request *request, struct nw_boot_plan *plan, char err[NW_BOOT_ERRLEN]);

/*
 * Writes the bochsrc lines that belong to the plan (memory, optromimage1, optramimage1 to n) to out. rom is the path
 * of nwboot.rom. 0, NW_BOOT_EIO, or NW_BOOT_EREQUEST when a path has a character that a bochsrc cannot hold.
 */
int nw_boot_write_bochsrc(FILE *out, const struct nw_boot_plan *plan, const char *rom, char err[NW_BOOT_ERRLEN]);

#endif
