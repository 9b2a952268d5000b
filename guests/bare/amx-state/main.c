/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * amx-state - tile configuration and tile data survive a context switch, and AMX-INT8 knows signs.
 *
 * Claim:    STTILECFG returns what LDTILECFG loaded; XSAVE, XSAVEC and XSAVES save all 16 rows of a
 *           tile at the place that CPUID leaf 0DH gives; XINUSE follows the state; XRSTOR of one
 *           component of a compacted image loads that component and leaves the others alone;
 *           TDPB[SU][SU]D multiply signed and unsigned bytes.
 * Manual:   SDM Vol. 1 13.4.3 (compacted format), 13.6 (XINUSE), 13.8; Vol. 2, CPUID.0DH, 1DH, 1EH,
 *           LDTILECFG, STTILECFG, TDPBSSD.
 * Expected: all claims hold.
 */
#include "amx.h"
#include "try.h"
#include "xsave.h"

#define IA32_XSS        0xda0
#define AREA_BYTES      16384

static uint8_t area[AREA_BYTES] __attribute__((aligned(4096)));
static uint8_t in[3][AMX_TILE_BYTES] __attribute__((aligned(64)));
static uint8_t out[AMX_TILE_BYTES] __attribute__((aligned(64)));
static struct tilecfg config;

static uint64_t *const xstate_bv = (uint64_t *)(area + XSAVE_HEADER);
static uint64_t *const xcomp_bv = (uint64_t *)(area + XSAVE_HEADER + 8);

static void fill(uint8_t *p, unsigned seed)
{
	for (unsigned i = 0; i < AMX_TILE_BYTES; i++)
		p[i] = (uint8_t)(i * 37 + (i >> 6) * 11 + seed);
}

static void configure(void)
{
	memset(&config, 0, sizeof(config));
	config.palette = 1;
	for (unsigned n = 0; n < 3; n++) {
		config.rows[n] = AMX_ROWS;
		config.colsb[n] = AMX_ROW_BYTES;
	}
	config.rows[3] = 5;
	config.colsb[3] = 12;
	ldtilecfg(&config);
}

static bool loaded(unsigned n)
{
	memset(out, 0, sizeof(out));
	if (n == 0)
		tile_store(0, out);
	else
		tile_store(1, out);
	return !memcmp(out, in[n], sizeof(out));
}

static void test_config(void)
{
	struct tilecfg back;

	memset(&back, 0xff, sizeof(back));
	configure();
	check_equal((uint64_t)try_instruction("sttilecfg (%0)", : : "r"(&back) : "memory"),
		    (uint64_t)NO_EXCEPTION, "STTILECFG does not fault");
	check(!memcmp(&back, &config, sizeof(back)), "STTILECFG stores what LDTILECFG loaded");
	tile_load(0, in[0]);
	check(loaded(0), "TILESTORED stores the 16 rows that TILELOADD loaded");
	configure();
	tile_store(0, out);
	check(out[0] == 0 && !memcmp(out, out + 1, sizeof(out) - 1), "LDTILECFG zeroes the tiles");
	tilerelease();
	memset(&back, 0xff, sizeof(back));
	try_instruction("sttilecfg (%0)", : : "r"(&back) : "memory");
	check(back.palette == 0 && back.rows[0] == 0 && back.colsb[0] == 0,
	      "TILERELEASE leaves no configuration");
}

static void test_inuse(void)
{
	tilerelease();
	check_equal(xgetbv(1) & (XSTATE_TILECFG | XSTATE_TILEDATA), 0, "XINUSE after TILERELEASE");
	configure();
	check_equal(xgetbv(1) & XSTATE_TILECFG, XSTATE_TILECFG, "XINUSE[17] after LDTILECFG");
	tile_load(0, in[0]);
	check_equal(xgetbv(1) & XSTATE_TILEDATA, XSTATE_TILEDATA, "XINUSE[18] after TILELOADD");
}

static void prepare(void)
{
	configure();
	tile_load(0, in[0]);
	tile_load(1, in[1]);
	memset(area, 0, sizeof(area));
}

/* A saved image has the configuration and tiles 0 and 1; restoring it brings them back. */
static void check_image(const char *how, unsigned config_at, unsigned data_at, uint64_t rfbm,
			void (*restore)(void *area, uint64_t rfbm))
{
	check_equal(*xstate_bv & (XSTATE_TILECFG | XSTATE_TILEDATA), XSTATE_TILECFG | XSTATE_TILEDATA,
		    "%s: XSTATE_BV[18:17]", how);
	check(!memcmp(area + config_at, &config, sizeof(config)), "%s: configuration at %u", how,
	      config_at);
	check(!memcmp(area + data_at, in[0], AMX_TILE_BYTES) &&
	      !memcmp(area + data_at + AMX_TILE_BYTES, in[1], AMX_TILE_BYTES),
	      "%s: 16 rows of two tiles at %u", how, data_at);
	tilerelease();
	restore(area, rfbm);
	check((xgetbv(1) & XSTATE_TILECFG) && loaded(0) && loaded(1), "%s: restored", how);
}

static void test_compacted(const char *how, void (*save)(void *area, uint64_t rfbm), uint64_t rfbm,
			   void (*restore)(void *area, uint64_t rfbm))
{
	prepare();
	save(area, rfbm);
	check_equal(*xcomp_bv, rfbm | XSTATE_COMPACT, "%s: XCOMP_BV", how);
	check_image(how, xsave_compacted(17, rfbm), xsave_compacted(18, rfbm), rfbm, restore);
}

static void test_save(uint64_t xcr0)
{
	prepare();
	xsave(area, xcr0);
	check_image("XSAVE", xsave_standard(17), xsave_standard(18), xcr0, xrstor);
	prepare();
	xsaveopt(area, xcr0);
	check_image("XSAVEOPT", xsave_standard(17), xsave_standard(18), xcr0, xrstor);
	test_compacted("XSAVEC", xsavec, xcr0, xrstor);
	if (cpuid(0xd, 1).eax & (1u << 3)) {
		wrmsr(IA32_XSS, cpuid(0xd, 1).ecx);
		test_compacted("XSAVES", xsaves, xcr0 | cpuid(0xd, 1).ecx, xrstors);
		wrmsr(IA32_XSS, 0);
	}
}

static void test_part(uint64_t xcr0)
{
	struct tilecfg other = { 0 };

	prepare();
	xsavec(area, xcr0);
	configure();
	xrstor(area, XSTATE_TILEDATA);
	check(loaded(0) && loaded(1), "XRSTOR of tile data alone from an image of all components");
	other.palette = 1;
	other.rows[0] = AMX_ROWS;
	other.colsb[0] = AMX_ROW_BYTES;
	memset(area, 0, sizeof(area));
	*xstate_bv = XSTATE_TILECFG;
	*xcomp_bv = XSTATE_TILECFG | XSTATE_COMPACT;
	memcpy(area + XSAVE_EXTENDED, &other, sizeof(other));
	xrstor(area, XSTATE_TILECFG);
	check(loaded(0), "XRSTOR of the configuration alone leaves the tile data");
}

static void test_cpuid(uint64_t xcr0)
{
	unsigned end = xsave_standard(18) + cpuid(0xd, 18).eax;
	struct cpuid palette = cpuid(0x1d, 1);

	check_equal(cpuid(0xd, 17).eax, 64, "size of XTILECFG");
	check_equal(cpuid(0xd, 18).eax, 8192, "size of XTILEDATA");
	check((cpuid(0xd, 17).ecx & 2) && (cpuid(0xd, 18).ecx & 2), "both are aligned when compacted");
	check(cpuid(0xd, 0).ecx >= end, "an area of CPUID.(0DH,0).ECX bytes holds the tile data");
	check_equal(cpuid(0xd, 1).ebx, xsave_compacted(64, xcr0), "size of a compacted area");
	check_equal(palette.eax, 8192u | 1024u << 16, "palette 1: total and tile bytes");
	check_equal(palette.ebx, 64u | 8u << 16, "palette 1: row bytes and tiles");
	check_equal(palette.ecx & 0xffff, 16, "palette 1: rows");
	check_equal(cpuid(0x1e, 0).ebx & 0xffffff, 16u | 64u << 8, "TMUL: K and N");
}

/* ---- AMX-INT8 -------------------------------------------------------------------------------- */

static int32_t value(uint8_t byte, bool is_signed)
{
	return is_signed ? (int32_t)(int8_t)byte : (int32_t)byte;
}

/* The dot product by the definition: rows of a, columns of groups of four bytes of b. */
static int32_t dot(const uint8_t *a, const uint8_t *b, unsigned m, unsigned n, bool a_signed,
		   bool b_signed)
{
	int32_t sum = 0;

	for (unsigned k = 0; k < AMX_ROWS; k++)
		for (unsigned i = 0; i < 4; i++)
			sum += value(a[m * 64 + k * 4 + i], a_signed) *
			       value(b[k * 64 + n * 4 + i], b_signed);
	return sum;
}

#define TEST_DOT(name, a_signed, b_signed) do { \
	configure(); \
	tile_load(1, in[1]); \
	tile_load(2, in[2]); \
	asm volatile(name " %tmm2, %tmm1, %tmm0"); \
	tile_store(0, out); \
	check_dot(name, a_signed, b_signed); \
} while (0)

static void check_dot(const char *name, bool a_signed, bool b_signed)
{
	struct tally t = { .what = "256 dot products of 64 bytes" };

	for (unsigned m = 0; m < AMX_ROWS; m++)
		for (unsigned n = 0; n < 16; n++)
			tally_equal(&t, *(uint32_t *)(out + m * 64 + n * 4),
				    (uint32_t)dot(in[1], in[2], m, n, a_signed, b_signed));
	tally_check(&t, "%s", name);
}

static void test_int8(void)
{
	if (!(cpuid(7, 0).edx & CPUID7_EDX_AMX_INT8)) {
		skip("no AMX-INT8", "dot products");
		return;
	}
	TEST_DOT("tdpbssd", true, true);
	TEST_DOT("tdpbsud", true, false);
	TEST_DOT("tdpbusd", false, true);
	TEST_DOT("tdpbuud", false, false);
}

void guest_main(void)
{
	uint64_t xcr0;

	if (cpuid(0, 0).eax < 0x1e || !(cpuid(7, 0).edx & CPUID7_EDX_AMX_TILE))
		skip_all("the CPU has no AMX");
	xcr0 = xsave_enable();
	if (!(xcr0 & XSTATE_TILEDATA))
		skip_all("XCR0 cannot enable AMX");
	for (unsigned n = 0; n < 3; n++)
		fill(in[n], n * 83 + 1);
	test_cpuid(xcr0);
	test_config();
	test_inuse();
	test_save(xcr0);
	test_part(xcr0);
	test_int8();
	tilerelease();
}
