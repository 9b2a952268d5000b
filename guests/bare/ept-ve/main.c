/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ept-ve - EPT violations as virtualization exceptions (#VE).
 *
 * Claim:    with the control set an EPT violation is delivered to L1 as #VE, with the information in
 *           the virtualization-exception information area, unless bit 63 of the EPT entry suppresses
 *           it, the area is in use, or an event is being delivered; those exit.
 * Manual:   SDM Vol. 3C, "Virtualization exceptions".
 * Expected: all claims hold on any CPU with the control.
 */
#include "l1.h"
#include "walk.h"

#define SUPPRESS_VE     (1ul << 63)
#define VECTOR_VE       20
#define IN_USE          0xffffffffu
#define DEFINED         (0x3ful | EPTV_LINEAR_VALID | EPTV_TRANSLATED | EPTV_NMI_UNBLOCKED)

static struct ve_area {
	uint32_t reason, busy;
	uint64_t qualification, linear, physical;
	uint16_t eptp_index;
	uint8_t beyond[6];
} area __attribute__((aligned(4096)));
static uint8_t stack[8192] __attribute__((aligned(16)));
static uint8_t idt[4096] __attribute__((aligned(4096)));
static volatile unsigned exceptions;
static struct ve_area seen;
static struct l1 l1;

static void l1_write(void)
{
	*(volatile uint64_t *)(WALK_LINEAR + 0x238) = 0;
}

static void int3(void)
{
	asm volatile("int3");
}

/* In L1: the instruction is skipped by returning from l1_write(). */
static void on_ve(struct trap_frame *f)
{
	exceptions++;
	seen = area;
	f->rip = *(uint64_t *)f->rsp;
	f->rsp += 8;
}

static void begin(void (*code)(void), uint64_t entry_bits)
{
	uint64_t *entry = ept_entry(walk_page(0), 1);

	walk_setup();
	*entry = (*entry & ~(EPT_RWX | SUPPRESS_VE)) | entry_bits;
	ept_flush();
	l1_restart(code, stack + sizeof(stack));
	exceptions = 0;
}

static void test_delivered(void)
{
	memset(&area, 0, sizeof(area));
	memset(area.beyond, 0x5a, sizeof(area.beyond));
	area.eptp_index = 0x7777;
	begin(l1_write, EPT_R);
	l1_run_to(&l1, REASON_VMCALL, "a refused write does not exit");
	check_equal(exceptions, 1, "L1 got a #VE");
	check_equal(seen.reason, REASON_EPT_VIOLATION, "exit reason");
	check_equal(seen.busy, IN_USE, "the area is in use");
	check_equal(seen.qualification & DEFINED,
		    EPTV_WRITE | EPTV_MAY_READ | EPTV_LINEAR_VALID | EPTV_TRANSLATED, "exit qualification");
	check_equal(seen.linear, WALK_LINEAR + 0x238, "guest-linear address");
	check_equal(seen.physical, walk_page(0) + 0x238, "guest-physical address");
	check_equal(seen.eptp_index, 0, "EPTP index");
	check_equal(seen.beyond[0], 0x5a, "the area ends behind the EPTP index");
}

static void expect_exit(const char *what)
{
	if (l1_run_to(&l1, REASON_EPT_VIOLATION, "%s: exits", what))
		check_equal(vmcs_read(GUEST_PHYSICAL_ADDRESS), walk_page(0) + 0x238,
			    "%s: guest-physical address", what);
	check_equal(exceptions, 0, "%s: no #VE", what);
}

static void test_exits(void)
{
	begin(l1_write, EPT_R);
	expect_exit("the area is in use");
	area.busy = 0;
	begin(l1_write, EPT_R | SUPPRESS_VE);
	expect_exit("bit 63 of the entry is 1");
	check_equal(area.busy, 0, "the area is left alone");
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_VE);
	begin(l1_write, EPT_R);
	if (l1_run_to(&l1, REASON_EXCEPTION_NMI, "intercepted #VE")) {
		check_equal(l1.exit.interruption_info, INFO_VALID | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_VE,
			    "intercepted #VE: interruption information");
		check_equal(area.busy, IN_USE, "intercepted #VE: the area is written");
	}
	vmcs_write(EXCEPTION_BITMAP, 0);
	area.busy = 0;
	*ept_entry((uint64_t)idt, 1) &= ~EPT_RWX;
	begin(int3, EPT_RWX);
	l1_run_to(&l1, REASON_EPT_VIOLATION, "during the delivery of an event: exits");
	check_equal(area.busy, 0, "during the delivery of an event: the area is left alone");
}

void guest_main(void)
{
	vmx_on();
	l1_setup(&l1, L1_LONG64, l1_write, stack + sizeof(stack), 0);
	if (!vmx_control_set(PROC_BASED_CONTROLS2, MSR_VMX_PROC_CTLS2, PROC2_EPT_VIOLATION_VE))
		skip_all("CPU lacks EPT-violation #VE");
	memcpy(idt, (void *)desc_idt_base(), sizeof(idt));
	vmcs_write(GUEST_IDTR_BASE, (uint64_t)idt);
	vmcs_write(VE_INFO_ADDRESS, (uint64_t)&area);
	ept_entry((uint64_t)idt, 1);
	ept_entry(walk_page(0), 1);
	trap_set(VECTOR_VE, on_ve);
	test_delivered();
	test_exits();
}
