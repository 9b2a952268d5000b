/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_stall.h - artificial stalls (P14): rules that make an instruction or an event delivery last longer.
 *
 * They stand in for the stalls nobody has published, and exercise hypervisors that intercept #AC and #DB.
 * Text form of one rule, as in `nwsim --stall`:
 *   phase=PHASE                 (required) what is stalled, see enum nw_stall_phase
 *   clocks=N | clocks=forever   (required) crystal clocks
 *   rip=ADDR                    linear address of the instruction, of the instruction being interrupted, or, with
 *                               phase=entry, of the first one of the guest
 *   opcode=NAME                 phase=instruction: instruction mnemonic as the simulator names it, case ignored
 *   vector=V                    vector 0..255 of the event that is being delivered (phase=delivery), that the VM entry
 *                               injects (entry), or whose task gate switches tasks (task-switch)
 *   mode=nonroot|root|any       VMX operation, default nonroot
 *   cpu=C                       only this logical processor, 0..255; default all
 *   nth=K                       only the Kth match (1 = first); default every match
 *   context=valid|invalid       whether a notify VM exit out of this stall has VM_CONTEXT_INVALID, whatever P11 says
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

enum nw_stall_phase {
	NW_STALL_INSTRUCTION,   /* an instruction, before it has done anything */
	NW_STALL_DELIVERY,      /* the delivery of an event, before its first memory access */
	NW_STALL_IRET,          /* the memory accesses of an IRET, which has unblocked NMIs already */
	NW_STALL_ENTRY,         /* a VM entry that has loaded the guest state, before it delivers the event it injects */
	NW_STALL_TASK_SWITCH,   /* a task switch whose new TSS has been checked; nothing of it has been done */
	NW_STALL_PHASES
};
enum nw_stall_mode { NW_STALL_NONROOT, NW_STALL_ROOT, NW_STALL_ANY };
enum nw_stall_context { NW_STALL_BY_POLICY, NW_STALL_VALID, NW_STALL_INVALID };

struct nw_stall_rule {
	enum nw_stall_phase phase;
	enum nw_stall_mode mode;
	enum nw_stall_context context;
	bool match_rip, match_vector, match_cpu;
	uint8_t vector, cpu;
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

/* Something that may stall begins. */
struct nw_stall_place {
	enum nw_stall_phase phase;
	unsigned cpu;
	bool nonroot;
	bool event;                     /* an event is being delivered or is to be injected */
	uint8_t vector;                 /* ... this one */
	uint64_t rip;
	const char *opcode;             /* mnemonic; NULL where no rule can name one */
};

/* What the rules that match there make of it. */
struct nw_stall {
	uint64_t clocks_crystal;        /* their sum, saturating at NW_STALL_FOREVER; 0: no stall */
	unsigned rule;                  /* index of the first of them */
	enum nw_stall_context context;  /* of the first of them that says so */
};

/* No rules. */
void nw_stall_init(struct nw_stall_set *s);

/* Adds one rule from text. Returns 0, or -1 with one line in err (where, what, what is accepted) and s unchanged. */
int nw_stall_add(struct nw_stall_set *s, const char *text, char err[NW_STALL_ERRLEN]);

/*
 * May any rule match an instruction with this mnemonic whose linear address has these low 12 bits? For
 * decoders that cache by physical address. Does not count a hit.
 */
bool nw_stall_candidate(const struct nw_stall_set *s, unsigned page_offset, const char *opcode);

/* Is there a rule for this phase at all? */
bool nw_stall_watches(const struct nw_stall_set *s, enum nw_stall_phase phase);

/* Matches and counts hits. A rule with nth matches at its Kth hit only. */
struct nw_stall nw_stall_begin(struct nw_stall_set *s, const struct nw_stall_place *at);

#ifdef __cplusplus
}
#endif

#endif
