/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ac-loop - a nested #AC in L1 ends by an instruction-timeout ("notify") VM exit, again and again.
 *
 * Claim:    with the control set, the endless delivery of #AC (CVE-2015-5307, nothing intercepted)
 *           is left by a VM exit with reason 75 whose record is as specified; entered again, with
 *           or without the event delivered by the VM entry as a hypervisor does, it loops and exits
 *           again; a larger window W comes W * EBX / EAX (CPUID.15H) TSC ticks later, to the tick
 *           in the simulator.
 * Manual:   SDM Vol. 3C: "Secondary processor-based VM-execution controls" (bit 31), "Instruction-
 *           timeout control", "Other causes of VM exits", "Basic VM-exit information", "Information
 *           for VM exits that occur during event delivery"; Vol. 3A, "Interrupt 17".
 * Expected: all claims hold. window=N: windows 0 and N only, few exits for a large N.
 */
#include "loop32.h"
#include "timeout_record.h"

#define REPEAT          4
#define LONG_WINDOW     100000000u      /* one exit of each kind: each takes seconds */
#define AC_INFO         (INFO_VALID | INFO_ERROR_CODE | INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_AC)

enum entry_kind { PLAIN, INJECTED, ENTRY_KINDS };
static const char *const kind_name[ENTRY_KINDS] = { "plain entry", "event delivered by the entry" };

static uint64_t base_interval[ENTRY_KINDS];     /* at window 0 */

static void enter(struct l1 *l1)
{
	if (!vmx_run(l1))
		bail("VM entry failed: error %u", l1->entry_failure);
	if (l1->exit.reason != REASON_INSTRUCTION_TIMEOUT) {
		vmx_note_exit(l1);
		check(false, "the loop is left by an instruction timeout, not by exit reason %u",
		      l1->exit.reason);
		done();
	}
}

static uint64_t one_exit(struct l1 *l1, enum entry_kind kind, struct timeout_record *record)
{
	const struct timeout_expect want = {
		.rip = (uint64_t)loop32_load, .rsp = loop32_esp(),
		.rflags = RFLAGS_FIXED | RFLAGS_AC | RFLAGS_RF,
		.idt_vectoring_info = AC_INFO,
	};

	if (kind == INJECTED)
		l1_reinject(l1);
	enter(l1);
	timeout_record_add(record, &l1->exit, &want);
	return vmx_interval_tsc(l1);
}

/* On silicon the distance is printed, not judged: its spread is one of the things to be learnt. */
static void check_interval(uint32_t window, enum entry_kind kind, uint64_t interval)
{
	struct clock_ratio r;
	uint64_t want;

	note("window %u, %s: interval %lu TSC ticks", window, kind_name[kind], interval);
	if (!window)
		return;
	if (!clock_ratio(&r)) {
		skip("CPUID.15H gives no ratio", "window %u, %s: distance to window 0", window,
		     kind_name[kind]);
		return;
	}
	want = mul_div(window, r.numerator, r.denominator);
	note("window %u, %s: later than window 0 by %ld, W*EBX/EAX is %lu, error %ld", window,
	     kind_name[kind], (int64_t)(interval - base_interval[kind]), want,
	     (int64_t)(interval - base_interval[kind] - want));
	if (in_simulator())
		check_equal(interval - base_interval[kind], want,
			    "window %u, %s: later than window 0 by W*EBX/EAX", window,
			    kind_name[kind]);
}

static void run_kind(struct l1 *l1, uint32_t window, enum entry_kind kind,
		     struct timeout_record *record)
{
	struct tally same = { .what = "equal intervals" };
	unsigned repeat = window < LONG_WINDOW ? REPEAT : 1;
	uint64_t first = 0;

	for (unsigned i = 0; i < repeat; i++) {
		uint64_t interval = one_exit(l1, kind, record);

		if (!i)
			first = interval;
		if (in_simulator())
			tally_equal(&same, interval, first);
		else if (interval != first)
			note("window %u, %s: interval %lu", window, kind_name[kind], interval);
	}
	if (in_simulator() && repeat > 1)
		tally_check(&same, "window %u, %s", window, kind_name[kind]);
	if (!window && !base_interval[kind])
		base_interval[kind] = first;
	check_interval(window, kind, first);
}

static void run_window(struct l1 *l1, uint32_t window)
{
	struct timeout_record record;

	mark(window);
	timeout_record_init(&record);
	vmcs_write(INSTRUCTION_TIMEOUT, window);
	for (enum entry_kind kind = PLAIN; kind < ENTRY_KINDS; kind++)
		run_kind(l1, window, kind, &record);
	timeout_record_check(&record, "window %u", window);
}

/* Field 0x4024 holds any 32-bit value; there are no special ones. */
static void test_field(void)
{
	static const uint32_t values[] = { 1, 0x7fffffff, 0x80000000, 0xffffffff, 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
		vmcs_write(INSTRUCTION_TIMEOUT, values[i]);
		check_equal(vmcs_read(INSTRUCTION_TIMEOUT), values[i], "field 0x4024 keeps 0x%x",
			    values[i]);
	}
}

void guest_main(void)
{
	static const uint32_t windows[] = { 0, 1, 1000, 1000000 };
	uint64_t window = param_number("window", 0);
	struct l1 l1;

	if (window > UINT32_MAX)
		bail("command line: window=%lu; 0 to 4294967295 are accepted", window);
	vmx_on();
	loop32_setup(&l1, LOOP32_AC);
	timeout_need();
	check(true, "MSR 0x48B bit 63: the control may be 1");
	test_field();
	timeout_enable(0);
	enter(&l1);                     /* VMLAUNCH; all that follow are alike */
	if (param_given("window")) {
		run_window(&l1, 0);
		if (window)
			run_window(&l1, (uint32_t)window);
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(windows); i++)
		run_window(&l1, windows[i]);
}
