/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bochsrc.c - the simulator's configuration file: no disks, no screen updates, no host time.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "boot/nw_boot.h"
#include "bochsrc.h"
#include "nws.h"
#include "snapshot.h"

/* 2000-01-01 00:00:00 UTC: the clock of every run starts here. */
#define TIME0 946684800

/* Mode `file` opens the FIFO when the guest sends its first byte. */
static const char fixed_lines[] =
	"config_interface: textconfig\n"
	"display_library: nogui\n"
	"log: -\n"
	"panic: action=fatal\n"
	"info: action=ignore\n"
	"debug: action=ignore\n"
	"romimage: file=" NWS_F_BIOS ", options=fastboot\n"
	"vgaromimage: file=" NWS_F_VGABIOS "\n"
	"pci: enabled=1, chipset=i440fx\n"
	"vga: extension=none, update_freq=1, realtime=0\n"
	"keyboard: serial_delay=250\n"
	"mouse: enabled=0\n"
	"speaker: enabled=0\n"
	"parport1: enabled=0\n"
	"com1: enabled=1, mode=file, dev=" NWS_F_SERIAL "\n"
	"ata1: enabled=0\n";

bool nws_bochsrc_text_ok(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127 || *text == '"' || *text == '$')
			return false;
	return true;
}

/* One line, checked against the limit: Bochs would cut it in two without a word. */
NWS_PRINTF(2, 3) static int line(FILE *f, const char *fmt, ...)
{
	char text[NWS_BOCHSRC_LINE_MAX + 1];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof(text)) {
		nws_error("configuration line longer than the simulator's limit of %d bytes: %.40s...",
			  NWS_BOCHSRC_LINE_MAX, text);
		return -1;
	}
	fprintf(f, "%s\n", text);
	return 0;
}

/*
 * The disk is the first drive, the CD-ROM the second. In the mode `volatile' what the guest writes is kept in a file of
 * the private directory, which Bochs removes. Geometry: made from the size (cylinders=0).
 */
static int drive_lines(FILE *f, const struct nws_bochsrc *b)
{
	int rc;

	if (!b->iso && !b->disk)
		return line(f, "ata0: enabled=0") | line(f, "boot: floppy");
	rc = line(f, "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14");
	if (b->disk && b->disk_write)
		rc |= line(f, "ata0-master: type=disk, path=" NWS_F_DISK ", mode=flat, cylinders=0");
	else if (b->disk)
		rc |= line(f, "ata0-master: type=disk, path=" NWS_F_DISK ", mode=volatile, journal=" NWS_F_REDOLOG
			      ", cylinders=0");
	if (b->iso)
		rc |= line(f, "ata0-%s: type=cdrom, path=" NWS_F_ISO ", status=inserted", b->disk ? "slave" : "master");
	return rc | line(f, "boot: %s", b->iso ? "cdrom" : "disk");
}

static int machine_lines(FILE *f, const struct nws_bochsrc *b)
{
	int rc = line(f, "cpu: count=1:%u:1, quantum=%u, model=%s, ips=%u, reset_on_triple_fault=%d, ignore_bad_msrs=%d",
		      b->cpus, b->quantum, b->cpu_model, b->ips, b->reset_boot, b->ignore_bad_msrs);

	rc |= line(f, "clock: sync=none, time0=%d, rtc_sync=0", TIME0);
	if (!b->memory_from_boot)
		rc |= line(f, "memory: guest=%u, host=%u", nw_boot_bochs_mib(b->memory_mib),
			   nw_boot_bochs_mib(b->memory_mib));
	rc |= drive_lines(f, b);
	rc |= line(f, "error: action=%s", b->log_errors ? "report" : "ignore");
	return rc;
}

static int nwsim_lines(FILE *f, const struct nws_bochsrc *b)
{
	char value[64];
	int rc = line(f, "nwsim: trace=" NWS_F_TRACE);

	rc |= line(f, "nwsim: config=" NWS_F_CONFIG);
	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		nw_param_format(b->params, (enum nw_param_id)i, value, sizeof(value));
		rc |= line(f, "nwsim: param=%s:%s", nw_param_info((enum nw_param_id)i)->name, value);
	}
	for (unsigned i = 0; i < b->n_stall; i++)
		rc |= line(f, "nwsim: stall=\"%s\"", b->stall[i]);
	rc |= line(f, "nwsim: uart=%s", b->uart_baud ? "baud" : "fast");
	rc |= line(f, "nwsim: idle=%s", b->idle_step ? "step" : "jump");
	if (b->reset_boot)
		rc |= line(f, "nwsim: reset=boot");
	if (b->test_platform)
		rc |= line(f, "nwsim: platform=test");
	rc |= line(f, "nwsim: time_limit=%llu", (unsigned long long)b->time_limit_us);
	if (b->save)
		rc |= line(f, "nwsim: save=" NWS_F_SAVE ", save_at=%llu, save_then=%s",
			   (unsigned long long)b->save_at_tsc, b->save_go_on ? "go" : "end");
	if (b->restore)
		rc |= line(f, "nwsim: restore=" NWS_F_RESTORE);
	return rc;
}

int nws_bochsrc_write(FILE *f, const struct nws_bochsrc *b)
{
	if (fputs(fixed_lines, f) < 0 || machine_lines(f, b) || nwsim_lines(f, b))
		return -1;
	if (fflush(f) || ferror(f)) {
		nws_error("cannot write the simulator's configuration: %s", strerror(errno));
		return -1;
	}
	return 0;
}
