/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-vmcs - no contents of a VMCS end the machine.
 *
 * Claim:    a VMCS that can be entered, with random changes of its control and guest-state fields and with host-state
 *           values that are not allowed, is entered, refused or fails the checks, again and again; the good VMCS can be
 *           entered afterwards. Kept as they are: EPT and its tables, which confine the guest, the
 *           VMX-preemption timer, and the areas of MSRs that VM exits store and load, whose failure is a VMX abort.
 * Manual:   SDM Vol. 3C, "VM entries": VMfailInvalid, VMfailValid, VM-entry failure, or a VM exit.
 * Expected: all claims hold in the simulator; refused elsewhere, where a guest that waits for a startup IPI ends
 *           nothing. Parameters seed=, rounds=.
 */
#include "l1.h"
#include "random.h"

#define RUN_TICKS       1000
#define FIELDS_MAX      512
#define SCRATCH_PAGES   8
#define TYPE(encoding)          ((encoding) >> 10 & 3)
#define WIDTH(encoding)         ((encoding) >> 13 & 3)
#define TYPE_CONTROL            0
#define TYPE_READ_ONLY          1
#define TYPE_HOST               3

#define EPTP_LIST               0x2024
#define TSC_OFFSET              0x2010

static uint8_t scratch[SCRATCH_PAGES][4096] __attribute__((aligned(4096)));
static uint32_t fields[FIELDS_MAX];
static unsigned n_fields;
static struct { unsigned exits, failed_entry, refused; } result;

extern const char fuzz_l1[];
asm(".section .l1, \"awx\"\n"
    ".code32\n"
    "fuzz_l1: nop; vmcall; cpuid; jmp fuzz_l1\n"
    ".code64\n"
    ".previous\n");

static bool is_kept(uint32_t encoding)
{
	switch (encoding) {
	case EPT_POINTER:
	case EPTP_LIST:
	case EXIT_MSR_STORE_COUNT:
	case EXIT_MSR_LOAD_COUNT:
	case GUEST_PREEMPTION_TIMER:
		return true;
	default:
		return encoding & 1 || TYPE(encoding) == TYPE_READ_ONLY;
	}
}

static void find_fields(void)
{
	uint64_t value;

	for (uint32_t width = 0; width < 4; width++)
		for (uint32_t type = 0; type < 4; type++)
			for (uint32_t index = 0; index < 64; index++) {
				uint32_t encoding = width << 13 | type << 10 | index << 1;

				if (!is_kept(encoding) && n_fields < FIELDS_MAX && !vmread(encoding, &value))
					fields[n_fields++] = encoding;
			}
}

static unsigned bits_of(uint32_t encoding)
{
	static const unsigned bits[] = { 16, 64, 32, 64 };

	return bits[WIDTH(encoding)];
}

/* 64-bit control fields that hold no address. */
static bool is_number(uint32_t encoding)
{
	return encoding == TSC_OFFSET || encoding == 0x2018 || (encoding >= 0x201c && encoding <= 0x2022) ||
	       encoding == 0x202c || encoding == 0x202e || encoding >= 0x2032;
}

static uint64_t random_address(struct random *r)
{
	uint64_t address = (uint64_t)scratch[random_below(r, SCRATCH_PAGES)];

	switch (random_below(r, 4)) {
	case 0:
		return address | 1ul << random_below(r, 12);
	case 1:
		return address | 1ul << (52 + random_below(r, 12));
	default:
		return address;
	}
}

/* Host state must bring this code back if the entry succeeds: only values that no entry accepts. */
static void spoil_host(struct random *r, uint32_t encoding, uint64_t value)
{
	if (WIDTH(encoding) == 0)
		vmcs_write(encoding, value | 1ul << random_below(r, 3));        /* RPL or TI */
	else if (encoding == HOST_CR0)
		vmcs_write(encoding, value & ~1ul);
	else if (encoding == HOST_CR4)
		vmcs_write(encoding, value & ~CR4_VMXE);
	else if (encoding == HOST_CR3)
		vmcs_write(encoding, value | 1ul << 62);
	else if (WIDTH(encoding) == 3 && encoding != HOST_RSP)
		vmcs_write(encoding, value ^ 1ul << 63);
}

static void change(struct random *r, uint32_t encoding)
{
	uint64_t value = vmcs_read(encoding);
	unsigned bits = bits_of(encoding);

	if (TYPE(encoding) == TYPE_HOST) {
		if (random_below(r, 8) == 0)
			spoil_host(r, encoding, value);
	} else if (WIDTH(encoding) == 1 && TYPE(encoding) == TYPE_CONTROL && !is_number(encoding)) {
		vmcs_write(encoding, random_address(r));
	} else if (random_below(r, 3)) {
		vmcs_write(encoding, value ^ 1ul << random_below(r, bits));
	} else {
		vmcs_write(encoding, random_value(r, bits));
	}
}

/* What has to hold whatever else does not. */
static void confine(void)
{
	uint64_t activity = vmcs_read(GUEST_ACTIVITY_STATE);
	uint64_t exits = vmcs_read(EXIT_CONTROLS), secondary = vmcs_read(PROC_BASED_CONTROLS2);

	if (activity == 3)                      /* wait-for-SIPI: nobody sends one */
		vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_ACTIVE);
	vmcs_write(EXIT_CONTROLS, exits | EXIT_HOST_64_BIT | EXIT_LOAD_EFER);
	vmcs_write(PIN_BASED_CONTROLS, vmcs_read(PIN_BASED_CONTROLS) | PIN_PREEMPTION_TIMER);
	vmcs_write(PROC_BASED_CONTROLS, vmcs_read(PROC_BASED_CONTROLS) | PROC_SECONDARY);
	vmcs_write(PROC_BASED_CONTROLS2, (secondary | PROC2_EPT) & ~(uint64_t)(1u << 13));      /* VM functions */
	vmcs_write(GUEST_PREEMPTION_TIMER, RUN_TICKS);
}

static void good(struct l1 *l1)
{
	l1_setup(l1, L1_PROT32, fuzz_l1, l1_stack32_top, 0);
}

static void run(struct l1 *l1)
{
	if (!vmx_run(l1))
		result.refused++;
	else if (l1->exit.reason & REASON_ENTRY_FAILURE)
		result.failed_entry++;
	else
		result.exits++;
}

static void round(struct random *r, struct l1 *l1)
{
	good(l1);
	for (uint64_t n = 1 + random_below(r, 3); n; n--)
		change(r, fields[random_below(r, n_fields)]);
	confine();
	run(l1);
	if (l1->entry_failure || l1->exit.reason & REASON_ENTRY_FAILURE)
		return;
	vmcs_write(GUEST_PREEMPTION_TIMER, RUN_TICKS);
	run(l1);                                /* as the exit has left it */
}

void guest_main(void)
{
	uint64_t rounds = param_number("rounds", 20000);
	struct random r;
	struct l1 l1;

	if (!in_simulator())
		skip_all("a guest may wait for a startup IPI for ever");
	vmx_on();
	if (!vmx_allows(MSR_VMX_PIN_CTLS, PIN_PREEMPTION_TIMER))
		skip_all("CPU lacks the VMX-preemption timer");
	random_init(&r, 1);
	good(&l1);
	find_fields();
	note("%u fields", n_fields);
	for (uint64_t i = 0; i < rounds; i++)
		round(&r, &l1);
	note("%u VM exits, %u failed entries, %u refused", result.exits, result.failed_entry, result.refused);
	check(result.exits > rounds / 20, "some entries succeed");
	check(result.failed_entry > 0, "some fail the checks of the guest state");
	check(result.refused > 0, "some are refused");
	good(&l1);
	check(vmx_run(&l1), "the good VMCS can be entered");
	check_equal(l1.exit.reason, REASON_VMCALL, "its guest runs");
}
