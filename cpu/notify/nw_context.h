/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_context.h - VM_CONTEXT_INVALID (exit qualification bit 0) and the damage that goes with it.
 *
 * No public document says when hardware sets the bit (P11). When the policy says so, the guest-state area of the VMCS is
 * really damaged, so that a VMM which resumes the guest anyway is caught.
 */
#ifndef NW_CONTEXT_H
#define NW_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "nw_param.h"
#include "nw_stall.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nw_context {
	uint64_t exits;         /* notify VM exits so far */
	uint64_t seed;          /* state of the generator for NW_DAMAGE_RANDOM */
};

/* seed: fixed by the configuration, so that runs repeat. */
void nw_context_init(struct nw_context *c, uint64_t seed);

/*
 * A notify VM exit is being taken: is its context invalid? Counts the exit, also when the stall that causes it decides
 * instead of P11 (NW_STALL_BY_POLICY where no stall does).
 */
bool nw_context_decide(struct nw_context *c, const struct nw_params *p, enum nw_stall_context stall);

/*
 * The damaged value of a guest-state field of `bits` width (1..64). before: the value before this guest ran
 * (NW_DAMAGE_STALE returns it), now: the value hardware would save. NW_DAMAGE_POISON gives the byte 5AH in every byte
 * (not canonical as an address, reserved bits set in most fields), NW_DAMAGE_RANDOM the next number of the generator;
 * both give the complement where that would be `now`. Every result is cut to the width. NW_DAMAGE_MSRS is poison, but
 * leaves a field alone that is not the copy of an MSR: `msr` says which the field is.
 */
uint64_t nw_context_damage(struct nw_context *c, const struct nw_params *p, unsigned bits, bool msr,
			   uint64_t before, uint64_t now);

/*
 * What the notify VM exit being taken leaves in the undefined bits `mask` of a VM-exit information field (P12): 0, or
 * junk that is never 0 where mask is not and differs from exit to exit and from field to field. Exits count as
 * nw_context_decide() does, seed is that of nw_context_init(). Changes nothing.
 */
uint64_t nw_context_undefined(const struct nw_context *c, const struct nw_params *p, uint64_t seed,
			      unsigned field, uint64_t mask);

#ifdef __cplusplus
}
#endif

#endif
