/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_param.h - every choice the public documents leave open, as one table.
 *
 * The table is the only place that knows name, unit, default, range and provenance. The simulator's options,
 * `nwsim params`, the range checks and the manual are made from it. P-numbers: docs/spec.md.
 */
#ifndef NW_PARAM_H
#define NW_PARAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nw_param_id {
	NW_P_THRESHOLD,         /* P1  internal threshold */
	NW_P_THRESHOLD_UNIT,    /* P2  enum nw_unit */
	NW_P_CRYSTAL_NUM,       /* P3  TSC ticks per ..., 0 = CPUID.15H:EBX of the CPU model */
	NW_P_CRYSTAL_DEN,       /* P3  ... crystal clocks, 0 = CPUID.15H:EAX of the CPU model */
	NW_P_DELIVERY_COST,     /* P4  TSC ticks of one event delivery that ends in another exception */
	NW_P_STALLING,          /* P5  enum nw_stalling */
	NW_P_START,             /* P6  enum nw_start */
	NW_P_ARM,               /* P7  enum nw_arm */
	NW_P_INACTIVE,          /* P8  enum nw_inactive */
	NW_P_VECTORING,         /* P9  0 = exit during delivery without IDT-vectoring information, 1 = with */
	NW_P_SAVED_RF,          /* P10 enum nw_saved_rf */
	NW_P_CONTEXT_INVALID,   /* P11 0 = never, 1 = every exit, N = every Nth exit */
	NW_P_CONTEXT_DAMAGE,    /* P11 enum nw_damage: what happens to the guest-state area */
	NW_P_UNDEFINED,         /* P12 enum nw_undefined */
	NW_P_PRIORITY,          /* P13 enum nw_priority */
	NW_P_FEATURE,           /* P15 enum nw_feature */
	NW_P_SMM,               /* P16 enum nw_smm */
	NW_P_SUM,               /* P17 enum nw_sum */
	NW_P_IDT,               /* P18 enum nw_idt */
	NW_P_CRYSTAL_PHASE,     /* P19 enum nw_phase */
	NW_P_ATOMIC,            /* P20 enum nw_atomic */
	NW_P_SHADOW,            /* P21 enum nw_shadow */
	NW_P_HANG_LIMIT,        /* P22 microseconds of simulated time, 0 = no limit */
	NW_P_SKIP,              /* 1 = identical loop iterations are skipped arithmetically, 0 = all are executed */
	NW_P_SEED,              /* seed of RDRAND, RDSEED and of NW_DAMAGE_RANDOM */
	NW_P_GAP_MIN,           /* TSC ticks: shorter event-window gaps are counted but not written to the trace */
	NW_PARAM_COUNT
};

enum nw_unit { NW_UNIT_CRYSTAL, NW_UNIT_TSC };
enum nw_stalling { NW_STALLING_ALL, NW_STALLING_DELIVERY, NW_STALLING_DEBUG_TRAP, NW_STALLING_NONE };
enum nw_start { NW_START_BOUNDARY, NW_START_RISK };
enum nw_arm { NW_ARM_BEFORE_INJECTION, NW_ARM_AFTER_INJECTION };
enum nw_inactive { NW_INACTIVE_OPEN, NW_INACTIVE_CLOSED };
enum nw_saved_rf { NW_RF_IMAGE, NW_RF_BEFORE };
enum nw_damage { NW_DAMAGE_POISON, NW_DAMAGE_STALE, NW_DAMAGE_RANDOM, NW_DAMAGE_MSRS };
enum nw_undefined { NW_UNDEFINED_ZERO, NW_UNDEFINED_JUNK, NW_UNDEFINED_JUNK_LENGTH };
enum nw_priority { NW_PRIORITY_TIMEOUT, NW_PRIORITY_TABLE };
enum nw_feature { NW_FEATURE_MODEL, NW_FEATURE_ON, NW_FEATURE_OFF };
enum nw_smm { NW_SMM_SUSPEND, NW_SMM_COUNT };
enum nw_sum { NW_SUM_64BIT, NW_SUM_32BIT };
enum nw_idt { NW_IDT_REREAD, NW_IDT_CACHED };
enum nw_phase { NW_PHASE_FREE, NW_PHASE_EDGE };
enum nw_atomic { NW_ATOMIC_FAULT_BEFORE, NW_ATOMIC_COMPLETE };
enum nw_shadow { NW_SHADOW_OPENS, NW_SHADOW_CLOSED };

struct nw_param_info {
	const char *name;               /* option name, lower case with underscores */
	const char *number;             /* "P1" ... or "-" when the specification has no number for it */
	const char *unit;               /* "crystal", "tsc", "us", "exits", "ticks", or "" for a choice */
	uint64_t def;                   /* default value */
	uint64_t min, max;              /* accepted range, inclusive */
	const char *const *choices;     /* NULL, or max + 1 names, index = value */
	const char *provenance;         /* "cited: ...", "measured: ...", "assumed: ..." */
	const char *help;               /* one sentence */
};

/* The values of one run, indexed by enum nw_param_id. The caller owns the memory. */
struct nw_params {
	uint64_t v[NW_PARAM_COUNT];
};

/* Longest message nw_param_set() writes, including the terminating 0. */
#define NW_PARAM_ERRLEN 512

/* The table row of a parameter, or NULL when id is not one. */
const struct nw_param_info *nw_param_info(enum nw_param_id id);

/* Fills in every default. */
void nw_params_init(struct nw_params *p);

/* Looks a parameter up by name; returns its id, or -1. */
int nw_param_find(const char *name);

/*
 * Sets one parameter from text. Accepts a decimal or 0x number, or for a parameter with choices one of their names;
 * for `threshold` also the suffixes "crystal" and "tsc" ("8tsc", "8 tsc"), which set threshold_unit too; for
 * `context_invalid` also "never" and "always". Returns 0, or -1 with one line in err (which parameter, what was given,
 * what is accepted) and p unchanged.
 */
int nw_param_set(struct nw_params *p, const char *name, const char *text, char err[NW_PARAM_ERRLEN]);

/* Writes the value as text that nw_param_set() accepts. Returns the length, as snprintf does. */
int nw_param_format(const struct nw_params *p, enum nw_param_id id, char *buf, size_t len);

#ifdef __cplusplus
}
#endif

#endif
