/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window-inject - from when on VM entry arms the window when it injects an event (P7).
 *
 * Claim:    arm=before-injection: an injected event whose delivery stalls for N + 1 crystal clocks, N being notify window and
 *           internal threshold, times out, with IDT-vectoring information. arm=after-injection: it does not; the
 *           window is armed when its handler is reached, where a stall of N + 1 times out and one of N - 1 does not,
 *           as it does in either case. An entry without event arms the window at once in either case.
 * Manual:   SDM Vol. 3C, "Event injection", "Information for VM exits that occur during event delivery". Which is right
 *           is not published; hypervisors that inject the event again depend on the first.
 * Expected: all claims hold in the simulator, with a stall rule of N + 1 clocks for vector 87; late=1 says that the window
 *           is armed after the injection.
 */
#include "l1.h"

#define STALLED_VECTOR  0x57    /* 87: its delivery lasts N + 1 clocks, see guests.list */
#define QUICK_VECTOR    0x58
#define IN_HANDLER      0x48414eul
#define STR2(x) #x
#define STR(x)  STR2(x)

void stall(void);
extern const char stall_nop[];
asm(".text\n"
    "stall: mov stall_clocks, %rax\n"
    "stall_nop: .byte 0x0f, 0x1f, 0x84, 0x00; .long " STR(NW_MAGIC_STALL) "\n"
    "	ret\n");

static uint64_t stall_clocks __attribute__((used));
static uint8_t stack[8192] __attribute__((aligned(16)));
static struct l1 l1;
static uint64_t limit;

static void handler(struct trap_frame *f)
{
	(void)f;
	stall();
	l1_call(IN_HANDLER);
}

static void begin(uint8_t vector, uint64_t clocks)
{
	stall_clocks = clocks;
	l1_restart(stall, stack + sizeof(stack));
	if (vector)
		vmcs_write(ENTRY_INTERRUPTION_INFO, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | vector);
	vmcs_write(GUEST_RFLAGS, RFLAGS_FIXED | (vector ? RFLAGS_IF : 0));
}

static void completes(const char *what)
{
	if (l1_run_to(&l1, REASON_VMCALL, "%s: no timeout", what))
		check_equal(l1.gpr[RAX], IN_HANDLER, "%s: handler reached", what);
}

static void times_out(const void *rip, uint32_t vectoring, const char *what)
{
	if (!l1_run_to(&l1, REASON_INSTRUCTION_TIMEOUT, "%s: timeout", what))
		return;
	check_equal(l1.exit.rip, (uint64_t)rip, "%s: RIP", what);
	check_equal(l1.exit.idt_vectoring_info & INFO_VALID ? l1.exit.idt_vectoring_info : 0, vectoring,
		    "%s: IDT-vectoring information", what);
}

void guest_main(void)
{
	limit = param_number("window", 0) + param_number("threshold", 0);
	vmx_on();
	timeout_need();
	if (!in_simulator() || !param_given("threshold"))
		skip_all("needs the simulator's stalls and threshold= of the command line");
	trap_set(STALLED_VECTOR, handler);
	trap_set(QUICK_VECTOR, handler);
	l1_setup(&l1, L1_LONG64, stall, stack + sizeof(stack), 0);
	timeout_enable((uint32_t)param_number("window", 0));

	begin(STALLED_VECTOR, 0);
	if (param_number("late", 0))
		completes("delivery of N + 1");
	else
		times_out(stall, INFO_VALID | INFO_TYPE_EXTERNAL_INTERRUPT | STALLED_VECTOR, "delivery of N + 1");
	begin(QUICK_VECTOR, limit - 1);
	completes("handler that stalls for N - 1");
	begin(QUICK_VECTOR, limit + 1);
	times_out(stall_nop, 0, "handler that stalls for N + 1");
	begin(0, limit + 1);
	times_out(stall_nop, 0, "entry without event, stall of N + 1");
}
