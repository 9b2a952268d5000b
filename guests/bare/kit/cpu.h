/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu.h - instructions that C does not have: ports, MSRs, CPUID, control registers, TSC.
 * Register and bit names are those of the SDM.
 */
#ifndef KIT_CPU_H
#define KIT_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define CR0_PE          (1ul << 0)
#define CR0_MP          (1ul << 1)
#define CR0_ET          (1ul << 4)
#define CR0_NE          (1ul << 5)
#define CR0_WP          (1ul << 16)
#define CR0_AM          (1ul << 18)
#define CR0_PG          (1ul << 31)
#define CR4_PAE         (1ul << 5)
#define CR4_LA57        (1ul << 12)
#define CR4_VMXE        (1ul << 13)
#define CR4_PCIDE       (1ul << 17)
#define CR4_PKE         (1ul << 22)
#define CR4_CET         (1ul << 23)

#define RFLAGS_FIXED    (1ul << 1)      /* always 1 */
#define RFLAGS_CF       (1ul << 0)
#define RFLAGS_ZF       (1ul << 6)
#define RFLAGS_TF       (1ul << 8)
#define RFLAGS_IF       (1ul << 9)
#define RFLAGS_RF       (1ul << 16)
#define RFLAGS_AC       (1ul << 18)

#define MSR_APIC_BASE           0x1b
#define MSR_FEATURE_CONTROL     0x3a
#define MSR_TSC_ADJUST          0x3b
#define MSR_EFER                0xc0000080
#define MSR_FS_BASE             0xc0000100

#define VECTOR_DB       1
#define VECTOR_NMI      2
#define VECTOR_BP       3
#define VECTOR_UD       6
#define VECTOR_DF       8
#define VECTOR_NP       11
#define VECTOR_GP       13
#define VECTOR_PF       14
#define VECTOR_AC       17

static inline void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outl(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

#define CPUID_7_EBX_TSC_ADJUST  (1u << 1)

struct cpuid { uint32_t eax, ebx, ecx, edx; };

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	asm volatile("cpuid"
		     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(subleaf));
	return r;
}

/*
 * LFENCE first: on silicon RDTSC may otherwise be executed before older instructions (SDM Vol. 2,
 * RDTSC).
 */
static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

#define DEFINE_CR(n) \
	static inline uint64_t read_cr##n(void) \
	{ \
		uint64_t value; \
		asm volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory"); \
		return value; \
	} \
	static inline void write_cr##n(uint64_t value) \
	{ \
		asm volatile("mov %0, %%cr" #n : : "r"(value) : "memory"); \
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)

/* value * mul / div with a 128-bit product; the quotient must fit in 64 bits. */
static inline uint64_t mul_div(uint64_t value, uint64_t mul, uint64_t div)
{
	uint64_t low, high;

	asm("mulq %3" : "=a"(low), "=d"(high) : "a"(value), "r"(mul) : "cc");
	asm("divq %2" : "+a"(low), "+d"(high) : "r"(div) : "cc");
	return low;
}

#endif
