/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event-nmi - NMIs, IRET and what VM exits tell about them.
 *
 * Claim:    a VM exit at the first instruction of L1's NMI handler is reported there, with NMIs
 *           blocked; an IRET that exits through a fault or an EPT violation has unblocked NMIs
 *           (virtual NMIs with that control), and bit 12 says so; a delivery of an NMI that exits
 *           has NMIs blocked.
 * Manual:   SDM Vol. 3C, "Information for VM exits due to vectored events", "Basic VM-exit
 *           information", "Architectural state before a VM exit"; Vol. 3A, "Handling multiple NMIs".
 * Expected: all claims hold on any CPU with EPT; virtual NMIs are skipped when not announced.
 */
#include "ept.h"
#include "l1.h"
#include "timer.h"

#define INFO_NMI_UNBLOCKED      (1u << 12)

void iret(void);
void nops(void);

asm(".text\n"
    "nops: nop; nop; vmcall\n"
    "iret: iretq; vmcall\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint64_t idt[512] __attribute__((aligned(4096)));
static uint8_t handler[4096] __attribute__((aligned(4096)));
static uint64_t frames[512] __attribute__((aligned(4096)));
static struct l1 l1;

static void send_nmi(void)
{
	apic_ipi_self(APIC_ICR_NMI);
	for (volatile unsigned i = 0; i < 1000; i++)
		;
}

static void reach(void *page, bool on)
{
	uint64_t *entry = ept_entry((uint64_t)page, 1);

	*entry = (*entry & ~EPT_RWX) | (on ? EPT_RWX : 0);
	ept_flush();
}

/* The gate of the NMI leads to a page that EPT keeps from L1. */
static void test_handler(void)
{
	uint64_t to = (uint64_t)handler + 0x40;

	idt[2 * VECTOR_NMI] = (to & 0xffff) | SEL_CODE64 << 16 | 0x8eull << 40 | (to >> 16 & 0xffff) << 48;
	idt[2 * VECTOR_NMI + 1] = to >> 32;
	reach(handler, false);
	l1_restart(send_nmi, stack + sizeof(stack));
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "the NMI handler is out of reach")) {
		check_equal(l1.exit.rip, to, "RIP is the handler's");
		check_equal(vmcs_read(GUEST_LINEAR_ADDRESS), to, "so is the guest-linear address");
		check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "the delivery was complete");
		check_equal(l1.exit.interruptibility, INTERRUPTIBILITY_NMI, "NMIs are blocked");
		check_equal(l1.exit.qualification & EPTV_NMI_UNBLOCKED, 0, "bit 12 is 0");
	}
	reach(handler, true);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
}

static void begin_iret(uint32_t interruptibility)
{
	uint64_t *frame = &frames[16];

	frame[0] = (uint64_t)nops;
	frame[1] = SEL_CODE64;
	frame[2] = RFLAGS_FIXED;
	frame[3] = (uint64_t)(stack + sizeof(stack) - 8);
	frame[4] = SEL_DATA;
	l1_restart(iret, stack + sizeof(stack));
	vmcs_write(GUEST_RSP, (uint64_t)frame);
	vmcs_write(GUEST_INTERRUPTIBILITY, interruptibility);
}

static void test_iret(const char *how)
{
	for (unsigned blocked = 0; blocked <= 1; blocked++) {
		begin_iret(blocked ? INTERRUPTIBILITY_NMI : 0);
		reach(frames, false);
		if (l1_run_to(&l1, REASON_EPT_VIOLATION, "%s, IRET: EPT violation", how)) {
			check_equal(l1.exit.qualification & EPTV_NMI_UNBLOCKED,
				    blocked ? EPTV_NMI_UNBLOCKED : 0,
				    "%s, IRET: bit 12 of the qualification is %u", how, blocked);
			check_equal(l1.exit.interruptibility, 0, "%s, IRET: NMIs are not blocked", how);
			check_equal(l1.exit.rip, (uint64_t)iret, "%s, IRET: RIP", how);
		}
		reach(frames, true);

		begin_iret(blocked ? INTERRUPTIBILITY_NMI : 0);
		frames[17] = 0x7770;    /* no such code segment */
		vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_GP);
		if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "%s, IRET: #GP", how)) {
			check_equal(l1.exit.interruption_info,
				    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION |
					    (blocked ? INFO_NMI_UNBLOCKED : 0) | VECTOR_GP,
				    "%s, IRET: interruption information, bit 12 = %u", how, blocked);
			check_equal(l1.exit.interruptibility, 0, "%s, IRET: no longer blocked", how);
		}
		vmcs_write(EXCEPTION_BITMAP, 0);

		begin_iret(blocked ? INTERRUPTIBILITY_NMI : 0);
		if (l1_run_to(&l1, REASON_VMCALL, "%s, IRET completes", how))
			check_equal(l1.exit.interruptibility, 0, "%s, and NMIs are not blocked", how);
	}
}

static void test_injected(const char *how)
{
	reach(idt, false);
	l1_restart(nops, stack + sizeof(stack));
	vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI);
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "%s, injected NMI: EPT violation", how)) {
		check_equal(l1.exit.idt_vectoring_info & ~0x1000u, INFO_VALID | INFO_TYPE_NMI | VECTOR_NMI,
			    "%s, injected NMI: IDT-vectoring information", how);
		check_equal(l1.exit.interruptibility, INTERRUPTIBILITY_NMI,
			    "%s, injected NMI: NMIs are blocked", how);
	}
	reach(idt, true);
}

/* With virtual NMIs the window opens when L1's blocking ends, one instruction after the IRET at most. */
static void test_window(void)
{
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW);
	begin_iret(INTERRUPTIBILITY_NMI);
	if (l1_run_to(&l1, REASON_NMI_WINDOW, "NMI window behind IRET"))
		check_equal(l1.exit.rip, (uint64_t)nops, "NMI window behind IRET: RIP");
	l1_restart(nops, stack + sizeof(stack));
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_MOV_SS);
	if (l1_run_to(&l1, REASON_NMI_WINDOW, "NMI window behind MOV SS"))
		check_equal(l1.exit.rip, (uint64_t)nops + 1, "NMI window behind MOV SS: RIP");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
}

void guest_main(void)
{
	vmx_on();
	apic_enable();
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	memcpy(idt, (void *)desc_idt_base(), sizeof(idt));
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)idt);
	ept_entry((uint64_t)handler, 1);
	test_handler();
	test_iret("NMIs");
	test_injected("NMIs");
	if (!vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_NMI | PIN_VIRTUAL_NMIS)) {
		skip("not announced", "virtual NMIs");
		return;
	}
	test_iret("virtual NMIs");
	test_injected("virtual NMIs");
	test_window();
}
