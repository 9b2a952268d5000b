/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_abi.h - what guests, simulator and host tools share.
 *
 * Only preprocessor constants: this header is included from C, C++ and assembler, by bare-metal guests,
 * by the shim inside Bochs and by the nwsim command.
 */
#ifndef NW_ABI_H
#define NW_ABI_H

/* ---- Ports ---------------------------------------------------------------------------------------- */

/* Writing a value here ends the run; the value is the guest's exit code (the de facto port of test kernels). */
#define NW_PORT_EXIT            0xf4
/* Exit codes that our own guests write. */
#define NW_EXIT_PASS            0 /* every claim held */
#define NW_EXIT_FAIL            1 /* at least one claim did not hold */
#define NW_EXIT_ERROR           2 /* the guest could not make its test */
#define NW_EXIT_SKIP            3 /* not applicable on this CPU */

/*
 * Simulator signature: IN (32 bits) from this port gives NW_SIGNATURE in nwsim and all-ones on a machine that
 * has nothing there. OUT (32 bits) ends nothing and changes nothing: it records a NWT_MARK event with the value.
 */
#define NW_PORT_SIGNATURE       0x4e57
#define NW_SIGNATURE            0x4d49534e /* "NSIM", little endian */

/* ---- Magic NOP ------------------------------------------------------------------------------------- */

/*
 * NOP r/m32 with SIB and disp32: 0F 1F 84 00 <disp32>. A plain 8-byte NOP on every processor. In nwsim the
 * displacement NW_MAGIC_STALL makes the instruction last RAX (EAX outside 64-bit mode) crystal clocks longer.
 * NW_MAGIC_STALL_INVALID does the same; a notify VM exit out of it has VM_CONTEXT_INVALID, and the guest is lost.
 * NW_MAGIC_STALL_VALID: it never has. With NW_MAGIC_STALL the parameter context_invalid decides.
 */
#define NW_MAGIC_NOP_LENGTH     8
#define NW_MAGIC_STALL          0x4e570001
#define NW_MAGIC_STALL_INVALID  0x4e570002
#define NW_MAGIC_STALL_VALID    0x4e570003

/* ---- VMX: SDM Vol. 3C, appendices A to C ------------------------------------------------------------ */

#define NW_MSR_VMX_PROCBASED_CTLS2      0x48b
#define NW_CTLS2_INSTRUCTION_TIMEOUT    0x80000000u /* "notify VM exiting" */
#define NW_VMCS_INSTRUCTION_TIMEOUT     0x4024      /* notify window, 32 bits, crystal clocks */
#define NW_EXIT_REASON_INSTRUCTION_TIMEOUT      75
#define NW_QUAL_CONTEXT_INVALID         0x1u        /* exit qualification bit 0 */
#define NW_QUAL_NMI_UNBLOCKING          0x1000u     /* exit qualification bit 12 */

#endif
