/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_record.cc - the trace of a run: its head, its records in the order of time, its end.
 */
#include "bochs.h"
#include "bxversion.h"
#include "gui/siminterface.h"
#include "param_names.h"
#include "cpu/cpu.h"
#include "pc_system.h"

#include "nw_run.h"

#define LOG_THIS genlog->

static struct nwt_writer *writer;
static bool trace_ended;
static Bit64u gaps[NWT_CAUSE_COUNT][256][64];

/*
 * A CPU may be ahead of another one: by the quantum, or by an instruction that takes long. Its records wait here, in
 * the order (time, CPU), until no clock is behind them. A record that another CPU makes later is then not older.
 */
struct nw_waiting_record {
  Bit64u time_tsc;
  unsigned cpu;
  enum nwt_type type;
  Bit64u fields[NWT_FIELDS_MAX];
};
static struct nw_waiting_record *waiting;
static size_t waiting_n, waiting_max;

static void nw_write_waiting(Bit64u until_tsc)
{
  size_t n = 0;

  while (n < waiting_n && waiting[n].time_tsc < until_tsc) {
    nwt_event(writer, waiting[n].type, waiting[n].cpu, waiting[n].time_tsc, waiting[n].fields);
    n++;
  }
  if (! n) return;
  waiting_n -= n;
  memmove(waiting, waiting + n, waiting_n * sizeof(waiting[0]));
}

static void nw_add_waiting(enum nwt_type type, unsigned cpu, Bit64u now, const Bit64u *fields)
{
  size_t n = waiting_n;

  if (waiting_n == waiting_max) {
    waiting_max = waiting_max ? 2 * waiting_max : 64;
    waiting = (struct nw_waiting_record *) realloc(waiting, waiting_max * sizeof(waiting[0]));
    if (! waiting) BX_PANIC(("nwsim: out of memory"));
  }
  while (n && (waiting[n-1].time_tsc > now || (waiting[n-1].time_tsc == now && waiting[n-1].cpu > cpu))) {
    waiting[n] = waiting[n-1];
    n--;
  }
  waiting[n].time_tsc = now;
  waiting[n].cpu = cpu;
  waiting[n].type = type;
  memcpy(waiting[n].fields, fields, nwt_type_info(type)->n * sizeof(fields[0]));
  waiting_n++;
}

void nw_record(enum nwt_type type, unsigned cpu, const Bit64u *fields)
{
  Bit64u now = bx_pc_system.time_ticks();

  if (! writer || trace_ended) return;
  if (BX_SMP_PROCESSORS == 1) {
    nwt_event(writer, type, cpu, now, fields);
    return;
  }
  nw_add_waiting(type, cpu, now, fields);
  nw_write_waiting(bx_pc_system.smp_settled());
}

#if BX_SUPPORT_VMX

static unsigned nw_mode(const BX_CPU_C *cpu)
{
  switch (cpu->cpu_mode) {
    case BX_MODE_IA32_REAL:   return NWT_MODE_REAL;
    case BX_MODE_IA32_V8086:  return NWT_MODE_V8086;
    case BX_MODE_LONG_COMPAT: return NWT_MODE_COMPATIBILITY;
    case BX_MODE_LONG_64:     return NWT_MODE_64BIT;
    default:
      return cpu->sregs[BX_SEG_REG_CS].cache.u.segment.d_b ? NWT_MODE_PROTECTED32 : NWT_MODE_PROTECTED16;
  }
}

// Read before the VM exit changes any of it: what it then saves has to agree (SDM Vol. 3C, "Saving non-register state").
void nw_record_guest(BX_CPU_C *cpu)
{
  const VMCS_CACHE *vm = &cpu->vmcs;
  bool virtual_nmi = vm->pin_vmexec_ctrls.VIRTUAL_NMI();
  Bit32u blocked = 0;
  Bit64u f[NWT_GUEST_FIELDS];

  if (cpu->interrupts_inhibited(BX_INHIBIT_INTERRUPTS))
    blocked = cpu->interrupts_inhibited(BX_INHIBIT_DEBUG) ? BX_VMX_INTERRUPTS_BLOCKED_BY_MOV_SS : BX_VMX_INTERRUPTS_BLOCKED_BY_STI;
  if (cpu->is_masked_event(virtual_nmi ? BX_EVENT_VMX_VIRTUAL_NMI : BX_EVENT_NMI))
    blocked |= BX_VMX_INTERRUPTS_BLOCKED_NMI_BLOCKED;

  f[NWT_GUEST_MODE] = nw_mode(cpu);
  f[NWT_GUEST_CPL] = cpu->sregs[BX_SEG_REG_CS].selector.rpl;
  f[NWT_GUEST_INTERRUPTIBILITY] = blocked;
  f[NWT_GUEST_NMI_CONTROL] = virtual_nmi ? NWT_NMI_VIRTUAL : vm->pin_vmexec_ctrls.NMI_EXITING() ? NWT_NMI_EXITING : NWT_NMI_NOT_EXITING;
  f[NWT_GUEST_ACTIVITY] = cpu->activity_state <= BX_CPU_C::BX_VMX_LAST_ACTIVITY_STATE ? cpu->activity_state : 0;
  f[NWT_GUEST_EVENT] = cpu->in_event ? vm->idt_vector_info | 0x80000000 : 0;
  f[NWT_GUEST_ERROR_CODE] = cpu->in_event && (vm->idt_vector_info & 0x800) ? vm->idt_vector_error_code : 0;
  nw_record(NWT_GUEST, cpu->which_cpu(), f);
}

#endif

static unsigned nw_log2(Bit64u n)
{
  unsigned bit = 0;

  while (n >>= 1) bit++;
  return bit;
}

void nw_record_gap(unsigned cpu, Bit64u length_tsc, unsigned cause, unsigned detail, Bit64u rip, bool nonroot)
{
  Bit64u f[NWT_GAP_FIELDS];

  gaps[cause][detail & 0xff][nw_log2(length_tsc)]++;
  if (length_tsc < nw_run.params.v[NW_P_GAP_MIN]) return;
  f[NWT_GAP_LENGTH_TSC] = length_tsc;
  f[NWT_GAP_CAUSE] = cause;
  f[NWT_GAP_DETAIL] = detail;
  f[NWT_GAP_RIP] = rip;
  f[NWT_GAP_NONROOT] = nonroot;
  nw_record(NWT_GAP, cpu, f);
}

static void nw_record_gap_counts(Bit64u now)
{
  Bit64u f[NWT_GAPCOUNT_FIELDS];

  for (unsigned cause = 0; cause < NWT_CAUSE_COUNT; cause++)
    for (unsigned detail = 0; detail < 256; detail++)
      for (unsigned bit = 0; bit < 64; bit++) {
        if (! gaps[cause][detail][bit]) continue;
        f[NWT_GAPCOUNT_CAUSE] = cause;
        f[NWT_GAPCOUNT_DETAIL] = detail;
        f[NWT_GAPCOUNT_LOG2] = bit;
        f[NWT_GAPCOUNT_COUNT] = gaps[cause][detail][bit];
        nwt_event(writer, NWT_GAP_COUNT, 0, now, f);
      }
}

void nw_trace_end(unsigned cpu, const Bit64u *verdict)
{
  Bit64u now = bx_pc_system.time_ticks();

  if (! writer) return;
  nw_write_waiting(now + 1);
  waiting_n = 0;
  nw_record_gap_counts(now);
  nwt_event(writer, NWT_VERDICT, cpu, now, verdict);
  trace_ended = true;
}

/* ---- Saved state ------------------------------------------------------------------------------------ */

void nw_register_trace_state(void *list)
{
  new bx_shadow_data_c((bx_list_c *) list, "gaps", (Bit8u *) gaps, sizeof(gaps));
}

static FILE *nw_waiting_file(const char *directory, const char *mode)
{
  char path[BX_PATHNAME_LEN + 16];

  snprintf(path, sizeof(path), "%s/waiting", directory);
  FILE *fp = fopen(path, mode);
  if (! fp) BX_PANIC(("nwsim: cannot open %s", path));
  return fp;
}

void nw_trace_save(const char *directory)
{
  char path[BX_PATHNAME_LEN + 16], err[NWT_ERRLEN];
  FILE *fp = nw_waiting_file(directory, "wb");

  snprintf(path, sizeof(path), "%s/trace.nwt", directory);
  if (writer && nwt_copy(writer, path, err) < 0) BX_PANIC(("nwsim: %s", err));
  if (fp && (fwrite(waiting, sizeof(waiting[0]), waiting_n, fp) != waiting_n || fclose(fp)))
    BX_PANIC(("nwsim: cannot write %s/waiting", directory));
}

// The records so far are written again: the file becomes what it would have become.
void nw_trace_restore(const char *directory)
{
  char path[BX_PATHNAME_LEN + 16], err[NWT_ERRLEN];
  struct nw_waiting_record w;
  struct nwt_reader *reader;
  struct nwt_record rec;
  int more;
  FILE *fp;

  if (! writer) return;
  snprintf(path, sizeof(path), "%s/trace.nwt", directory);
  reader = nwt_open(path, err);
  if (! reader) {
    BX_PANIC(("nwsim: %s", err));
    return;
  }
  while ((more = nwt_next(reader, &rec, err)) > 0)
    nwt_write(writer, &rec);
  if (more < 0) BX_PANIC(("nwsim: %s", err));
  nwt_reader_close(reader);
  fp = nw_waiting_file(directory, "rb");
  while (fp && fread(&w, sizeof(w), 1, fp) == 1)
    nw_add_waiting(w.type, w.cpu, w.time_tsc, w.fields);
  if (fp) fclose(fp);
}

/* The head of the trace: what nwsim wrote to the config file, and what the simulator knows itself. */
struct nw_head {
  enum { MAX = 256 };
  struct nwt_config entry[MAX];
  size_t n;

  void add(const char *key, const char *value) {
    if (n >= MAX) return;
    entry[n].key = strdup(key);
    entry[n].value = strdup(value);
    n++;
  }
  void add(const char *key, Bit64u value) {
    char text[32];
    snprintf(text, sizeof(text), FMT_LL "u", value);
    add(key, text);
  }
  ~nw_head() {
    while (n--) {
      free((void *) entry[n].key);
      free((void *) entry[n].value);
    }
    n = 0;
  }
};

static void nw_head_from_file(struct nw_head *head, const char *path)
{
  char line[4096];
  FILE *fp = fopen(path, "r");

  if (! fp) {
    BX_PANIC(("nwsim: config file '%s' cannot be read", path));
    return;
  }
  while (fgets(line, sizeof(line), fp)) {
    char *value = strchr(line, '=');
    if (! value) continue;
    *value++ = 0;
    value[strcspn(value, "\n")] = 0;
    if (! strcmp(line, "cmdline")) snprintf(nw_run.cmdline, sizeof(nw_run.cmdline), "%s", value);
    head->add(line, value);
  }
  fclose(fp);
}

void nw_trace_open(const char *trace, const char *config)
{
  struct nw_head head = { {}, 0 };
  char key[64], value[64], err[NWT_ERRLEN];

  if (config[0]) nw_head_from_file(&head, config);
  head.add("version.bochs", VERSION);
  head.add("cpu.model", SIM->get_param_enum(BXPN_CPU_MODEL)->get_selected());
  head.add("cpu.count", BX_SMP_PROCESSORS);
  head.add("clock.tsc_hz", nw_run.tsc_hz);
  head.add("clock.num", BX_CPU(0)->nw.clock.num);
  head.add("clock.den", BX_CPU(0)->nw.clock.den);
  for (unsigned id = 0; id < NW_PARAM_COUNT; id++) {
    snprintf(key, sizeof(key), "param.%s", nw_param_info((enum nw_param_id) id)->name);
    nw_param_format(&nw_run.params, (enum nw_param_id) id, value, sizeof(value));
    head.add(key, value);
  }
  writer = nwt_create(trace, head.entry, head.n, err);
  if (! writer) BX_PANIC(("nwsim: %s", err));
}

void nw_trace_close(void)
{
  char err[NWT_ERRLEN];

  if (writer && nwt_close(writer, err) < 0) {
    fprintf(stderr, "nwsim: %s\n", err);
    exit(1);
  }
  writer = NULL;
  free(waiting);
  waiting = NULL;
  waiting_n = waiting_max = 0;
}
