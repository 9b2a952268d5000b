/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmcs.h - VMCS field encodings, controls, exit reasons. SDM Vol. 3D, appendices A (capabilities),
 * B (fields) and C (exit reasons); control bits: Vol. 3C, chapter "Virtual machine control
 * structures".
 */
#ifndef KIT_VMCS_H
#define KIT_VMCS_H

#include "nw_abi.h"

enum vmcs_field {
	/* 16-bit guest-state and host-state; the other segments follow in steps of 2 */
	GUEST_ES_SELECTOR       = 0x0800,       /* ES CS SS DS FS GS LDTR TR */
	HOST_ES_SELECTOR        = 0x0c00,       /* ES CS SS DS FS GS TR */
	HOST_CS_SELECTOR        = 0x0c02,
	HOST_SS_SELECTOR        = 0x0c04,
	HOST_DS_SELECTOR        = 0x0c06,
	HOST_FS_SELECTOR        = 0x0c08,
	HOST_GS_SELECTOR        = 0x0c0a,
	HOST_TR_SELECTOR        = 0x0c0c,
	/* 64-bit */
	MSR_BITMAP_ADDRESS      = 0x2004,
	EPT_POINTER             = 0x201a,
	GUEST_PHYSICAL_ADDRESS  = 0x2400,
	VMCS_LINK_POINTER       = 0x2800,
	GUEST_DEBUGCTL          = 0x2802,
	GUEST_EFER              = 0x2806,
	HOST_EFER               = 0x2c02,
	/* 32-bit controls */
	PIN_BASED_CONTROLS      = 0x4000,
	PROC_BASED_CONTROLS     = 0x4002,
	EXCEPTION_BITMAP        = 0x4004,
	PF_ERROR_CODE_MASK      = 0x4006,
	PF_ERROR_CODE_MATCH     = 0x4008,
	CR3_TARGET_COUNT        = 0x400a,
	EXIT_CONTROLS           = 0x400c,
	EXIT_MSR_STORE_COUNT    = 0x400e,
	EXIT_MSR_LOAD_COUNT     = 0x4010,
	ENTRY_CONTROLS          = 0x4012,
	ENTRY_MSR_LOAD_COUNT    = 0x4014,
	ENTRY_INTERRUPTION_INFO = 0x4016,
	ENTRY_ERROR_CODE        = 0x4018,
	ENTRY_INSTRUCTION_LENGTH = 0x401a,
	PROC_BASED_CONTROLS2    = 0x401e,
	INSTRUCTION_TIMEOUT     = NW_VMCS_INSTRUCTION_TIMEOUT,
	/* 32-bit read-only */
	VM_INSTRUCTION_ERROR    = 0x4400,
	EXIT_REASON             = 0x4402,
	EXIT_INTERRUPTION_INFO  = 0x4404,
	EXIT_INTERRUPTION_ERROR = 0x4406,
	IDT_VECTORING_INFO      = 0x4408,
	IDT_VECTORING_ERROR     = 0x440a,
	EXIT_INSTRUCTION_LENGTH = 0x440c,
	/* 32-bit guest-state and host-state */
	GUEST_ES_LIMIT          = 0x4800,
	GUEST_GDTR_LIMIT        = 0x4810,
	GUEST_IDTR_LIMIT        = 0x4812,
	GUEST_ES_ACCESS_RIGHTS  = 0x4814,
	GUEST_INTERRUPTIBILITY  = 0x4824,
	GUEST_ACTIVITY_STATE    = 0x4826,
	GUEST_SYSENTER_CS       = 0x482a,
	GUEST_PREEMPTION_TIMER  = 0x482e,
	HOST_SYSENTER_CS        = 0x4c00,
	/* natural width */
	CR0_GUEST_HOST_MASK     = 0x6000,
	CR4_GUEST_HOST_MASK     = 0x6002,
	CR0_READ_SHADOW         = 0x6004,
	CR4_READ_SHADOW         = 0x6006,
	EXIT_QUALIFICATION      = 0x6400,
	GUEST_LINEAR_ADDRESS    = 0x640a,
	GUEST_CR0               = 0x6800,
	GUEST_CR3               = 0x6802,
	GUEST_CR4               = 0x6804,
	GUEST_ES_BASE           = 0x6806,
	GUEST_GDTR_BASE         = 0x6816,
	GUEST_IDTR_BASE         = 0x6818,
	GUEST_DR7               = 0x681a,
	GUEST_RSP               = 0x681c,
	GUEST_RIP               = 0x681e,
	GUEST_RFLAGS            = 0x6820,
	GUEST_PENDING_DEBUG     = 0x6822,
	GUEST_SYSENTER_ESP      = 0x6824,
	GUEST_SYSENTER_EIP      = 0x6826,
	HOST_CR0                = 0x6c00,
	HOST_CR3                = 0x6c02,
	HOST_CR4                = 0x6c04,
	HOST_FS_BASE            = 0x6c06,
	HOST_GS_BASE            = 0x6c08,
	HOST_TR_BASE            = 0x6c0a,
	HOST_GDTR_BASE          = 0x6c0c,
	HOST_IDTR_BASE          = 0x6c0e,
	HOST_SYSENTER_ESP       = 0x6c10,
	HOST_SYSENTER_EIP       = 0x6c12,
	HOST_RSP                = 0x6c14,
	HOST_RIP                = 0x6c16,
};

#define PIN_EXTERNAL_INTERRUPT          (1u << 0)
#define PIN_NMI                         (1u << 3)
#define PIN_VIRTUAL_NMIS                (1u << 5)
#define PIN_PREEMPTION_TIMER            (1u << 6)
#define PROC_HLT                        (1u << 7)
#define PROC_MSR_BITMAPS                (1u << 28)
#define PROC_SECONDARY                  (1u << 31)
#define PROC2_EPT                       (1u << 1)
#define PROC2_UNRESTRICTED_GUEST        (1u << 7)
#define PROC2_INSTRUCTION_TIMEOUT       NW_CTLS2_INSTRUCTION_TIMEOUT
#define EXIT_SAVE_DEBUG_CONTROLS        (1u << 2)
#define EXIT_HOST_64_BIT                (1u << 9)
#define EXIT_SAVE_EFER                  (1u << 20)
#define EXIT_LOAD_EFER                  (1u << 21)
#define ENTRY_LOAD_DEBUG_CONTROLS       (1u << 2)
#define ENTRY_IA32E_GUEST               (1u << 9)
#define ENTRY_LOAD_EFER                 (1u << 15)

#define MSR_VMX_BASIC                   0x480
#define MSR_VMX_PIN_CTLS                0x481   /* the TRUE MSRs are 0xc above these four */
#define MSR_VMX_PROC_CTLS               0x482
#define MSR_VMX_EXIT_CTLS               0x483
#define MSR_VMX_ENTRY_CTLS              0x484
#define MSR_VMX_TRUE_OFFSET             0x00c
#define MSR_VMX_MISC                    0x485
#define MSR_VMX_CR0_FIXED0              0x486
#define MSR_VMX_CR0_FIXED1              0x487
#define MSR_VMX_CR4_FIXED0              0x488
#define MSR_VMX_CR4_FIXED1              0x489
#define MSR_VMX_PROC_CTLS2              NW_MSR_VMX_PROCBASED_CTLS2
#define MSR_VMX_EPT_VPID_CAP            0x48c

#define REASON_EXCEPTION_NMI            0
#define REASON_EXTERNAL_INTERRUPT       1
#define REASON_TRIPLE_FAULT             2
#define REASON_CPUID                    10
#define REASON_HLT                      12
#define REASON_VMCALL                   18
#define REASON_INVALID_GUEST_STATE      33
#define REASON_EPT_VIOLATION            48
#define REASON_PREEMPTION_TIMER         52
#define REASON_INSTRUCTION_TIMEOUT      NW_EXIT_REASON_INSTRUCTION_TIMEOUT
#define REASON_ENTRY_FAILURE            (1u << 31)

/* VM-instruction error numbers: SDM Vol. 3C, "VM-instruction error numbers" */
#define VMERR_ENTRY_CONTROLS            7
#define VMERR_UNSUPPORTED_FIELD         12

/* Format of the interruption-information fields */
#define INFO_VALID                      (1u << 31)
#define INFO_ERROR_CODE                 (1u << 11)
#define INFO_TYPE_NMI                   (2u << 8)
#define INFO_TYPE_HARDWARE_EXCEPTION    (3u << 8)

#define INTERRUPTIBILITY_NMI            (1u << 3)       /* blocking by NMI */
#define ACTIVITY_ACTIVE                 0

#endif
