/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_trace_types.c - the event types: names and units of their fields.
 *
 * Every file carries a copy of this table. A type's number, and the position, name and unit of a field, are never used
 * for anything else again; new fields and new enum values are appended.
 */
#include <string.h>

#include "nw_trace.h"

#define ENUM_NO_YES     "enum:no|yes"
#define ENUM_CAUSE      "enum:delivery|stall_rule|magic_stall|inactive|smm"
#define ENUM_EDGE       "enum:entered|left"

static const struct nwt_field_info nw_ev_vm_entry[NWT_ENTRY_FIELDS] = {
	[NWT_ENTRY_RIP] = { "rip", "hex" },
	[NWT_ENTRY_CONTROL] = { "control", "enum:off|armed" },
	[NWT_ENTRY_WINDOW_CRYSTAL] = { "window", "crystal" },
	[NWT_ENTRY_INJECTED] = { "injected", "hex" },
};

static const struct nwt_field_info nw_ev_vm_exit[NWT_EXIT_FIELDS] = {
	[NWT_EXIT_REASON] = { "reason", "exit_reason" },
	[NWT_EXIT_QUALIFICATION] = { "qualification", "hex" },
	[NWT_EXIT_IDT_VECTORING] = { "idt_vectoring", "hex" },
	[NWT_EXIT_RIP] = { "rip", "hex" },
};

static const struct nwt_field_info nw_ev_gap[NWT_GAP_FIELDS] = {
	[NWT_GAP_LENGTH_TSC] = { "length", "tsc" },
	[NWT_GAP_CAUSE] = { "cause", ENUM_CAUSE },
	[NWT_GAP_DETAIL] = { "detail", "" },
	[NWT_GAP_RIP] = { "rip", "hex" },
	[NWT_GAP_NONROOT] = { "nonroot", ENUM_NO_YES },
};

static const struct nwt_field_info nw_ev_gap_count[NWT_GAPCOUNT_FIELDS] = {
	[NWT_GAPCOUNT_CAUSE] = { "cause", ENUM_CAUSE },
	[NWT_GAPCOUNT_DETAIL] = { "detail", "" },
	[NWT_GAPCOUNT_LOG2] = { "log2", "" },
	[NWT_GAPCOUNT_COUNT] = { "count", "count" },
};

static const struct nwt_field_info nw_ev_flow_begin[NWT_FLOW_FIELDS] = {
	[NWT_FLOW_VECTOR] = { "vector", "" },
	[NWT_FLOW_ERROR_CODE] = { "error_code", "hex" },
	[NWT_FLOW_RIP] = { "rip", "hex" },
	[NWT_FLOW_RSP] = { "rsp", "hex" },
	[NWT_FLOW_NONROOT] = { "nonroot", ENUM_NO_YES },
};

static const struct nwt_field_info nw_ev_flow_end[NWT_FLOWEND_FIELDS] = {
	[NWT_FLOWEND_OUTCOME] = { "outcome", "enum:delivered|vm_exit|expired|hung|reset" },
	[NWT_FLOWEND_ITERATIONS] = { "iterations", "count" },
	[NWT_FLOWEND_SKIPPED] = { "skipped", "count" },
};

static const struct nwt_field_info nw_ev_expiry[NWT_EXPIRY_FIELDS] = {
	[NWT_EXPIRY_S] = { "s", "tsc" },
	[NWT_EXPIRY_N_CRYSTAL] = { "N", "crystal" },
	[NWT_EXPIRY_D] = { "D", "tsc" },
	[NWT_EXPIRY_WINDOW_CRYSTAL] = { "window", "crystal" },
	[NWT_EXPIRY_QUALIFICATION] = { "qualification", "hex" },
	[NWT_EXPIRY_IDT_VECTORING] = { "idt_vectoring", "hex" },
	[NWT_EXPIRY_RIP] = { "rip", "hex" },
	[NWT_EXPIRY_CAUSE] = { "cause", ENUM_CAUSE },
	[NWT_EXPIRY_ITERATIONS] = { "iterations", "count" },
};

static const struct nwt_field_info nw_ev_stall[NWT_STALL_FIELDS] = {
	[NWT_STALL_CLOCKS_CRYSTAL] = { "clocks", "crystal" },
	[NWT_STALL_SOURCE] = { "source", "" },
	[NWT_STALL_RIP] = { "rip", "hex" },
	[NWT_STALL_PHASE] = { "phase", "enum:instruction|delivery|iret|entry|task_switch" },
	[NWT_STALL_CONTEXT] = { "context", "enum:policy|valid|invalid" },
};

static const struct nwt_field_info nw_ev_mark[NWT_MARK_FIELDS] = {
	[NWT_MARK_VALUE] = { "value", "hex" },
};

static const struct nwt_field_info nw_ev_verdict[NWT_VERDICT_FIELDS] = {
	[NWT_VERDICT_KIND] = { "kind", "enum:guest_exit|power_off|hung|time_limit|shutdown|fault|reset|foreign_exit" },
	[NWT_VERDICT_CODE] = { "code", "" },
	[NWT_VERDICT_RIP] = { "rip", "hex" },
	[NWT_VERDICT_ICOUNT] = { "icount", "count" },
};

static const struct nwt_field_info nw_ev_inactive[NWT_INACTIVE_FIELDS] = {
	[NWT_INACTIVE_EDGE] = { "edge", ENUM_EDGE },
	[NWT_INACTIVE_STATE] = { "state", "enum:active|hlt|shutdown|wait_for_sipi|mwait|mwait_if" },
	[NWT_INACTIVE_RIP] = { "rip", "hex" },
};

static const struct nwt_field_info nw_ev_smm[NWT_SMM_FIELDS] = {
	[NWT_SMM_EDGE] = { "edge", ENUM_EDGE },
	[NWT_SMM_RIP] = { "rip", "hex" },
};

static const struct nwt_field_info nw_ev_guest[NWT_GUEST_FIELDS] = {
	[NWT_GUEST_MODE] = { "mode", "enum:real|v8086|protected16|protected32|compatibility|64bit" },
	[NWT_GUEST_CPL] = { "cpl", "" },
	[NWT_GUEST_INTERRUPTIBILITY] = { "interruptibility", "hex" },
	[NWT_GUEST_NMI_CONTROL] = { "nmi_control", "enum:not_exiting|exiting|virtual_nmis" },
	[NWT_GUEST_ACTIVITY] = { "activity", "enum:active|hlt|shutdown|wait_for_sipi" },
	[NWT_GUEST_EVENT] = { "event", "hex" },
	[NWT_GUEST_ERROR_CODE] = { "error_code", "hex" },
};

_Static_assert(NWT_EXPIRY_FIELDS <= NWT_FIELDS_MAX, "the longest type fits a record");

#define TYPE(id, name, count) [id] = { id, #name, count, nw_ev_##name }

static const struct nwt_type_info types[NWT_TYPE_COUNT] = {
	TYPE(NWT_VM_ENTRY, vm_entry, NWT_ENTRY_FIELDS),
	TYPE(NWT_VM_EXIT, vm_exit, NWT_EXIT_FIELDS),
	TYPE(NWT_GAP, gap, NWT_GAP_FIELDS),
	TYPE(NWT_GAP_COUNT, gap_count, NWT_GAPCOUNT_FIELDS),
	TYPE(NWT_FLOW_BEGIN, flow_begin, NWT_FLOW_FIELDS),
	TYPE(NWT_FLOW_END, flow_end, NWT_FLOWEND_FIELDS),
	TYPE(NWT_EXPIRY, expiry, NWT_EXPIRY_FIELDS),
	TYPE(NWT_STALL, stall, NWT_STALL_FIELDS),
	TYPE(NWT_MARK, mark, NWT_MARK_FIELDS),
	TYPE(NWT_VERDICT, verdict, NWT_VERDICT_FIELDS),
	TYPE(NWT_INACTIVE, inactive, NWT_INACTIVE_FIELDS),
	TYPE(NWT_SMM, smm, NWT_SMM_FIELDS),
	TYPE(NWT_GUEST, guest, NWT_GUEST_FIELDS),
};

const struct nwt_type_info *nwt_type_info(unsigned type)
{
	if (type >= NWT_TYPE_COUNT || !types[type].name)
		return NULL;
	return &types[type];
}

const char *nwt_enum_name(const char *names, uint64_t value, size_t *len)
{
	for (; value; value--) {
		names = strchr(names, '|');
		if (!names++)
			return NULL;
	}
	*len = strcspn(names, "|");
	return *len ? names : NULL;
}
