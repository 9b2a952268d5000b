/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_param.c - the parameter table, and its text form.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nw_param.h"
#include "nw_text.h"

static const char *const units[] = { "crystal", "tsc" };
static const char *const starts[] = { "boundary", "risk" };
static const char *const stallings[] = { "all", "delivery", "debug-trap", "none" };
static const char *const arms[] = { "before-injection", "after-injection" };
static const char *const inactives[] = { "open", "closed" };
static const char *const undefineds[] = { "zero", "junk", "junk-length" };
static const char *const priorities[] = { "timeout", "table" };
static const char *const smms[] = { "suspend", "count" };
static const char *const sums[] = { "64-bit", "32-bit" };
static const char *const idts[] = { "reread", "cached" };
static const char *const shadows[] = { "opens", "closed" };
static const char *const saved_rfs[] = { "image", "before" };
static const char *const damages[] = { "poison", "stale", "random", "msrs" };
static const char *const features[] = { "model", "on", "off" };
static const char *const phases[] = { "free", "edge" };
static const char *const atomics[] = { "fault-before", "complete" };

#define CHOICES(names) .min = 0, .max = sizeof(names) / sizeof((names)[0]) - 1, .choices = (names)

static const struct nw_param_info table[NW_PARAM_COUNT] = {
	[NW_P_THRESHOLD] = {
		.name = "threshold", .number = "P1", .unit = "crystal",
		.def = 131072, .min = 0, .max = UINT64_C(1) << 40,
		.provenance = "cited: 128k on Sapphire Rapids (X. Li of Intel, xen-devel, 2022-06-09); "
			      "other processors are said to differ",
		.help = "Internal threshold that hardware adds to the notify window, in threshold_unit.",
	},
	[NW_P_THRESHOLD_UNIT] = {
		.name = "threshold_unit", .number = "P2", .unit = "",
		.def = NW_UNIT_CRYSTAL, CHOICES(units),
		.provenance = "assumed: crystal clocks, the unit of the notify window; not published",
		.help = "Unit of the internal threshold.",
	},
	[NW_P_CRYSTAL_NUM] = {
		.name = "crystal_num", .number = "P3", .unit = "ticks",
		.def = 0, .min = 0, .max = UINT32_MAX,
		.provenance = "cited: CPUID.15H:EBX (SDM Vol. 2A, CPUID)",
		.help = "TSC ticks per crystal_den crystal clocks; 0 takes CPUID.15H:EBX of the CPU model.",
	},
	[NW_P_CRYSTAL_DEN] = {
		.name = "crystal_den", .number = "P3", .unit = "crystal",
		.def = 0, .min = 0, .max = UINT32_MAX,
		.provenance = "cited: CPUID.15H:EAX (SDM Vol. 2A, CPUID)",
		.help = "Crystal clocks per crystal_num TSC ticks; 0 takes CPUID.15H:EAX of the CPU model.",
	},
	[NW_P_DELIVERY_COST] = {
		.name = "delivery_cost", .number = "P4", .unit = "tsc",
		.def = 100, .min = 1, .max = UINT32_MAX,
		.provenance = "assumed: no figure is public; it changes the number of iterations, never "
			      "the deadline",
		.help = "TSC ticks of one event delivery that ends in another exception.",
	},
	[NW_P_STALLING] = {
		.name = "stalling", .number = "P5", .unit = "",
		.def = NW_STALLING_ALL, CHOICES(stallings),
		.provenance = "assumed: the two loops that are public (CVE-2015-5307, CVE-2015-8104); no list "
			      "of stalling operations is published",
		.help = "Which endless deliveries keep the event window closed: exceptions during a delivery, debug "
			"traps that come again at once, all of these, or none (then only stalls do).",
	},
	[NW_P_START] = {
		.name = "start", .number = "P6", .unit = "",
		.def = NW_START_BOUNDARY, CHOICES(starts),
		.provenance = "assumed: last event window or VM entry; Intel (LKML, 2021-05-25) speaks of "
			      "the first sign of the risk, which `risk` models",
		.help = "Where counting starts: the last event window, or the first nested delivery.",
	},
	[NW_P_ARM] = {
		.name = "arm", .number = "P7", .unit = "",
		.def = NW_ARM_BEFORE_INJECTION, CHOICES(arms),
		.provenance = "assumed: not published; hypervisors that inject the event again rely on it",
		.help = "Whether VM entry arms the window before it delivers the event that it injects, or at the first "
			"event window after it.",
	},
	[NW_P_INACTIVE] = {
		.name = "inactive", .number = "P8", .unit = "",
		.def = NW_INACTIVE_OPEN, CHOICES(inactives),
		.provenance = "assumed: a processor in HLT, MWAIT or shutdown is at an instruction boundary",
		.help = "Inactive states (HLT, MWAIT, UMWAIT, TPAUSE, shutdown, wait-for-SIPI): nothing is counted, or their "
			"boundaries open no event window.",
	},
	[NW_P_VECTORING] = {
		.name = "vectoring", .number = "P9", .unit = "",
		.def = 1, .min = 0, .max = 1,
		.provenance = "cited: the exit can be incident to event delivery (Linux commit "
			      "2f4073e08f4c)",
		.help = "1: an exit during event delivery has IDT-vectoring information; 0: it has none.",
	},
	[NW_P_SAVED_RF] = {
		.name = "saved_rf", .number = "P10", .unit = "",
		.def = NW_RF_IMAGE, CHOICES(saved_rfs),
		.provenance = "assumed: not published for exits during delivery",
		.help = "RFLAGS.RF saved by an exit during delivery: as in the stack image, or as before.",
	},
	[NW_P_CONTEXT_INVALID] = {
		.name = "context_invalid", .number = "P11", .unit = "exits",
		.def = 0, .min = 0, .max = UINT32_MAX,
		.provenance = "cited: no known case on existing silicon (X. Li of Intel, LKML, 2021)",
		.help = "Exits that report an invalid context: never, always, or every Nth; a stall rule can say otherwise.",
	},
	[NW_P_CONTEXT_DAMAGE] = {
		.name = "context_damage", .number = "P11", .unit = "",
		.def = NW_DAMAGE_POISON, CHOICES(damages),
		.provenance = "assumed: not published",
		.help = "What an invalid context holds: a poison pattern, the values of the last VM entry, "
			"seeded random numbers, or the poison in the fields of MSRs only.",
	},
	[NW_P_UNDEFINED] = {
		.name = "undefined", .number = "P12", .unit = "",
		.def = NW_UNDEFINED_ZERO, CHOICES(undefineds),
		.provenance = "cited: undefined (SDM Vol. 3C, VM-exit information fields)",
		.help = "What undefined VM-exit information holds: zeros, or junk that shows who reads it; junk-length: also the "
			"length of an instruction whose event was being delivered, which the manual does not name for this exit.",
	},
	[NW_P_PRIORITY] = {
		.name = "priority", .number = "P13", .unit = "",
		.def = NW_PRIORITY_TIMEOUT, CHOICES(priorities),
		.provenance = "cited: neither SMI nor NMI nor interrupts end the loops (XSA-156); order not "
			      "published",
		.help = "SMI, INIT and MTF in a loop of debug traps: pending until a window opens or the exit is taken, or "
			"taken before the next debug trap, as the SDM's table of priorities says.",
	},
	[NW_P_FEATURE] = {
		.name = "feature", .number = "P15", .unit = "",
		.def = NW_FEATURE_MODEL, CHOICES(features),
		.provenance = "cited: new in Sapphire Rapids (Xen CHANGELOG 4.18); client parts assumed "
			      "without",
		.help = "Whether the processor has notify VM exits: as the CPU model says, on, or off.",
	},
	[NW_P_SMM] = {
		.name = "smm", .number = "P16", .unit = "",
		.def = NW_SMM_SUSPEND, CHOICES(smms),
		.provenance = "assumed: SMM is not VMX non-root operation; not published",
		.help = "Time in system-management mode entered from VMX non-root operation: not counted, or counted, with the "
			"exit at the boundary after RSM.",
	},
	[NW_P_SUM] = {
		.name = "sum", .number = "P17", .unit = "",
		.def = NW_SUM_64BIT, CHOICES(sums),
		.provenance = "assumed: no value of the field is special (SDM Vol. 3C)",
		.help = "Width in which notify window and a threshold in crystal clocks are added; 32 bits wrap around.",
	},
	[NW_P_IDT] = {
		.name = "idt", .number = "P18", .unit = "",
		.def = NW_IDT_REREAD, CHOICES(idts),
		.provenance = "cited: another processor can end the loop by a write to the IDT (A. Cooper, xen-devel)",
		.help = "Whether every delivery of a loop reads its IDT entry again, or the first one's is kept.",
	},
	[NW_P_CRYSTAL_PHASE] = {
		.name = "crystal_phase", .number = "P19", .unit = "",
		.def = NW_PHASE_FREE, CHOICES(phases),
		.provenance = "assumed: not published",
		.help = "Crystal clocks are counted from s, or as edges of a free-running crystal.",
	},
	[NW_P_ATOMIC] = {
		.name = "atomic", .number = "P20", .unit = "",
		.def = NW_ATOMIC_FAULT_BEFORE, CHOICES(atomics),
		.provenance = "assumed: not published",
		.help = "An atomic instruction that would cross the deadline: not begun, or completed.",
	},
	[NW_P_SHADOW] = {
		.name = "shadow", .number = "P21", .unit = "",
		.def = NW_SHADOW_OPENS, CHOICES(shadows),
		.provenance = "assumed: the boundary is an instruction boundary; not published",
		.help = "Whether a boundary in the shadow of STI, MOV SS or POP SS opens an event window.",
	},
	[NW_P_HANG_LIMIT] = {
		.name = "hang_limit", .number = "P22", .unit = "us",
		.def = 10000000, .min = 0, .max = UINT64_C(1000000000000),
		.provenance = "assumed: a limit of the simulator, not of the processor",
		.help = "Simulated time without an event window and without a notify exit to end it after "
			"which the run is hung; 0: no limit.",
	},
	[NW_P_SKIP] = {
		.name = "skip", .number = "-", .unit = "",
		.def = 1, .min = 0, .max = 1,
		.provenance = "assumed: a speed-up of the simulator without effect on results",
		.help = "1: identical loop iterations are skipped arithmetically; 0: all are executed.",
	},
	[NW_P_SEED] = {
		.name = "seed", .number = "-", .unit = "",
		.def = 1, .min = 0, .max = UINT32_MAX,
		.provenance = "assumed: a fixed number, so that runs repeat",
		.help = "Seed of RDRAND, RDSEED, random damage and junk in undefined fields.",
	},
	[NW_P_GAP_MIN] = {
		.name = "gap_min", .number = "-", .unit = "tsc",
		.def = 2, .min = 1, .max = UINT64_C(1) << 40,
		.provenance = "assumed: leaves out what an instruction of one tick shows",
		.help = "Shorter event-window gaps are counted but not written to the trace.",
	},
};

const struct nw_param_info *nw_param_info(enum nw_param_id id)
{
	return (unsigned)id < NW_PARAM_COUNT ? &table[id] : NULL;
}

void nw_params_init(struct nw_params *p)
{
	for (int id = 0; id < NW_PARAM_COUNT; id++)
		p->v[id] = table[id].def;
}

int nw_param_find(const char *name)
{
	for (int id = 0; id < NW_PARAM_COUNT; id++)
		if (!strcmp(table[id].name, name))
			return id;
	return -1;
}

/* Appends to the line in buf[size]; what does not fit is cut. */
__attribute__((format(printf, 3, 4)))
static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf + used, size - used, fmt, args);
	va_end(args);
}

static void unknown_name(const char *name, char err[NW_PARAM_ERRLEN])
{
	char quote[NW_TEXT_QUOTE];

	snprintf(err, NW_PARAM_ERRLEN, "'%.24s': no such parameter; ",
		 nw_text_quote(quote, name, strlen(name)));
	for (int id = 0; id < NW_PARAM_COUNT; id++)
		append(err, NW_PARAM_ERRLEN, "%s%s", id ? ", " : "", table[id].name);
}

static void not_accepted(enum nw_param_id id, const char *text, char err[NW_PARAM_ERRLEN])
{
	const struct nw_param_info *info = &table[id];
	char quote[NW_TEXT_QUOTE];

	snprintf(err, NW_PARAM_ERRLEN, "%s: '%s' is not accepted; ", info->name,
		 nw_text_quote(quote, text, strlen(text)));
	if (info->choices) {
		append(err, NW_PARAM_ERRLEN, "one of ");
		for (uint64_t i = 0; i <= info->max; i++)
			append(err, NW_PARAM_ERRLEN, "%s%s", i ? ", " : "", info->choices[i]);
		return;
	}
	append(err, NW_PARAM_ERRLEN, "a number %" PRIu64 "..%" PRIu64, info->min, info->max);
	if (id == NW_P_THRESHOLD)
		append(err, NW_PARAM_ERRLEN, " with optional unit crystal or tsc");
	else if (id == NW_P_CONTEXT_INVALID)
		append(err, NW_PARAM_ERRLEN, ", never (0) or always (1)");
}

/* Does text[0..*len) end with suffix? Then cuts it off, with the blanks before it. */
static int cut_suffix(const char *text, size_t *len, const char *suffix)
{
	size_t n = strlen(suffix);

	if (*len < n || memcmp(text + *len - n, suffix, n))
		return 0;
	*len -= n;
	while (*len > 0 && text[*len - 1] == ' ')
		--*len;
	return 1;
}

static int parse_choice(const struct nw_param_info *info, const char *text, uint64_t *value)
{
	for (uint64_t i = 0; i <= info->max; i++) {
		if (!strcmp(info->choices[i], text)) {
			*value = i;
			return 0;
		}
	}
	return -1;
}

/* The unit is looked for first: the c of "crystal" is also a hexadecimal digit. */
static void parse_unit(const char *text, size_t *len, uint64_t *unit)
{
	for (uint64_t i = 0; i <= table[NW_P_THRESHOLD_UNIT].max; i++) {
		if (cut_suffix(text, len, units[i])) {
			*unit = i;
			return;
		}
	}
}

static int parse_number(enum nw_param_id id, const char *text, size_t len, uint64_t *value)
{
	uint64_t v;

	if (nw_text_number(text, len, &v) || v < table[id].min || v > table[id].max)
		return -1;
	*value = v;
	return 0;
}

static int parse(struct nw_params *p, enum nw_param_id id, const char *text)
{
	uint64_t unit = p->v[NW_P_THRESHOLD_UNIT];
	size_t len = strlen(text);

	if (table[id].choices)
		return parse_choice(&table[id], text, &p->v[id]);
	if (id == NW_P_CONTEXT_INVALID && (!strcmp(text, "never") || !strcmp(text, "always"))) {
		p->v[id] = text[0] == 'a';
		return 0;
	}
	if (id == NW_P_THRESHOLD)
		parse_unit(text, &len, &unit);
	if (parse_number(id, text, len, &p->v[id]))
		return -1;
	p->v[NW_P_THRESHOLD_UNIT] = unit;
	return 0;
}

int nw_param_set(struct nw_params *p, const char *name, const char *text, char err[NW_PARAM_ERRLEN])
{
	int id = nw_param_find(name);

	if (id < 0) {
		unknown_name(name, err);
		return -1;
	}
	if (parse(p, (enum nw_param_id)id, text)) {
		not_accepted((enum nw_param_id)id, text, err);
		return -1;
	}
	return 0;
}

int nw_param_format(const struct nw_params *p, enum nw_param_id id, char *buf, size_t len)
{
	uint64_t v = p->v[id];

	if (table[id].choices && v <= table[id].max)
		return snprintf(buf, len, "%s", table[id].choices[v]);
	if (id == NW_P_CONTEXT_INVALID && v <= 1)
		return snprintf(buf, len, "%s", v ? "always" : "never");
	return snprintf(buf, len, "%" PRIu64, v);
}
