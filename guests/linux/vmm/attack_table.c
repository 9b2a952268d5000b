/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The attacks: one row each.
 */
#include <string.h>

#include "attack.h"

#define STALL_FOR_EVER	(1ULL << 40)	/* crystal clocks: hours */
#define DR7_NONE	0x400
#define INT3_COUNT	16		/* of l1/delivery_stall.S */

#define IMAGE(name)	{ l1_##name, l1_##name##_end }

extern const uint8_t l1_ac_loop[], l1_ac_loop_end[];
extern const uint8_t l1_db_loop[], l1_db_loop_end[];
extern const uint8_t l1_stall[], l1_stall_end[];
extern const uint8_t l1_delivery_stall[], l1_delivery_stall_end[];

static bool is_stuck_rip(const struct attack *a, uint32_t rip)
{
	const struct l1_header *h = (const struct l1_header *)(const void *)a->image.start;

	return rip == h->stuck[0] || rip == h->stuck[1];
}

static int release_ac(struct vm *vm)
{
	struct kvm_regs regs;

	if (vm_get_regs(vm, &regs))
		return -1;
	regs.rsp &= ~3ULL;
	return vm_set_regs(vm, &regs);
}

/* Bit 0 (EXT) of the error code depends on the edition of the manual. */
static const char *check_ac(const struct attack *a, const struct attack_result *r)
{
	if (r->report_count != 2)
		return "the #AC handler did not report two numbers";
	if (r->reports[0] & ~1U)
		return "wrong error code on the #AC handler's stack";
	if (!is_stuck_rip(a, r->reports[1]))
		return "wrong EIP on the #AC handler's stack";
	return NULL;
}

static int release_db(struct vm *vm)
{
	return vm_set_dr7(vm, DR7_NONE);
}

static const char *check_db(const struct attack *a, const struct attack_result *r)
{
	if (r->report_count != 1 || !is_stuck_rip(a, r->reports[0]))
		return "wrong RIP on the #DB handler's stack";
	return NULL;
}

static int release_stall(struct vm *vm)
{
	struct kvm_regs regs;

	if (vm_get_regs(vm, &regs))
		return -1;
	regs.rax = 0;
	return vm_set_regs(vm, &regs);
}

static const char *check_stall(const struct attack *a, const struct attack_result *r)
{
	(void)a;
	return r->report_count == 2 ? NULL : "the guest did not report its TSC interval";
}

static const char *check_delivery(const struct attack *a, const struct attack_result *r)
{
	(void)a;
	if (r->report_count != 2 || r->reports[0] != INT3_COUNT)
		return "an INT3 was lost or delivered twice";
	if (r->reports[1])
		return "wrong RIP on the #BP handler's stack";
	return NULL;
}

static const struct attack attacks[] = {
	{
		.name = "ac-loop", .image = IMAGE(ac_loop), .vector = 17, .error_code = true,
		.needs_switch = true, .simul_ex = true, .release = release_ac, .check = check_ac,
	}, {
		.name = "db-loop", .image = IMAGE(db_loop), .vector = 1,
		.needs_switch = true, .release = release_db, .check = check_db,
	}, {
		.name = "stall", .image = IMAGE(stall), .vector = -1, .rdi = STALL_FOR_EVER,
		.release = release_stall, .check = check_stall,
	}, {
		.name = "delivery-stall", .image = IMAGE(delivery_stall), .vector = -1,
		.check = check_delivery,
	},
};

const struct attack *attack_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (!strcmp(attacks[i].name, name))
			return &attacks[i];
	return NULL;
}
