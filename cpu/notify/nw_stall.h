/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_stall.h - artificial stalls (P14): rules that make an instruction or an event delivery last longer.
 *
 * They stand in for the stalls nobody has published, and exercise hypervisors that intercept #AC and #DB.
 * Text form of one rule, as in `nwsim --stall`:
 *   phase=instruction|delivery  (required)
 *   clocks=N | clocks=forever   (required) crystal clocks
 *   rip=ADDR                    linear address of the instruction, or of the instruction being interrupted
 *   opcode=NAME                 phase=instruction: instruction mnemonic as the simulator names it, case ignored
 *   vector=V                    phase=delivery: event vector 0..255
 *   mode=nonroot|root|any       VMX operation, default nonroot
 *   nth=K                       only the Kth match (1 = first); default every match
 * joined by commas, without blanks, each key at most once. phase=instruction needs rip or opcode.
 * opcode is compared with the whole name and with its part before the first underscore: IRET matches IRET_OP64.
 * Numbers are decimal or 0x.
 */
#ifndef NW_STALL_H
#define NW_STALL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NW_STALL_RULES_MAX      16
#define NW_STALL_FOREVER        UINT64_MAX
#define NW_STALL_ERRLEN         256
#define NW_STALL_OPCODE_LEN     32

enum nw_stall_phase { NW_STALL_INSTRUCTION, NW_STALL_DELIVERY };
enum nw_stall_mode { NW_STALL_NONROOT, NW_STALL_ROOT, NW_STALL_ANY };

struct nw_stall_rule {
	enum nw_stall_phase phase;
	enum nw_stall_mode mode;
	bool match_rip, match_vector;
	uint8_t vector;
	uint64_t rip;
	uint64_t clocks_crystal;
	uint64_t nth;                   /* 0 = every match */
	uint64_t hits;                  /* matches so far */
	char opcode[NW_STALL_OPCODE_LEN];/* upper case, "" = any */
};

struct nw_stall_set {
	unsigned count;
	struct nw_stall_rule rule[NW_STALL_RULES_MAX];
};

void nw_stall_init(struct nw_stall_set *s);

/* Adds one rule from text. Returns 0, or -1 with one line in err (where, what, what is accepted) and s unchanged. */
int nw_stall_add(struct nw_stall_set *s, const char *text, char err[NW_STALL_ERRLEN]);

/*
 * May any rule match an instruction with this mnemonic (upper case) whose linear address has these low 12 bits? For
 * decoders that cache by physical address. Does not count a hit.
 */
bool nw_stall_candidate(const struct nw_stall_set *s, unsigned page_offset, const char *opcode);

/*
 * An instruction begins. Counts hits; returns the sum of the matching rules' clocks (saturating at NW_STALL_FOREVER),
 * 0 when none matches; *rule is the index of the first matching rule (untouched when none does). A rule with nth matches
 * here only at its Kth hit.
 */
uint64_t nw_stall_instruction(struct nw_stall_set *s, bool nonroot, uint64_t rip, const char *opcode, unsigned *rule);

/* An event delivery begins: as nw_stall_instruction(). */
uint64_t nw_stall_delivery(struct nw_stall_set *s, bool nonroot, uint64_t rip, uint8_t vector, unsigned *rule);

#ifdef __cplusplus
}
#endif

#endif
