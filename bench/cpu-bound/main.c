/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu-bound - work for the simulated CPU alone: no interrupts, no waiting, no device but one character per round.
 *
 * Claim:    the results of five small programs are the known ones: direct and indirect calls, recursion, dependent
 *           loads, byte to 64-bit loads and stores, multiplication, branches that are hard to predict.
 * Expected: "cpu-bound: begin", a dot after each round of 10 million instructions, "cpu-bound: ticks=" and the TSC ticks
 *           of all rounds. `rounds=N` on the command line, default 100. bench/bench measures the host time between dots.
 */
#include "kit.h"

#define SIEVE_SIZE      (1u << 18)
#define PRIMES          23000u          /* below 2^18 */
#define FIB_N           24u
#define FIB             46368u
#define CRC_SIZE        (1u << 16)
#define CRC_POLYNOMIAL  0xedb88320u
#define CRC_OF_ZEROS    0xd7978eebu     /* CRC-32 of CRC_SIZE zero bytes */
#define SORT_SIZE       4096u
#define MATRIX_SIZE     40u

struct result { uint32_t primes, fib, crc, unsorted, wrong_products; };

static uint8_t bytes[SIEVE_SIZE];
static uint32_t crc_table[256];
static uint64_t numbers[SORT_SIZE];
static uint32_t matrix[3][MATRIX_SIZE][MATRIX_SIZE];

static uint32_t sieve(void)
{
	uint32_t count = 0;

	memset(bytes, 1, sizeof(bytes));
	for (uint32_t n = 2; n < SIEVE_SIZE; n++) {
		if (!bytes[n])
			continue;
		count++;
		for (uint32_t m = n * 2; m < SIEVE_SIZE; m += n)
			bytes[m] = 0;
	}
	return count;
}

__attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline"))) static uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint32_t crc32_of_zeros(void)
{
	uint32_t crc = ~0u;

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (unsigned bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ CRC_POLYNOMIAL : c >> 1;
		crc_table[i] = c;
	}
	memset(bytes, 0, CRC_SIZE);
	for (uint32_t i = 0; i < CRC_SIZE; i++)
		crc = crc_table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

static bool less(uint64_t a, uint64_t b)
{
	return a < b;
}

/* Heap sort; the order is called through a pointer, as in any C library. */
static void sift(uint64_t *a, uint32_t root, uint32_t n, bool (*before)(uint64_t, uint64_t))
{
	for (uint32_t child; (child = root * 2 + 1) < n; root = child) {
		uint64_t t;

		if (child + 1 < n && before(a[child], a[child + 1]))
			child++;
		if (!before(a[root], a[child]))
			return;
		t = a[root];
		a[root] = a[child];
		a[child] = t;
	}
}

static uint32_t sort_random(uint32_t seed, bool (*volatile order)(uint64_t, uint64_t))
{
	uint64_t x = seed * 2862933555777941757ul + 3037000493ul;
	uint32_t unsorted = 0;

	for (uint32_t i = 0; i < SORT_SIZE; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		numbers[i] = x;
	}
	for (uint32_t i = SORT_SIZE / 2; i-- > 0;)
		sift(numbers, i, SORT_SIZE, order);
	for (uint32_t n = SORT_SIZE; n-- > 1;) {
		uint64_t t = numbers[0];

		numbers[0] = numbers[n];
		numbers[n] = t;
		sift(numbers, 0, n, order);
	}
	for (uint32_t i = 1; i < SORT_SIZE; i++)
		unsorted += numbers[i] < numbers[i - 1];
	return unsorted;
}

/* Row i of the first factor is i + 1 everywhere, the second factor is j + 1 in column j. */
static uint32_t multiply(void)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < MATRIX_SIZE; i++)
		for (uint32_t j = 0; j < MATRIX_SIZE; j++) {
			matrix[0][i][j] = i + 1;
			matrix[1][i][j] = j + 1;
		}
	for (uint32_t i = 0; i < MATRIX_SIZE; i++)
		for (uint32_t j = 0; j < MATRIX_SIZE; j++) {
			uint32_t sum = 0;

			for (uint32_t k = 0; k < MATRIX_SIZE; k++)
				sum += matrix[0][i][k] * matrix[1][k][j];
			matrix[2][i][j] = sum;
		}
	for (uint32_t i = 0; i < MATRIX_SIZE; i++)
		for (uint32_t j = 0; j < MATRIX_SIZE; j++)
			wrong += matrix[2][i][j] != MATRIX_SIZE * (i + 1) * (j + 1);
	return wrong;
}

void guest_main(void)
{
	uint32_t rounds = (uint32_t)param_number("rounds", 100);
	uint64_t start;
	struct result bad = { 0 };

	note("cpu-bound: begin");
	print("# ");
	start = rdtsc();
	for (uint32_t round = 0; round < rounds; round++) {
		bad.primes += sieve() != PRIMES;
		bad.fib += fib(FIB_N) != FIB;
		bad.crc += crc32_of_zeros() != CRC_OF_ZEROS;
		bad.unsorted += sort_random(round, less);
		bad.wrong_products += multiply();
		serial_putc('.');
	}
	print("\n");
	note("cpu-bound: ticks=%lu", rdtsc() - start);
	check_equal(bad.primes, 0, "sieve: %u primes below 2^18", PRIMES);
	check_equal(bad.fib, 0, "recursion: Fibonacci number %u is %u", FIB_N, FIB);
	check_equal(bad.crc, 0, "table: CRC-32 of zeros is 0x%08x", CRC_OF_ZEROS);
	check_equal(bad.unsorted, 0, "heap sort: no number is out of order");
	check_equal(bad.wrong_products, 0, "matrix product: no element is wrong");
}
