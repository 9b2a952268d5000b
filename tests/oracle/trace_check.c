/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trace_check.c - the records of a trace against the oracle.
 */
#include "trace_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "nw_abi.h"
#include "nw_oracle.h"
#include "nw_trace.h"
#include "trace_rules.h"

#define CPUS            256
#define COMPLAINTS_MAX  20
#define SHADOW_TICKS    2       /* STI and MOV SS, one after the other */

/* A closed interval as far as the records tell. */
struct interval {
	bool open;
	uint64_t first;         /* its first record */
	uint64_t observed;      /* the first record under the VM entry in force, ORACLE_NEVER = none */
	bool trap;              /* begun by debug traps: the last window was earlier than the record */
	uint64_t earlier;       /* ... in other intervals by so many ticks at most */
	bool stall;             /* the last record is a stall, which ends at `until` */
	bool instruction;       /* ... of an instruction */
	bool smm;               /* time in SMM, which ends at the boundary after `until` */
	uint64_t context;       /* ... what it says of VM_CONTEXT_INVALID: 0 nothing, 1 valid, 2 invalid */
	uint64_t until;
	bool flow, flow_stalled;
	uint64_t flow_begin;
};

struct cpu {
	bool nonroot, armed;
	bool arms_late;         /* P7: armed by the first window after the VM entry */
	bool smm_armed;         /* in SMM: what RSM takes up */
	uint64_t smm_begin;
	uint64_t entry, window;
	uint64_t last_gap_end;
	struct interval i;
	bool found;             /* the guest record waits for its expiry */
	struct nwt_record guest;
	bool expired;           /* the expiry waits for its VM exit */
	struct nwt_record expiry;
	bool exited, notified;  /* a VM exit, flow_end and gap may follow; it is a notify exit */
	uint64_t exit;
	uint64_t notify_exits;
};

struct check {
	FILE *f;
	struct trace_rules rules;
	struct cpu cpu[CPUS];
	uint64_t last, checked;
	bool verdict, hung;
	bool guests;            /* the trace has guest records: each expiry needs one */
	unsigned complaints;
	uint64_t gaps[NWT_CAUSE_COUNT][256][64];
};

static void complain(struct check *c, const struct nwt_record *rec, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void complain(struct check *c, const struct nwt_record *rec, const char *format, ...)
{
	va_list args;

	if (c->complaints++ >= COMPLAINTS_MAX)
		return;
	fprintf(c->f, "check_trace: tick %" PRIu64 ", cpu%u: ", rec->time_tsc, rec->cpu);
	va_start(args, format);
	vfprintf(c->f, format, args);
	va_end(args);
	fputc('\n', c->f);
}

static void same(struct check *c, const struct nwt_record *rec, const char *what, uint64_t is, uint64_t should)
{
	if (is != should)
		complain(c, rec, "%s is %" PRIu64 ", should be %" PRIu64, what, is, should);
}

/* ---- Intervals ------------------------------------------------------------------------------------------ */

static bool in_guest(const struct cpu *p)
{
	return p->nonroot && p->armed;
}

static uint64_t deadline(const struct check *c, const struct cpu *p, uint64_t begin)
{
	uint64_t s = c->rules.oracle.from_first_nested ? p->i.observed : begin;

	return in_guest(p) && s != ORACLE_NEVER ? oracle_deadline(&c->rules.oracle, (uint32_t)p->window, s) : ORACLE_NEVER;
}

/* The latest tick at which the interval may have begun. */
static uint64_t begin_at_most(const struct cpu *p)
{
	return in_guest(p) && p->entry > p->i.first ? p->entry : p->i.first;
}

static uint64_t hang_limit(const struct check *c, uint64_t begin)
{
	uint64_t ticks = oracle_us_to_tsc(c->rules.oracle.hang_us, c->rules.oracle.tsc_hz), end = begin + (ticks ? ticks : 1);

	return c->rules.oracle.hang_us && end > begin ? end : ORACLE_NEVER;
}

/* Is the deadline of this interval waived for an instruction that completes (P20)? */
static bool completes(const struct check *c, const struct interval *i)
{
	return (c->rules.oracle.completes || i->smm) && i->stall && i->instruction && i->until != ORACLE_NEVER;
}

/* s, or the begin of a gap: as the records say, or a little earlier. */
static void check_begin(struct check *c, const struct nwt_record *rec, const struct cpu *p, const char *what, uint64_t begin)
{
	uint64_t most = begin_at_most(p), least = most;

	if (p->i.trap)
		least = 0;
	else if (p->i.earlier < least)
		least = most - p->i.earlier;
	if (least < p->last_gap_end)
		least = p->last_gap_end;
	if (in_guest(p) && least < p->entry)
		least = p->entry;
	if (least > most)
		least = most;
	if (least == most)
		same(c, rec, what, begin, most);
	else if (begin > most || begin < least)
		complain(c, rec, "%s is %" PRIu64 ", should be between %" PRIu64 " and %" PRIu64, what, begin, least, most);
}

/* The interval ended at `end`, by a window or by another VM exit, having begun at `begin`. */
static void ended(struct check *c, const struct nwt_record *rec, struct cpu *p, uint64_t begin, uint64_t end, bool by_exit)
{
	uint64_t d = deadline(c, p, begin);

	if (by_exit && completes(c, &p->i))
		d = ORACLE_NEVER; /* the instruction that was to be completed first has exited */
	else if (d < end || (by_exit && d == end))
		complain(c, rec, "notify VM exit missing: no event window after tick %" PRIu64 ", D was %" PRIu64, begin, d);
	if (!in_guest(p) && hang_limit(c, begin) < end)
		complain(c, rec, "hang limit missed: closed from tick %" PRIu64 " to %" PRIu64, begin, end);
	if (p->i.stall && end < p->i.until)
		complain(c, rec, "the stall ended before tick %" PRIu64, p->i.until);
	p->i.open = false;
}

/* Has what was stalled completed, and its window opened, when something else is recorded at this tick? */
static bool window_was_due(const struct cpu *p, uint64_t tick)
{
	return p->i.open && p->i.stall && !p->i.flow && p->i.until != ORACLE_NEVER && tick > p->i.until;
}

/*
 * Something happens now that is not part of the interval that still seems open: it ended without a gap record, being
 * shorter than gap_min.
 */
static void ended_silently(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	uint64_t begin = begin_at_most(p), end = window_was_due(p, rec->time_tsc) ? p->i.until + 1 : rec->time_tsc;

	if (end - begin >= c->rules.gap_min)
		complain(c, rec, "the gap from tick %" PRIu64 " to %" PRIu64 " has no record", begin, end);
	ended(c, rec, p, begin, end, false);
}

static unsigned shadow_ticks(const struct check *c)
{
	return c->rules.shadow_closed ? SHADOW_TICKS : 0;
}

/* P21: what was stalled has cast a shadow, and no gap was recorded at its end. */
static bool shadow_goes_on(const struct check *c, const struct nwt_record *rec, const struct cpu *p)
{
	return c->rules.shadow_closed && rec->time_tsc - p->i.until <= SHADOW_TICKS &&
	       p->i.until + 1 - begin_at_most(p) >= c->rules.gap_min;
}

/* P7: the VM entry has delivered its event, and a window has opened. */
static void late_arming(struct cpu *p, uint64_t tick)
{
	if (!p->arms_late || tick <= p->entry)
		return;
	p->arms_late = false;
	p->armed = true;
}

static void begin_or_continue(struct check *c, const struct nwt_record *rec, struct cpu *p, bool trap)
{
	struct interval *i = &p->i;

	if (window_was_due(p, rec->time_tsc) && !shadow_goes_on(c, rec, p))
		ended_silently(c, rec, p);
	if (!i->open) {
		late_arming(p, rec->time_tsc);
		*i = (struct interval){ .open = true, .first = rec->time_tsc, .observed = ORACLE_NEVER, .trap = trap,
					.earlier = shadow_ticks(c) };
	}
	if (i->observed == ORACLE_NEVER && in_guest(p))
		i->observed = rec->time_tsc;
}

/* ---- Records -------------------------------------------------------------------------------------------- */

static void vm_entry(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	if (p->expired)
		complain(c, rec, "VM entry although an expiry waits for its VM exit");
	if (p->i.open)
		ended_silently(c, rec, p); /* a stall of the entry instruction, for one */
	p->nonroot = true;
	p->arms_late = rec->f[NWT_ENTRY_CONTROL] && c->rules.arm_late && rec->f[NWT_ENTRY_INJECTED];
	p->armed = rec->f[NWT_ENTRY_CONTROL] && !p->arms_late;
	p->entry = rec->time_tsc;
	p->window = rec->f[NWT_ENTRY_WINDOW_CRYSTAL];
	p->expired = false;
}

static void stall(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	uint64_t clocks = rec->f[NWT_STALL_CLOCKS_CRYSTAL];
	uint64_t ticks = clocks == ORACLE_NEVER ? clocks : oracle_crystal_to_tsc(&c->rules.oracle, clocks);

	begin_or_continue(c, rec, p, false);
	p->i.stall = true;
	p->i.instruction = rec->f[NWT_STALL_PHASE] == 0;
	p->i.context = rec->n > NWT_STALL_CONTEXT ? rec->f[NWT_STALL_CONTEXT] : 0;
	p->i.until = ticks > ORACLE_NEVER - rec->time_tsc ? ORACLE_NEVER : rec->time_tsc + ticks;
	p->i.flow_stalled |= p->i.flow;
}

static void flow_begin(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	bool trap = rec->f[NWT_FLOW_VECTOR] == 1;

	begin_or_continue(c, rec, p, trap);
	if (!(trap ? c->rules.debug_traps : c->rules.deliveries))
		complain(c, rec, "a flow of vector %" PRIu64 ", although param.stalling lists no such loop",
			 rec->f[NWT_FLOW_VECTOR]);
	if (p->i.flow)
		complain(c, rec, "flow_begin inside a flow");
	p->i.stall = false;
	p->i.flow = true;
	p->i.flow_stalled = false;
	p->i.flow_begin = rec->time_tsc;
}

static void check_iterations(struct check *c, const struct nwt_record *rec, const struct interval *i, uint64_t iterations)
{
	if (i->flow && !i->flow_stalled)
		same(c, rec, "iterations", iterations, oracle_iterations(&c->rules.oracle, rec->time_tsc - i->flow_begin));
}

/* The guest record just before an expiry: the same tick, and the event that the exit tells of. */
static void expiry_guest(struct check *c, const struct nwt_record *rec, const struct cpu *p)
{
	uint64_t event = p->guest.f[NWT_GUEST_EVENT];

	if (!p->found) {
		if (c->guests)
			complain(c, rec, "expiry without a guest record");
		return;
	}
	same(c, rec, "tick of the guest record", p->guest.time_tsc, rec->time_tsc);
	if (c->rules.vectoring)
		same(c, rec, "IDT-vectoring information", rec->f[NWT_EXPIRY_IDT_VECTORING], event);
	if (event && !c->rules.junk && rec->f[NWT_EXPIRY_QUALIFICATION] & NW_QUAL_NMI_UNBLOCKING)
		complain(c, rec, "qualification bit 12 is set during the delivery of an event");
}

static void expiry(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	const uint64_t *f = rec->f;
	struct interval *i = &p->i;
	uint64_t d = oracle_deadline(&c->rules.oracle, (uint32_t)f[NWT_EXPIRY_WINDOW_CRYSTAL], f[NWT_EXPIRY_S]), s = f[NWT_EXPIRY_S];
	bool late = completes(c, i), invalid;

	c->checked++;
	expiry_guest(c, rec, p);
	p->found = false;
	p->expired = true;
	p->expiry = *rec;
	if (!in_guest(p))
		complain(c, rec, "expiry although no guest with notify exiting runs");
	if (!i->open) {
		complain(c, rec, "expiry outside any closed interval");
		return;
	}
	same(c, rec, "window", f[NWT_EXPIRY_WINDOW_CRYSTAL], p->window);
	same(c, rec, "N", f[NWT_EXPIRY_N_CRYSTAL], oracle_n(&c->rules.oracle, (uint32_t)p->window));
	same(c, rec, "D", f[NWT_EXPIRY_D], d);
	if (c->rules.oracle.from_first_nested)
		same(c, rec, "s", s, i->observed);
	else
		check_begin(c, rec, p, "s", s);
	same(c, rec, "tick of the expiry", rec->time_tsc, late ? i->until + 1 : d);
	if (i->stall && !i->flow && (late ? d > i->until : i->until != ORACLE_NEVER && i->until + 1 + shadow_ticks(c) <= d))
		complain(c, rec, "notify VM exit extra: a window opens at tick %" PRIu64 ", D is %" PRIu64, i->until + 1, d);
	if (i->flow)
		check_iterations(c, rec, i, f[NWT_EXPIRY_ITERATIONS]);
	p->notify_exits++;
	invalid = c->rules.oracle.invalid_every && p->notify_exits % c->rules.oracle.invalid_every == 0;
	if (i->stall && i->context && (late || d <= i->until))
		invalid = i->context == 2; /* out of this stall: it decides, not P11 */
	same(c, rec, "qualification bit 0", f[NWT_EXPIRY_QUALIFICATION] & NW_QUAL_CONTEXT_INVALID, invalid);
	if (!c->rules.vectoring && f[NWT_EXPIRY_IDT_VECTORING])
		complain(c, rec, "IDT-vectoring information is recorded with vectoring=0");
}

static void notify_exit(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	const uint64_t *e = p->expiry.f;

	same(c, rec, "tick of the VM exit", rec->time_tsc, p->expiry.time_tsc);
	same(c, rec, "qualification of the VM exit", rec->f[NWT_EXIT_QUALIFICATION], e[NWT_EXPIRY_QUALIFICATION]);
	same(c, rec, "IDT-vectoring information of the VM exit", rec->f[NWT_EXIT_IDT_VECTORING],
	     e[NWT_EXPIRY_IDT_VECTORING]);
	same(c, rec, "RIP of the VM exit", rec->f[NWT_EXIT_RIP], e[NWT_EXPIRY_RIP]);
	same(c, rec, "bit 31 of the exit reason", rec->f[NWT_EXIT_REASON] >> 31, 0);
}

static void vm_exit(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	bool notify = (rec->f[NWT_EXIT_REASON] & 0xffff) == NW_EXIT_REASON_INSTRUCTION_TIMEOUT;

	if (notify && p->expired)
		notify_exit(c, rec, p);
	else if (notify)
		complain(c, rec, "notify VM exit extra: no expiry before it");
	else if (p->expired)
		complain(c, rec, "an expiry is followed by a VM exit with another reason");
	p->exited = true;
	p->notified = notify;
	p->exit = rec->time_tsc;
	p->expired = false;
}

static void flow_end(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	uint64_t outcome = rec->f[NWT_FLOWEND_OUTCOME], iterations = rec->f[NWT_FLOWEND_ITERATIONS];
	struct interval *i = &p->i;

	if (!i->open || !i->flow) {
		complain(c, rec, "flow_end without flow_begin");
		return;
	}
	if (outcome == NWT_FLOW_EXPIRED || outcome == NWT_FLOW_HUNG)
		check_iterations(c, rec, i, iterations);
	else if (!i->flow_stalled && iterations > oracle_iterations(&c->rules.oracle, rec->time_tsc - i->flow_begin))
		complain(c, rec, "%" PRIu64 " iterations since tick %" PRIu64, iterations, i->flow_begin);
	if ((outcome == NWT_FLOW_EXPIRED) != (p->exited && p->notified))
		complain(c, rec, "the outcome of the flow is not what the VM exit before it says");
	if (outcome == NWT_FLOW_DELIVERED && deadline(c, p, begin_at_most(p)) < rec->time_tsc && !i->trap)
		complain(c, rec, "notify VM exit missing: delivered after D");
	if (outcome == NWT_FLOW_RESET)
		p->nonroot = false;
	i->flow = false;
	if (outcome == NWT_FLOW_DELIVERED || outcome == NWT_FLOW_RESET) { /* the window opens now */
		i->stall = true;
		i->instruction = false;
		i->until = rec->time_tsc - 1;
	}
}

static unsigned log2_of(uint64_t v)
{
	unsigned n = 0;

	while (v >>= 1)
		n++;
	return n;
}

static void gap(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	uint64_t length = rec->f[NWT_GAP_LENGTH_TSC], begin = rec->time_tsc - length;
	struct interval *i = &p->i;

	if (rec->f[NWT_GAP_CAUSE] < NWT_CAUSE_COUNT)
		c->gaps[rec->f[NWT_GAP_CAUSE]][rec->f[NWT_GAP_DETAIL] & 0xff][log2_of(length)]++;
	if (length < c->rules.gap_min)
		complain(c, rec, "a gap of %" PRIu64 " ticks is recorded, gap_min is %" PRIu64, length, c->rules.gap_min);
	if (!i->open) {
		complain(c, rec, "a gap of %" PRIu64 " ticks without flow or stall", length);
		return;
	}
	check_begin(c, rec, p, "begin of the gap", begin);
	if (p->exited && p->notified && !c->rules.oracle.from_first_nested)
		same(c, rec, "begin of the gap before the notify exit", begin, p->expiry.f[NWT_EXPIRY_S]);
	if (!(p->exited && p->notified)) {
		if (window_was_due(p, rec->time_tsc - 1 - shadow_ticks(c)))
			complain(c, rec, "the event window due at tick %" PRIu64 " opened later", i->until + 1);
		ended(c, rec, p, begin, rec->time_tsc, p->exited);
	}
	i->open = false;
	p->last_gap_end = rec->time_tsc;
}

/* An inactive state whose time counts begins or ends: a window at its end, none at its begin. */
static void inactive(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	struct interval *i = &p->i;

	if (rec->f[NWT_INACTIVE_EDGE] == NWT_LEFT) {
		if (i->open)
			ended_silently(c, rec, p);
		return;
	}
	if (window_was_due(p, rec->time_tsc - 1))
		ended_silently(c, rec, p);
	i->stall = false;
	begin_or_continue(c, rec, p, false);
	if (i->first == rec->time_tsc)
		i->earlier++;
}

/* SMM is not VMX non-root operation: nothing is armed in it. */
static void smm(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	if (p->i.open && (rec->f[NWT_SMM_EDGE] == NWT_ENTERED || window_was_due(p, rec->time_tsc)))
		ended_silently(c, rec, p);
	p->i.open = false; /* a stall of RSM itself does not count from here on */
	if (rec->f[NWT_SMM_EDGE] == NWT_ENTERED) {
		late_arming(p, rec->time_tsc);
		p->smm_armed = p->armed;
		p->smm_begin = rec->time_tsc;
		p->armed = false;
		return;
	}
	p->armed = p->smm_armed;
	if (!c->rules.oracle.smm_counts)
		p->entry = rec->time_tsc;
	else if (p->armed)
		p->i = (struct interval){ .open = true, .first = p->smm_begin, .observed = p->smm_begin, .stall = true,
					  .instruction = true, .smm = true, .until = rec->time_tsc };
}

/* The processor goes on after a VM exit: what was closed is over. */
static void after_exit(struct check *c, const struct nwt_record *rec, struct cpu *p)
{
	struct interval *i = &p->i;

	if (window_was_due(p, p->exit) && !p->notified)
		ended_silently(c, rec, p);
	if (i->open && p->exit - begin_at_most(p) >= c->rules.gap_min + i->earlier)
		complain(c, rec, "the gap from tick %" PRIu64 " to the VM exit at %" PRIu64 " has no record", begin_at_most(p),
			 p->exit);
	if (i->open && !p->notified)
		ended(c, rec, p, begin_at_most(p), p->exit, true);
	i->open = p->nonroot = p->armed = p->arms_late = p->exited = p->notified = false;
}

static void gap_count(struct check *c, const struct nwt_record *rec)
{
	uint64_t cause = rec->f[NWT_GAPCOUNT_CAUSE], n = rec->f[NWT_GAPCOUNT_LOG2], *seen;

	if (cause >= NWT_CAUSE_COUNT || n > 63)
		return;
	seen = &c->gaps[cause][rec->f[NWT_GAPCOUNT_DETAIL] & 0xff][n];
	if (*seen > rec->f[NWT_GAPCOUNT_COUNT] || (1ull << n >= c->rules.gap_min && *seen != rec->f[NWT_GAPCOUNT_COUNT]))
		complain(c, rec, "%" PRIu64 " gaps from %llu ticks on are recorded, the histogram has %" PRIu64, *seen, 1ull << n,
			 rec->f[NWT_GAPCOUNT_COUNT]);
	*seen = 0;
}

static void one_record(struct check *c, const struct nwt_record *rec)
{
	struct cpu *p = &c->cpu[rec->cpu];

	if (p->exited && rec->type != NWT_FLOW_END && rec->type != NWT_GAP)
		after_exit(c, rec, p);
	if (p->expired && rec->type != NWT_VM_EXIT) {
		complain(c, rec, "no VM exit after the expiry at %" PRIu64, p->expiry.time_tsc);
		p->expired = false;
	}
	if (p->found && rec->type != NWT_EXPIRY) {
		complain(c, rec, "no expiry after the guest record at %" PRIu64, p->guest.time_tsc);
		p->found = false;
	}
	switch (rec->type) {
	case NWT_VM_ENTRY:      vm_entry(c, rec, p); break;
	case NWT_VM_EXIT:       vm_exit(c, rec, p); break;
	case NWT_GAP:           gap(c, rec, p); break;
	case NWT_GAP_COUNT:     gap_count(c, rec); break;
	case NWT_FLOW_BEGIN:    flow_begin(c, rec, p); break;
	case NWT_FLOW_END:      flow_end(c, rec, p); break;
	case NWT_EXPIRY:        expiry(c, rec, p); break;
	case NWT_STALL:         stall(c, rec, p); break;
	case NWT_INACTIVE:      inactive(c, rec, p); break;
	case NWT_SMM:           smm(c, rec, p); break;
	case NWT_GUEST:
		c->guests = p->found = true;
		p->guest = *rec;
		break;
	case NWT_VERDICT:
		c->verdict = true;
		c->hung = rec->f[NWT_VERDICT_KIND] == NWT_VERDICT_HUNG;
		break;
	}
	c->last = rec->time_tsc;
}

/* ---- The end -------------------------------------------------------------------------------------------- */

static void still_open(struct check *c, const struct nwt_record *rec, struct cpu *p, bool *hang_due)
{
	uint64_t begin = begin_at_most(p), d = deadline(c, p, begin);

	if (!p->i.open || p->exited || p->i.trap)
		return;
	if (window_was_due(p, rec->time_tsc - 1)) {
		ended_silently(c, rec, p);
		return;
	}
	if (d < rec->time_tsc)
		complain(c, rec, "notify VM exit missing at the end: closed from tick %" PRIu64 ", D was %" PRIu64, begin, d);
	if (d != ORACLE_NEVER)
		return;
	*hang_due |= hang_limit(c, begin) == rec->time_tsc;
	if (hang_limit(c, begin) < rec->time_tsc)
		complain(c, rec, "hang limit missed: closed from tick %" PRIu64, begin);
}

static void at_end(struct check *c)
{
	bool hang_due = false, trap = false;
	struct nwt_record rec = { .time_tsc = c->last };

	for (unsigned n = 0; n < CPUS; n++) {
		struct cpu *p = &c->cpu[n];

		rec.cpu = (uint8_t)n;
		if (p->expired)
			complain(c, &rec, "no VM exit after the expiry at %" PRIu64, p->expiry.time_tsc);
		still_open(c, &rec, p, &hang_due);
		trap |= p->i.open && p->i.trap;
	}
	rec.cpu = 0;
	if (c->hung && !hang_due && !trap)
		complain(c, &rec, "the verdict is hung, but no processor has reached the hang limit");
	for (unsigned cause = 0; cause < NWT_CAUSE_COUNT; cause++)
		for (unsigned detail = 0; detail < 256; detail++)
			for (unsigned n = 0; n < 64; n++)
				if (c->gaps[cause][detail][n] && c->verdict)
					complain(c, &rec, "gaps of cause %u, detail %u are not in the histogram", cause, detail);
}

/* ---- Files ---------------------------------------------------------------------------------------------- */

int trace_check(const char *path, FILE *f, uint64_t *checked)
{
	struct check *c = calloc(1, sizeof(*c));
	struct nwt_reader *r;
	struct nwt_record rec;
	char err[NWT_ERRLEN] = "no memory";
	int more, status = 2;

	*checked = 0;
	r = c ? nwt_open(path, err) : NULL;
	if (!r) {
		fprintf(f, "check_trace: %s\n", err);
		free(c);
		return 2;
	}
	c->f = f;
	if (trace_rules(&c->rules, r, f)) {
		while ((more = nwt_next(r, &rec, err)) > 0)
			one_record(c, &rec);
		if (more < 0) {
			fprintf(f, "check_trace: %s\n", err);
		} else {
			at_end(c);
			status = c->complaints != 0;
		}
		if (c->complaints > COMPLAINTS_MAX)
			fprintf(f, "check_trace: %u more complaints\n", c->complaints - COMPLAINTS_MAX);
		*checked = c->checked;
	}
	nwt_reader_close(r);
	free(c);
	return status;
}
