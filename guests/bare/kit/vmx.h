/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx.h - VMX operation for a bare-metal L0: VMXON, VMCS access with errors, EPT, VM entry and
 * exit.
 *
 * An L1 is one VMCS and the registers that the VMCS does not hold. l1_setup() (l1.h) fills it for a
 * CPU mode, vmx_run() enters it and returns at the next VM exit. L0 keeps interrupts disabled, so
 * nothing else happens in between.
 */
#ifndef KIT_VMX_H
#define KIT_VMX_H

#include "kit.h"
#include "vmcs.h"

enum gpr {
	RAX,
	RCX,
	RDX,
	RBX,
	RSP_UNUSED,
	RBP,
	RSI,
	RDI,
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15,
	GPR_COUNT
};

struct l1 {
	/* vmx_enter.S knows the offsets down to tsc_exit */
	uint64_t gpr[GPR_COUNT];        /* in the manual's numbering; RSP is in the VMCS */
	uint64_t tsc_entry;             /* RDTSC just before the guest's registers are loaded */
	uint64_t tsc_exit;              /* RDTSC right after the VM exit (the fourth instruction) */

	uint64_t cr2;
	bool launched;
	uint8_t *vmcs;                  /* one page */
	uint32_t entry_failure;         /* VM-instruction error of the last vmx_run(), 0: none */
	struct l1_exit {                /* of the last VM exit */
		uint32_t reason, interruption_info, interruption_error, idt_vectoring_info,
			idt_vectoring_error;
		uint32_t instruction_length, interruptibility, activity, entry_info;
		uint64_t qualification, rip, rsp, rflags, pending_debug;
	} exit;
};

/* NULL, or the reason why this CPU cannot run the kit's L1 guests. Changes nothing. */
const char *vmx_missing(void);
/*
 * Whose regions vmx_on() and l1_setup() use: guests with several CPUs in VMX operation set the CPU's
 * number first, below VMX_CPUS. 0 at the beginning.
 */
#define VMX_CPUS        8
extern unsigned vmx_cpu;
/* Enters VMX operation; a CPU that cannot ends the run as SKIP. */
void vmx_on(void);
/* The same on a further CPU: each needs a page of its own for the VMXON region. */
void vmx_on_region(uint8_t *region);
/* The same on a CPU that may lack what L1 guests of the kit need: VMX instructions and VMCS fields only. */
void vmx_on_plain(uint8_t *region);
/*
 * True when the capability MSR allows the bits to be 1 (MSR number of the plain control, e.g.
 * MSR_VMX_PROC_CTLS2).
 */
bool vmx_allows(uint32_t msr, uint32_t bits);
/*
 * The control value with its fixed bits; bits that are not allowed end the run as SKIP, naming
 * what.
 */
uint32_t vmx_controls(uint32_t msr, uint32_t bits, const char *what);

/*
 * Sets and clears bits of a control of the current VMCS, given with its capability MSR; false when
 * a bit that is to be set is not allowed (nothing is changed).
 */
bool vmx_control_set(uint32_t field, uint32_t msr, uint32_t bits);
void vmx_control_clear(uint32_t field, uint32_t bits);

/*
 * VMREAD and VMWRITE on the current VMCS: 0, or the VM-instruction error number. VMX_FAIL_INVALID:
 * no current VMCS.
 */
#define VMX_FAIL_INVALID        (-1)
int vmread(uint32_t field, uint64_t *value);
int vmwrite(uint32_t field, uint64_t value);
/* The same where failure is an error of the test. */
uint64_t vmcs_read(uint32_t field);
void vmcs_write(uint32_t field, uint64_t value);

/* Makes l1's VMCS clear and current. */
void vmcs_clear_load(struct l1 *l1);
/* VMCLEAR alone: the next entry is VMLAUNCH, on whichever CPU. The region has its revision identifier. */
void vmcs_clear(struct l1 *l1);
/* VMPTRLD alone. */
void vmcs_load(const struct l1 *l1);
/*
 * VM entry (VMLAUNCH the first time, then VMRESUME) until the next VM exit. True: l1->exit holds
 * it.
 * False: the VM entry instruction failed, l1->entry_failure is the VM-instruction error number.
 * A failed guest-state check is a VM exit (reason bit 31), not a false.
 */
bool vmx_run(struct l1 *l1);
/* TSC ticks from just before the last VM entry to just after its VM exit. */
uint64_t vmx_interval_tsc(const struct l1 *l1);
/* Prints l1->exit as comment lines. */
void vmx_note_exit(const struct l1 *l1);

/*
 * EPT pointers. Everything below 4 GiB one to one; or only [from, to), page aligned, within one 2
 * MiB region.
 */
uint64_t ept_map_all(void);
uint64_t ept_map_range(uint64_t from, uint64_t to);

#endif
