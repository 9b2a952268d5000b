/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-insn - random instructions end in a result, an exception or a VM exit.
 *
 * Claim:    random bytes with the structure of instructions (legacy, VEX and EVEX maps), executed in VMX non-root
 *           operation in 64-bit mode and in 32-bit protected mode, rings 0 and 3, with random registers, CR0, CR4 and
 *           RFLAGS, always come back to the hypervisor, whose own memory stays as it was. EPT maps nothing but the
 *           pages of the guest; I/O ports, MSRs and all exceptions exit; the VMX-preemption timer ends loops.
 * Manual:   SDM Vol. 3C, "VMX non-root operation"; Vol. 2 for what is an instruction.
 * Expected: all claims hold on any CPU with the controls used. Parameters seed=, rounds= (groups of 16 instructions).
 */
#include "l1.h"
#include "random.h"

#define SLOTS           16
#define SLOT_SIZE       32
#define TABLES          4               /* pages of paging structures */
#define CODE            0x8000          /* offsets in the area */
#define DATA            0xa000
#define AREA_SIZE       0x10000
#define RUN_TICKS       200             /* of the VMX-preemption timer: no instruction takes that long */

#define PROC_MWAIT              (1u << 10)
#define PROC_IO                 (1u << 24)
#define PROC_MONITOR            (1u << 29)
#define PROC2_OPTIONAL          (1u << 3 | 1u << 12 | 1u << 20 | 1u << 26)      /* RDTSCP INVPCID XSAVES UMWAIT */
#define CR4_SAFE                0x3a70f9cul     /* what does not change the paging mode */
#define CR4_OSXSAVE             (1ul << 18)
#define CR0_CHOICE              0x1000eul       /* WP TS EM MP */
#define RFLAGS_CHOICE           0x247fd5ul      /* not IF, VM, VIF, VIP */
#define CPUID_1_ECX_XSAVE       (1u << 26)

static uint8_t area[AREA_SIZE] __attribute__((section(".l1"), aligned(4096)));
static uint8_t exit_on_all_msrs[4096] __attribute__((aligned(4096)));
static uint8_t guard[4096] __attribute__((aligned(4096)));
static unsigned reasons[128];

static uint64_t at(unsigned offset)
{
	return (uint64_t)area + offset;
}

/* Linear = physical for the pages of the area, usable by ring 3, at the level of 4 KiB pages. */
static void make_tables(void)
{
	uint64_t *table = (uint64_t *)area;

	memset(area, 0, TABLES * 4096);
	table[0] = at(0x1000) | 7;
	table[512] = at(0x2000) | 7;
	table[1024] = at(0x3000) | 7;           /* the area is below 2 MiB: kit.lds */
	for (uint64_t page = 0; page < AREA_SIZE; page += 4096)
		table[1536 + (at(0) + page) / 4096] = (at(0) + page) | 7;
}

static uint8_t *put_prefixes(struct random *r, uint8_t *p, bool long_mode)
{
	static const uint8_t legacy[] = { 0x66, 0xf2, 0xf3, 0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x2e, 0x64, 0x65 };

	for (uint64_t n = random_below(r, 4); n > 1; n--)
		*p++ = legacy[random_below(r, ARRAY_SIZE(legacy))];
	if (long_mode && random_below(r, 2))
		*p++ = (uint8_t)(0x40 | random_below(r, 16));
	return p;
}

static uint8_t *put_opcode(struct random *r, uint8_t *p)
{
	switch (random_below(r, 8)) {
	case 0:
		break;
	case 1:
	case 2:
		*p++ = 0x0f;
		break;
	case 3:
		*p++ = 0x0f;
		*p++ = 0x38;
		break;
	case 4:
		*p++ = 0x0f;
		*p++ = 0x3a;
		break;
	case 5:
		*p++ = 0xc5;
		*p++ = (uint8_t)random_bits(r);
		break;
	case 6:
		*p++ = 0xc4;
		*p++ = (uint8_t)(0xe0 | random_below(r, 8));
		*p++ = (uint8_t)random_bits(r);
		break;
	default:
		*p++ = 0x62;
		*p++ = (uint8_t)(0xf0 | random_below(r, 8));
		*p++ = (uint8_t)(random_bits(r) | 4);
		*p++ = (uint8_t)random_bits(r);
		break;
	}
	*p++ = (uint8_t)random_bits(r);
	return p;
}

static void put_slot(struct random *r, uint8_t *slot, bool long_mode)
{
	uint8_t *p = slot, *end = slot + SLOT_SIZE - 3;

	if (random_below(r, 4))
		p = put_prefixes(r, p, long_mode);
	p = put_opcode(r, p);
	*p++ = random_below(r, 4) ? (uint8_t)(random_bits(r) & 0xfb) & 0x7f : (uint8_t)random_bits(r) | 0xc0;
	for (uint64_t n = random_below(r, 8); n > 4; n--)
		*p++ = (uint8_t)random_value(r, 8);
	while (p < end)                         /* what the instruction leaves of it is NOP */
		*p++ = 0x90;
	*p++ = 0x0f;                            /* VMCALL: the slot is done */
	*p++ = 0x01;
	*p = 0xc1;
}

static void fill(struct random *r, bool long_mode)
{
	make_tables();
	for (unsigned s = 0; s < SLOTS; s++)
		put_slot(r, area + CODE + s * SLOT_SIZE, long_mode);
	for (unsigned i = 0; i < 512; i++)
		((uint64_t *)(area + DATA))[i] = random_value(r, 64);
}

static void set_registers(struct random *r, struct l1 *l1)
{
	for (unsigned i = 0; i < GPR_COUNT; i++)
		l1->gpr[i] = random_below(r, 3) ? at(DATA) + random_below(r, 0x1000) : random_value(r, 64);
	l1->gpr[RCX] = random_below(r, 64);     /* counts of string instructions */
}

static void set_state(struct random *r, struct l1 *l1, unsigned slot)
{
	set_registers(r, l1);
	vmcs_write(GUEST_RIP, at(CODE) + slot * SLOT_SIZE);
	vmcs_write(GUEST_RSP, at(0xe000) + 8 * random_below(r, 64));
	vmcs_write(GUEST_RFLAGS, (random_value(r, 32) & RFLAGS_CHOICE) | RFLAGS_FIXED);
	vmcs_write(GUEST_CR0, (vmcs_read(GUEST_CR0) & ~CR0_CHOICE) |
			      (random_below(r, 4) ? CR0_WP : random_value(r, 64) & CR0_CHOICE));
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_PENDING_DEBUG, 0);
	vmcs_write(GUEST_DR7, 0x400);
	vmcs_write(GUEST_DEBUGCTL, 0);
	vmcs_write(GUEST_PREEMPTION_TIMER, RUN_TICKS);
	vmcs_write(ENTRY_INTERRUPTION_INFO, 0);
}

static uint32_t optional(uint32_t msr, uint32_t bits)
{
	return bits & (uint32_t)(rdmsr(msr) >> 32);
}

static void controls(struct random *r, bool long_mode)
{
	uint64_t cr4 = rdmsr(MSR_VMX_CR4_FIXED0) | (long_mode ? 1u << 5 : 0);

	cr4 |= random_value(r, 64) & CR4_SAFE & rdmsr(MSR_VMX_CR4_FIXED1);
	vmcs_write(GUEST_CR4, random_below(r, 4) ? cr4 | (CR4_OSXSAVE & rdmsr(MSR_VMX_CR4_FIXED1)) | 0x600 : cr4);
	vmcs_write(PIN_BASED_CONTROLS, vmx_controls(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER, "preemption timer"));
	vmcs_write(PROC_BASED_CONTROLS,
		   vmx_controls(MSR_VMX_PROC_CTLS,
				PROC_SECONDARY | PROC_MSR_BITMAPS | PROC_HLT | PROC_MWAIT | PROC_IO | PROC_MONITOR,
				"a processor-based control"));
	vmcs_write(PROC_BASED_CONTROLS2, PROC2_EPT | PROC2_UNRESTRICTED_GUEST |
					 optional(MSR_VMX_PROC_CTLS2, PROC2_OPTIONAL));
	vmcs_write(MSR_BITMAP_ADDRESS, (uint64_t)exit_on_all_msrs);
	vmcs_write(EXCEPTION_BITMAP, ~0u);
	vmcs_write(EPT_POINTER, ept_map_range(at(0), at(AREA_SIZE)));
}

static void descriptor_tables(void)
{
	vmcs_write(GUEST_GDTR_BASE, at(DATA));
	vmcs_write(GUEST_GDTR_LIMIT, 0x7ff);
	vmcs_write(GUEST_IDTR_BASE, at(DATA + 0x800));
	vmcs_write(GUEST_IDTR_LIMIT, 0x7ff);
}

static void round(struct random *r, struct l1 *l1)
{
	bool long_mode = random_below(r, 3) != 0;

	fill(r, long_mode);
	l1_setup(l1, long_mode ? L1_LONG64 : L1_PROT32, area, area + 0xf000,
		 long_mode ? 0 : 3 * (unsigned)random_below(r, 2));
	controls(r, long_mode);
	if (long_mode)
		vmcs_write(GUEST_CR3, at(0));
	descriptor_tables();
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		set_state(r, l1, slot);
		if (vmx_run(l1))
			reasons[l1->exit.reason & 127]++;
		else
			bail("VM entry failed: error %u", l1->entry_failure);
		if (l1->exit.reason & REASON_ENTRY_FAILURE)
			return;                 /* CR0, CR4 or RFLAGS do not go together */
	}
}

static void enable_state(void)
{
	struct cpuid c;

	if (!(cpuid(1, 0).ecx & CPUID_1_ECX_XSAVE))
		return;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	c = cpuid(13, 0);
	asm volatile("xsetbv" : : "c"(0), "a"(c.eax), "d"(c.edx));
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 3000), sum = 0, entered = 0;
	struct random r;
	struct l1 l1;

	vmx_on();
	random_init(&r, 1);
	enable_state();
	memset(exit_on_all_msrs, 0xff, sizeof(exit_on_all_msrs));
	memset(guard, 0x5a, sizeof(guard));
	for (uint64_t i = 0; i < rounds; i++)
		round(&r, &l1);
	for (unsigned i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i])
			note("exit reason %u: %u times", i, reasons[i]);
		entered += reasons[i];
	}
	for (unsigned i = 0; i < sizeof(guard); i++)
		sum += guard[i] != 0x5a;
	check(entered > rounds, "random instructions come back to the hypervisor, %lu times", entered);
	check_equal(sum, 0, "the hypervisor's memory is as it was");
	check(reasons[REASON_VMCALL] > entered / 20, "some of them execute (%u)", reasons[REASON_VMCALL]);
}
