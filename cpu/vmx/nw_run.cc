/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nw_run.cc - one run of the simulator: the add-on option "nwsim", the ports and the verdict.
 *
 *   nwsim: trace=PATH, config=PATH        the .nwt to write; lines key=value for its head
 *   nwsim: param=NAME:VALUE               any parameter of cpu/notify/nw_param.h
 *   nwsim: stall="RULE"                   any rule of cpu/notify/nw_stall.h
 *   nwsim: uart=fast|baud, idle=jump|step, reset=end|boot
 *   nwsim: time_limit=MICROSECONDS        of simulated time, 0 = none
 *   nwsim: platform=pc|test               test: with fw_cfg and the test device
 *   nwsim: save=, save_at=, save_then=, restore=      see nw_state.cc
 * Without such a line the simulator is an ordinary Bochs.
 */
#include "bochs.h"
#include "gui/siminterface.h"
#include "param_names.h"
#include "cpu/cpu.h"
#include "pc_system.h"
#include "iodev/iodev.h"

#include "nw_abi.h"
#include "nw_platform.h"
#include "nw_run.h"

#define LOG_THIS genlog->

// Messages of one kind that the log shows before it thins them out
#define NW_LOG_REPEAT 20

struct nw_run nw_run;
struct nw_switches nw_switch = { true, false, false, false, false, false, false };

static struct {
  char trace[BX_PATHNAME_LEN], config[BX_PATHNAME_LEN];
  Bit64u time_limit_usec;
  bool reset_boots;
  bool test_platform;
} opt;

static bool started, ended;
static bool signature_read;     // the guest knows the simulator: NW_EXIT_* is what it writes to the exit port
static Bit64u verdict[NWT_VERDICT_FIELDS];

/* ---- Options ---------------------------------------------------------------------------------------- */

static bool nw_choice(const char *context, const char *key, const char *text, const char *yes, const char *no)
{
  if (! strcmp(text, yes)) return true;
  if (strcmp(text, no))
    BX_PANIC(("%s: nwsim: %s='%s' is not accepted; %s or %s", context, key, text, yes, no));
  return false;
}

static void nw_option_param(const char *context, char *text)
{
  char err[NW_PARAM_ERRLEN], *value = strchr(text, ':');

  if (! value) {
    BX_PANIC(("%s: nwsim: param='%s' is not accepted; NAME:VALUE", context, text));
    return;
  }
  *value++ = 0;
  if (nw_param_set(&nw_run.params, text, value, err) < 0)
    BX_PANIC(("%s: nwsim: %s", context, err));
}

static void nw_option(const char *context, char *key, char *value)
{
  char err[NW_STALL_ERRLEN];

  if (! strcmp(key, "trace"))
    snprintf(opt.trace, sizeof(opt.trace), "%s", value);
  else if (! strcmp(key, "config"))
    snprintf(opt.config, sizeof(opt.config), "%s", value);
  else if (! strcmp(key, "param"))
    nw_option_param(context, value);
  else if (! strcmp(key, "stall")) {
    if (nw_stall_add(&nw_run.stalls, value, err) < 0)
      BX_PANIC(("%s: nwsim: %s", context, err));
  }
  else if (! strcmp(key, "uart"))
    nw_switch.uart_fast = nw_choice(context, key, value, "fast", "baud");
  else if (! strcmp(key, "idle"))
    nw_switch.idle_jump = nw_choice(context, key, value, "jump", "step");
  else if (! strcmp(key, "reset"))
    opt.reset_boots = nw_choice(context, key, value, "boot", "end");
  else if (! strcmp(key, "time_limit"))
    opt.time_limit_usec = strtoull(value, NULL, 10);
  else if (! strcmp(key, "platform"))
    opt.test_platform = nw_choice(context, key, value, "test", "pc");
  else if (! nw_state_option(context, key, value))
    BX_PANIC(("%s: nwsim: unknown option '%s'; trace, config, param, stall, uart, idle, reset, time_limit, platform, "
      "save, save_at, save_then or restore", context, key));
}

static Bit32s nw_options_parser(const char *context, int num_params, char *params[])
{
  nw_run.active = true;
  SIM->get_param_num(BXPN_LOG_REPEAT)->set(NW_LOG_REPEAT);
  for (int i = 1; i < num_params; i++) {
    char *value = strchr(params[i], '=');
    size_t len;

    if (! value) {
      BX_PANIC(("%s: nwsim: '%s' is not accepted; KEY=VALUE", context, params[i]));
      continue;
    }
    *value++ = 0;
    len = strlen(value);
    if (len >= 2 && value[0] == '"' && value[len-1] == '"') {
      value[len-1] = 0;
      value++;
    }
    nw_option(context, params[i], value);
  }
  SIM->get_param_num(BXPN_RANDOM_SEED)->set(nw_run.params.v[NW_P_SEED]);
  return 0;
}

static Bit32s nw_options_save(FILE *fp)
{
  char value[64];

  if (! nw_run.active) return 0;
  for (unsigned id = 0; id < NW_PARAM_COUNT; id++) {
    nw_param_format(&nw_run.params, (enum nw_param_id) id, value, sizeof(value));
    fprintf(fp, "nwsim: param=%s:%s\n", nw_param_info((enum nw_param_id) id)->name, value);
  }
  fprintf(fp, "nwsim: uart=%s, idle=%s, reset=%s\n", nw_switch.uart_fast ? "fast" : "baud",
          nw_switch.idle_jump ? "jump" : "step", opt.reset_boots ? "boot" : "end");
  return 0;
}

void nw_register_options(void)
{
  nw_params_init(&nw_run.params);
  nw_stall_init(&nw_run.stalls);
  SIM->register_addon_option("nwsim", nw_options_parser, nw_options_save);
}

bool nw_feature(bool model_has)
{
  switch (nw_run.params.v[NW_P_FEATURE]) {
    case NW_FEATURE_ON:  return true;
    case NW_FEATURE_OFF: return false;
    default:             return model_has;
  }
}

/* ---- Ports, limits, start and end ------------------------------------------------------------------- */

/* The CPU that executes; CPU 0 while timers fire. */
static BX_CPU_C *nw_current_cpu(void)
{
  BX_CPU_C *cpu = bx_pc_system.smp_running();

  return cpu ? cpu : BX_CPU(0);
}

static void nw_port_write(void *, Bit32u port, Bit32u value, unsigned)
{
  Bit64u f[NWT_MARK_FIELDS];

  if (port == NW_PORT_EXIT)
    nw_end(signature_read ? NWT_VERDICT_GUEST_EXIT : NWT_VERDICT_FOREIGN_EXIT, value);
  else {
    f[NWT_MARK_VALUE] = value;
    nw_record(NWT_MARK, nw_current_cpu()->which_cpu(), f);
  }
}

static Bit32u nw_port_read(void *, Bit32u, unsigned)
{
  signature_read = true;
  return NW_SIGNATURE;
}

static void nw_time_is_up(void *)
{
  nw_end(NWT_VERDICT_TIME_LIMIT, opt.time_limit_usec);
}

void nw_register_end_state(void *list)
{
  BXRS_PARAM_BOOL((bx_list_c *) list, signature_read, signature_read);
}

void nw_register_state(void)
{
  nw_run.tsc_hz = SIM->get_param_num(BXPN_IPS)->get();
  if (! nw_run.active) return;

  for (int cpu = 0; cpu < BX_SMP_PROCESSORS; cpu++)
    nw_context_init(&BX_CPU(cpu)->nw.context, nw_run.params.v[NW_P_SEED] + cpu);
  nw_closed_start();
  nw_register_run_state();
  if (opt.time_limit_usec) {
    Bit64u ticks = opt.time_limit_usec / 1000000 * nw_run.tsc_hz + opt.time_limit_usec % 1000000 * nw_run.tsc_hz / 1000000;
    bx_pc_system.register_timer_ticks(&nw_run, nw_time_is_up, ticks, 0, 1, "nwsim time limit");
  }
}

void nw_start(void)
{
  if (! nw_run.active) return;

  nw_switch.delivery_watch = nw_stall_watches(&nw_run.stalls, NW_STALL_DELIVERY);
  nw_switch.decode_watch = true; // the magic NOP

  DEV_register_iowrite_handler(&nw_run, nw_port_write, NW_PORT_EXIT, "nwsim exit", 7);
  DEV_register_iowrite_handler(&nw_run, nw_port_write, NW_PORT_SIGNATURE, "nwsim mark", 4);
  DEV_register_ioread_handler(&nw_run, nw_port_read, NW_PORT_SIGNATURE, "nwsim signature", 4);
  if (opt.trace[0]) nw_trace_open(opt.trace, opt.config);
  if (opt.test_platform) {
    nw_fwcfg_start(nw_run.cmdline);
    nw_testdev_start();
  }
  if (nw_restored_from()) nw_trace_restore(nw_restored_from());
  nw_state_start();
  started = true;
}

static void nw_stop(void)
{
  for (int cpu = 0; cpu < BX_SMP_PROCESSORS; cpu++)
    BX_CPU(cpu)->async_event = 1;
  bx_user_quit = 1;
  bx_pc_system.kill_bochs_request = 1;
}

void nw_saved(void)
{
  ended = true;
  nw_stop();
}

void nw_end(enum nwt_verdict_kind kind, Bit64u code)
{
  if (! ended && started) {
    BX_CPU_C *cpu = nw_current_cpu();

    verdict[NWT_VERDICT_KIND] = kind;
    verdict[NWT_VERDICT_CODE] = code;
    verdict[NWT_VERDICT_RIP] = cpu->get_instruction_pointer();
    verdict[NWT_VERDICT_ICOUNT] = 0; // of all CPUs
    for (int n = 0; n < BX_SMP_PROCESSORS; n++)
      verdict[NWT_VERDICT_ICOUNT] += BX_CPU(n)->get_icount();
    nw_trace_end(cpu->which_cpu(), verdict);
    ended = true;
  }
  nw_stop();
}

// The CPU that aborts is not in the shutdown state yet.
static unsigned cpus_not_shut_down(void)
{
  unsigned n = 0;

  for (unsigned cpu = 0; cpu < BX_SMP_PROCESSORS; cpu++)
    n += BX_CPU(cpu)->activity_state != BX_CPU_C::BX_ACTIVITY_STATE_SHUTDOWN;
  return n;
}

void nw_shutdown(bool vmx_abort)
{
  if (started && ! (vmx_abort && cpus_not_shut_down() > 1)) nw_end(NWT_VERDICT_SHUTDOWN, 0);
}

// The loader's images are what a disk is to other machines: a boot finds them as they were.
static void nw_load_images(void)
{
  char name[BX_PATHNAME_LEN];

  for (int n = 1; n <= BX_N_OPTRAM_IMAGES; n++) {
    snprintf(name, sizeof(name), "%s.%d", BXPN_OPTRAM_BASE, n);
    bx_list_c *image = (bx_list_c *) SIM->get_param(name);
    if (! SIM->get_param_string("file", image)->isempty())
      BX_MEM(0)->load_RAM(SIM->get_param_string("file", image)->getptr(), SIM->get_param_num("address", image)->get64());
  }
}

bool nw_machine_reset(void)
{
  if (! started || ended) return ended; // power-on
  if (opt.reset_boots)
    nw_load_images();
  else
    nw_end(NWT_VERDICT_RESET, 0);
  return ended;
}

bool nw_has_verdict(void)
{
  return ended && verdict[NWT_VERDICT_KIND] != NWT_VERDICT_FAULT;
}

void nw_finish(void)
{
  if (! started) return;
  if (! ended) nw_end(NWT_VERDICT_FAULT, 0);
  started = false;
  nw_trace_close();
}
