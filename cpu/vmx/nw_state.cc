// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nw_state.cc - saving a run and continuing a saved one.
 *
 *   nwsim: save=DIR, save_at=TICK, save_then=end|go     DIR exists and is empty
 *   nwsim: restore=DIR
 *
 * Bochs writes the parameter tree of its CPUs and devices; struct nw_cpu and what belongs to the whole run are part of
 * it. Two files hold what has no fixed size: DIR/trace.nwt, the records so far as a trace of its own, and DIR/waiting,
 * the records that have not reached it. DIR/done is written when all others have been.
 *
 * The state is taken between two instructions, or iterations of a loop, or while several CPUs change turns: at the first
 * such point at or after the wanted tick. A stall of the only CPU is interrupted for it: see nw_charge_ticks().
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "gui/siminterface.h"
#include "param_names.h"
#include "cpu/cpu.h"
#include "pc_system.h"

#include "nw_platform.h"
#include "nw_run.h"

#define LOG_THIS genlog->

static struct {
  char save[BX_PATHNAME_LEN], restore[BX_PATHNAME_LEN];
  Bit64u at_tsc;
  bool go_on;
} opt;

static Bit64u serial_bytes;     // that COM1 has sent
static int save_timer = BX_NULL_TIMER_HANDLE;
static bool saved;

bool nw_state_option(const char *context, const char *key, const char *value)
{
  if (! strcmp(key, "save"))
    snprintf(opt.save, sizeof(opt.save), "%s", value);
  else if (! strcmp(key, "restore"))
    snprintf(opt.restore, sizeof(opt.restore), "%s", value);
  else if (! strcmp(key, "save_at"))
    opt.at_tsc = strtoull(value, NULL, 10);
  else if (! strcmp(key, "save_then")) {
    opt.go_on = ! strcmp(value, "go");
    if (! opt.go_on && strcmp(value, "end"))
      BX_PANIC(("%s: nwsim: save_then='%s' is not accepted; end or go", context, value));
  }
  else
    return false;
  return true;
}

void nw_serial_sent(unsigned port)
{
  if (port == 0) serial_bytes++;
}

/* ---- What is saved ---------------------------------------------------------------------------------- */

void nw_register_cpu(void *parent, struct nw_cpu *cpu)
{
  // The same build restores it: the structure as it is, whatever is added to it.
  new bx_shadow_data_c((bx_list_c *) parent, "nw", (Bit8u *) cpu, sizeof(*cpu), true);
}

static void nw_time_to_save(void *)
{
  nw_switch.save = true;
  BX_CPU(0)->async_event = 1;
}

void nw_register_run_state(void)
{
  bx_list_c *list = new bx_list_c(SIM->get_bochs_root(), "nwsim", "State of the run");

  BXRS_DEC_PARAM_SIMPLE(list, serial_bytes);
  nw_register_end_state(list);
  nw_register_trace_state(list);
  nw_register_fwcfg(list);
  nw_register_testdev(list);
  new bx_shadow_data_c(list, "stalls", (Bit8u *) &nw_run.stalls, sizeof(nw_run.stalls), true);

  save_timer = bx_pc_system.register_timer_ticks(&opt, nw_time_to_save, 1, 0, 0, "nwsim save");
  if (opt.restore[0]) {
    SIM->get_param_string(BXPN_RESTORE_PATH)->set(opt.restore);
    SIM->get_param_bool(BXPN_RESTORE_FLAG)->set(1);
  }
}

/* ---- Saving and restoring --------------------------------------------------------------------------- */

const char *nw_restored_from(void)
{
  return opt.restore[0] ? opt.restore : NULL;
}

void nw_state_start(void)
{
  Bit64u now = bx_pc_system.time_ticks();

  if (! opt.save[0]) return;
  if (opt.at_tsc < now) {
    BX_PANIC(("nwsim: save_at=" FMT_LL "u is past; the run is at tick " FMT_LL "u", opt.at_tsc, now));
    return;
  }
  if (opt.at_tsc == now || BX_SMP_PROCESSORS > 1)
    nw_time_to_save(NULL);
  else
    bx_pc_system.activate_timer_ticks(save_timer, opt.at_tsc - now, 0);
}

Bit64u nw_ticks_to_save(Bit64u ticks)
{
  Bit64u now = bx_pc_system.time_ticks();

  if (BX_SMP_PROCESSORS > 1 || ! opt.save[0] || saved || opt.at_tsc <= now) return 0;
  return opt.at_tsc - now < ticks ? opt.at_tsc - now : 0;
}

// The iterations of a loop that are skipped are the same ones whether the run is saved or not.
Bit64u nw_next_timer(void)
{
  return bx_pc_system.next_timer_event(save_timer);
}

static void nw_write_done(void)
{
  char path[BX_PATHNAME_LEN + 8];

  snprintf(path, sizeof(path), "%s/done", opt.save);
  FILE *fp = fopen(path, "w");
  if (fp) fprintf(fp, "tick=" FMT_LL "u\nserial_bytes=" FMT_LL "u\n", bx_pc_system.time_ticks(), serial_bytes);
  if (! fp || ferror(fp) || fclose(fp))
    BX_PANIC(("nwsim: cannot write %s", path));
}

bool nw_save_state(void)
{
  nw_switch.save = false;
  saved = true;
  if (BX_SMP_PROCESSORS == 1) bx_pc_system.tickn_inside(0); // synchronize
  if (! SIM->save_state(opt.save))
    BX_PANIC(("nwsim: cannot save the state in %s", opt.save));
  nw_trace_save(opt.save);
  nw_write_done();
  if (! opt.go_on) nw_saved();
  return ! opt.go_on;
}

// A timer event of its own would end turns, and so decide which CPU is first to do something.
bool nw_save_between_turns(Bit64u settled_tsc)
{
  return settled_tsc >= opt.at_tsc && nw_save_state();
}

// A charge of ticks that may be interrupted to save the state. The CPU is as it was before the instruction or iteration.
void BX_CPU_C::nw_charge_resumably(Bit64u ticks, unsigned outcome)
{
  Bit64u first = nw_ticks_to_save(ticks);

  if (first) {
    nw_charge_ticks(first);
    if (bx_pc_system.kill_bochs_request) return;
    BX_CPU_THIS_PTR nw.left = ticks - first;
    BX_CPU_THIS_PTR nw.left_outcome = outcome;
    BX_CPU_THIS_PTR nw.attention = true;
    if (nw_save_state()) return;
    ticks = BX_CPU_THIS_PTR nw.left;
    BX_CPU_THIS_PTR nw.left = 0;
  }
  nw_charge_ticks(ticks);
}
