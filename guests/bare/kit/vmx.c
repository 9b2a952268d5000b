/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vmx.c - VMXON, capability checks, VMCS access, VM entry and exit. SDM Vol. 3C, chapters on VMX
 * operation.
 */
#include "vmx.h"

#define CPUID_1_ECX_VMX                 (1u << 5)
#define FEATURE_CONTROL_LOCK            (1u << 0)
#define FEATURE_CONTROL_VMX             (1u << 2)
#define BASIC_TRUE_CONTROLS             (1ul << 55)
#define EPT_CAP_WALK_4                  (1ul << 6)
#define EPT_CAP_WRITE_BACK              (1ul << 14)
#define EPT_CAP_2M                      (1ul << 16)

bool vmx_enter(struct l1 *l1, uint64_t launched);

unsigned vmx_cpu;
static uint8_t vmxon_regions[VMX_CPUS][4096] __attribute__((aligned(4096)));

static uint32_t capability_msr(uint32_t msr)
{
	if (msr <= MSR_VMX_ENTRY_CTLS && rdmsr(MSR_VMX_BASIC) & BASIC_TRUE_CONTROLS)
		return msr + MSR_VMX_TRUE_OFFSET;
	return msr;
}

bool vmx_allows(uint32_t msr, uint32_t bits)
{
	return (rdmsr(capability_msr(msr)) >> 32 & bits) == bits;
}

uint32_t vmx_controls(uint32_t msr, uint32_t bits, const char *what)
{
	if (!vmx_allows(msr, bits))
		skip_all("CPU lacks %s", what);
	return bits | (uint32_t)rdmsr(capability_msr(msr));
}

static const char *vmx_off(void)
{
	uint64_t control;

	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_VMX))
		return "CPU lacks VMX";
	control = rdmsr(MSR_FEATURE_CONTROL);
	if (control & FEATURE_CONTROL_LOCK && !(control & FEATURE_CONTROL_VMX))
		return "VMX is locked off in IA32_FEATURE_CONTROL";
	return NULL;
}

const char *vmx_missing(void)
{
	const char *off = vmx_off();
	uint64_t ept;

	if (off)
		return off;
	if (!vmx_allows(MSR_VMX_PROC_CTLS, PROC_SECONDARY | PROC_MSR_BITMAPS))
		return "CPU lacks secondary controls or MSR bitmaps";
	if (!vmx_allows(MSR_VMX_PROC_CTLS2, PROC2_EPT | PROC2_UNRESTRICTED_GUEST))
		return "CPU lacks EPT or unrestricted guest";
	ept = rdmsr(MSR_VMX_EPT_VPID_CAP);
	if (~ept & (EPT_CAP_WALK_4 | EPT_CAP_WRITE_BACK | EPT_CAP_2M))
		return "CPU lacks an EPT property (4 levels, write-back, 2 MiB pages)";
	return NULL;
}

static int failure(uint64_t rflags)
{
	uint64_t number;

	if (rflags & RFLAGS_CF)
		return VMX_FAIL_INVALID;
	if (!(rflags & RFLAGS_ZF))
		return 0;
	asm volatile("vmread %1, %0"
		     : "=r"(number)
		     : "r"((uint64_t)VM_INSTRUCTION_ERROR)
		     : "cc", "memory");
	return (int)number;
}

int vmread(uint32_t field, uint64_t *value)
{
	uint64_t rflags, got = 0;

	asm volatile("vmread %2, %0; pushf; pop %1"
		     : "+r"(got), "=r"(rflags)
		     : "r"((uint64_t)field)
		     : "cc", "memory");
	*value = got;
	return failure(rflags);
}

int vmwrite(uint32_t field, uint64_t value)
{
	uint64_t rflags;

	asm volatile("vmwrite %1, %2; pushf; pop %0"
		     : "=r"(rflags)
		     : "r"(value), "r"((uint64_t)field)
		     : "cc", "memory");
	return failure(rflags);
}

uint64_t vmcs_read(uint32_t field)
{
	uint64_t value;
	int error = vmread(field, &value);

	if (error)
		bail("VMREAD of field 0x%x: error %d", field, error);
	return value;
}

void vmcs_write(uint32_t field, uint64_t value)
{
	int error = vmwrite(field, value);

	if (error)
		bail("VMWRITE of 0x%lx to field 0x%x: error %d", value, field, error);
}

bool vmx_control_set(uint32_t field, uint32_t msr, uint32_t bits)
{
	if (!vmx_allows(msr, bits))
		return false;
	vmcs_write(field, vmcs_read(field) | bits);
	return true;
}

void vmx_control_clear(uint32_t field, uint32_t bits)
{
	vmcs_write(field, vmcs_read(field) & ~(uint64_t)bits);
}

static void set_revision(uint8_t *region)
{
	uint32_t revision = rdmsr(MSR_VMX_BASIC) & 0x7fffffff;

	memcpy(region, &revision, sizeof(revision));
}

static void fix_control_registers(void)
{
	write_cr0((read_cr0() | rdmsr(MSR_VMX_CR0_FIXED0)) & rdmsr(MSR_VMX_CR0_FIXED1));
	write_cr4((read_cr4() | CR4_VMXE | rdmsr(MSR_VMX_CR4_FIXED0)) & rdmsr(MSR_VMX_CR4_FIXED1));
}

void vmx_on_plain(uint8_t *page)
{
	const char *missing = vmx_off();
	uint64_t region = (uint64_t)page, rflags;

	if (missing)
		skip_all("%s", missing);
	if (!(rdmsr(MSR_FEATURE_CONTROL) & FEATURE_CONTROL_LOCK))
		wrmsr(MSR_FEATURE_CONTROL, FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX);
	fix_control_registers();
	set_revision(page);
	asm volatile("vmxon %1; pushf; pop %0" : "=r"(rflags) : "m"(region) : "cc", "memory");
	if (rflags & (RFLAGS_CF | RFLAGS_ZF))
		bail("VMXON failed");
}

void vmx_on_region(uint8_t *page)
{
	const char *missing = vmx_missing();

	if (missing)
		skip_all("%s", missing);
	vmx_on_plain(page);
}

void vmx_on(void)
{
	vmx_on_region(vmxon_regions[vmx_cpu]);
}

void vmcs_clear(struct l1 *l1)
{
	uint64_t region = (uint64_t)l1->vmcs, rflags;

	asm volatile("vmclear %1; pushf; pop %0" : "=r"(rflags) : "m"(region) : "cc", "memory");
	if (rflags & (RFLAGS_CF | RFLAGS_ZF))
		bail("VMCLEAR failed");
	l1->launched = false;
}

void vmcs_load(const struct l1 *l1)
{
	uint64_t region = (uint64_t)l1->vmcs, rflags;

	asm volatile("vmptrld %1; pushf; pop %0" : "=r"(rflags) : "m"(region) : "cc", "memory");
	if (rflags & (RFLAGS_CF | RFLAGS_ZF))
		bail("VMPTRLD failed");
}

void vmcs_clear_load(struct l1 *l1)
{
	set_revision(l1->vmcs);
	vmcs_clear(l1);
	vmcs_load(l1);
}

static void read_exit(struct l1_exit *e)
{
	e->reason = (uint32_t)vmcs_read(EXIT_REASON);
	e->qualification = vmcs_read(EXIT_QUALIFICATION);
	e->interruption_info = (uint32_t)vmcs_read(EXIT_INTERRUPTION_INFO);
	e->interruption_error = (uint32_t)vmcs_read(EXIT_INTERRUPTION_ERROR);
	e->idt_vectoring_info = (uint32_t)vmcs_read(IDT_VECTORING_INFO);
	e->idt_vectoring_error = (uint32_t)vmcs_read(IDT_VECTORING_ERROR);
	e->instruction_length = (uint32_t)vmcs_read(EXIT_INSTRUCTION_LENGTH);
	e->interruptibility = (uint32_t)vmcs_read(GUEST_INTERRUPTIBILITY);
	e->activity = (uint32_t)vmcs_read(GUEST_ACTIVITY_STATE);
	e->entry_info = (uint32_t)vmcs_read(ENTRY_INTERRUPTION_INFO);
	e->rip = vmcs_read(GUEST_RIP);
	e->rsp = vmcs_read(GUEST_RSP);
	e->rflags = vmcs_read(GUEST_RFLAGS);
	e->pending_debug = vmcs_read(GUEST_PENDING_DEBUG);
}

bool vmx_run(struct l1 *l1)
{
	bool exited;

	write_cr2(l1->cr2);
	exited = vmx_enter(l1, l1->launched);
	l1->cr2 = read_cr2();
	l1->entry_failure = 0;
	if (!exited) {
		l1->entry_failure = (uint32_t)vmcs_read(VM_INSTRUCTION_ERROR);
		return false;
	}
	read_exit(&l1->exit);
	/*
	 * A failed entry leaves the launch state as it was: SDM Vol. 3C, "VM-entry failures during
	 * or after loading guest state".
	 */
	if (!(l1->exit.reason & REASON_ENTRY_FAILURE))
		l1->launched = true;
	return true;
}

uint64_t vmx_interval_tsc(const struct l1 *l1)
{
	return l1->tsc_exit - l1->tsc_entry;
}

void vmx_note_exit(const struct l1 *l1)
{
	const struct l1_exit *e = &l1->exit;

	note("exit reason 0x%x, qualification 0x%lx, interruption 0x%x/0x%x, vectoring 0x%x/0x%x",
	     e->reason, e->qualification, e->interruption_info, e->interruption_error,
	     e->idt_vectoring_info, e->idt_vectoring_error);
	note("RIP 0x%lx RSP 0x%lx RFLAGS 0x%lx RAX 0x%lx", e->rip, e->rsp, e->rflags, l1->gpr[RAX]);
	note("interruptibility 0x%x, activity %u, pending debug 0x%lx", e->interruptibility,
	     e->activity, e->pending_debug);
}
