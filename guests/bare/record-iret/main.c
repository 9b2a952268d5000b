/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-iret - NMI unblocking due to IRET: bit 12 of the exit qualification of an instruction timeout.
 *
 * Claim:    an instruction timeout in the memory accesses of an IRET reports that NMIs (with that
 *           control: virtual NMIs) were blocked before it in bit 12, and saves them as not blocked;
 *           with "NMI exiting" and without "virtual NMIs" the IRET leaves the blocking alone and
 *           bit 12 has no meaning. A hypervisor that sets the blocking again and resumes sees the
 *           same again as long as the IRET stalls, and NMIs blocked until the IRET is done; one that
 *           does not has its NMI window open too early. During the delivery of the IRET's own fault
 *           bit 12 has no meaning, and NMIs are not blocked. "Virtual NMIs" without "NMI exiting"
 *           fails VM entry.
 * Manual:   SDM Vol. 3C, "Information about NMI unblocking due to IRET", "Basic VM-exit information",
 *           "Changes to instruction behavior in VMX non-root operation" (IRET).
 * Expected: all claims hold in nwsim with the stall rules of guests.list: each IRET of L1 stalls for
 *           200000 crystal clocks, each delivery of #GP for ever; junk=1 on the command line goes with
 *           --param=undefined=junk. Skipped elsewhere.
 */
#include "l1.h"
#include "smp.h"

#define STALL_CLOCKS    200000

void iret64(void);
void nops(void);
extern const char iret32[], iret16[], nops32[];

asm(".text\n"
    "nops:   nop; nop; vmcall\n"
    "iret64: iretq; vmcall\n"
    ".section .l1, \"awx\"\n"
    ".code32\n"
    "iret32: iretl\n"
    "iret16: iretw\n"
    "nops32: nop; vmcall\n"
    ".code64\n"
    ".text\n");

static uint8_t stack[8192] __attribute__((aligned(16)));
static uint64_t frame[5];
static struct l1 l1;
static bool junk;

struct setting {
	const char *name;
	uint32_t pin;
	bool defined;           /* is bit 12, and does IRET unblock? */
};

static const struct setting settings[] = {
	{ "no NMI controls", 0, true },
	{ "NMI exiting", PIN_NMI, false },
	{ "virtual NMIs", PIN_NMI | PIN_VIRTUAL_NMIS, true },
};

static void begin_iret64(bool blocked)
{
	frame[0] = (uint64_t)nops;
	frame[1] = SEL_CODE64;
	frame[2] = RFLAGS_FIXED;
	frame[3] = (uint64_t)(stack + sizeof(stack) - 8);
	frame[4] = SEL_DATA;
	l1_restart(iret64, stack + sizeof(stack));
	vmcs_write(GUEST_RSP, (uint64_t)frame);
	vmcs_write(GUEST_INTERRUPTIBILITY, blocked ? INTERRUPTIBILITY_NMI : 0);
}

/* What a hypervisor has to do with bit 12. */
static void honour(const struct setting *s)
{
	if (s->defined && l1.exit.qualification & NW_QUAL_NMI_UNBLOCKING)
		vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_NMI);
}

static bool run_iret(const struct setting *s, bool blocked, const char *which, uint64_t rip, uint64_t rsp)
{
	uint32_t kept = !s->defined && blocked ? INTERRUPTIBILITY_NMI : 0;

	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s, NMIs %sblocked, %s: instruction timeout", s->name,
		       blocked ? "" : "not ", which))
		return false;
	if (s->defined)
		check_equal(l1.exit.qualification & NW_QUAL_NMI_UNBLOCKING, blocked ? NW_QUAL_NMI_UNBLOCKING : 0,
			    "%s: bit 12 of the exit qualification is %u", s->name, blocked);
	else if (!junk)
		check_equal(l1.exit.qualification, 0, "%s: bit 12 of the exit qualification is not defined", s->name);
	check_equal(l1.exit.interruptibility, kept, "%s: blocking by NMI is saved as %u", s->name, kept != 0);
	check_equal(l1.exit.rip, rip, "%s: RIP", s->name);
	check_equal(l1.exit.rsp, rsp, "%s: RSP", s->name);
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID, 0, "%s: not during a delivery", s->name);
	return true;
}

static void test(const struct setting *s, bool blocked)
{
	uint32_t kept = !s->defined && blocked ? INTERRUPTIBILITY_NMI : 0;

	begin_iret64(blocked);
	timeout_enable(0);
	if (!run_iret(s, blocked, "IRET", (uint64_t)iret64, (uint64_t)frame))
		return;
	honour(s);
	if (!run_iret(s, blocked, "IRET again", (uint64_t)iret64, (uint64_t)frame))
		return;
	honour(s);
	timeout_disable();
	if (l1_run_to(&l1, REASON_VMCALL, "%s: without the control the IRET completes", s->name)) {
		check_equal(l1.exit.rip, (uint64_t)nops + 2, "%s: behind the IRET", s->name);
		check_equal(l1.exit.interruptibility, kept, "%s: blocking by NMI behind the IRET", s->name);
	}
}

/* An NMI is waiting to be injected while the IRET stalls. */
static void test_window(const struct setting *s, bool honours)
{
	begin_iret64(true);
	timeout_enable(0);
	if (!run_iret(s, true, "IRET before an NMI window", (uint64_t)iret64, (uint64_t)frame))
		return;
	if (honours)
		honour(s);
	timeout_disable();
	vmx_control_set(PROC_BASED_CONTROLS, MSR_VMX_PROC_CTLS, PROC_NMI_WINDOW);
	if (l1_run_to(&l1, REASON_NMI_WINDOW, "the NMI window opens"))
		check_equal(l1.exit.rip, honours ? (uint64_t)nops : (uint64_t)iret64, "%s",
			    honours ? "behind the IRET for a hypervisor that honours bit 12"
				    : "before the IRET for one that does not");
	vmx_control_clear(PROC_BASED_CONTROLS, PROC_NMI_WINDOW);
}

/* The IRET stalls, but within N; then it faults. */
static void test_fault(const struct setting *s)
{
	begin_iret64(true);
	frame[1] = 0x7770;
	timeout_enable(STALL_CLOCKS);
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s, IRET that faults: instruction timeout", s->name))
		return;
	check_equal(l1.exit.idt_vectoring_info & ~INFO_BIT12,
		    INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_GP,
		    "%s, IRET that faults: during the delivery of #GP", s->name);
	check_equal(l1.exit.interruptibility, 0, "%s, IRET that faults: NMIs are not blocked", s->name);
	check_equal(l1.exit.rip, (uint64_t)iret64, "%s, IRET that faults: RIP", s->name);
}

static void test_other_sizes(const struct setting *s, const char *which, const char *iret, unsigned size)
{
	uint64_t esp = (uint64_t)l1_stack32_top - 3 * size;
	uint32_t to[3] = { (uint32_t)(uint64_t)nops32, L1_CODE32_RING0, RFLAGS_FIXED };

	l1_setup(&l1, L1_PROT32, iret, (void *)esp, 0);
	for (unsigned i = 0; i < 3; i++)
		memcpy((void *)(esp + i * size), &to[i], size);
	vmcs_write(GUEST_INTERRUPTIBILITY, INTERRUPTIBILITY_NMI);
	timeout_enable(0);
	run_iret(s, true, which, (uint64_t)iret, esp);
}

/* Unblocks NMIs in VMX root operation. */
static void iret_handler(struct trap_frame *f)
{
	(void)f;
}

void guest_main(void)
{
	if (!in_simulator())
		skip_all("how an IRET can time out is not public");
	junk = param_number("junk", 0);
	smp_keep_busy();
	vmx_on();
	timeout_need();
	trap_set(VECTOR_BP, iret_handler);
	l1_setup(&l1, L1_LONG64, nops, stack + sizeof(stack), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];

		vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
		if (s->pin && !vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, s->pin)) {
			skip("not announced", "%s", s->name);
			continue;
		}
		test(s, false);
		test(s, true);
		if (s->defined)
			test_fault(s);
		if (s->pin & PIN_VIRTUAL_NMIS) {
			test_window(s, true);
			test_window(s, false);
		}
		asm volatile("int3");
	}
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI);
	if (vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS, PIN_VIRTUAL_NMIS)) {
		check(!vmx_run(&l1) && l1.entry_failure == VMERR_ENTRY_CONTROLS,
		      "virtual NMIs without NMI exiting: VM entry fails with error 7");
	}
	test_other_sizes(&settings[0], "32-bit IRET", iret32, 4);
	test_other_sizes(&settings[0], "16-bit IRET", iret16, 2);
}
