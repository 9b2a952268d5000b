/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.c - prepares the private directory, runs the simulator, reads the trace, reports.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bochsrc.h"
#include "boot/nw_boot.h"
#include "cpumodel.h"
#include "nws.h"
#include "paths.h"
#include "report.h"
#include "runner.h"
#include "session.h"
#include "simconfig.h"
#include "workdir.h"

/* Files of one run and what came out of it. */
struct session {
	const struct nws_options *o;
	const struct nws_target *t;
	const struct nws_cpumodel *cpu;
	uint32_t ips;
	char *simulator, *bios, *vgabios, *boot_rom, *build_flags;
	struct nws_workdir dir;
	struct nw_boot_plan plan;
	enum nw_boot_kind kind;
	struct nws_serial serial;
	struct nws_run_result result;
	struct nw_summary sum;
	struct nws_report report;
	char *message, *kernel_panic;
};

/* ---- Before the run ---------------------------------------------------------------------------------- */

static int find_files(struct session *s)
{
	const struct nws_options *o = s->o;

	if (o->simulator)
		s->simulator = nws_path_given("--simulator", o->simulator);
	else
		s->simulator = nws_path_need("simulator", NWS_SIMULATOR);
	if (s->simulator && access(s->simulator, X_OK)) {
		nws_error("simulator %s: not an executable file", s->simulator);
		return -1;
	}
	s->bios = s->simulator ? nws_path_bios() : NULL;
	s->vgabios = s->bios ? nws_path_vgabios() : NULL;
	if (s->vgabios && s->t->kernel)
		s->boot_rom = nws_path_need("option ROM for direct loading", NWS_BOOT_ROM);
	s->build_flags = o->simulator ? NULL : nws_path_find(NWS_BUILD_FLAGS);
	return s->vgabios && (s->boot_rom || !s->t->kernel) ? 0 : -1;
}

static int check_kind(struct session *s)
{
	char err[NW_BOOT_ERRLEN];

	if (nw_boot_inspect(s->t->kernel, &s->kind, err)) {
		nws_error("%s", err);
		return -1;
	}
	if (!s->t->is_linux || s->kind == NW_BOOT_LINUX)
		return 0;
	nws_error("%s is a %s image; --kernel takes a bzImage, `nwsim run' other guests", s->t->kernel,
		  nw_boot_kind_name(s->kind));
	return -1;
}

static int check_media(const struct session *s)
{
	enum nw_boot_media media = NW_BOOT_ISO;
	char err[NW_BOOT_ERRLEN];

	if ((s->t->iso && nw_boot_find_media(s->t->iso, &media, err)) ||
	    (s->t->disk && nw_boot_check_disk(s->t->disk, !s->t->kernel && !s->t->iso, err))) {
		nws_error("%s", err);
		return -1;
	}
	if (s->t->disk && s->o->disk_write && access(s->t->disk, W_OK)) {
		nws_error("--disk-write: %s: %s", s->t->disk, strerror(errno));
		return -1;
	}
	if (media != NW_BOOT_ISO) {
		nws_error("%s: not an ISO 9660 image", s->t->iso);
		return -1;
	}
	return 0;
}

/* Multiboot takes the modules as they are; Linux takes one, its initial RAM file system. */
static int fill_modules(const struct session *s, struct nw_boot_request *req)
{
	if (s->kind != NW_BOOT_LINUX || !s->t->n_modules) {
		req->modules = s->t->module;
		req->module_count = s->t->n_modules;
		return 0;
	}
	if (s->t->n_modules > 1 || strchr(s->o->module[0], ',')) {
		nws_error("--initrd: a Linux kernel takes one file and no words");
		return -1;
	}
	req->initrd = s->t->module[0].path;
	return 0;
}

static int link_media(const struct session *s)
{
	if (s->t->iso && nws_workdir_link(&s->dir, NWS_F_ISO, s->t->iso))
		return -1;
	return s->t->disk ? nws_workdir_link(&s->dir, NWS_F_DISK, s->t->disk) : 0;
}

static int prepare_boot(struct session *s)
{
	struct nw_boot_request req = {
		.kernel = s->t->kernel,
		.initrd = s->t->initrd,
		.cmdline = *s->t->cmdline ? s->t->cmdline : NULL,
		.memory_bytes = s->o->memory_mib << 20,
		.directory = s->dir.path,
	};
	char err[NW_BOOT_ERRLEN];

	if (link_media(s))
		return -1;
	if (!s->t->kernel)
		return 0;
	if (fill_modules(s, &req))
		return -1;
	if (nw_boot_prepare(&req, &s->plan, err)) {
		nws_error("%s", err);
		return -1;
	}
	/* The simulator runs in the directory: plain names keep its path, whatever is in it, out of the bochsrc. */
	for (size_t i = 0; i < s->plan.image_count; i++) {
		char *path = s->plan.images[i].path, *slash = strrchr(path, '/');

		if (slash)
			memmove(path, slash + 1, strlen(slash));
	}
	return nws_workdir_link(&s->dir, NWS_F_BOOT_ROM, s->boot_rom);
}

static FILE *create_file(const struct session *s, const char *name)
{
	char *path = nws_workdir_path(&s->dir, name);
	FILE *f = fopen(path, "we");

	if (!f)
		nws_error("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

static int write_bochsrc(struct session *s)
{
	const struct nws_options *o = s->o;
	const struct nws_bochsrc b = {
		.cpu_model = o->cpu,
		.ignore_bad_msrs = !s->cpu->msrs_complete,
		.cpus = o->cpus,
		.quantum = o->quantum,
		.ips = s->ips,
		.memory_mib = o->memory_mib,
		.iso = s->t->iso != NULL,
		.disk = s->t->disk != NULL,
		.disk_write = o->disk_write,
		.test_platform = o->platform == NWS_PLATFORM_TEST ||
				 (o->platform == NWS_PLATFORM_AUTO && s->t->by_path && s->kind == NW_BOOT_MULTIBOOT),
		.memory_from_boot = s->t->kernel != NULL,
		.log_errors = o->log != NULL,
		.params = &o->params,
		.stall = o->stall,
		.n_stall = o->stall_set.count,
		.uart_baud = o->uart_baud,
		.idle_step = o->idle_step,
		.reset_boot = o->reset_boot,
		.time_limit_us = o->time_limit_us,
	};
	FILE *f = create_file(s, NWS_F_BOCHSRC);
	char err[NW_BOOT_ERRLEN];
	int rc;

	if (!f)
		return -1;
	rc = nws_bochsrc_write(f, &b);
	if (!rc && s->t->kernel && nw_boot_write_bochsrc(f, &s->plan, NWS_F_BOOT_ROM, err)) {
		nws_error("%s", err);
		rc = -1;
	}
	if (fclose(f) && !rc) {
		nws_error("cannot write the simulator's configuration: %s", strerror(errno));
		rc = -1;
	}
	return rc;
}

static void add_hash(struct nws_simconfig *c, const char *key, const char *path)
{
	if (path) {
		c->hashed[c->n_hashed].key = key;
		c->hashed[c->n_hashed++].path = path;
	}
}

static int write_config(struct session *s)
{
	struct nws_simconfig c = {
		.guest = s->t->name, .cmdline = s->t->cmdline,
		.build_flags_file = s->build_flags,
	};
	FILE *f = create_file(s, NWS_F_CONFIG);
	int rc;

	if (!f)
		return -1;
	add_hash(&c, "simulator", s->simulator);
	add_hash(&c, "bios", s->bios);
	add_hash(&c, "vgabios", s->vgabios);
	add_hash(&c, "bootrom", s->boot_rom);
	add_hash(&c, s->t->is_linux ? "kernel" : "guest", s->t->kernel);
	add_hash(&c, "initrd", s->t->initrd);
	add_hash(&c, "iso", s->t->iso);
	add_hash(&c, "disk", s->t->disk);
	c.module = s->t->module;
	c.n_modules = s->t->n_modules;
	rc = nws_simconfig_write(f, &c, s->o);
	if (fclose(f) && !rc) {
		nws_error("cannot write the trace's configuration: %s", strerror(errno));
		rc = -1;
	}
	return rc;
}

static int prepare(struct session *s)
{
	const struct nws_options *o = s->o;

	s->cpu = nws_cpumodel_find(o->cpu);
	s->ips = o->ips ? (uint32_t)o->ips : s->cpu->tsc_hz;
	if ((o->trace && nws_output_check("--trace", o->trace)) ||
	    (o->log && nws_output_check("--log", o->log)))
		return -1;
	if (find_files(s) || (s->t->kernel && check_kind(s)) || check_media(s) || nws_workdir_create(&s->dir, o->keep))
		return -1;
	if (nws_workdir_link(&s->dir, NWS_F_BIOS, s->bios) ||
	    nws_workdir_link(&s->dir, NWS_F_VGABIOS, s->vgabios))
		return -1;
	return prepare_boot(s) || write_bochsrc(s) || write_config(s) ? -1 : 0;
}

/* ---- The run ----------------------------------------------------------------------------------------- */

static void on_line(void *ctx, const char *line)
{
	struct session *s = ctx;

	const char *panic = strstr(line, "Kernel panic - not syncing: ");

	if (panic && !s->kernel_panic)
		s->kernel_panic = nws_strdup(panic + strlen("Kernel panic - not syncing: "));
	nws_tap_line(&s->report.outcome.tap, line);
	if (s->t->table)
		nws_table_line(s->t->table, line);
}

static int run(struct session *s)
{
	struct nws_run r = {
		.simulator = s->simulator, .directory = s->dir.path, .copy = s->o->json ? stderr : stdout,
		.progress = isatty(STDERR_FILENO), .serial = &s->serial,
	};
	struct stat st;
	int rc;

	if (s->o->disk_write && s->t->disk && !stat(s->t->disk, &st))
		r.disk_bytes = (uint64_t)st.st_size;
	if (s->o->log) {
		r.log = create_file(s, NWS_F_LOG);
		if (!r.log)
			return -1;
	}
	rc = nws_run_simulator(&r, &s->result);
	if (r.log)
		fclose(r.log);
	return rc;
}

/* ---- After the run ----------------------------------------------------------------------------------- */

/* Reads the trace; explains in s->message why there is none to read. */
static void read_trace(struct session *s)
{
	char *path = nws_workdir_path(&s->dir, NWS_F_TRACE);
	char err[NWT_ERRLEN];
	struct nwt_reader *r;

	if (access(path, R_OK)) {
		s->message = nws_strdup("it left no trace");
		free(path);
		return;
	}
	r = nwt_open(path, err);
	free(path);
	if (!r) {
		s->message = nws_strdup(err);
		return;
	}
	nws_trace_clock(&s->report.trace, r);
	if (nw_summary_read(&s->sum, r, err))
		s->message = nws_strdup(err);
	else if (!s->sum.has_verdict)
		s->message = nws_strdup("its trace ends without a verdict");
	nwt_reader_close(r);
	s->report.trace.sum = &s->sum;
	s->report.has_trace = true;
}

static const char *first_of(const char *a, const char *b)
{
	return *a ? a : b;
}

static void explain_death(struct session *s)
{
	const struct nws_run_result *res = &s->result;
	const char *log = first_of(res->last_panic, res->last_line);

	free(s->message);
	if (res->exited)
		s->message = nws_format("it exited with status %d%s%s", res->status, *log ? ": " : "", log);
	else if (res->status == SIGXFSZ)
		s->message = nws_format(
			"it was stopped: its trace grew beyond %llu GiB; give a lower --time-limit or a "
			"higher --param gap_min=TICKS",
			NWS_FILE_MAX >> 30);
	else
		s->message = nws_format("it died of signal %d (%s)%s%s", res->status,
					strsignal(res->status), *log ? ": " : "", log);
}

static void judge(struct session *s)
{
	struct nws_outcome *out = &s->report.outcome;

	read_trace(s);
	if (!s->result.exited || s->result.status)
		explain_death(s);
	out->simulator_ok = s->result.exited && s->result.status == 0 && s->report.has_trace && !s->message;
	out->kind = (enum nwt_verdict_kind)s->sum.verdict_kind;
	out->code = s->sum.verdict_code;
	out->tap_required = s->t->tap_required;
	if (out->simulator_ok && out->kind == NWT_VERDICT_FAULT)
		s->message =
			nws_format("it gave up: %s", first_of(s->result.last_panic, s->result.last_line));
	s->report.verdict = nws_verdict_of(out);
	s->report.status = nws_verdict_status(s->report.verdict, s->o->expect, s->o->guest_status, out);
}

static int copy_outputs(const struct session *s)
{
	int rc = 0;

	if (s->o->trace && s->report.has_trace) {
		char *from = nws_workdir_path(&s->dir, NWS_F_TRACE);

		rc |= nws_output_copy(from, s->o->trace);
		free(from);
	}
	if (s->o->log) {
		char *from = nws_workdir_path(&s->dir, NWS_F_LOG);

		rc |= nws_output_copy(from, s->o->log);
		free(from);
	}
	return rc;
}

static int print_report(struct session *s)
{
	struct nws_report *r = &s->report;

	r->o = s->o;
	r->guest = s->t->name;
	r->claim = s->t->claim;
	r->cmdline = s->t->cmdline;
	r->message = s->message;
	r->kernel_panic = s->kernel_panic;
	r->serial = &s->serial;
	r->host_seconds = s->result.host_seconds;
	r->table = s->t->table;
	if (s->o->json)
		return nws_json_print(stdout, nws_report_json(r));
	nws_report_text(stdout, r);
	if (fflush(stdout) || ferror(stdout)) {
		nws_error("cannot write the report: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static void release(struct session *s)
{
	nws_workdir_remove(&s->dir);
	nws_serial_free(&s->serial);
	nw_summary_free(&s->sum);
	free(s->simulator);
	free(s->bios);
	free(s->vgabios);
	free(s->boot_rom);
	free(s->build_flags);
	free(s->message);
	free(s->kernel_panic);
	free(s);
}

int nws_session(const struct nws_options *o, const struct nws_target *t)
{
	struct session *s = nws_realloc(NULL, sizeof(*s));
	int status = NWS_EXIT_USAGE;

	memset(s, 0, sizeof(*s));
	s->o = o;
	s->t = t;
	s->dir.guard_fd = -1;
	nw_summary_init(&s->sum);
	nws_serial_init(&s->serial, on_line, s);
	if (prepare(s) || run(s)) {
		release(s);
		return status;
	}
	if (s->result.interrupted) {
		nws_error("ended by signal %d (%s)", s->result.interrupted,
			  strsignal(s->result.interrupted));
		status = 128 + s->result.interrupted;
	} else if (!s->result.output_failed) {
		judge(s);
		status = s->report.status;
		if (copy_outputs(s) || print_report(s))
			status = NWS_EXIT_USAGE;
	}
	release(s);
	return status;
}
