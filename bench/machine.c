/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * machine.c - RAM images, CD-ROM image and configuration files of a measurement.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bochsrc.h"
#include "machine.h"
#include "nws.h"
#include "sim.h"

#define F_GRUB_CFG "grub.cfg"
#define F_GRUB_LOG "grub-mkrescue.log"

/* ---- CD-ROM image ------------------------------------------------------------------------------------ */

static FILE *create(const struct nwb_guest *g, const char *name)
{
	char *path = nws_workdir_path(&g->dir, name);
	FILE *f = fopen(path, "we");

	if (!f)
		nws_error("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

static int finish(FILE *f, const char *name)
{
	bool failed = ferror(f);

	if (fclose(f) || failed) {
		nws_error("cannot write %s: %s", name, strerror(errno));
		return -1;
	}
	return 0;
}

static int write_grub_cfg(const struct nwb_guest *g)
{
	FILE *f = create(g, F_GRUB_CFG);

	if (!f)
		return -1;
	fprintf(f, "set timeout=0\nmenuentry linux {\n\tlinux /boot/kernel %s\n", g->cmdline);
	if (g->initrd)
		fputs("\tinitrd /boot/initrd\n", f);
	fputs("}\n", f);
	return finish(f, F_GRUB_CFG);
}

__attribute__((noreturn)) static void exec_mkrescue(const struct nwb_guest *g)
{
	char *kernel = nws_format("boot/kernel=%s", g->kernel);
	char *initrd = g->initrd ? nws_format("boot/initrd=%s", g->initrd) : NULL;

	if (chdir(g->dir.path) || !freopen("/dev/null", "r", stdin) || !freopen(F_GRUB_LOG, "w", stderr) ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(126);
	execlp("grub-mkrescue", "grub-mkrescue", "-o", NWS_F_ISO, "boot/grub/grub.cfg=" F_GRUB_CFG, kernel, initrd,
	       (char *)NULL);
	_exit(127);
}

static int make_iso(const struct nwb_guest *g)
{
	char *iso;
	int status = -1, rc = 0;
	pid_t pid;

	if (write_grub_cfg(g))
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exec_mkrescue(g);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	iso = nws_workdir_path(&g->dir, NWS_F_ISO);
	/* grub-mkrescue's own status does not tell whether there is an image. */
	if (status || access(iso, R_OK)) {
		nws_error("grub-mkrescue made no CD-ROM image (wait status 0x%x); it needs the Debian packages "
			  "grub-common, grub-pc-bin, xorriso and mtools",
			  (unsigned)status);
		rc = -1;
	}
	free(iso);
	return rc;
}

/* ---- Guest ------------------------------------------------------------------------------------------- */

static int make_ram_images(struct nwb_guest *g)
{
	struct nw_boot_request req = {
		.kernel = g->kernel, .initrd = g->initrd, .cmdline = g->cmdline,
		.memory_bytes = g->o->memory_mib << 20, .directory = g->dir.path,
	};
	char err[NW_BOOT_ERRLEN];

	if (nw_boot_prepare(&req, &g->plan, err)) {
		nws_error("%s", err);
		return -1;
	}
	/* The simulator runs in the directory: plain names will do. */
	for (size_t i = 0; i < g->plan.image_count; i++) {
		char *path = g->plan.images[i].path, *slash = strrchr(path, '/');

		if (slash)
			memmove(path, slash + 1, strlen(slash));
	}
	return 0;
}

int nwb_guest_create(struct nwb_guest *g, bool iso)
{
	if (nws_workdir_create(&g->dir, NULL))
		return -1;
	if (nws_workdir_link(&g->dir, NWS_F_BIOS, g->o->bios) ||
	    nws_workdir_link(&g->dir, NWS_F_VGABIOS, g->o->vgabios) ||
	    nws_workdir_link(&g->dir, NWS_F_BOOT_ROM, g->o->file[NWB_BOOT_ROM]) || make_ram_images(g) ||
	    (iso && make_iso(g))) {
		nws_workdir_remove(&g->dir);
		return -1;
	}
	return 0;
}

void nwb_guest_remove(struct nwb_guest *g)
{
	if (g->dir.path)
		nws_workdir_remove(&g->dir);
}

/* ---- Configuration file ------------------------------------------------------------------------------ */

static void common_lines(FILE *f, const struct nwb_options *o, const char *log)
{
	fprintf(f, "config_interface: textconfig\n"
		   "display_library: nogui\n"
		   "log: %s\n"
		   "panic: action=fatal\n"
		   "error: action=ignore\n"
		   "info: action=ignore\n"
		   "debug: action=ignore\n"
		   "vgaromimage: file=" NWS_F_VGABIOS "\n"
		   "clock: sync=none, time0=946684800\n"
		   "com1: enabled=1, mode=file, dev=" NWB_SERIAL_DEVICE "\n",
		log);
	fprintf(f, "cpu: count=1, model=%s, ips=%u, reset_on_triple_fault=0\n", o->cpu, (unsigned)o->ips);
}

static void iso_lines(FILE *f, const struct nwb_options *o)
{
	fprintf(f, "memory: guest=%u, host=%u\n", (unsigned)o->memory_mib, (unsigned)o->memory_mib);
	fputs("ata0-master: type=cdrom, path=" NWS_F_ISO ", status=inserted\nboot: cdrom\n", f);
}

static void nwsim_lines(FILE *f, const struct nwb_machine *m)
{
	fprintf(f, "nwsim: trace=trace-%s.nwt\n", m->id);
	fprintf(f, "nwsim: uart=%s\n", m->uart_fast ? "fast" : "baud");
	fprintf(f, "nwsim: idle=%s\n", m->idle_jump ? "jump" : "step");
}

int nwb_machine_write(const struct nwb_guest *g, const struct nwb_machine *m, const char *name, const char *log)
{
	FILE *f = create(g, name);
	char err[NW_BOOT_ERRLEN];

	if (!f)
		return -1;
	common_lines(f, g->o, log);
	fprintf(f, "romimage: file=" NWS_F_BIOS "%s\n", m->boot == NWB_BOOT_ISO ? "" : ", options=fastboot");
	if (m->boot != NWB_BOOT_DIRECT) {
		iso_lines(f, g->o);
	} else {
		fputs("ata0: enabled=0\nata1: enabled=0\nboot: floppy\n", f);
		if (nw_boot_write_bochsrc(f, &g->plan, NWS_F_BOOT_ROM, err)) {
			nws_error("%s: %s", name, err);
			fclose(f);
			return -1;
		}
	}
	if (m->nwsim)
		nwsim_lines(f, m);
	return finish(f, name);
}
