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
	/* 16-bit controls */
	VPID                    = 0x0000,
	POSTED_INTERRUPT_VECTOR = 0x0002,
	/* 16-bit guest-state and host-state; the other segments follow in steps of 2 */
	GUEST_ES_SELECTOR       = 0x0800,       /* ES CS SS DS FS GS LDTR TR */
	HOST_ES_SELECTOR        = 0x0c00,       /* ES CS SS DS FS GS TR */
	HOST_CS_SELECTOR        = 0x0c02,
	HOST_SS_SELECTOR        = 0x0c04,
	HOST_DS_SELECTOR        = 0x0c06,
	HOST_FS_SELECTOR        = 0x0c08,
	HOST_GS_SELECTOR        = 0x0c0a,
	HOST_TR_SELECTOR        = 0x0c0c,
	GUEST_PML_INDEX         = 0x0812,
	/* 64-bit */
	EXIT_MSR_STORE_ADDRESS  = 0x2006,
	EXIT_MSR_LOAD_ADDRESS   = 0x2008,
	ENTRY_MSR_LOAD_ADDRESS  = 0x200a,
	TSC_OFFSET              = 0x2010,
	VIRTUAL_APIC_ADDRESS    = 0x2012,
	POSTED_INTERRUPT_DESCRIPTOR = 0x2016,
	TSC_MULTIPLIER          = 0x2032,
	GUEST_PAT               = 0x2804,
	GUEST_PERF_GLOBAL_CTRL  = 0x2808,
	GUEST_SPEC_CTRL         = 0x282e,
	HOST_PAT                = 0x2c00,
	HOST_PERF_GLOBAL_CTRL   = 0x2c04,
	MSR_BITMAP_ADDRESS      = 0x2004,
	PML_ADDRESS             = 0x200e,
	EPT_POINTER             = 0x201a,
	VE_INFO_ADDRESS         = 0x202a,
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
	TPR_THRESHOLD           = 0x401c,
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
	EXIT_INSTRUCTION_INFO   = 0x440e,
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
	GUEST_S_CET             = 0x6828,
	GUEST_SSP               = 0x682a,
	GUEST_SSP_TABLE         = 0x682c,
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
	HOST_S_CET              = 0x6c18,
	HOST_SSP                = 0x6c1a,
	HOST_SSP_TABLE          = 0x6c1c,
};

#define PIN_EXTERNAL_INTERRUPT          (1u << 0)
#define PIN_NMI                         (1u << 3)
#define PIN_VIRTUAL_NMIS                (1u << 5)
#define PIN_PREEMPTION_TIMER            (1u << 6)
#define PROC_INTERRUPT_WINDOW           (1u << 2)
#define PROC_HLT                        (1u << 7)
#define PROC_RDTSC                      (1u << 12)
#define PROC_NMI_WINDOW                 (1u << 22)
#define PROC_MOV_DR                     (1u << 23)
#define PROC_MONITOR_TRAP_FLAG          (1u << 27)
#define PROC_MSR_BITMAPS                (1u << 28)
#define PROC_SECONDARY                  (1u << 31)
#define PROC2_EPT                       (1u << 1)
#define PROC2_DESCRIPTOR_TABLE          (1u << 2)
#define PROC2_UNRESTRICTED_GUEST        (1u << 7)
#define PROC2_RDRAND                    (1u << 11)
#define PROC2_PML                       (1u << 17)
#define PROC2_EPT_VIOLATION_VE          (1u << 18)
#define PROC2_MODE_BASED_EXECUTE        (1u << 22)
#define PROC2_USER_WAIT                 (1u << 26)
#define PROC2_INSTRUCTION_TIMEOUT       NW_CTLS2_INSTRUCTION_TIMEOUT
#define EXIT_SAVE_DEBUG_CONTROLS        (1u << 2)
#define EXIT_HOST_64_BIT                (1u << 9)
#define EXIT_SAVE_EFER                  (1u << 20)
#define EXIT_LOAD_EFER                  (1u << 21)
#define EXIT_SAVE_PREEMPTION_TIMER      (1u << 22)
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
#define REASON_INIT                     3
#define REASON_SIPI                     4
#define REASON_INTERRUPT_WINDOW         7
#define REASON_NMI_WINDOW               8
#define REASON_TASK_SWITCH              9
#define REASON_CPUID                    10
#define REASON_GETSEC                   11
#define REASON_HLT                      12
#define REASON_VMCALL                   18
#define REASON_MOV_DR                   29
#define REASON_INVALID_GUEST_STATE      33
#define REASON_MONITOR_TRAP_FLAG        37
#define REASON_GDTR_IDTR                46
#define REASON_LDTR_TR                  47
#define REASON_EPT_VIOLATION            48
#define REASON_EPT_MISCONFIGURATION     49
#define REASON_PREEMPTION_TIMER         52
#define REASON_RDRAND                   57
#define REASON_PML_FULL                 62
#define REASON_INSTRUCTION_TIMEOUT      NW_EXIT_REASON_INSTRUCTION_TIMEOUT
#define REASON_ENTRY_FAILURE            (1u << 31)

/* VM-instruction error numbers: SDM Vol. 3C, "VM-instruction error numbers" */
#define VMERR_ENTRY_CONTROLS            7
#define VMERR_UNSUPPORTED_FIELD         12

/* Format of the interruption-information fields */
#define INFO_VALID                      (1u << 31)
#define INFO_ERROR_CODE                 (1u << 11)
#define INFO_BIT12                      (1u << 12)      /* undefined in IDT-vectoring information */
#define INFO_TYPE_NMI                   (2u << 8)
#define INFO_TYPE_EXTERNAL_INTERRUPT    (0u << 8)
#define INFO_TYPE_HARDWARE_EXCEPTION    (3u << 8)
#define INFO_TYPE_SOFTWARE_INTERRUPT    (4u << 8)
#define INFO_TYPE_PRIVILEGED_SOFTWARE   (5u << 8)       /* INT1 */
#define INFO_TYPE_SOFTWARE_EXCEPTION    (6u << 8)
#define INFO_TYPE_OTHER                 (7u << 8)       /* vector 0: a pending MTF VM exit */

#define INTERRUPTIBILITY_STI            (1u << 0)       /* blocking by ... */
#define INTERRUPTIBILITY_MOV_SS         (1u << 1)
#define INTERRUPTIBILITY_NMI            (1u << 3)
#define ACTIVITY_ACTIVE                 0
#define ACTIVITY_HLT                    1
#define ACTIVITY_SHUTDOWN               2
#define ACTIVITY_WAIT_FOR_SIPI          3

/* Pending debug exceptions */
#define PENDING_DEBUG_ENABLED_BREAKPOINT (1u << 12)
#define PENDING_DEBUG_BS                (1u << 14)

/* Controls whose checks and loads the entry, exit and msr guests are about */
#define PIN_POSTED_INTERRUPTS           (1u << 7)
#define PROC_TSC_OFFSETTING             (1u << 3)
#define PROC_TPR_SHADOW                 (1u << 21)
#define PROC2_X2APIC_MODE               (1u << 4)
#define PROC2_VPID                      (1u << 5)
#define PROC2_VIRTUAL_INTERRUPTS        (1u << 9)
#define PROC2_TSC_SCALING               (1u << 25)
#define EXIT_LOAD_PERF_GLOBAL_CTRL      (1u << 12)
#define EXIT_ACKNOWLEDGE_INTERRUPT      (1u << 15)
#define EXIT_LOAD_PAT                   (1u << 19)
#define EXIT_SAVE_PERF_GLOBAL_CTRL      (1u << 30)
#define ENTRY_TO_SMM                    (1u << 10)
#define ENTRY_DEACTIVATE_DUAL_MONITOR   (1u << 11)
#define ENTRY_LOAD_PERF_GLOBAL_CTRL     (1u << 13)
#define ENTRY_LOAD_PAT                  (1u << 14)
#define ENTRY_LOAD_SPEC_CTRL            (1u << 24)

#define EXIT_LOAD_CET                   (1u << 28)
#define ENTRY_LOAD_CET                  (1u << 20)

#define MSR_VMX_VMCS_ENUM               0x48a
#define MSR_VMX_EXIT_CTLS2              0x493

#define REASON_MSR_LOADING              34
#define VMERR_ENTRY_HOST_STATE          8

#endif
