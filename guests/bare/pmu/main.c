/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pmu - architectural performance monitoring: the counters that CPUID announces count.
 *
 * Claim:    every announced general and fixed counter holds what is written; instructions retired are
 *           counted one by one; cycles stop in HLT; counters of user mode do not count at CPL 0 and the global
 *           control stops all; an overflow sets its status bit, interrupts through LVT PMC as a fixed
 *           interrupt or as an NMI and masks the entry; reserved bits and counters that do not exist
 *           raise #GP.
 * Manual:   SDM Vol. 3B 21.2 (architectural performance monitoring, version 2); Vol. 2, CPUID.0AH, RDPMC;
 *           Vol. 3A, "Local vector table".
 * Expected: all claims hold on CPUs with version 2 or later.
 */
#include "timer.h"
#include "try.h"

#define IA32_PMC0               0xc1
#define IA32_A_PMC0             0x4c1
#define IA32_PERFEVTSEL0        0x186
#define IA32_FIXED_CTR0         0x309
#define IA32_PERF_CAPABILITIES  0x345
#define IA32_FIXED_CTR_CTRL     0x38d
#define IA32_PERF_GLOBAL_STATUS 0x38e
#define IA32_PERF_GLOBAL_CTRL   0x38f
#define IA32_PERF_GLOBAL_OVF    0x390

#define SEL_USR         (1u << 16)
#define SEL_OS          (1u << 17)
#define SEL_INT         (1u << 20)
#define SEL_EN          (1u << 22)
#define INSTRUCTIONS    0x00c0
#define CORE_CYCLES     0x003c
#define FIXED_OS        1
#define RDPMC_FIXED     (1u << 30)
#define GLOBAL_FIXED(n) (1ul << (32 + (n)))

#define APIC_LVT_PMC    0x340
#define LVT_MASKED      (1u << 16)
#define LVT_NMI         (4u << 8)
#define PMI_VECTOR      0x40
#define TIMER_VECTOR    0x41

static unsigned version, gp, fixed, width;
static volatile unsigned pmi_count, nmi_count;

static inline uint64_t rdpmc(uint32_t index)
{
	uint32_t low, high;

	asm volatile("lfence; rdpmc" : "=a"(low), "=d"(high) : "c"(index) : "memory");
	return (uint64_t)high << 32 | low;
}

static void on_pmi(struct trap_frame *f)
{
	(void)f;
	pmi_count++;
	apic_eoi();
}

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	nmi_count++;
}

static void on_timer(struct trap_frame *f)
{
	(void)f;
	apic_eoi();
}

static void stop(void)
{
	wrmsr(IA32_PERF_GLOBAL_CTRL, 0);
	for (unsigned i = 0; i < gp; i++)
		wrmsr(IA32_PERFEVTSEL0 + i, 0);
	wrmsr(IA32_FIXED_CTR_CTRL, 0);
	wrmsr(IA32_PERF_GLOBAL_OVF, rdmsr(IA32_PERF_GLOBAL_STATUS) & ((1ul << gp) - 1));
}

/* Exactly n NOPs and a constant number of other instructions between the two reads. */
#define COUNT_NOPS(n, index) ({ \
	uint64_t before = rdpmc(index); \
	asm volatile(".rept " #n "; nop; .endr"); \
	rdpmc(index) - before; \
})

static void run(unsigned instructions)
{
	uint32_t loops = instructions / 2;

	asm volatile("1: dec %0; jnz 1b" : "+r"(loops) : : "cc");
}

static void test_registers(void)
{
	struct tally t = { .what = "counters hold what is written" };
	struct tally s = { .what = "event selectors hold what is written" };
	uint64_t value = 0x123456789ab, cap;

	for (unsigned i = 0; i < gp; i++) {
		wrmsr(IA32_PMC0 + i, 0x12345678);
		tally_equal(&t, rdmsr(IA32_PMC0 + i), 0x12345678);
		wrmsr(IA32_PMC0 + i, 0x80000000);
		tally_equal(&t, rdmsr(IA32_PMC0 + i), 0xffffffff80000000 & ((1ul << width) - 1));
		wrmsr(IA32_PERFEVTSEL0 + i, SEL_OS | INSTRUCTIONS);
		tally_equal(&s, rdmsr(IA32_PERFEVTSEL0 + i), SEL_OS | INSTRUCTIONS);
	}
	for (unsigned i = 0; i < fixed; i++) {
		wrmsr(IA32_FIXED_CTR0 + i, value);
		tally_equal(&t, rdmsr(IA32_FIXED_CTR0 + i), value);
		tally_equal(&t, rdpmc(RDPMC_FIXED | i), value);
	}
	tally_check(&t, "%u general and %u fixed", gp, fixed);
	tally_check(&s, "%u", gp);
	if (!rdmsr_try(IA32_PERF_CAPABILITIES, &cap) || !(cap >> 13 & 1)) {
		skip("no full-width writes", "IA32_A_PMC0");
	} else {
		wrmsr(IA32_A_PMC0, value);
		check_equal(rdmsr(IA32_PMC0), value, "IA32_A_PMC0 takes the full width");
	}
	check(!wrmsr_try(IA32_PERF_GLOBAL_CTRL, 1ul << 63), "IA32_PERF_GLOBAL_CTRL refuses reserved bits");
	check(!wrmsr_try(IA32_PERFEVTSEL0, 1ul << 63), "IA32_PERFEVTSEL0 refuses reserved bits");
	check(!wrmsr_try(IA32_PERF_GLOBAL_STATUS, 1), "IA32_PERF_GLOBAL_STATUS is read-only");
	check_equal((uint64_t)try_instruction("rdpmc", : : "c"(gp) : "rax", "rdx", "memory"), VECTOR_GP,
		    "RDPMC of a counter that does not exist: #GP");
	stop();
}

static void test_instructions(void)
{
	uint64_t none, some;

	wrmsr(IA32_FIXED_CTR_CTRL, FIXED_OS);
	wrmsr(IA32_PERFEVTSEL0, SEL_EN | SEL_OS | INSTRUCTIONS);
	wrmsr(IA32_PERFEVTSEL0 + 1, SEL_EN | SEL_USR | INSTRUCTIONS);
	wrmsr(IA32_PMC0 + 1, 0);
	wrmsr(IA32_PERF_GLOBAL_CTRL, 3 | GLOBAL_FIXED(0));
	none = COUNT_NOPS(0, RDPMC_FIXED | 0);
	some = COUNT_NOPS(1000, RDPMC_FIXED | 0);
	check_equal(some - none, 1000, "fixed counter 0: instructions");
	none = COUNT_NOPS(0, 0);
	some = COUNT_NOPS(1000, 0);
	check_equal(some - none, 1000, "general counter 0: instructions");
	check_equal(rdpmc(1), 0, "a counter of user mode does not count at CPL 0");
	wrmsr(IA32_PERF_GLOBAL_CTRL, 0);
	check_equal(COUNT_NOPS(1000, 0), 0, "IA32_PERF_GLOBAL_CTRL stops the counters");
	stop();
}

static void test_cycles(void)
{
	uint64_t tsc, ticks, cycles;

	wrmsr(IA32_FIXED_CTR0 + 1, 0);
	wrmsr(IA32_FIXED_CTR_CTRL, FIXED_OS << 4);
	wrmsr(IA32_PERF_GLOBAL_CTRL, GLOBAL_FIXED(1));
	run(100000);
	check(rdpmc(RDPMC_FIXED | 1) >= 10000, "fixed counter 1: core cycles");
	trap_set(TIMER_VECTOR, on_timer);
	tsc = rdtsc();
	cycles = rdpmc(RDPMC_FIXED | 1);
	apic_timer_start(TIMER_VECTOR, 100000);
	asm volatile("sti; hlt; cli" : : : "memory");
	ticks = rdtsc() - tsc;
	cycles = rdpmc(RDPMC_FIXED | 1) - cycles;
	check(cycles < ticks / 2, "core cycles stop in HLT (%lu cycles in %lu ticks)", cycles, ticks);
	stop();
}

static void overflow_after(unsigned count, uint32_t lvt)
{
	pmi_count = nmi_count = 0;
	apic_write(APIC_LVT_PMC, lvt);
	wrmsr(IA32_PMC0, -(uint64_t)count);
	wrmsr(IA32_PERFEVTSEL0, SEL_EN | SEL_INT | SEL_OS | INSTRUCTIONS);
	wrmsr(IA32_PERF_GLOBAL_CTRL, 1);
	asm volatile("sti" : : : "memory");
	run(count / 2);
	check_equal(pmi_count + nmi_count, 0, "half way to the overflow nothing happens");
	run(count * 2);
	asm volatile("cli" : : : "memory");
	wrmsr(IA32_PERF_GLOBAL_CTRL, 0);
}

static void test_overflow(void)
{
	trap_set(PMI_VECTOR, on_pmi);
	trap_set(VECTOR_NMI, on_nmi);
	overflow_after(10000, PMI_VECTOR);
	check_equal(pmi_count, 1, "overflow: one fixed interrupt");
	check_equal(rdmsr(IA32_PERF_GLOBAL_STATUS) & 1, 1, "overflow: status bit");
	check_equal(apic_read(APIC_LVT_PMC), PMI_VECTOR | LVT_MASKED, "overflow: the LVT entry is masked");
	check(rdmsr(IA32_PMC0) < 40000, "the counter went on from 0");
	wrmsr(IA32_PERF_GLOBAL_OVF, 1);
	check_equal(rdmsr(IA32_PERF_GLOBAL_STATUS) & 1, 0, "IA32_PERF_GLOBAL_OVF_CTRL clears the bit");
	stop();
	overflow_after(10000, LVT_NMI);
	check_equal(nmi_count, 1, "overflow: one NMI");
	stop();
	overflow_after(10000, PMI_VECTOR | LVT_MASKED);
	check_equal(pmi_count, 0, "a masked LVT entry interrupts nobody");
	check_equal(rdmsr(IA32_PERF_GLOBAL_STATUS) & 1, 1, "but the status bit is set");
	stop();
}

void guest_main(void)
{
	struct cpuid a;

	if (cpuid(0, 0).eax < 0xa)
		skip_all("no CPUID leaf 0AH");
	a = cpuid(0xa, 0);
	version = a.eax & 0xff;
	gp = a.eax >> 8 & 0xff;
	width = a.eax >> 16 & 0xff;
	fixed = a.edx & 0x1f;
	if (version < 2 || gp < 2 || fixed < 3 || (a.ebx & 3))
		skip_all("version %u, %u general and %u fixed counters, events missing 0x%x", version, gp,
			 fixed, a.ebx);
	note("version %u, %u general and %u fixed counters of %u bits", version, gp, fixed, width);
	if (!wrmsr_try(IA32_PERF_GLOBAL_CTRL, 0)) {
		check(false, "IA32_PERF_GLOBAL_CTRL exists");
		return;
	}
	apic_enable();
	stop();
	test_registers();
	test_instructions();
	test_cycles();
	test_overflow();
}
