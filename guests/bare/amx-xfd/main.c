/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * amx-xfd - extended feature disable: tile data that the operating system has not allowed yet.
 *
 * Claim:    CPUID enumerates XFD for tile data and for nothing else, and IA32_XFD takes exactly these
 *           bits; with XFD[18] set every instruction on tile data, and XRSTOR that would load it, raises #NM
 *           and leaves bit 18 in IA32_XFD_ERR, while the XSAVE family saves the component as initial and
 *           XRSTOR may initialize it; #NM by CR0.TS does not touch IA32_XFD_ERR.
 * Manual:   SDM Vol. 1 13.14; Vol. 2, 2.10 (AMX exception classes), CPUID.0DH.
 * Expected: all claims hold.
 */
#include "amx.h"
#include "try.h"
#include "xsave.h"

#define IA32_XFD        0x1c4
#define IA32_XFD_ERR    0x1c5
#define CR0_TS          (1ul << 3)
#define VECTOR_NM       7
#define CLEAR_TS()      asm volatile("clts")

static uint8_t area[16384] __attribute__((aligned(4096)));
static uint8_t tile[AMX_TILE_BYTES] __attribute__((aligned(64)));

static uint64_t *const xstate_bv = (uint64_t *)(area + XSAVE_HEADER);
static uint64_t *const xcomp_bv = (uint64_t *)(area + XSAVE_HEADER + 8);

static void configure(void)
{
	struct tilecfg config = { .palette = 1 };

	for (unsigned n = 0; n < 3; n++) {
		config.rows[n] = AMX_ROWS;
		config.colsb[n] = AMX_ROW_BYTES;
	}
	ldtilecfg(&config);
}

static void test_msrs(void)
{
	struct tally bits = { .what = "IA32_XFD takes the enumerated bits and no other" };
	uint64_t value;

	check(cpuid(0xd, 1).eax & (1u << 4), "CPUID.(0DH,1).EAX[4]: XFD");
	check(cpuid(0xd, 18).ecx & (1u << 2), "CPUID.(0DH,18).ECX[2]: XFD for tile data");
	if (!rdmsr_try(IA32_XFD, &value)) {
		check(false, "IA32_XFD exists");
		done();
	}
	check_equal(value, 0, "IA32_XFD after reset");
	for (unsigned i = 0; i < 64; i++) {
		bool want = i >= 2 && i < 63 && (cpuid(0xd, i).ecx & (1u << 2));

		tally_equal(&bits, wrmsr_try(IA32_XFD, 1ul << i), want);
	}
	tally_check(&bits, "WRMSR");
	wrmsr(IA32_XFD, XSTATE_TILEDATA);
	check_equal(rdmsr(IA32_XFD), XSTATE_TILEDATA, "IA32_XFD reads as written");
	check(wrmsr_try(IA32_XFD_ERR, 0) && rdmsr(IA32_XFD_ERR) == 0, "IA32_XFD_ERR can be cleared");
}

static void check_nm(int vector, const char *what)
{
	check_equal((uint64_t)vector, VECTOR_NM, "%s: #NM", what);
	check_equal(rdmsr(IA32_XFD_ERR), XSTATE_TILEDATA, "%s: IA32_XFD_ERR", what);
	wrmsr(IA32_XFD_ERR, 0);
}

static void test_instructions(void)
{
	check_nm(try_instruction("tileloadd (%0,%1,1), %%tmm0", : : "r"(tile), "r"(64ul) : "memory"),
		 "TILELOADD");
	check_nm(try_instruction("tileloaddt1 (%0,%1,1), %%tmm0", : : "r"(tile), "r"(64ul) : "memory"),
		 "TILELOADDT1");
	check_nm(try_instruction("tilestored %%tmm0, (%0,%1,1)", : : "r"(tile), "r"(64ul) : "memory"),
		 "TILESTORED");
	check_nm(try_instruction("tilezero %%tmm0", : : : "memory"), "TILEZERO");
	if (cpuid(7, 0).edx & CPUID7_EDX_AMX_INT8)
		check_nm(try_instruction("tdpbssd %%tmm2, %%tmm1, %%tmm0", : : : "memory"), "TDPBSSD");
	if (cpuid(7, 0).edx & CPUID7_EDX_AMX_BF16)
		check_nm(try_instruction("tdpbf16ps %%tmm2, %%tmm1, %%tmm0", : : : "memory"),
			 "TDPBF16PS");
}

static bool all_zero(const uint8_t *p, unsigned n)
{
	while (n && !*p)
		p++, n--;
	return n == 0;
}

static void test_save(uint64_t xcr0)
{
	memset(area, 0xff, sizeof(area));
	memset(area + XSAVE_HEADER, 0, 64);
	check_equal((uint64_t)try_instruction("xsave64 (%0)", : : "r"(area), "a"((uint32_t)xcr0), "d"(0)
					      : "memory"), (uint64_t)NO_EXCEPTION, "XSAVE does not fault");
	check_equal(*xstate_bv & XSTATE_TILEDATA, 0, "XSAVE: XSTATE_BV[18]");
	check(all_zero(area + xsave_standard(18), 8192), "XSAVE stores tile data in its initial state");
	xsavec(area, xcr0);
	check_equal(*xstate_bv & XSTATE_TILEDATA, 0, "XSAVEC: XSTATE_BV[18]");
	check_equal(*xcomp_bv & XSTATE_TILEDATA, XSTATE_TILEDATA, "XSAVEC: XCOMP_BV[18]");
	check_equal(rdmsr(IA32_XFD_ERR), 0, "IA32_XFD_ERR is untouched");
}

static int restore(uint64_t present, uint64_t rfbm)
{
	memset(area, 0, sizeof(area));
	*xstate_bv = present;
	return try_instruction("xrstor64 (%0)", : : "r"(area), "a"((uint32_t)rfbm), "d"(0) : "memory");
}

static void test_restore(void)
{
	check_nm(restore(XSTATE_TILEDATA, XSTATE_TILEDATA), "XRSTOR that loads tile data");
	check_equal((uint64_t)restore(0, XSTATE_TILEDATA), (uint64_t)NO_EXCEPTION,
		    "XRSTOR that initializes tile data does not fault");
	check_equal((uint64_t)restore(XSTATE_TILEDATA, XSTATE_TILECFG), (uint64_t)NO_EXCEPTION,
		    "XRSTOR that leaves tile data out does not fault");
	check_equal(rdmsr(IA32_XFD_ERR), 0, "IA32_XFD_ERR is untouched");
}

static void test_task_switched(void)
{
	int vector;

	write_cr0(read_cr0() | CR0_TS);
	vector = try_instruction("fnop", : : : "memory");
	CLEAR_TS();
	check_equal((uint64_t)vector, VECTOR_NM, "x87 with CR0.TS: #NM");
	check_equal(rdmsr(IA32_XFD_ERR), 0, "#NM by CR0.TS leaves IA32_XFD_ERR");
}

void guest_main(void)
{
	uint64_t xcr0;

	if (cpuid(0, 0).eax < 0x1e || !(cpuid(7, 0).edx & CPUID7_EDX_AMX_TILE))
		skip_all("the CPU has no AMX");
	xcr0 = xsave_enable();
	if (!(xcr0 & XSTATE_TILEDATA))
		skip_all("XCR0 cannot enable AMX");
	memset(tile, 0x5a, sizeof(tile));
	test_msrs();
	wrmsr(IA32_XFD, 0);
	configure();
	tile_load(0, tile);
	wrmsr(IA32_XFD, XSTATE_TILEDATA);
	test_instructions();
	test_save(xcr0);
	test_restore();
	test_task_switched();
	wrmsr(IA32_XFD, 0);
	configure();
	check_equal((uint64_t)try_instruction("tileloadd (%0,%1,1), %%tmm0", : : "r"(tile), "r"(64ul)
					      : "memory"), (uint64_t)NO_EXCEPTION,
		    "TILELOADD works once IA32_XFD is clear");
	tilerelease();
}
