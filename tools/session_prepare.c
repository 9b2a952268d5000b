/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session_prepare.c - before the run: files, private directory, boot images, the simulator's configuration.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochsrc.h"
#include "nws.h"
#include "paths.h"
#include "session_run.h"
#include "simconfig.h"

static int find_files(struct session *s)
{
	const struct nws_options *o = s->o;

	if (o->simulator)
		s->simulator = nws_path_given("--simulator", o->simulator);
	else
		s->simulator = nws_path_need("simulator", NWS_SIMULATOR, NWS_REMEDY);
	if (s->simulator && access(s->simulator, X_OK)) {
		nws_error("simulator %s: not an executable file", s->simulator);
		return -1;
	}
	s->bios = s->simulator ? nws_path_bios() : NULL;
	s->vgabios = s->bios ? nws_path_vgabios() : NULL;
	if (s->vgabios && s->t->kernel)
		s->boot_rom = nws_path_need("option ROM for direct loading", NWS_BOOT_ROM, NWS_REMEDY);
	s->build_flags = o->simulator ? NULL : nws_path_find(NWS_BUILD_FLAGS);
	return s->vgabios && (s->boot_rom || !s->t->kernel) ? 0 : -1;
}

static int open_outputs(struct session *s)
{
	return (s->o->trace && nws_output_open(&s->trace, "--trace", s->o->trace)) ||
	       (s->o->log && nws_output_open(&s->log, "--log", s->o->log)) || nws_outputs_apart(&s->trace, &s->log);
}

/* The run may still read its files when an output is ready, and the user wants to keep them in any case. */
static int check_output(const struct session *s, const struct nws_output *out)
{
	const struct nws_target *t = s->t;
	const struct {
		const char *what, *path;
	} in[] = {
		{ t->is_linux ? "the kernel" : "the guest", t->kernel }, { "the initial RAM file system", t->initrd },
		{ "the CD-ROM", t->iso }, { "the disk", t->disk }, { "the simulator", s->simulator },
		{ "the BIOS", s->bios }, { "the VGA BIOS", s->vgabios }, { "the boot ROM", s->boot_rom },
		{ "the saved run", s->o->restore },
	};

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		if (nws_output_apart(out, in[i].what, in[i].path))
			return -1;
	for (unsigned i = 0; i < t->n_modules; i++)
		if (nws_output_apart(out, "a module", t->module[i].path))
			return -1;
	return 0;
}

static int check_outputs(const struct session *s)
{
	return check_output(s, &s->trace) || check_output(s, &s->log);
}

/* Temporary files that have a name already do not stay, however this process ends. */
static int guard_outputs(struct session *s)
{
	return (s->trace.tmp && nws_workdir_guard(&s->dir, s->trace.tmp)) ||
	       (s->log.tmp && nws_workdir_guard(&s->dir, s->log.tmp));
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

FILE *nws_session_create(const struct session *s, const char *name)
{
	char *path = nws_workdir_path(&s->dir, name);
	FILE *f = fopen(path, "we");

	if (!f)
		nws_error("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

uint64_t nws_session_save_tick(const struct session *s)
{
	uint64_t us = s->o->save_at;

	return s->o->save_in_ticks ? us : us / 1000000 * s->ips + us % 1000000 * s->ips / 1000000;
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
		.save = o->save != NULL,
		.save_go_on = o->save_go_on,
		.save_at_tsc = nws_session_save_tick(s),
		.restore = o->restore != NULL,
	};
	FILE *f = nws_session_create(s, NWS_F_BOCHSRC);
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
	FILE *f = nws_session_create(s, NWS_F_CONFIG);
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

/* The directories of saved runs, once it is known what this run is made of. */
static int prepare_saved(struct session *s)
{
	char *config = nws_workdir_path(&s->dir, NWS_F_CONFIG);
	int rc = 0;

	if (s->o->restore)
		rc = nws_snapshot_restore(s->o->restore, config, s->o->memory_mib << 20, &s->dir);
	if (!rc && s->o->restore && s->o->save && nws_session_save_tick(s) < nws_snapshot_tick(s->o->restore)) {
		nws_error("--save-at: tick %llu is past, the run in %s was saved at tick %llu",
			  (unsigned long long)nws_session_save_tick(s), s->o->restore,
			  (unsigned long long)nws_snapshot_tick(s->o->restore));
		rc = -1;
	}
	if (!rc && s->o->save)
		rc = nws_snapshot_begin(&s->save, s->o->save, &s->dir);
	free(config);
	return rc;
}

int nws_session_prepare(struct session *s)
{
	const struct nws_options *o = s->o;

	s->cpu = nws_cpumodel_find(o->cpu);
	s->ips = o->ips ? (uint32_t)o->ips : s->cpu->tsc_hz;
	if (open_outputs(s) || find_files(s) || check_outputs(s) || (s->t->kernel && check_kind(s)) || check_media(s) ||
	    nws_workdir_create(&s->dir, o->keep) || guard_outputs(s))
		return -1;
	if (nws_workdir_link(&s->dir, NWS_F_BIOS, s->bios) ||
	    nws_workdir_link(&s->dir, NWS_F_VGABIOS, s->vgabios))
		return -1;
	return prepare_boot(s) || write_bochsrc(s) || write_config(s) || prepare_saved(s) ? -1 : 0;
}
