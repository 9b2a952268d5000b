/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The L1 images as assembled: addresses of the header lie inside the image, and the instruction an
 * exit may point at is the one that is meant. A wrong header would make every exit look wrong.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "guests/linux/l1/l1.h"
#include "nw_abi.h"

#define CODE_MAX	8
#define L1_IMAGE(name)	l1_##name, l1_##name##_end
#define GATE32_SIZE	8
#define GATE64_SIZE	16

extern const uint8_t l1_ac_loop[], l1_ac_loop_end[];
extern const uint8_t l1_db_loop[], l1_db_loop_end[];
extern const uint8_t l1_stall[], l1_stall_end[];
extern const uint8_t l1_delivery_stall[], l1_delivery_stall_end[];
extern const uint8_t l1_quiet[], l1_quiet_end[];

static const struct image {
	const uint8_t	*start, *end;
	uint32_t	mode;
	int		vector;			/* its gate is present, -1 = none */
	uint8_t		code[CODE_MAX];		/* at stuck[0] */
	unsigned int	code_size;
} images[] = {
	{ L1_IMAGE(ac_loop), L1_MODE_USER32, 17, { 0x8b, 0x04, 0x24 }, 3 },	/* mov (%esp), %eax */
	{ L1_IMAGE(db_loop), L1_MODE_KERNEL64, 1, { 0x58 }, 1 },		/* pop %rax: handler */
	{ L1_IMAGE(stall), L1_MODE_KERNEL64, -1,
	  { 0x0f, 0x1f, 0x84, 0x00, NW_MAGIC_STALL & 0xff, NW_MAGIC_STALL >> 8 & 0xff,
	    NW_MAGIC_STALL >> 16 & 0xff, NW_MAGIC_STALL >> 24 }, NW_MAGIC_NOP_LENGTH },
	{ L1_IMAGE(delivery_stall), L1_MODE_KERNEL64, 3, { 0xcc }, 1 },		/* int3 */
	{ L1_IMAGE(quiet), L1_MODE_KERNEL64, L1_VECTOR_IRQ, { 0x45, 0x31, 0xe4 }, 3 }, /* xor %r12d */
};

static const struct image *image;
static struct l1_header header;
static uint32_t size;

static void choose(int i)
{
	image = &images[i];
	size = (uint32_t)(image->end - image->start);
	ck_assert_uint_gt(size, sizeof(header));
	memcpy(&header, image->start, sizeof(header));
}

static const uint8_t *at(uint32_t gpa)
{
	ck_assert_uint_ge(gpa, L1_BASE + sizeof(header));
	ck_assert_uint_lt(gpa, L1_BASE + size);
	return image->start + (gpa - L1_BASE);
}

START_TEST(addresses_lie_inside)
{
	choose(_i);
	ck_assert_uint_eq(header.mode, image->mode);
	at(header.entry);
	at(header.stuck[0]);
	at(header.stuck[1]);
	at(header.idt);
	at(header.idt + header.idt_limit);
	ck_assert_uint_le(L1_BASE + size, L1_STACK_TOP - 0x1000);
}
END_TEST

START_TEST(stuck_at_the_meant_instruction)
{
	choose(_i);
	ck_assert_mem_eq(at(header.stuck[0]), image->code, image->code_size);
}
END_TEST

/* Only the gate of the guest's own vector is present, and it leads into the image. */
START_TEST(one_gate)
{
	uint32_t step, v, offset;
	const uint8_t *gate;

	choose(_i);
	step = header.mode == L1_MODE_USER32 ? GATE32_SIZE : GATE64_SIZE;
	ck_assert_uint_eq((header.idt_limit + 1) % step, 0);
	for (v = 0; v < (header.idt_limit + 1) / step; v++) {
		gate = at(header.idt + v * step);
		ck_assert_int_eq(gate[5] >> 7, (int)v == image->vector);
		if (!(gate[5] >> 7))
			continue;
		offset = gate[0] | (uint32_t)gate[1] << 8 | (uint32_t)gate[6] << 16 |
			 (uint32_t)gate[7] << 24;
		at(offset);
	}
	ck_assert(image->vector < 0 || (uint32_t)image->vector == v - 1);
}
END_TEST

/* The gate of #AC must not change the privilege level, or nothing would loop. */
START_TEST(ac_gate_stays_in_ring_3)
{
	const uint8_t *gate;

	choose(0);
	gate = at(header.idt + 17 * GATE32_SIZE);
	ck_assert_uint_eq(gate[2] | gate[3] << 8, L1_CS32_USER);
	ck_assert_uint_eq(gate[5], 0xee);
}
END_TEST

/* The gate of #DB must use interrupt stack 1. */
START_TEST(db_gate_uses_the_interrupt_stack)
{
	choose(1);
	ck_assert_uint_eq(at(header.idt + 1 * GATE64_SIZE)[4], 1);
}
END_TEST

int main(void)
{
	const int n = (int)(sizeof(images) / sizeof(images[0]));
	Suite *suite = suite_create("l1_images");
	TCase *tc = tcase_create("images");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, addresses_lie_inside, 0, n);
	tcase_add_loop_test(tc, stuck_at_the_meant_instruction, 0, n);
	tcase_add_loop_test(tc, one_gate, 0, n);
	tcase_add_test(tc, ac_gate_stays_in_ring_3);
	tcase_add_test(tc, db_gate_uses_the_interrupt_stack);
	suite_add_tcase(suite, tc);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
