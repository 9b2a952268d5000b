/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_coverage.h - functional coverage: which kinds of notify VM exit a set of traces contains, and which it does not.
 *
 * A notify exit is one point in a space of dimensions (its cause, the event being delivered, the CPU mode of the guest ...).
 * Each dimension has a few bins. Counted are the bins, all pairs of bins of two dimensions, and the cross of the dimensions
 * that NW_COV_CROSS names. Rules, each with a reason, say what cannot happen; what can happen and was not seen is a hole. A
 * rule that is contradicted by a trace is reported, not believed.
 */
#ifndef NW_COVERAGE_H
#define NW_COVERAGE_H

#include "nw_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum nw_cov_dim {
	NW_COV_CAUSE,           /* what closed the window: enum nwt_cause */
	NW_COV_EVENT,           /* type of the event being delivered, none first */
	NW_COV_VECTORING,       /* IDT-vectoring information valid? (P9) */
	NW_COV_NMI,             /* blocking by NMI, virtual-NMI blocking, none */
	NW_COV_CONTEXT,         /* VM_CONTEXT_INVALID? (P11) */
	NW_COV_WINDOW,          /* notify window in classes */
	NW_COV_MODE,            /* enum nwt_mode */
	NW_COV_CPL,
	NW_COV_CROSS,           /* the cross is made of the dimensions before this one */
	NW_COV_VECTOR = NW_COV_CROSS, /* of the event being delivered, in classes */
	NW_COV_PHASE,           /* of the stall, or none */
	NW_COV_SHADOW,          /* blocking by STI or by MOV SS */
	NW_COV_UNBLOCKING,      /* exit qualification bit 12, NMI unblocking due to IRET, where it is defined */
	NW_COV_DIMS
};

#define NW_COV_BINS     16      /* of a dimension, at most */
#define NW_COV_NAME     24

struct nw_coverage {
	char bin[NW_COV_DIMS][NW_COV_BINS][NW_COV_NAME];
	unsigned bins[NW_COV_DIMS];
	uint64_t single[NW_COV_DIMS][NW_COV_BINS];
	uint64_t pair[NW_COV_DIMS][NW_COV_DIMS][NW_COV_BINS][NW_COV_BINS]; /* first dimension < second */
	uint64_t *cross;                /* by nw_cov_cross_index() */
	size_t cross_size;
	uint64_t *contradicted;         /* by rule: exits that it calls impossible */
	uint64_t exits;                 /* counted */
	uint64_t without_guest;         /* not counted: no guest record, the trace is older */
	unsigned traces;
	/* Private: what the next expiry of a processor is put together from. */
	struct { bool valid; uint64_t guest[NWT_GUEST_FIELDS]; uint64_t phase; } cpu[256];
};

/* "cause", "event" ...: name of a dimension. */
const char *nw_cov_name(enum nw_cov_dim d);
/* What it means, in a few words. */
const char *nw_cov_help(enum nw_cov_dim d);

/* 0, or -1 when memory runs out. The structure is large: keep it off small stacks. */
int nw_coverage_init(struct nw_coverage *c);
/* Frees what nw_coverage_init() has allocated; may be called twice. */
void nw_coverage_free(struct nw_coverage *c);

/* A new trace begins: what the one before it has left open is forgotten. */
void nw_coverage_trace(struct nw_coverage *c);
/* Its records, all of them and in order; an expiry record counts one exit. */
void nw_coverage_add(struct nw_coverage *c, const struct nwt_record *rec);

/* ---- What cannot happen (nw_coverage_rules.c) ---------------------------------------------------------- */

#define NW_COV_TERMS    3

/* Impossible when every term holds: the bin of the dimension is one of the mask. */
struct nw_cov_rule {
	struct { enum nw_cov_dim dim; unsigned mask; } term[NW_COV_TERMS];
	unsigned terms;
	const char *reason;
};

/* Bins of the fixed dimensions, as rules name them. */
enum { NW_COV_EV_NONE, NW_COV_EV_EXTERNAL, NW_COV_EV_NMI, NW_COV_EV_HARDWARE, NW_COV_EV_SOFTWARE_INT, NW_COV_EV_PRIVILEGED,
       NW_COV_EV_SOFTWARE, NW_COV_EV_COUNT };
enum { NW_COV_NMI_NONE, NW_COV_NMI_BLOCKED, NW_COV_NMI_VIRTUAL, NW_COV_NMI_COUNT };
enum { NW_COV_VEC_NONE, NW_COV_VEC_DB, NW_COV_VEC_NP, NW_COV_VEC_PF, NW_COV_VEC_AC, NW_COV_VEC_EXCEPTION, NW_COV_VEC_OTHER,
       NW_COV_VEC_COUNT };
enum { NW_COV_PHASE_NONE };     /* then the stall phases of the trace format */
enum { NW_COV_SHADOW_NONE, NW_COV_SHADOW_STI, NW_COV_SHADOW_MOV_SS, NW_COV_SHADOW_COUNT };
enum { NW_COV_UNBLOCKING_NO, NW_COV_UNBLOCKING_YES, NW_COV_UNBLOCKING_UNDEFINED, NW_COV_UNBLOCKING_COUNT };

/* All rules; *n is their number. The array is constant. */
const struct nw_cov_rule *nw_cov_rules(size_t *n);

/* The first rule that forbids a point; points may leave dimensions open with a bin of -1. NULL: none does. */
const struct nw_cov_rule *nw_cov_forbidden(const int bin[NW_COV_DIMS]);

/*
 * Can an exit with these bins happen at all? Completes the dimensions that are -1 in every way that the rules leave.
 * *rule: the rule that forbids the given bins alone, NULL when it takes several rules.
 */
bool nw_cov_possible(const struct nw_coverage *c, const int bin[NW_COV_DIMS], const struct nw_cov_rule **rule);

/* Number of points of the cross that the rules leave. */
size_t nw_cov_cross_possible(const struct nw_coverage *c);
/* Number of these points that exits were seen in. */
size_t nw_cov_cross_seen(const struct nw_coverage *c);

#ifdef __cplusplus
}
#endif

#endif
