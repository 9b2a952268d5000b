/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * l1.c - VMCS contents for an L1 in a given mode. SDM Vol. 3C, chapters "Virtual machine control
 * structures" and "VM entries".
 */
#include "l1.h"

/* Access rights, SDM Vol. 3C, "Guest register state" */
#define AR_CODE64               0xa09bu
#define AR_CODE32               0xc09bu
#define AR_DATA                 0xc093u
#define AR_DPL(cpl)             ((cpl) << 5)
#define AR_BUSY_TSS             0x008bu
#define AR_UNUSABLE             0x10000u

enum segment { ES, CS, SS, DS, FS, GS, LDTR, TR };

extern char l1_begin[], l1_end[];
extern const char vmx_exit_point[];

/* All zero: L1 reaches every MSR. */
static uint8_t msr_bitmap[4096] __attribute__((aligned(4096)));
static uint8_t vmcs_regions[VMX_CPUS][4096] __attribute__((aligned(4096)));

static void set_controls(enum l1_mode mode)
{
	uint32_t entry = ENTRY_LOAD_EFER | ENTRY_LOAD_DEBUG_CONTROLS |
			 (mode == L1_LONG64 ? ENTRY_IA32E_GUEST : 0);
	uint32_t exit =
		EXIT_HOST_64_BIT | EXIT_SAVE_EFER | EXIT_LOAD_EFER | EXIT_SAVE_DEBUG_CONTROLS;

	vmcs_write(PIN_BASED_CONTROLS, vmx_controls(MSR_VMX_PIN_CTLS, 0, "pin-based controls"));
	vmcs_write(PROC_BASED_CONTROLS,
		   vmx_controls(MSR_VMX_PROC_CTLS, PROC_SECONDARY | PROC_MSR_BITMAPS,
				"secondary controls"));
	vmcs_write(PROC_BASED_CONTROLS2, PROC2_EPT | PROC2_UNRESTRICTED_GUEST);
	vmcs_write(ENTRY_CONTROLS, vmx_controls(MSR_VMX_ENTRY_CTLS, entry, "an entry control"));
	vmcs_write(EXIT_CONTROLS, vmx_controls(MSR_VMX_EXIT_CTLS, exit, "an exit control"));
	vmcs_write(EXCEPTION_BITMAP, 0);
	vmcs_write(PF_ERROR_CODE_MASK, 0);
	vmcs_write(PF_ERROR_CODE_MATCH, 0);
	vmcs_write(CR3_TARGET_COUNT, 0);
	vmcs_write(EXIT_MSR_STORE_COUNT, 0);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write(ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write(ENTRY_INTERRUPTION_INFO, 0);
	vmcs_write(MSR_BITMAP_ADDRESS, (uint64_t)msr_bitmap);
	vmcs_write(VMCS_LINK_POINTER, ~0ul);
	vmcs_write(CR0_GUEST_HOST_MASK, 0);
	vmcs_write(CR4_GUEST_HOST_MASK, 0);
	vmcs_write(CR0_READ_SHADOW, 0);
	vmcs_write(CR4_READ_SHADOW, 0);
}

static void set_host(void)
{
	vmcs_write(HOST_CS_SELECTOR, SEL_CODE64);
	vmcs_write(HOST_SS_SELECTOR, SEL_DATA);
	vmcs_write(HOST_DS_SELECTOR, SEL_DATA);
	vmcs_write(HOST_ES_SELECTOR, SEL_DATA);
	vmcs_write(HOST_FS_SELECTOR, 0);
	vmcs_write(HOST_GS_SELECTOR, 0);
	vmcs_write(HOST_TR_SELECTOR, SEL_TSS);
	vmcs_write(HOST_FS_BASE, 0);
	vmcs_write(HOST_GS_BASE, 0);
	vmcs_write(HOST_TR_BASE, desc_tss_base());
	vmcs_write(HOST_GDTR_BASE, desc_gdt_base());
	vmcs_write(HOST_IDTR_BASE, desc_idt_base());
	vmcs_write(HOST_CR0, read_cr0());
	vmcs_write(HOST_CR3, read_cr3());
	vmcs_write(HOST_CR4, read_cr4());
	vmcs_write(HOST_EFER, rdmsr(MSR_EFER));
	vmcs_write(HOST_SYSENTER_CS, 0);
	vmcs_write(HOST_SYSENTER_ESP, 0);
	vmcs_write(HOST_SYSENTER_EIP, 0);
	vmcs_write(HOST_RIP, (uint64_t)vmx_exit_point);
}

static void set_segment(enum segment s, uint16_t selector, uint64_t base, uint32_t limit,
			uint32_t access_rights)
{
	vmcs_write(GUEST_ES_SELECTOR + 2 * s, selector);
	vmcs_write(GUEST_ES_BASE + 2 * s, base);
	vmcs_write(GUEST_ES_LIMIT + 2 * s, limit);
	vmcs_write(GUEST_ES_ACCESS_RIGHTS + 2 * s, access_rights);
}

static void set_segments(uint16_t code, uint32_t code_rights, uint16_t data, unsigned cpl)
{
	set_segment(CS, code, 0, ~0u, code_rights | AR_DPL(cpl));
	for (enum segment s = ES; s <= GS; s++)
		if (s != CS)
			set_segment(s, data, 0, ~0u, AR_DATA | AR_DPL(cpl));
	set_segment(LDTR, 0, 0, 0, AR_UNUSABLE);
}

static void set_long64(void)
{
	vmcs_write(EPT_POINTER, ept_map_all());
	set_segments(SEL_CODE64, AR_CODE64, SEL_DATA, 0);
	set_segment(TR, SEL_TSS, desc_tss_base(), 0x67, AR_BUSY_TSS);
	vmcs_write(GUEST_GDTR_BASE, desc_gdt_base());
	vmcs_write(GUEST_GDTR_LIMIT, desc_gdt_limit());
	vmcs_write(GUEST_IDTR_BASE, desc_idt_base());
	vmcs_write(GUEST_IDTR_LIMIT, desc_idt_limit());
	vmcs_write(GUEST_CR0, read_cr0());
	vmcs_write(GUEST_CR3, read_cr3());
	vmcs_write(GUEST_CR4, read_cr4());
	vmcs_write(GUEST_EFER, rdmsr(MSR_EFER));
}

void l1_ring32(unsigned cpl)
{
	set_segments(cpl ? L1_CODE32_RING3 : L1_CODE32_RING0, AR_CODE32,
		     cpl ? L1_DATA32_RING3 : L1_DATA32_RING0, cpl);
}

static void set_prot32(unsigned cpl)
{
	vmcs_write(EPT_POINTER, ept_map_range((uint64_t)l1_begin, (uint64_t)l1_end));
	l1_ring32(cpl);
	set_segment(TR, 0x28, (uint64_t)l1_tss32, 0x67, AR_BUSY_TSS);
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)l1_gdt32);
	vmcs_write(GUEST_GDTR_LIMIT, (uint64_t)(l1_gdt32_end - (char *)l1_gdt32 - 1));
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)l1_idt32);
	vmcs_write(GUEST_IDTR_LIMIT, sizeof(l1_idt32) - 1);
	vmcs_write(GUEST_CR0, (rdmsr(MSR_VMX_CR0_FIXED0) & ~CR0_PG) | CR0_PE | CR0_NE | CR0_ET);
	vmcs_write(GUEST_CR3, 0);
	vmcs_write(GUEST_CR4, rdmsr(MSR_VMX_CR4_FIXED0));
	vmcs_write(GUEST_EFER, 0);
}

static void set_common(const void *entry, uint64_t rsp)
{
	vmcs_write(GUEST_RIP, (uint64_t)entry);
	vmcs_write(GUEST_RSP, rsp);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED);
	vmcs_write(GUEST_DR7, 0x400);
	vmcs_write(GUEST_DEBUGCTL, 0);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_PENDING_DEBUG, 0);
	vmcs_write(GUEST_SYSENTER_CS, 0);
	vmcs_write(GUEST_SYSENTER_ESP, 0);
	vmcs_write(GUEST_SYSENTER_EIP, 0);
}

static void returned(void)
{
	for (;;)
		l1_call(L1_RETURNED);
}

/*
 * Puts the return address of a 64-bit L1 function on its stack: RSP is then as after a CALL, 8
 * below a multiple of 16.
 */
static uint64_t stack64(void *stack_top)
{
	uint64_t *rsp = (uint64_t *)stack_top - 1;

	*rsp = (uint64_t)returned;
	return (uint64_t)rsp;
}

void l1_setup_in(uint8_t *vmcs, struct l1 *l1, enum l1_mode mode, const void *entry, void *stack_top, unsigned cpl)
{
	*l1 = (struct l1){ .vmcs = vmcs };
	vmcs_clear_load(l1);
	set_controls(mode);
	set_host();
	if (mode == L1_LONG64) {
		set_long64();
		set_common(entry, stack64(stack_top));
	} else {
		set_prot32(cpl);
		set_common(entry, (uint64_t)stack_top);
	}
}

void l1_setup(struct l1 *l1, enum l1_mode mode, const void *entry, void *stack_top, unsigned cpl)
{
	l1_setup_in(vmcs_regions[vmx_cpu], l1, mode, entry, stack_top, cpl);
}

void l1_restart(const void *entry, void *stack_top)
{
	set_common(entry, stack64(stack_top));
}

void l1_call(uint64_t code)
{
	asm volatile("vmcall" : "+a"(code) : : "memory");
}

bool l1_run_to(struct l1 *l1, uint32_t reason, const char *fmt, ...)
{
	va_list ap;
	bool reached;

	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	va_start(ap, fmt);
	reached = check_vequal(l1->exit.reason, reason, fmt, ap);
	va_end(ap);
	if (!reached)
		vmx_note_exit(l1);
	return reached;
}

void l1_skip_instruction(const struct l1 *l1, unsigned length)
{
	vmcs_write(GUEST_RIP, l1->exit.rip + length);
}

void l1_reinject(const struct l1 *l1)
{
	vmcs_write(ENTRY_INTERRUPTION_INFO, l1->exit.idt_vectoring_info & ~INFO_BIT12);
	if (l1->exit.idt_vectoring_info & INFO_ERROR_CODE)
		vmcs_write(ENTRY_ERROR_CODE, l1->exit.idt_vectoring_error);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, l1->exit.instruction_length);
}

void l1_gate32(uint8_t vector, const void *handler, uint16_t selector, bool present)
{
	uint64_t offset = (uint64_t)handler;

	l1_idt32[vector] = (offset & 0xffff) | (uint64_t)selector << 16 |
			   (present ? 0xeeull : 0x6eull) << 40 | (offset >> 16 & 0xffff) << 48;
}

bool timeout_available(void)
{
	return vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_INSTRUCTION_TIMEOUT);
}

void timeout_need(void)
{
	if (!timeout_available())
		skip_all("CPU lacks the instruction-timeout control (MSR 0x48B bit 63)");
}

void timeout_enable(uint32_t window_crystal)
{
	vmcs_write(PROC_BASED_CONTROLS2,
		   vmcs_read(PROC_BASED_CONTROLS2) | PROC2_INSTRUCTION_TIMEOUT);
	vmcs_write(INSTRUCTION_TIMEOUT, window_crystal);
}

void timeout_disable(void)
{
	vmcs_write(PROC_BASED_CONTROLS2,
		   vmcs_read(PROC_BASED_CONTROLS2) & ~(uint64_t)PROC2_INSTRUCTION_TIMEOUT);
}
