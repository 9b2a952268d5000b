/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cet-busy - a far call at CPL 3 of L1 whose shadow stack faults, where L1 handles the page fault.
 *
 * Claim:    the #PF is a user-mode shadow-stack write; L1's handler runs and the VM exit that follows does
 *           not have bit 25 (shadow stack prematurely busy) in its reason: that is about shadow stacks
 *           that become busy by a switch to another one.
 * Manual:   SDM Vol. 1, "Shadow stack"; Vol. 3A, "Page-fault exceptions"; Vol. 3C, "Basic VM-exit
 *           information".
 * Expected: all claims hold on CPUs with CET shadow stacks and the VMX controls for CET.
 */
#include "l1.h"
#include "walk.h"

#define CPUID_7_ECX_SHSTK       (1u << 7)
#define MSR_U_CET               0x6a0
#define SH_STK_EN               1ul
#define HANDLED                 0x5afe
#define IST                     2
#define TSS_IST                 36u             /* offset of IST1 */
#define GATE_IST                4u
#define SEL_USER_CODE64         0x2b
#define SEL_USER_DATA           0x33
#define GUEST_CS                0x0802
#define AR_CODE64_3             0xa0fb
#define AR_DATA_3               0xc0f3
#define PF_USER_SHADOW_WRITE    0x46u           /* not present */

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t fault_stack[4096] __attribute__((aligned(16)));
static uint64_t gdt[7];
static volatile uint64_t error_code, address;
static struct __attribute__((packed)) { uint32_t offset; uint16_t selector; } far_pointer;
extern const char l1_far_call[], l1_far_target[];

asm("l1_far_call: lcall *(%rbx)\n"
    "l1_far_target: vmcall\n");

static void on_page_fault(struct trap_frame *frame)
{
	error_code = frame->error_code;
	address = read_cr2();
	l1_call(HANDLED);
}

/* The kit's GDT with code and data for CPL 3. */
static void user_segments(void)
{
	memcpy(gdt, (void *)desc_gdt_base(), desc_gdt_limit() + 1u);
	gdt[SEL_USER_CODE64 / 8] = 0x00affb000000ffff;
	gdt[SEL_USER_DATA / 8] = 0x00cff3000000ffff;
	vmcs_write(GUEST_GDTR_BASE, (uint64_t)gdt);
	vmcs_write(GUEST_GDTR_LIMIT, sizeof(gdt) - 1);
	for (unsigned field = GUEST_ES_SELECTOR; field <= GUEST_ES_SELECTOR + 10; field += 2) {
		bool code = field == GUEST_CS;

		vmcs_write(field, code ? SEL_USER_CODE64 : SEL_USER_DATA);
		vmcs_write(field - GUEST_ES_SELECTOR + GUEST_ES_ACCESS_RIGHTS,
			   code ? AR_CODE64_3 : AR_DATA_3);
	}
}

static void page_fault_uses_ist(void)
{
	*(uint64_t *)(desc_tss_base() + TSS_IST + 8 * (IST - 1)) = (uint64_t)(fault_stack + sizeof(fault_stack));
	*(uint8_t *)(desc_idt_base() + 16 * VECTOR_PF + GATE_IST) = IST;
	trap_set(VECTOR_PF, on_page_fault);
}

void guest_main(void)
{
	struct l1 l1;

	if (cpuid(0, 0).eax < 7 || !(cpuid(7, 0).ecx & CPUID_7_ECX_SHSTK))
		skip_all("CPU lacks shadow stacks");
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_far_call, stack + sizeof(stack), 0);
	if (!vmx_control_set(ENTRY_CONTROLS, MSR_VMX_ENTRY_CTLS, ENTRY_LOAD_CET) ||
	    !vmx_control_set(EXIT_CONTROLS, MSR_VMX_EXIT_CTLS, EXIT_LOAD_CET))
		skip_all("CPU lacks the controls that load CET state");
	walk_setup();
	walk_set_flags();
	*walk_entry(1) &= ~PTE_W;               /* a shadow-stack page */
	user_segments();
	page_fault_uses_ist();
	wrmsr(MSR_U_CET, SH_STK_EN);
	vmcs_write(GUEST_CR4, vmcs_read(GUEST_CR4) | CR4_CET);
	vmcs_write(GUEST_S_CET, 0);
	vmcs_write(GUEST_SSP, WALK_LINEAR);     /* what is pushed comes below */
	vmcs_write(GUEST_SSP_TABLE, 0);
	vmcs_write(HOST_S_CET, 0);
	vmcs_write(HOST_SSP, 0);
	vmcs_write(HOST_SSP_TABLE, 0);
	far_pointer.offset = (uint32_t)(uint64_t)l1_far_target;
	far_pointer.selector = SEL_USER_CODE64;
	l1.gpr[RBX] = (uint64_t)&far_pointer;
	if (!l1_run_to(&l1, REASON_VMCALL, "L1 goes on, without bit 25 in the exit reason"))
		return;
	check_equal(l1.gpr[RAX], HANDLED, "its #PF handler has run");
	check_equal(error_code, PF_USER_SHADOW_WRITE, "the fault was a user-mode shadow-stack write");
	check_equal(address, WALK_LINEAR - 8, "below the shadow stack");
}
