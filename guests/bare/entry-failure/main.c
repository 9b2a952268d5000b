/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry-failure - what a VM entry that fails leaves behind.
 *
 * Claim:    a VM entry that fails in the guest-state checks or in the MSR-load area writes the exit
 *           reason and the exit qualification and no other VM-exit information field, leaves the
 *           guest-state area, the event to inject and the launch state alone, loads the host state
 *           and the MSRs of the VM-exit load area; the qualification of a failure in the MSR-load
 *           area is the number of the entry.
 * Manual:   SDM Vol. 3C, "Loading MSRs" (26.4), "VM-entry failures during or after loading guest
 *           state" (26.8).
 * Expected: all claims hold.
 */
#include "l1.h"

#define MSR_SYSENTER_CS         0x174
#define MSR_SYSENTER_ESP        0x175
#define MSR_GS_BASE             0xc0000101
#define VECTOR_BREAKPOINT       3
#define FAILED(reason)          (REASON_ENTRY_FAILURE | (reason))

struct msr_entry { uint32_t index, reserved; uint64_t value; };

static uint8_t stack[4096] __attribute__((aligned(16)));
static struct msr_entry load[4] __attribute__((aligned(16)));
static struct msr_entry exit_load[1] __attribute__((aligned(16)));

static const uint32_t information[] = {
	EXIT_INTERRUPTION_INFO, EXIT_INTERRUPTION_ERROR, IDT_VECTORING_INFO, IDT_VECTORING_ERROR,
	EXIT_INSTRUCTION_LENGTH, EXIT_INSTRUCTION_INFO,
};

static void int3(void)
{
	asm volatile("int3");
}

/* An intercepted #BP leaves information in the fields that a failure must not touch. */
static void leave_information(struct l1 *l1, uint64_t before[ARRAY_SIZE(information)])
{
	l1_setup(l1, L1_LONG64, int3, stack + sizeof(stack), 0);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_BREAKPOINT);
	if (!vmx_run(l1) || l1->exit.reason != REASON_EXCEPTION_NMI)
		bail("no #BP to begin with");
	check_equal(l1->exit.interruption_info & (INFO_VALID | 0xff), INFO_VALID | VECTOR_BREAKPOINT,
		    "there is a #BP in the interruption information");
	check_equal(l1->exit.instruction_length, 1, "and its length");
	for (unsigned i = 0; i < ARRAY_SIZE(information); i++)
		before[i] = vmcs_read(information[i]);
}

static void fails(struct l1 *l1, const char *name, uint32_t reason, uint64_t qualification,
		  const uint64_t before[ARRAY_SIZE(information)])
{
	struct tally kept = { .what = "other VM-exit information is not modified" };
	uint64_t rip, rsp, event = INFO_VALID | INFO_TYPE_NMI | 2;

	vmcs_write(ENTRY_INTERRUPTION_INFO, event);
	vmcs_write(HOST_SYSENTER_CS, 0x77);
	exit_load[0] = (struct msr_entry){ MSR_SYSENTER_ESP, 0, 0x123450 };
	vmcs_write(EXIT_MSR_LOAD_ADDRESS, (uint64_t)exit_load);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 1);
	wrmsr(MSR_SYSENTER_CS, 0);
	wrmsr(MSR_SYSENTER_ESP, 0);
	rip = vmcs_read(GUEST_RIP);
	rsp = vmcs_read(GUEST_RSP);
	if (!vmx_run(l1))
		bail("%s: VM-instruction error %u", name, l1->entry_failure);
	check_equal(l1->exit.reason, FAILED(reason), "%s: exit reason", name);
	check_equal(l1->exit.qualification, qualification, "%s: exit qualification", name);
	for (unsigned i = 0; i < ARRAY_SIZE(information); i++)
		tally_equal(&kept, vmcs_read(information[i]), before[i]);
	tally_check(&kept, "%s", name);
	check_equal(vmcs_read(ENTRY_INTERRUPTION_INFO), event, "%s: the event stays valid", name);
	check(vmcs_read(GUEST_RIP) == rip && vmcs_read(GUEST_RSP) == rsp,
	      "%s: the guest-state area is not modified", name);
	check_equal(rdmsr(MSR_SYSENTER_CS), 0x77, "%s: host state is loaded", name);
	check_equal(rdmsr(MSR_SYSENTER_ESP), 0x123450, "%s: host MSRs are loaded", name);
	vmcs_write(ENTRY_INTERRUPTION_INFO, 0);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 0);
}

static void launch_state(struct l1 *l1)
{
	l1_setup(l1, L1_LONG64, int3, stack + sizeof(stack), 0);
	vmcs_write(GUEST_RFLAGS, 0);
	check(vmx_run(l1) && l1->exit.reason == FAILED(REASON_INVALID_GUEST_STATE),
	      "VMLAUNCH fails for RFLAGS = 0");
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED);
	vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_BREAKPOINT);
	l1->launched = true;
	check(!vmx_run(l1) && l1->entry_failure == 5, "the VMCS is not launched: VMRESUME fails");
	l1->launched = false;
	check(vmx_run(l1) && l1->exit.reason == REASON_EXCEPTION_NMI, "and VMLAUNCH succeeds");
}

static void msr_entries(struct l1 *l1)
{
	static const struct {
		const char *what;
		struct msr_entry bad;
	} cases[] = {
		{ "FS base", { MSR_FS_BASE, 0, 0 } },
		{ "GS base", { MSR_GS_BASE, 0, 0 } },
		{ "x2APIC MSR 800H", { 0x800, 0, 0 } },
		{ "x2APIC MSR 8FFH", { 0x8ff, 0, 0 } },
		{ "IA32_SMM_MONITOR_CTL", { 0x9b, 0, 0 } },
		{ "reserved bits", { MSR_SYSENTER_CS, 1, 0 } },
		{ "a value that WRMSR refuses", { MSR_SYSENTER_ESP, 0, 0x8000000000000000 } },
		{ "a read-only MSR", { MSR_VMX_BASIC, 0, 0 } },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		load[0] = (struct msr_entry){ MSR_SYSENTER_CS, 0, 1 };
		load[1] = load[0];
		load[2] = cases[i].bad;
		load[3] = load[0];
		l1_setup(l1, L1_LONG64, int3, stack + sizeof(stack), 0);
		vmcs_write(EXCEPTION_BITMAP, 1u << VECTOR_BREAKPOINT);
		vmcs_write(ENTRY_MSR_LOAD_ADDRESS, (uint64_t)load);
		vmcs_write(ENTRY_MSR_LOAD_COUNT, 4);
		check(vmx_run(l1) && l1->exit.reason == FAILED(REASON_MSR_LOADING) &&
		      l1->exit.qualification == 3,
		      "MSR-load area: %s in entry 3", cases[i].what);
		vmcs_write(ENTRY_MSR_LOAD_COUNT, 0);
	}
}

void guest_main(void)
{
	uint64_t before[ARRAY_SIZE(information)];
	struct l1 l1;

	vmx_on();
	leave_information(&l1, before);
	vmcs_write(GUEST_RFLAGS, 0);
	fails(&l1, "guest state", REASON_INVALID_GUEST_STATE, 0, before);

	leave_information(&l1, before);
	load[0] = (struct msr_entry){ MSR_SYSENTER_CS, 0, 1 };
	load[1] = (struct msr_entry){ MSR_FS_BASE, 0, 0 };
	vmcs_write(ENTRY_MSR_LOAD_ADDRESS, (uint64_t)load);
	vmcs_write(ENTRY_MSR_LOAD_COUNT, 2);
	fails(&l1, "MSR-load area", REASON_MSR_LOADING, 2, before);
	vmcs_write(ENTRY_MSR_LOAD_COUNT, 0);

	launch_state(&l1);
	msr_entries(&l1);
}
