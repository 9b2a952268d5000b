/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_handoff.h - the hand-off area: what libnwboot leaves in guest RAM for the option ROM nwboot.rom.
 *
 * Only preprocessor constants, because the option ROM is assembler. The area is one real-mode segment, so that the
 * ROM reaches all of it with 16-bit offsets. The BIOS's power-on self test leaves this segment alone: it uses
 * 0-0xfff (vectors, BIOS data, rombios32 data, MSR list for application processors), its stack below 0xfffe,
 * 0x30000-0x3ffff (shadow copy, SMM relocation) and 64 KiB below 0xa0000 (rombios32 stack, AP code, EBDA).
 *
 * All numbers are little endian; offsets are from NW_HANDOFF_ADDRESS.
 */
#ifndef NW_HANDOFF_H
#define NW_HANDOFF_H

#define NW_HANDOFF_ADDRESS      0x10000
#define NW_HANDOFF_SEGMENT      0x1000
#define NW_HANDOFF_SIZE         0x10000

/* ---- Header, 32-bit fields --------------------------------------------------------------------------- */

#define NW_HO_MAGIC             0x00 /* NW_HANDOFF_MAGIC, or NW_HANDOFF_TAKEN once the ROM has used it */
#define NW_HO_VERSION           0x04
#define NW_HO_PROTOCOL          0x08
#define NW_HO_ENTRY             0x0c /* physical address; multiboot and linux */
#define NW_HO_EAX               0x10 /* registers at the entry; the others are 0, ESP is the BIOS's */
#define NW_HO_EBX               0x14
#define NW_HO_ESI               0x18
#define NW_HO_PAYLOAD_START     0x1c /* RAM filled by the payload image; both 0: there is none */
#define NW_HO_PAYLOAD_END       0x20 /* address of the end mark */
#define NW_HO_E820_COUNT        0x24 /* written by the ROM */

#define NW_HANDOFF_MAGIC        0x4842574e /* "NWBH" */
#define NW_HANDOFF_TAKEN        0x5442574e /* "NWBT" */
#define NW_HANDOFF_VERSION      1

#define NW_PROTOCOL_MULTIBOOT   1 /* Multiboot Specification 0.6.96, section 3.2 */
#define NW_PROTOCOL_LINUX       2 /* Linux boot protocol, 32-bit entry */
#define NW_PROTOCOL_SECTOR      3 /* 512 bytes to 0000:7c00, real mode */

/* ---- End mark of the payload image ------------------------------------------------------------------- */

/*
 * Bochs 3.0 loads a RAM image into host memory that it assumes to be contiguous, but gives guest blocks to host
 * blocks in the order of first use. The ROM therefore touches the payload in ascending order, one access per block,
 * before anything else does, and the mark proves that it came out right.
 */
#define NW_END_MARK_0           0x646e654e /* "Nend" */
#define NW_END_MARK_1           0x6b72616d /* "mark" */
#define NW_END_MARK_SIZE        16
#define NW_BLOCK_SIZE           0x100000   /* bochsrc `memory: block_size=1024` (KiB) */

/* ---- Fixed places in the area ------------------------------------------------------------------------ */

#define NW_HO_BOOT_PARAMS       0x1000 /* Linux: struct boot_params, one page */
#define NW_HO_MBI               0x2000 /* multiboot information */
#define NW_HO_MODULES           0x2100 /* multiboot module structures, 16 bytes each */
#define NW_HO_MODULES_MAX       32
#define NW_HO_MMAP              0x3000 /* E820 entries in multiboot form, 24 bytes each, written by the ROM */
#define NW_HO_SECTOR            0x4000 /* boot sector, 512 bytes */
#define NW_HO_CMDLINE           0x5000
#define NW_HO_CMDLINE_SIZE      0x1000 /* with the final NUL */
#define NW_HO_STRINGS           0x6000 /* module strings */
#define NW_HO_STRINGS_SIZE      0xa000

#define NW_MMAP_ENTRY_SIZE      24
#define NW_E820_MAX             128    /* as many as boot_params.e820_table holds */

/* ---- Fields of other people's structures that the ROM fills in --------------------------------------- */

#define NW_MBI_MEM_LOWER        4
#define NW_MBI_MEM_UPPER        8
#define NW_MBI_MMAP_LENGTH      44
#define NW_BP_E820_ENTRIES      0x1e8
#define NW_BP_E820_TABLE        0x2d0

#endif
