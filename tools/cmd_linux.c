/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd_linux.c - nwsim linux: L0 is Linux with KVM, and its VMM runs the guests.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "nws.h"
#include "options.h"
#include "paths.h"
#include "session.h"

/* panic=-1: a panic ends the run at once. */
#define CMDLINE_ALWAYS  "console=ttyS0,115200 panic=-1"
/* Our VMM as the initial RAM file system: its lines are the output. */
#define CMDLINE_VMM     " quiet no_timer_check reboot=t"
/*
 * Our own kernel. Without this word KVM intercepts #AC and #DB, and the loops cannot begin; it exists in the test-only
 * patch of the series, and another value on the command line wins.
 */
#define CMDLINE_OURS    " kvm_intel.test_no_ac_db_intercept=1"

/* Three levels: soft-lockup detectors of 2 s, an attack of 5 s. */
#define CMDLINE_LEVELS  " watchdog_thresh=1 nw.qemu=1 nw.qemu_s=60 nw.l1_words=nw.attack_ms=5000;watchdog_thresh=1;" \
			"kvm_intel.test_no_ac_db_intercept=1;nw.attack="

/* For the VMM's scenario delivery-stall: the third INT3 of its guest is not delivered until the exit. */
#define STALL_OURS      "phase=delivery,vector=3,nth=3,clocks=forever"

/*
 * KVM's selftests: no delivery of #DE in a guest ends within 40 ms, nor do the first two of each kind of event.
 * IRET only on request, as the first one of all in a guest is the one that counts (guests/linux/README.md).
 */
static const char *const stalls_selftests[] = {
	"phase=delivery,vector=0,clocks=1000000",
	"phase=delivery,vector=2,nth=1,clocks=forever", "phase=delivery,vector=2,nth=2,clocks=forever",
	"phase=delivery,vector=7,nth=1,clocks=forever", "phase=delivery,vector=7,nth=2,clocks=forever",
	"phase=delivery,vector=0x21,nth=1,clocks=forever", "phase=delivery,vector=0x21,nth=2,clocks=forever",
	"phase=delivery,vector=0x51,nth=1,clocks=forever", "phase=delivery,vector=0x51,nth=2,clocks=forever",
};

/* The main set-up builds 5.10 only. */
static const char *kernel_remedy(const char *series)
{
	if (strstr(series, "-debug"))
		return NWS_REMEDY_KVM_DEBUG;
	return strcmp(series, "5.10") ? NWS_REMEDY_KVM : NWS_REMEDY;
}

/* The kernel and the patch series it was built with; NULL after one line that names the remedy. */
static char *default_kernel(const struct nws_options *o, const char **series)
{
	char *path;

	if (o->series) {
		char *name = nws_format(NWS_KERNELS "%s", o->series);

		*series = !strncmp(o->series, "5.10", 4) ? "kernel-patch/5.10" :
			  !strncmp(o->series, "6.1-stock", 9) ? "none" : "kernel-patch/6.1";
		path = nws_path_need("Linux kernel", name, kernel_remedy(o->series));
		free(name);
		return path;
	}
	path = nws_path_find(NWS_KERNEL);
	*series = "kernel-patch/5.10";
	if (path)
		return path;
	path = nws_path_find(NWS_KERNEL_ALT);
	*series = "kernel-patch/6.1";
	if (path) {
		nws_error("no %s: booting %s instead", NWS_KERNEL, NWS_KERNEL_ALT);
		return path;
	}
	return nws_path_need("Linux kernel", NWS_KERNEL, NWS_REMEDY);
}

/* Selftests come with KVM's intercepts in place, as on every kernel. */
static bool test_switch(const struct nws_options *o)
{
	return !o->kernel && !o->selftests && (!o->series || strncmp(o->series, "6.1-stock", 9));
}

static char *initial_ram(const struct nws_options *o)
{
	const char *series = o->series ? o->series : "5.10";
	char *name, *path;

	if (o->initrd)
		return nws_path_given("--initrd", o->initrd);
	if (!o->selftests && !o->levels)
		return nws_path_need("initial RAM file system", NWS_INITRD, NWS_REMEDY);
	/* The stock kernel runs the tests of the series over it. */
	name = nws_format("%s%.*s.cpio", o->levels ? NWS_LEVELS : NWS_SELFTESTS, (int)strcspn(series, "-"), series);
	if (o->levels)
		path = nws_path_need("initial RAM file system with QEMU", name, NWS_REMEDY_LEVELS);
	else
		path = nws_path_need("initial RAM file system with the selftests", name, NWS_REMEDY_KVM);
	free(name);
	return path;
}

static char *command_line(const struct nws_options *o)
{
	struct nws_buf b = { 0 };

	nws_buf_printf(&b, "%s%s%s", CMDLINE_ALWAYS, o->initrd ? "" : CMDLINE_VMM, test_switch(o) ? CMDLINE_OURS : "");
	if (o->selftests)
		nws_buf_printf(&b, " nw.selftests=%s", o->selftests);
	if (o->levels)
		nws_buf_printf(&b, CMDLINE_LEVELS "%s", o->levels);
	if (o->window_set)
		nws_buf_printf(&b, " nw.window=%u", o->window);
	if (o->append)
		nws_buf_printf(&b, " %s", o->append);
	return b.s;
}

/* Runs with the disk, if there is one. */
static int run_with_disk(const struct nws_options *o, struct nws_target *t)
{
	char *disk = o->disk ? nws_path_given("--disk", o->disk) : NULL;
	int rc = NWS_EXIT_USAGE;

	t->disk = disk;
	if (disk || !o->disk)
		rc = nws_session(o, t);
	free(disk);
	return rc;
}

static int run_iso(const struct nws_options *o, struct nws_target *t)
{
	char *iso;
	int rc;

	if (o->kernel || o->initrd || o->append || o->window_set)
		return nws_usage(
			"--iso brings its own kernel: --kernel, --initrd, --append, --window and words after -- "
			"cannot be combined with it");
	iso = nws_path_given("--iso", o->iso);
	if (!iso)
		return NWS_EXIT_USAGE;
	t->iso = iso;
	t->cmdline = nws_strdup("");
	rc = run_with_disk(o, t);
	free(iso);
	return rc;
}

static int run_kernel(const struct nws_options *o, struct nws_target *t)
{
	char *initrd = NULL, *kernel = o->kernel ? nws_path_given("--kernel", o->kernel)
						 : default_kernel(o, &t->table->series);
	int rc = NWS_EXIT_USAGE;

	if (kernel)
		initrd = initial_ram(o);
	if (initrd) {
		t->kernel = kernel;
		t->initrd = initrd;
		t->cmdline = command_line(o);
		rc = run_with_disk(o, t);
	}
	free(kernel);
	free(initrd);
	return rc;
}

static void default_stalls(struct nws_options *o)
{
	if (o->levels)
		return;
	if (!o->selftests)
		nws_options_stall(o, STALL_OURS);
	else
		for (size_t i = 0; i < sizeof(stalls_selftests) / sizeof(stalls_selftests[0]); i++)
			nws_options_stall(o, stalls_selftests[i]);
}

int nws_cmd_linux(int argc, char **argv)
{
	struct nws_target t = { .is_linux = true };
	struct nws_options o;
	char *name;
	int rc;

	nws_options_init(&o, true);
	rc = nws_options_command(&o, &argc, &argv);
	if (rc)
		return rc;
	if (!o.kernel && !o.initrd && !o.iso && !o.stall_set.count)
		default_stalls(&o);
	t.table = nws_realloc(NULL, sizeof(*t.table));
	memset(t.table, 0, sizeof(*t.table));
	/* What somebody else's initial RAM file system prints is not known. */
	t.tap_required = !o.initrd && !o.iso;
	name = o.iso ? nws_base_name(o.iso) : o.kernel ? nws_base_name(o.kernel) : nws_strdup("linux");
	t.name = name;
	rc = o.iso ? run_iso(&o, &t) : run_kernel(&o, &t);
	nws_table_free(t.table);
	free(t.table);
	free(t.cmdline);
	free(name);
	nws_options_free(&o);
	return rc;
}
