/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paths.h - where the simulator, the guests and the ROM images are.
 *
 * Data roots: $NWSIM_DATA alone when set; else, first match wins, the build tree the command lies in (DIR/tools/nwsim -> DIR); the
 * installed data directory. A root has bochs/bochs, guests/bare/, guests/boot/, guests/linux/.
 */
#ifndef NWS_PATHS_H
#define NWS_PATHS_H

/* The default names below a data root. */
#define NWS_SIMULATOR   "bochs/bochs"
#define NWS_BUILD_FLAGS "bochs/build-flags.txt"
#define NWS_BOOT_ROM    "guests/boot/nwboot.rom"
#define NWS_BARE_DIR    "guests/bare"
#define NWS_GUESTS_LIST "guests/bare/guests.list"
#define NWS_KERNEL      "guests/linux/bzImage-5.10"
#define NWS_KERNEL_ALT  "guests/linux/bzImage-6.1"
#define NWS_KERNELS     "guests/linux/bzImage-"         /* and 5.10, 6.1, 6.1-stock */
#define NWS_SELFTESTS   "guests/linux/selftests-"       /* and 5.10.cpio, 6.1.cpio */
#define NWS_LEVELS      "guests/linux/levels-"          /* and 5.10.cpio, 6.1.cpio */
#define NWS_INITRD      "guests/linux/initramfs.cpio"

/* Absolute path of the first readable root/name, or NULL. The caller frees it. */
char *nws_path_find(const char *name);

/*
 * As nws_path_find(); when nothing is there prints one line that says what is missing, where it was looked for and
 * the remedy: what is to be run, such as NWS_REMEDY.
 */
char *nws_path_need(const char *what, const char *name, const char *remedy);

/* For what the main set-up makes, and for the kernels and tests that only the tests need. */
#define NWS_REMEDY              "run ./quickstart"
#define NWS_REMEDY_KVM          "run ./quickstart check, or make -C build kvm"
#define NWS_REMEDY_KVM_DEBUG    "run make -C build kvm KVM_DEBUG=1"
#define NWS_REMEDY_LEVELS       "run make -C build levels"

/* A file the user named: its absolute path, or NULL after one line on standard error. The caller frees it. */
char *nws_path_given(const char *what, const char *file);

/* ROM images of the Debian packages bochsbios and vgabios ($NWSIM_DATA/bios.rom, vgabios.rom take precedence). */
char *nws_path_bios(void);
char *nws_path_vgabios(void);

#endif
