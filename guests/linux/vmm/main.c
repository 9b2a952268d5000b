/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small KVM VMM which runs in L0 Linux: as PID 1 of the simulated machine, or as an ordinary
 * program on a machine with KVM (then the options are its arguments, and nothing is mounted or
 * powered off).
 *
 * Output: "NW: ..." lines for nwsim, one TAP line per scenario. The last line is
 * "NW: result code=N" with the NW_EXIT_* codes of nw_abi.h: 0 = every scenario that ran has passed,
 * 1 = one has failed (or was skipped, with nw.strict=1), 2 = wrong options or no KVM, 3 = all were
 * skipped.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nw_abi.h"
#include "out.h"
#include "scenario.h"

#define LIMIT_FACTOR	8	/* a scenario's limit, in longest attacks */
#define LIMIT_S		60

#define CONSOLE_LEVEL	8	/* syslog(2) action: console log level */
#define ONLY_ERRORS	4

struct verdict {
	enum outcome	outcome;
	bool		decided;
	char		reason[256];
};

struct tally {
	unsigned int	pass, fail, skip;
};

static const struct scenario scenarios[] = {
	{ "caps", "the capability is offered with the CPU control, bad arguments are refused",
	  scenario_caps },
	{ "intercepted", "KVM as shipped intercepts both loops, the guest can be let go",
	  scenario_intercepted },
	{ "quiet", "ordinary work with window 0 gives no notify exit", scenario_quiet },
	{ "stall", "an instruction longer than the window gives notify exits", scenario_stall },
	{ "delivery-stall", "an event delivery longer than the window gives notify exits",
	  scenario_delivery_stall },
	{ "ac-loop", "the nested #AC gives notify exits", scenario_ac_loop },
	{ "db-loop", "the #DB on delivery gives notify exits", scenario_db_loop },
	{ "responsive", "L0 goes on while the attack runs", scenario_responsive },
	{ "kernel-log", "the kernel has logged no warning", scenario_kernel_log },
};

#define SCENARIOS	(sizeof(scenarios) / sizeof(scenarios[0]))

static void mount_all(void)
{
	static const char *const mounts[][2] = {
		{ "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" },
		{ "debugfs", "/sys/kernel/debug" },
	};
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL) && errno != EBUSY)
			say("NW: warning mount of %s on %s: %s", mounts[i][0], mounts[i][1],
			    strerror(errno));
}

static int read_command_line(struct options *o, char *error, size_t size)
{
	char line[2048];
	FILE *f = fopen("/proc/cmdline", "re");
	bool ok = f && fgets(line, sizeof(line), f);

	if (f)
		fclose(f);
	if (ok)
		return options_line(o, line, error, size);
	snprintf(error, size, "/proc/cmdline cannot be read");
	return -1;
}

/* Is the name in the comma-separated list? An empty list has all. */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	if (!*list)
		return true;
	for (p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!strncmp(p, name, n) && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

static unsigned int count_listed(const char *list)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < SCENARIOS; i++)
		n += listed(list, scenarios[i].name);
	return n;
}

/* Every name of the list must be a scenario. */
static bool list_is_valid(const char *list, char *error, size_t size)
{
	unsigned int words = 1;
	size_t i, used;

	for (i = 0; list[i]; i++)
		words += list[i] == ',';
	if (!*list || count_listed(list) == words)
		return true;
	used = (size_t)snprintf(error, size, "option \"nw.scenario=%s\": accepted:", list);
	for (i = 0; i < SCENARIOS && used < size; i++)
		used += (size_t)snprintf(error + used, size - used, "%s %s", i ? "," : "",
					 scenarios[i].name);
	return false;
}

static void scenario_child(const struct scenario *s, struct context *c, struct verdict *v)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c->reason = v->reason;
	c->reason_size = sizeof(v->reason);
	if (vm_open(&c->vm))
		v->outcome = because(c, FAIL, "%s", c->vm.error);
	else
		v->outcome = s->run(c);
	v->decided = true;
	_exit(0);
}

static time_t limit_s(const struct options *o)
{
	struct l0_crystal crystal = l0_crystal();
	uint64_t attack_ms = o->time_ms + (uint64_t)(o->exits + 4) *
			     (l0_crystal_ns(&crystal, o->window_crystal) / 1000000);

	return (time_t)(LIMIT_S + LIMIT_FACTOR * attack_ms / 1000);
}

/* Waits for the scenario's process; a crash or a time-out is a failure like any other. */
static void await(pid_t pid, const struct context *c, struct verdict *v)
{
	struct timespec limit = { limit_s(&c->options), 0 };
	bool late = false;
	int status = 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (sigtimedwait(&set, NULL, &limit) >= 0 || errno != EAGAIN)
			continue;
		late = true;
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		break;
	}
	if (v->decided)
		return;
	v->outcome = FAIL;
	if (late)
		snprintf(v->reason, sizeof(v->reason), "no end within %lld s", (long long)limit.tv_sec);
	else
		snprintf(v->reason, sizeof(v->reason), "the scenario's process died (wait status 0x%x)",
			 (unsigned int)status);
}

static void report(const struct scenario *s, const struct verdict *v, unsigned int n,
		   struct tally *tally)
{
	switch (v->outcome) {
	case PASS:
		tally->pass++;
		say("ok %u - %s: %s", n, s->name, s->claim);
		break;
	case SKIP:
		tally->skip++;
		say("ok %u - %s: %s # SKIP %s", n, s->name, s->claim, v->reason);
		break;
	case FAIL:
		tally->fail++;
		say("not ok %u - %s: %s", n, s->name, s->claim);
		say("# %s", v->reason);
	}
}

static void run_one(const struct scenario *s, struct context *c, unsigned int n,
		    struct tally *tally, struct verdict *v)
{
	pid_t pid;

	memset(v, 0, sizeof(*v));
	out_drain();
	pid = fork();
	if (!pid)
		scenario_child(s, c, v);
	if (pid > 0) {
		await(pid, c, v);
	} else {
		v->outcome = FAIL;
		snprintf(v->reason, sizeof(v->reason), "fork: %s", strerror(errno));
	}
	report(s, v, n, tally);
}

/* What L0 offers; -1 if it has no usable KVM at all. */
static int describe_l0(struct context *c)
{
	static const char *const switches[] = { "absent", "off", "on" };
	struct l0_crystal crystal = l0_crystal();

	c->cpu_has = l0_cpu_has_notify();
	c->test_switch = l0_test_switch();
	if (vm_open(&c->vm)) {
		say("Bail out! %s", c->vm.error);
		return -1;
	}
	c->offered = vm_notify_offered(&c->vm);
	close(c->vm.kvm);
	say("NW: l0 kernel=%s nwsim=%u cpu_notify=%d kvm_notify=%d test_switch=%s crystal_hz=%llu "
	    "tsc_per_crystal=%llu/%llu window=%u flags=%s", c->kernel, c->is_nwsim,
	    c->cpu_has, c->offered,
	    switches[c->test_switch], (unsigned long long)crystal.hz,
	    (unsigned long long)crystal.numerator, (unsigned long long)crystal.denominator,
	    c->options.window_crystal, c->options.user ? "user" : "kernel");
	return 0;
}

static int run_all(struct context *c)
{
	struct tally tally = { 0, 0, 0 };
	struct verdict *v;
	unsigned int n = 0;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED) {
		say("Bail out! mmap: %s", strerror(errno));
		return NW_EXIT_ERROR;
	}
	if (describe_l0(c))
		return NW_EXIT_ERROR;
	say("1..%u", count_listed(c->options.scenarios));
	for (i = 0; i < SCENARIOS; i++)
		if (listed(c->options.scenarios, scenarios[i].name))
			run_one(&scenarios[i], c, ++n, &tally, v);
	say("NW: summary pass=%u fail=%u skip=%u strict=%u", tally.pass, tally.fail, tally.skip,
	    c->options.strict);
	if (tally.fail || (c->options.strict && tally.skip))
		return NW_EXIT_FAIL;
	return tally.pass ? NW_EXIT_PASS : NW_EXIT_SKIP;
}

/* Ends the machine: by the simulator's port, else by ACPI. */
static void end_machine(int code)
{
	out_drain();
	if (!ioperm(NW_PORT_EXIT, 1, 1))
		outb((unsigned char)code, NW_PORT_EXIT);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static struct context c;
	struct utsname u;
	char error[256];
	int i, code = 0;

	c.is_init = getpid() == 1;
	out_raw_console();
	uname(&u);
	say("NW: vmm start kernel=%s", u.release);
	snprintf(c.kernel, sizeof(c.kernel), "%s", u.release);
	options_default(&c.options);
	if (c.is_init) {
		klogctl(CONSOLE_LEVEL, NULL, ONLY_ERRORS);
		mount_all();
		c.is_nwsim = l0_is_nwsim() == 1;
		code = read_command_line(&c.options, error, sizeof(error));
	}
	for (i = 1; !c.is_init && !code && i < argc; i++)
		code = options_word(&c.options, argv[i], error, sizeof(error));
	if (code || !list_is_valid(c.options.scenarios, error, sizeof(error))) {
		say("Bail out! %s", error);
		code = NW_EXIT_ERROR;
	} else {
		code = run_all(&c);
	}
	say("NW: result code=%d", code);
	if (c.is_init)
		end_machine(code);
	return code;
}
