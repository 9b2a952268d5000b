// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * instrument.cc - the witness: what Bochs's instrumentation hooks see of instruction boundaries, VM entries and VM exits.
 *
 * It takes the place of instrument/stubs/instrument.cc in a build without handlers chaining and repeat speed-ups, where
 * the hooks come for each instruction and each iteration. It reads the time, the activity state and the breakpoints of a
 * processor, and nothing of the shim: tests/witness compares what it writes with the trace of the same run.
 *
 * File "witness" in the current directory, a line each, times in TSC ticks:
 *   gap CPU START END EXCUSE   two boundaries more than one tick apart; EXCUSE: - or letters of what lies between,
 *                              s = a sleep state, i = an access to an I/O port, which takes the time of a bus cycle
 *   entry CPU TIME             VM entry
 *   exit CPU TIME REASON QUALIFICATION
 *   boundaries CPU N           at the end
 *   end TIME                   of the last boundary; the file is complete
 */
#include "bochs.h"
#include "cpu/cpu.h"
#include "pc_system.h"

#if BX_INSTRUMENTATION

#define MAX_CPUS 256

struct witness {
  Bit64u boundary;              // time of the last one
  Bit64u boundaries;
  bool slept, port;             // since then
  bool executing;               // an instruction has begun; false while the processor takes events
  bool trapped;                 // a debug trap was delivered, and no instruction executed since
};

static struct witness seen[MAX_CPUS];
static unsigned running;        // processor that began the last instruction
static FILE *out;

static void write_gap(unsigned cpu, Bit64u now)
{
  struct witness *w = &seen[cpu];

  if (now - w->boundary >= 2)
    fprintf(out, "gap %u " FMT_LL "u " FMT_LL "u %s%s%s\n", cpu, w->boundary, now, w->slept ? "s" : "",
            w->port ? "i" : "", w->slept || w->port ? "" : "-");
}

static bool asleep(unsigned cpu)
{
  return BX_CPU(cpu)->activity_state != BX_CPU_C::BX_ACTIVITY_STATE_ACTIVE;
}

// Events may be taken at this time, that is, none of a boundary before it is under way any more.
static void boundary(unsigned cpu, Bit64u now)
{
  struct witness *w = &seen[cpu];

  write_gap(cpu, now);
  if (now > w->boundary) w->boundaries++; // the end of an instruction is the beginning of the next one
  w->boundary = now;
  w->slept = asleep(cpu);
  w->port = false;
}

static Bit64u now(void)
{
  return bx_pc_system.time_ticks();
}

static void write_end(void)
{
  Bit64u last = 0;

  for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
    if (seen[cpu].boundaries) fprintf(out, "boundaries %u " FMT_LL "u\n", cpu, seen[cpu].boundaries);
    if (seen[cpu].boundary > last) last = seen[cpu].boundary;
  }
  fprintf(out, "end " FMT_LL "u\n", last);
  if (fclose(out)) {
    fprintf(stderr, "witness: cannot write the file\n");
    _exit(1);
  }
}

void bx_instr_initialize(unsigned cpu)
{
  if (! out) {
    out = fopen("witness", "w");
    if (! out) {
      fprintf(stderr, "witness: cannot create the file\n");
      exit(1);
    }
    atexit(write_end); // for each way in which a run ends
  }
  seen[cpu].slept = true;
}

void bx_instr_reset(unsigned cpu, unsigned)
{
  if (out) boundary(cpu, now());
  seen[cpu].slept = true; // an application processor waits for its startup IPI
}

void bx_instr_before_execution(unsigned cpu, bxInstruction_c *)
{
  running = cpu;
  seen[cpu].executing = true;
  seen[cpu].trapped = false;
  boundary(cpu, now());
}

// The instruction takes its tick when this returns.
void bx_instr_after_execution(unsigned cpu, bxInstruction_c *)
{
  seen[cpu].executing = false;
  boundary(cpu, now() + 1);
}

void bx_instr_repeat_iteration(unsigned cpu, bxInstruction_c *)
{
  boundary(cpu, now() + 1);
}

void bx_instr_hwinterrupt(unsigned cpu, unsigned, Bit16u, bx_address)
{
  boundary(cpu, now());
}

static bool instruction_breakpoint(unsigned cpu)
{
  BX_CPU_C *c = BX_CPU(cpu);
  bx_address rip = c->get_laddr(BX_SEG_REG_CS, c->prev_rip);

  if (c->get_RF() || c->debug_trap & (BX_DEBUG_SINGLE_STEP_BIT | BX_DEBUG_TRAP_TASK_SWITCH_BIT)) return false;
  for (unsigned n = 0; n < 4; n++) {
    if (c->dr[n] == rip && c->dr7.get32() >> (2 * n) & 3 && ! (c->dr7.get32() >> (16 + 4 * n) & 3)) return true;
  }
  return false;
}

// A #DB between two instructions: of a breakpoint on the next one, which is a fault of it, or a trap. Events could have been
// taken before it, unless the delivery of the last trap has met a breakpoint itself.
void bx_instr_exception(unsigned cpu, unsigned vector, unsigned)
{
  struct witness *w = &seen[cpu];

  if (! w->executing && vector == BX_DB_EXCEPTION) {
    bool fault = instruction_breakpoint(cpu);

    if (fault || ! w->trapped) boundary(cpu, now());
    w->trapped = ! fault;
  }
  w->executing = false;
}

void bx_instr_vmentry(unsigned cpu)
{
  fprintf(out, "entry %u " FMT_LL "u\n", cpu, now());
  seen[cpu].executing = false;
  boundary(cpu, now());
}

void bx_instr_vmexit(unsigned cpu, Bit32u reason, Bit64u qualification)
{
  fprintf(out, "exit %u " FMT_LL "u %u " FMT_LL "u\n", cpu, now(), reason & 0xffff, qualification);
  seen[cpu].executing = false;
  boundary(cpu, now());
}

void bx_instr_hlt(unsigned cpu) { seen[cpu].slept = true; }
void bx_instr_mwait(unsigned cpu, bx_phy_address, unsigned, Bit32u) { seen[cpu].slept = true; }
void bx_instr_inp(Bit16u, unsigned) { seen[running].port = true; }
void bx_instr_inp2(Bit16u, unsigned, unsigned) { seen[running].port = true; }
void bx_instr_outp(Bit16u, unsigned, unsigned) { seen[running].port = true; }

// What it does not look at.
void bx_instr_exit(unsigned) {}
void bx_instr_init_env(void) {}
void bx_instr_exit_env(void) {}
void bx_instr_debug_promt() {}
void bx_instr_debug_cmd(const char *) {}
void bx_instr_cnear_branch_taken(unsigned, bx_address, bx_address) {}
void bx_instr_cnear_branch_not_taken(unsigned, bx_address) {}
void bx_instr_ucnear_branch(unsigned, unsigned, bx_address, bx_address) {}
void bx_instr_far_branch(unsigned, unsigned, Bit16u, bx_address, Bit16u, bx_address) {}
void bx_instr_opcode(unsigned, bxInstruction_c *, const Bit8u *, unsigned, bool, bool) {}
void bx_instr_interrupt(unsigned, unsigned) {}
void bx_instr_tlb_cntrl(unsigned, unsigned, bx_phy_address) {}
void bx_instr_cache_cntrl(unsigned, unsigned) {}
void bx_instr_prefetch_hint(unsigned, unsigned, unsigned, bx_address) {}
void bx_instr_clflush(unsigned, bx_address, bx_phy_address) {}
void bx_instr_lin_access(unsigned, bx_address, bx_address, unsigned, unsigned, unsigned) {}
void bx_instr_phy_access(unsigned, bx_address, unsigned, unsigned, unsigned) {}
void bx_instr_wrmsr(unsigned, unsigned, Bit64u) {}

#endif
