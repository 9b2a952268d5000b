/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record-modes - an instruction timeout records the guest and the event that it interrupts, in every mode.
 *
 * Claim:    in every CPU mode, at every privilege level, with NMIs, virtual NMIs or nothing blocked, in and outside of an
 *           STI or MOV SS shadow, with every class of notify window, an instruction that stalls and the delivery of an
 *           event of every type that stalls end by an exit with reason 75 that saves the guest as it was entered and has
 *           the event in the IDT-vectoring information.
 * Manual:   SDM Vol. 3C: "Other causes of VM exits", "Information for VM exits that occur during event delivery", "Saving
 *           guest state", "VM-entry controls for event injection".
 * Expected: all claims hold. The stalls are rules of the simulator (guests.list), without which the guest is skipped. Words:
 *           vectoring=0 for a model with P9 = 0; invalid=1 for one with context_invalid=always, where the damaged guest
 *           state is not looked at.
 */
#include "l1.h"

#define LOW_PAGE        0x8000ul        /* below 1 MiB: virtual-8086 mode reaches nothing else */
#define BTC             0               /* offsets there; the first stalls by rule, the others by magic NOP */
#define MAGIC           16
#define MAGIC16         32
#define UD2             48              /* these raise the event whose delivery stalls */
#define INT_51          52
#define INT_3           56
#define INT_1           60
#define STACK           0xf00
#define STALL_CLOCKS    0x1fffffffful   /* RAX; elsewhere EAX, which cannot say more than 2^32 - 1 */
#define LARGE_GB        (1ul << 7)
#define PTE_USER        7ul             /* present, writable, user */
#define CPUID_1GB       (1u << 26)

#define RFLAGS_VM       (1ul << 17)
#define RFLAGS_IOPL3    (3ul << 12)     /* INT n in virtual-8086 mode */
#define EFER_LME        (1ul << 8)
#define EFER_LMA        (1ul << 10)

#define AR_CODE         0x009bu         /* present, accessed, readable code; type and S */
#define AR_DATA         0x0093u
#define AR_DPL(cpl)     ((cpl) << 5)
#define AR_L            0x2000u
#define AR_DB           0x4000u
#define AR_G            0x8000u
#define AR_V8086        0x00f3u
#define AR_BUSY_TSS     0x008bu
#define AR_UNUSABLE     0x10000u

enum mode { REAL, V8086, PROTECTED16, PROTECTED32, COMPATIBILITY, LONG64, MODES };
enum segment { ES, CS, SS, DS, FS, GS, LDTR, TR };

static const struct { const char *name; unsigned cpl_from, cpl_to; uint32_t code; } modes[MODES] = {
	[REAL] = { "real-address mode", 0, 0, AR_CODE },
	[V8086] = { "virtual-8086 mode", 3, 3, AR_V8086 },
	[PROTECTED16] = { "16-bit protected mode", 0, 3, AR_CODE },
	[PROTECTED32] = { "32-bit protected mode", 0, 3, AR_CODE | AR_DB | AR_G },
	[COMPATIBILITY] = { "compatibility mode", 0, 3, AR_CODE | AR_DB | AR_G },
	[LONG64] = { "64-bit mode", 0, 3, AR_CODE | AR_L | AR_G },
};

enum blocking { BLOCK_NOTHING, BLOCK_NMI, BLOCK_VIRTUAL_NMI, VIRTUAL_NMIS_ONLY, NMI_EXITING_ONLY, BLOCKINGS };

/*
 * What stalls: an instruction, or the delivery of the event with this information, which VM entry injects unless the
 * instruction raises it.
 */
static const struct stalled { uint32_t info; uint32_t code; } stalled[] = {
	{ 0, BTC },
	{ 0, MAGIC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, UD2 },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | 0x51, INT_51 },
	{ INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, INT_3 },
	{ INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB, INT_1 },
	{ INFO_TYPE_EXTERNAL_INTERRUPT | 0x50, BTC },
	{ INFO_TYPE_NMI | VECTOR_NMI, BTC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_DB, BTC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | VECTOR_UD, BTC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_NP, BTC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_PF, BTC },
	{ INFO_TYPE_HARDWARE_EXCEPTION | INFO_ERROR_CODE | VECTOR_AC, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR_DB, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR_NP, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR_PF, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR_AC, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | VECTOR_UD, BTC },
	{ INFO_TYPE_SOFTWARE_INTERRUPT | 0x51, BTC },
	{ INFO_TYPE_PRIVILEGED_SOFTWARE | VECTOR_DB, BTC },
	{ INFO_TYPE_SOFTWARE_EXCEPTION | VECTOR_BP, BTC },
};

static const uint32_t windows[] = { 0, 1, 1000, 0x80000000u, 0xffffffffu };
static const uint32_t shadows[] = { 0, INTERRUPTIBILITY_STI, INTERRUPTIBILITY_MOV_SS };

struct point {
	enum mode mode;
	unsigned cpl;
	enum blocking blocking;
	uint32_t shadow, window;
	const struct stalled *what;
};

enum { REASON, QUALIFICATION, VECTORING, VECTORING_ERROR, ENTRY_INFO, RIP, RFLAGS, CODE, NMI_BLOCKING, SHADOW, CLAIMS };
static struct tally claims[CLAIMS];
static const char *const claim_text[CLAIMS] = {
	[REASON] = "exit reason is 75",
	[QUALIFICATION] = "exit qualification bit 0, and bit 12 where it is defined",
	[VECTORING] = "IDT-vectoring information is the event's",
	[VECTORING_ERROR] = "IDT-vectoring error code is the event's",
	[ENTRY_INFO] = "VM-entry interruption information is no longer valid",
	[RIP] = "RIP is that of the instruction it happened in",
	[RFLAGS] = "RFLAGS are those entered with, RF masked",
	[CODE] = "access rights of CS are those entered with",
	[NMI_BLOCKING] = "blocking by NMI, which the delivery of an NMI begins with",
	[SHADOW] = "blocking by STI and MOV SS at a stalled instruction",
};

static struct l1 l1;
static uint64_t pml4[512] __attribute__((aligned(4096))), pdpt[512] __attribute__((aligned(4096)));
static bool vectoring, invalid;

/* ---- The L1 ------------------------------------------------------------------------------------- */

static void put_code(void)
{
	static const uint8_t btc[] = { 0x0f, 0xbb, 0xc0 };              /* BTC EAX, EAX */
	static const uint8_t nop[] = { 0x67, 0x0f, 0x1f, 0x84, 0x00, 0x01, 0x00, 0x57, 0x4e };
	static const uint8_t raise[] = { 0x0f, 0x0b, 0x90, 0x90, 0xcd, 0x51, 0x90, 0x90, 0xcc, 0x90, 0x90, 0x90, 0xf1 };
	uint8_t *page = (uint8_t *)LOW_PAGE;

	memset(page, 0xf4, 4096);
	memcpy(page + BTC, btc, sizeof(btc));
	memcpy(page + MAGIC, nop + 1, sizeof(nop) - 1);
	memcpy(page + MAGIC16, nop, sizeof(nop));       /* the address size of 32-bit code */
	memcpy(page + UD2, raise, sizeof(raise));
	pml4[0] = (uint64_t)pdpt | PTE_USER;
	for (uint64_t i = 0; i < 4; i++)
		pdpt[i] = i << 30 | LARGE_GB | PTE_USER;
}

static void set_segment(enum segment s, uint16_t selector, uint64_t base, uint32_t limit, uint32_t rights)
{
	vmcs_write(GUEST_ES_SELECTOR + 2 * s, selector);
	vmcs_write(GUEST_ES_BASE + 2 * s, base);
	vmcs_write(GUEST_ES_LIMIT + 2 * s, limit);
	vmcs_write(GUEST_ES_ACCESS_RIGHTS + 2 * s, rights);
}

static void set_segments(const struct point *p)
{
	uint32_t limit = modes[p->mode].code & AR_G ? ~0u : 0xffff, rights = AR_DATA | AR_DPL(p->cpl);

	if (modes[p->mode].code & AR_G)
		rights |= AR_G | AR_DB;
	for (enum segment s = ES; s <= GS; s++) {
		if (p->mode == V8086)
			set_segment(s, LOW_PAGE >> 4, LOW_PAGE, 0xffff, AR_V8086);
		else if (s == CS)
			set_segment(s, (uint16_t)(8 | p->cpl), 0, limit, modes[p->mode].code | AR_DPL(p->cpl));
		else
			set_segment(s, (uint16_t)(16 | p->cpl), 0, limit, rights);
	}
	set_segment(LDTR, 0, 0, 0, AR_UNUSABLE);
	vmcs_write(GUEST_GDTR_BASE, LOW_PAGE);
	vmcs_write(GUEST_IDTR_BASE, LOW_PAGE);
	set_segment(TR, 0x28, LOW_PAGE + 0x800, 0x67, AR_BUSY_TSS);
}

static bool ia32e(enum mode m)
{
	return m >= COMPATIBILITY;
}

static bool injects(const struct point *p)
{
	return p->what->code < UD2;
}

static bool blocks(const struct point *p)
{
	return p->blocking == BLOCK_NMI || p->blocking == BLOCK_VIRTUAL_NMI;
}

static uint64_t entry_rip(const struct point *p)
{
	uint32_t code = p->what->code;

	if (code == MAGIC && p->mode <= PROTECTED16)
		code = MAGIC16;
	return p->mode == V8086 ? code : LOW_PAGE + code;
}

static uint64_t entry_rflags(const struct point *p)
{
	return RFLAGS_FIXED | (p->mode == V8086 ? RFLAGS_VM | RFLAGS_IOPL3 : 0) | RFLAGS_IF;
}

static void set_mode(const struct point *p)
{
	uint64_t cr0 = (rdmsr(MSR_VMX_CR0_FIXED0) & ~(CR0_PG | CR0_PE)) | CR0_NE | CR0_ET;

	if (p->mode != REAL)
		cr0 |= CR0_PE;
	vmcs_write(GUEST_CR0, ia32e(p->mode) ? cr0 | CR0_PG : cr0);
	vmcs_write(GUEST_CR3, (uint64_t)pml4);
	vmcs_write(GUEST_CR4, rdmsr(MSR_VMX_CR4_FIXED0) | (ia32e(p->mode) ? CR4_PAE : 0));
	vmcs_write(GUEST_EFER, ia32e(p->mode) ? EFER_LME | EFER_LMA : 0);
	if (ia32e(p->mode))
		vmcs_write(ENTRY_CONTROLS, vmcs_read(ENTRY_CONTROLS) | ENTRY_IA32E_GUEST);
	else
		vmcs_write(ENTRY_CONTROLS, vmcs_read(ENTRY_CONTROLS) & ~(uint64_t)ENTRY_IA32E_GUEST);
}

static void set_point(const struct point *p)
{
	uint32_t nmi = blocks(p) ? INTERRUPTIBILITY_NMI : 0, info = injects(p) ? p->what->info : 0;

	if (invalid) {  /* no field is as it was */
		l1_restart(guest_main, (void *)(LOW_PAGE + STACK));
		vmcs_write(GUEST_GDTR_LIMIT, 0xfff);
		vmcs_write(GUEST_IDTR_LIMIT, 0xfff);
	}
	set_mode(p);
	set_segments(p);
	vmx_control_clear(PIN_BASED_CONTROLS, PIN_NMI | PIN_VIRTUAL_NMIS);
	if (p->blocking >= BLOCK_VIRTUAL_NMI)
		vmx_control_set(PIN_BASED_CONTROLS, MSR_VMX_PIN_CTLS,
				p->blocking == NMI_EXITING_ONLY ? PIN_NMI : PIN_NMI | PIN_VIRTUAL_NMIS);
	vmcs_write(GUEST_INTERRUPTIBILITY, nmi | p->shadow);
	vmcs_write(GUEST_ACTIVITY_STATE, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_PENDING_DEBUG, 0);
	vmcs_write(GUEST_RIP, entry_rip(p));
	vmcs_write(GUEST_RSP, p->mode == V8086 ? STACK : LOW_PAGE + STACK);
	vmcs_write(GUEST_RFLAGS, entry_rflags(p));
	vmcs_write(INSTRUCTION_TIMEOUT, p->window);
	vmcs_write(ENTRY_INTERRUPTION_INFO, info ? info | INFO_VALID : 0);
	vmcs_write(ENTRY_ERROR_CODE, info & INFO_ERROR_CODE ? 4 : 0);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, 1);
	l1.gpr[RAX] = STALL_CLOCKS;
}

/* ---- One exit ----------------------------------------------------------------------------------- */

/* VM entry refuses it, or no such guest exists. SDM Vol. 3C, "Checks on guest non-register state". */
static bool exists(const struct point *p)
{
	uint32_t info = p->what->info, type = info & 0x700;

	if (p->shadow && info && injects(p) && (type == INFO_TYPE_EXTERNAL_INTERRUPT || type == INFO_TYPE_NMI))
		return false;
	if (p->blocking == BLOCK_VIRTUAL_NMI && type == INFO_TYPE_NMI)
		return false;
	/* real-address mode: these exceptions do not exist, or have no error code there */
	if (p->mode == REAL && info & INFO_ERROR_CODE)
		return false;
	return p->what->code != MAGIC || p->mode == LONG64 || p->window < (uint32_t)STALL_CLOCKS;
}

static void look(const struct point *p)
{
	const struct l1_exit *e = &l1.exit;
	uint32_t info = p->what->info ? p->what->info | INFO_VALID : 0;
	bool nmi = info && (info & 0x7ff) == (INFO_TYPE_NMI | VECTOR_NMI);
	bool bit12 = !info && p->blocking != NMI_EXITING_ONLY; /* else undefined */

	tally_equal(&claims[REASON], e->reason, REASON_INSTRUCTION_TIMEOUT);
	tally_equal(&claims[QUALIFICATION], e->qualification & (NW_QUAL_CONTEXT_INVALID | (bit12 ? NW_QUAL_NMI_UNBLOCKING : 0)),
		    invalid ? NW_QUAL_CONTEXT_INVALID : 0);
	if (!vectoring)
		info = 0;
	tally_equal(&claims[VECTORING], info ? e->idt_vectoring_info & ~(1u << 12) : e->idt_vectoring_info & INFO_VALID, info);
	if (info & INFO_ERROR_CODE)
		tally_equal(&claims[VECTORING_ERROR], e->idt_vectoring_error, 4);
	tally_equal(&claims[ENTRY_INFO], e->entry_info & INFO_VALID, 0);
	if (invalid)
		return;
	tally_equal(&claims[RIP], e->rip, entry_rip(p));
	tally_equal(&claims[RFLAGS], e->rflags & ~RFLAGS_RF, entry_rflags(p));
	if (p->mode != REAL)    /* where the type of CS means nothing */
		tally_equal(&claims[CODE], vmcs_read(GUEST_ES_ACCESS_RIGHTS + 2 * CS),
			    p->mode == V8086 ? AR_V8086 : modes[p->mode].code | AR_DPL(p->cpl));
	tally_equal(&claims[NMI_BLOCKING], e->interruptibility & INTERRUPTIBILITY_NMI,
		    nmi || blocks(p) ? INTERRUPTIBILITY_NMI : 0);
	if (!p->what->info)
		tally_equal(&claims[SHADOW], e->interruptibility & (INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS), p->shadow);
}

static void one(const struct point *p)
{
	unsigned bad = claims[REASON].bad;

	if (!exists(p))
		return;
	set_point(p);
	if (!vmx_run(&l1))
		bail("VM entry failed: error %u (%s, CPL %u, event 0x%x)", l1.entry_failure, modes[p->mode].name, p->cpl,
		     p->what->info);
	look(p);
	if (claims[REASON].bad != bad && bad < 3) {
		note("%s, CPL %u, event 0x%x, blocking %u, shadow %u, window %u:", modes[p->mode].name, p->cpl, p->what->info,
		     p->blocking, p->shadow, p->window);
		vmx_note_exit(&l1);
	}
}

static void one_mode(struct point p)
{
	for (p.cpl = modes[p.mode].cpl_from; p.cpl <= modes[p.mode].cpl_to; p.cpl++)
		for (p.blocking = 0; p.blocking < BLOCKINGS; p.blocking++)
			for (unsigned s = 0; s < ARRAY_SIZE(shadows); s++)
				for (unsigned w = 0; w < ARRAY_SIZE(windows); w++)
					for (unsigned i = 0; i < ARRAY_SIZE(stalled); i++) {
						p.shadow = shadows[s];
						p.window = windows[w];
						p.what = &stalled[i];
						one(&p);
					}
}

void guest_main(void)
{
	vmx_on();
	timeout_need();
	if (!in_simulator())
		skip_all("no simulator: needs an instruction and a delivery that stall");
	if (!(cpuid(0x80000001u, 0).edx & CPUID_1GB))
		skip_all("CPU lacks 1-GiB pages");
	vectoring = param_number("vectoring", 1);
	invalid = param_number("invalid", 0);
	put_code();
	l1_setup(&l1, L1_LONG64, guest_main, (void *)(LOW_PAGE + STACK), 0);
	timeout_enable(0);
	for (enum mode m = 0; m < MODES; m++) {
		mark(m);
		for (unsigned i = 0; i < CLAIMS; i++)
			claims[i] = (struct tally){ .what = claim_text[i] };
		one_mode((struct point){ .mode = m });
		for (unsigned i = 0; i < CLAIMS; i++)
			if (claims[i].count)
				tally_check(&claims[i], "%s", modes[m].name);
	}
}
