/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_coverage.c - notify exits sorted into the bins of functional coverage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nw_coverage.h"

#define INFO_VALID              0x80000000u
#define INFO_TYPE(info)         ((info) >> 8 & 7)
#define INFO_VECTOR(info)       ((info) & 0xff)
#define BLOCKING_STI            0x1u
#define BLOCKING_MOV_SS         0x2u
#define BLOCKING_NMI            0x8u
#define QUAL_CONTEXT_INVALID    0x1u
#define QUAL_NMI_UNBLOCKING     0x1000u

static const struct {
	const char *name, *help;
	const char *bins;       /* "a|b|c"; NULL: from the trace format */
} dims[NW_COV_DIMS] = {
	[NW_COV_CAUSE] = { "cause", "what closed the event window", NULL },
	[NW_COV_EVENT] = { "event", "type of the event being delivered",
			   "none|external_interrupt|nmi|hardware_exception|software_interrupt|privileged_exception|software_exception" },
	[NW_COV_VECTORING] = { "vectoring", "IDT-vectoring information of the exit", "not_valid|valid" },
	[NW_COV_NMI] = { "nmi", "blocking by NMI", "none|nmi|virtual_nmi" },
	[NW_COV_CONTEXT] = { "context", "VM_CONTEXT_INVALID", "valid|invalid" },
	[NW_COV_WINDOW] = { "window", "notify window in crystal clocks", "0|1|2_to_2^31-1|2^31_to_2^32-2|2^32-1" },
	[NW_COV_MODE] = { "mode", "CPU mode of the guest", NULL },
	[NW_COV_CPL] = { "cpl", "privilege level of the guest", "0|1|2|3" },
	[NW_COV_VECTOR] = { "vector", "vector of the event being delivered",
			    "none|#DB|#NP|#PF|#AC|other_exception|above_31_or_nmi" },
	[NW_COV_PHASE] = { "phase", "phase of the stall", NULL },
	[NW_COV_SHADOW] = { "shadow", "blocking by STI or MOV SS", "none|sti|mov_ss" },
	[NW_COV_UNBLOCKING] = { "unblocking", "exit qualification bit 12, NMI unblocking due to IRET", "no|yes|undefined" },
};

const char *nw_cov_name(enum nw_cov_dim d)
{
	return dims[d].name;
}

const char *nw_cov_help(enum nw_cov_dim d)
{
	return dims[d].help;
}

/* ---- Bins ----------------------------------------------------------------------------------------------- */

static void add_bins(struct nw_coverage *c, enum nw_cov_dim d, const char *names)
{
	while (*names && c->bins[d] < NW_COV_BINS) {
		size_t len = strcspn(names, "|");

		snprintf(c->bin[d][c->bins[d]++], NW_COV_NAME, "%.*s", (int)len, names);
		names += len + (names[len] == '|');
	}
}

static void add_enum(struct nw_coverage *c, enum nw_cov_dim d, enum nwt_type type, unsigned field)
{
	add_bins(c, d, nwt_type_info(type)->fields[field].unit + strlen("enum:"));
}

int nw_coverage_init(struct nw_coverage *c)
{
	size_t rules;

	memset(c, 0, sizeof(*c));
	nw_cov_rules(&rules);
	c->cross_size = 1;
	for (enum nw_cov_dim d = 0; d < NW_COV_DIMS; d++) {
		if (d == NW_COV_PHASE)
			add_bins(c, d, "no_stall");
		if (dims[d].bins)
			add_bins(c, d, dims[d].bins);
		else if (d == NW_COV_CAUSE)
			add_enum(c, d, NWT_EXPIRY, NWT_EXPIRY_CAUSE);
		else if (d == NW_COV_MODE)
			add_enum(c, d, NWT_GUEST, NWT_GUEST_MODE);
		else
			add_enum(c, d, NWT_STALL, NWT_STALL_PHASE);
		if (d < NW_COV_CROSS)
			c->cross_size *= c->bins[d];
	}
	c->cross = calloc(c->cross_size, sizeof(*c->cross));
	c->contradicted = calloc(rules, sizeof(*c->contradicted));
	return c->cross && c->contradicted ? 0 : -1;
}

void nw_coverage_free(struct nw_coverage *c)
{
	free(c->cross);
	free(c->contradicted);
	c->cross = c->contradicted = NULL;
}

static int event_bin(uint64_t event)
{
	static const int by_type[8] = {
		[0] = NW_COV_EV_EXTERNAL, [1] = NW_COV_EV_HARDWARE, [2] = NW_COV_EV_NMI, [3] = NW_COV_EV_HARDWARE,
		[4] = NW_COV_EV_SOFTWARE_INT, [5] = NW_COV_EV_PRIVILEGED, [6] = NW_COV_EV_SOFTWARE, [7] = NW_COV_EV_HARDWARE,
	};

	return event & INFO_VALID ? by_type[INFO_TYPE(event)] : NW_COV_EV_NONE;
}

static int vector_bin(uint64_t event)
{
	if (!(event & INFO_VALID))
		return NW_COV_VEC_NONE;
	switch (INFO_VECTOR(event)) {
	case 1:  return NW_COV_VEC_DB;
	case 2:  return NW_COV_VEC_OTHER;
	case 11: return NW_COV_VEC_NP;
	case 14: return NW_COV_VEC_PF;
	case 17: return NW_COV_VEC_AC;
	default: return INFO_VECTOR(event) < 32 ? NW_COV_VEC_EXCEPTION : NW_COV_VEC_OTHER;
	}
}

static int window_bin(uint64_t window)
{
	return window < 2 ? (int)window : window < 0x80000000u ? 2 : window < UINT32_MAX ? 3 : 4;
}

static int shadow_bin(uint64_t blocking)
{
	return blocking & BLOCKING_MOV_SS ? NW_COV_SHADOW_MOV_SS : blocking & BLOCKING_STI ? NW_COV_SHADOW_STI : NW_COV_SHADOW_NONE;
}

static int nmi_bin(const uint64_t *guest)
{
	if (!(guest[NWT_GUEST_INTERRUPTIBILITY] & BLOCKING_NMI))
		return NW_COV_NMI_NONE;
	return guest[NWT_GUEST_NMI_CONTROL] == NWT_NMI_VIRTUAL ? NW_COV_NMI_VIRTUAL : NW_COV_NMI_BLOCKED;
}

/* Undefined during a delivery, and with "NMI exiting" 1 and "virtual NMIs" 0. SDM Vol. 3C, "Basic VM-exit information". */
static int unblocking_bin(const uint64_t *guest, uint64_t qualification)
{
	if (guest[NWT_GUEST_EVENT] || guest[NWT_GUEST_NMI_CONTROL] == NWT_NMI_EXITING)
		return NW_COV_UNBLOCKING_UNDEFINED;
	return qualification & QUAL_NMI_UNBLOCKING ? NW_COV_UNBLOCKING_YES : NW_COV_UNBLOCKING_NO;
}

static int phase_bin(uint64_t cause, uint64_t phase)
{
	return cause == NWT_CAUSE_STALL_RULE || cause == NWT_CAUSE_MAGIC_STALL ? 1 + (int)phase : NW_COV_PHASE_NONE;
}

/* ---- Records -------------------------------------------------------------------------------------------- */

static void count(struct nw_coverage *c, const int bin[NW_COV_DIMS])
{
	size_t index = 0, rules;
	const struct nw_cov_rule *first = nw_cov_rules(&rules), *rule = nw_cov_forbidden(bin);

	c->exits++;
	if (rule)
		c->contradicted[rule - first]++;
	for (unsigned d = 0; d < NW_COV_DIMS; d++) {
		c->single[d][bin[d]]++;
		for (unsigned e = d + 1; e < NW_COV_DIMS; e++)
			c->pair[d][e][bin[d]][bin[e]]++;
		if (d < NW_COV_CROSS)
			index = index * c->bins[d] + (unsigned)bin[d];
	}
	c->cross[index]++;
}

static void expiry(struct nw_coverage *c, const struct nwt_record *rec)
{
	const uint64_t *f = rec->f, *guest = c->cpu[rec->cpu].guest;
	uint64_t event = guest[NWT_GUEST_EVENT];
	int bin[NW_COV_DIMS] = {
		[NW_COV_CAUSE] = (int)f[NWT_EXPIRY_CAUSE],
		[NW_COV_EVENT] = event_bin(event),
		[NW_COV_VECTORING] = (f[NWT_EXPIRY_IDT_VECTORING] & INFO_VALID) != 0,
		[NW_COV_NMI] = nmi_bin(guest),
		[NW_COV_CONTEXT] = (f[NWT_EXPIRY_QUALIFICATION] & QUAL_CONTEXT_INVALID) != 0,
		[NW_COV_WINDOW] = window_bin(f[NWT_EXPIRY_WINDOW_CRYSTAL]),
		[NW_COV_MODE] = (int)guest[NWT_GUEST_MODE],
		[NW_COV_CPL] = (int)(guest[NWT_GUEST_CPL] & 3),
		[NW_COV_VECTOR] = vector_bin(event),
		[NW_COV_PHASE] = phase_bin(f[NWT_EXPIRY_CAUSE], c->cpu[rec->cpu].phase),
		[NW_COV_SHADOW] = shadow_bin(guest[NWT_GUEST_INTERRUPTIBILITY]),
		[NW_COV_UNBLOCKING] = unblocking_bin(guest, f[NWT_EXPIRY_QUALIFICATION]),
	};

	/* Values that this version does not know have no bin. */
	if (!c->cpu[rec->cpu].valid || f[NWT_EXPIRY_CAUSE] >= c->bins[NW_COV_CAUSE] ||
	    guest[NWT_GUEST_MODE] >= c->bins[NW_COV_MODE] || c->cpu[rec->cpu].phase >= c->bins[NW_COV_PHASE] - 1)
		c->without_guest++;
	else
		count(c, bin);
	c->cpu[rec->cpu].valid = false;
}

void nw_coverage_trace(struct nw_coverage *c)
{
	memset(c->cpu, 0, sizeof(c->cpu));
	c->traces++;
}

void nw_coverage_add(struct nw_coverage *c, const struct nwt_record *rec)
{
	switch (rec->type) {
	case NWT_STALL:
		c->cpu[rec->cpu].phase = rec->f[NWT_STALL_PHASE];
		break;
	case NWT_GUEST:
		c->cpu[rec->cpu].valid = true;
		memcpy(c->cpu[rec->cpu].guest, rec->f, sizeof(c->cpu[rec->cpu].guest));
		break;
	case NWT_EXPIRY:
		expiry(c, rec);
		break;
	}
}
