/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace.h - the event record, its file format (.nwt) and its reader and writer.
 *
 * A trace is self-describing: it starts with the configuration that reproduces the run and with a table of the event
 * types and their fields (name, unit), so that a reader shows types it was not built for. No host time, address, path
 * or randomness is ever written: the same binary and inputs give the same bytes. docs/trace-format.md has the layout.
 */
#ifndef NW_TRACE_H
#define NW_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NWT_FIELDS_MAX  12
#define NWT_ERRLEN      256

enum nwt_type {
	NWT_VM_ENTRY = 1,       /* nw_ev_* in nw_trace_types.c lists the fields of each type */
	NWT_VM_EXIT,
	NWT_GAP,
	NWT_GAP_COUNT,
	NWT_FLOW_BEGIN,
	NWT_FLOW_END,
	NWT_EXPIRY,
	NWT_STALL,
	NWT_MARK,
	NWT_VERDICT,
	NWT_INACTIVE,
	NWT_SMM,
	NWT_GUEST,
	NWT_TYPE_COUNT
};

/* Field indexes. Times are absolute TSC ticks unless the name says otherwise. */
enum { NWT_ENTRY_RIP, NWT_ENTRY_CONTROL, NWT_ENTRY_WINDOW_CRYSTAL, NWT_ENTRY_INJECTED, NWT_ENTRY_FIELDS };
	/* control: 1 = notify exiting armed. injected: VM-entry interruption information, 0 = none */
enum { NWT_EXIT_REASON, NWT_EXIT_QUALIFICATION, NWT_EXIT_IDT_VECTORING, NWT_EXIT_RIP, NWT_EXIT_FIELDS };
enum { NWT_GAP_LENGTH_TSC, NWT_GAP_CAUSE, NWT_GAP_DETAIL, NWT_GAP_RIP, NWT_GAP_NONROOT, NWT_GAP_FIELDS };
	/* detail: vector of a delivery, rule number of a stall rule, activity state */
enum { NWT_GAPCOUNT_CAUSE, NWT_GAPCOUNT_DETAIL, NWT_GAPCOUNT_LOG2, NWT_GAPCOUNT_COUNT, NWT_GAPCOUNT_FIELDS };
	/* at the end of the run: number of gaps with 2^log2 <= length in ticks < 2^(log2+1) */
enum { NWT_FLOW_VECTOR, NWT_FLOW_ERROR_CODE, NWT_FLOW_RIP, NWT_FLOW_RSP, NWT_FLOW_NONROOT, NWT_FLOW_FIELDS };
enum { NWT_FLOWEND_OUTCOME, NWT_FLOWEND_ITERATIONS, NWT_FLOWEND_SKIPPED, NWT_FLOWEND_FIELDS };
enum { NWT_EXPIRY_S, NWT_EXPIRY_N_CRYSTAL, NWT_EXPIRY_D, NWT_EXPIRY_WINDOW_CRYSTAL, NWT_EXPIRY_QUALIFICATION,
       NWT_EXPIRY_IDT_VECTORING, NWT_EXPIRY_RIP, NWT_EXPIRY_CAUSE, NWT_EXPIRY_ITERATIONS, NWT_EXPIRY_FIELDS };
enum { NWT_STALL_CLOCKS_CRYSTAL, NWT_STALL_SOURCE, NWT_STALL_RIP, NWT_STALL_PHASE, NWT_STALL_CONTEXT, NWT_STALL_FIELDS };
	/* source: rule number, or NWT_STALL_SOURCE_MAGIC. phase: 0 = instruction, 1 = delivery, 2 = IRET, 3 = VM entry, 4 = task switch.
	   context: of a notify exit out of it: 0 = as P11 says, 1 = valid, 2 = invalid */
#define NWT_STALL_SOURCE_MAGIC 0xffff
enum { NWT_MARK_VALUE, NWT_MARK_FIELDS };
enum { NWT_VERDICT_KIND, NWT_VERDICT_CODE, NWT_VERDICT_RIP, NWT_VERDICT_ICOUNT, NWT_VERDICT_FIELDS };

enum { NWT_INACTIVE_EDGE, NWT_INACTIVE_STATE, NWT_INACTIVE_RIP, NWT_INACTIVE_FIELDS };
	/* an inactive state whose time counts (P8). Left by a VM exit it has no record of its own */
enum { NWT_SMM_EDGE, NWT_SMM_RIP, NWT_SMM_FIELDS };
	/* system-management mode, from VMX non-root operation and back; the boundary after RSM is one tick later */
enum nwt_edge { NWT_ENTERED, NWT_LEFT };

enum { NWT_GUEST_MODE, NWT_GUEST_CPL, NWT_GUEST_INTERRUPTIBILITY, NWT_GUEST_NMI_CONTROL, NWT_GUEST_ACTIVITY, NWT_GUEST_EVENT,
       NWT_GUEST_ERROR_CODE, NWT_GUEST_FIELDS };
	/*
	 * The guest as the notify exit finds it: comes just before its expiry record. interruptibility, activity: as in the
	 * guest-state area; bit 3 of the former is blocking by NMI, or virtual-NMI blocking with nmi_control = virtual_nmis.
	 * event: the one being delivered, in the format of the IDT-vectoring information, 0 = none, whatever P9 leaves of it.
	 */

enum nwt_mode { NWT_MODE_REAL, NWT_MODE_V8086, NWT_MODE_PROTECTED16, NWT_MODE_PROTECTED32, NWT_MODE_COMPATIBILITY, NWT_MODE_64BIT,
		NWT_MODE_COUNT };
enum nwt_nmi_control { NWT_NMI_NOT_EXITING, NWT_NMI_EXITING, NWT_NMI_VIRTUAL, NWT_NMI_CONTROL_COUNT };
enum nwt_cause { NWT_CAUSE_DELIVERY, NWT_CAUSE_STALL_RULE, NWT_CAUSE_MAGIC_STALL, NWT_CAUSE_INACTIVE, NWT_CAUSE_SMM,
		 NWT_CAUSE_COUNT };
enum nwt_flow_outcome { NWT_FLOW_DELIVERED, NWT_FLOW_VM_EXIT, NWT_FLOW_EXPIRED, NWT_FLOW_HUNG, NWT_FLOW_RESET,
			NWT_FLOW_OUTCOME_COUNT };
enum nwt_verdict_kind {
	NWT_VERDICT_GUEST_EXIT,         /* code = value written to the exit port */
	NWT_VERDICT_POWER_OFF,          /* the guest powered the machine off */
	NWT_VERDICT_HUNG,               /* hang limit reached with no notify exit armed; code = 0 */
	NWT_VERDICT_TIME_LIMIT,         /* the simulated-time limit of the run was reached */
	NWT_VERDICT_SHUTDOWN,           /* triple fault in root operation */
	NWT_VERDICT_FAULT,              /* the simulator gave up (panic) */
	NWT_VERDICT_RESET,              /* the guest reset the machine */
	NWT_VERDICT_FOREIGN_EXIT,       /* as GUEST_EXIT, by a guest that did not ask for the simulator's signature */
	NWT_VERDICT_KIND_COUNT
};

struct nwt_record {
	uint8_t type;           /* enum nwt_type, or a type described by the file only */
	uint8_t cpu;
	uint8_t n;              /* number of fields */
	uint64_t time_tsc;      /* TSC ticks since power-on */
	uint64_t f[NWT_FIELDS_MAX];
};

/* ---- Types (static table; what the writer stores in every file) ------------------------------------- */

struct nwt_field_info {
	const char *name;               /* "rip", "window" */
	const char *unit;               /* "tsc", "crystal", "hex", "count", "exit_reason", "enum:<a|b|c>" or "" */
};
struct nwt_type_info {
	uint8_t type;
	const char *name;               /* "vm_entry" */
	unsigned n;
	const struct nwt_field_info *fields;
};
/* NULL when the type is unknown. */
const struct nwt_type_info *nwt_type_info(unsigned type);
/*
 * The name of a value in names, "a|b|c" (what follows "enum:" in a unit): it starts at the result and has *len characters, as
 * names are not terminated. NULL when the value has none.
 */
const char *nwt_enum_name(const char *names, uint64_t value, size_t *len);

/* ---- Writer ------------------------------------------------------------------------------------------ */

struct nwt_config { const char *key, *value; };         /* keys like "param.threshold", "hash.kernel", "version.bochs" */

struct nwt_writer;
/* Creates path (through a temporary name in the same directory, renamed by nwt_close()). NULL: one line in err. */
struct nwt_writer *nwt_create(const char *path, const struct nwt_config *cfg, size_t n_cfg, char err[NWT_ERRLEN]);
/* Appends. Errors (disk full, ...) are latched and reported by nwt_close(). time_tsc may not go backwards per file. */
void nwt_write(struct nwt_writer *w, const struct nwt_record *rec);
/* Convenience for the above: fields are uint64_t, as many as the type has. */
void nwt_event(struct nwt_writer *w, enum nwt_type type, unsigned cpu, uint64_t time_tsc, const uint64_t *fields);
/*
 * Writes what has been written so far to a new file, path, as a complete trace; the writer goes on. 0, or -1 with one
 * line in err.
 */
int nwt_copy(struct nwt_writer *w, const char *path, char err[NWT_ERRLEN]);
/* Finishes the file and gives it its name. 0, or -1 with one line in err; then no file is left behind. */
int nwt_close(struct nwt_writer *w, char err[NWT_ERRLEN]);

/* ---- Reader ------------------------------------------------------------------------------------------ */

struct nwt_reader;
/* Opens and checks the header. NULL: one line in err (file: what is wrong, what is accepted). */
struct nwt_reader *nwt_open(const char *path, char err[NWT_ERRLEN]);
/* Number of configuration entries in the head. */
size_t nwt_config_count(const struct nwt_reader *r);
/* Entry i, counted from 0, in the order of the file; it lives as long as the reader. i must be below nwt_config_count(). */
const struct nwt_config *nwt_config_at(const struct nwt_reader *r, size_t i);
/* Value of a configuration key, or NULL. */
const char *nwt_config_get(const struct nwt_reader *r, const char *key);
/* Type table of the file. NULL when the file does not describe the type. */
const struct nwt_type_info *nwt_file_type(const struct nwt_reader *r, unsigned type);
/* 1 = a record, 0 = regular end, -1 = damaged or truncated (one line in err). */
int nwt_next(struct nwt_reader *r, struct nwt_record *rec, char err[NWT_ERRLEN]);
/*
 * Once nwt_next() has returned 0: CRC-64/XZ of the uncompressed content. Equal for equal runs whatever libzstd wrote
 * the files; the files' bytes are equal only for one version of libzstd.
 */
uint64_t nwt_content_crc64(const struct nwt_reader *r);
/* Frees the reader with everything that it has handed out. */
void nwt_reader_close(struct nwt_reader *r);

#ifdef __cplusplus
}
#endif

#endif
