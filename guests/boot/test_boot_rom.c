/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_boot_rom.c - the option ROM in the simulator: starts the probes through libnwboot and compares what they
 * write to COM1 with what was asked for. Run in the top build directory, or with the paths in the environment:
 * NW_BOCHS, NW_BIOS, NW_VGABIOS, NW_BOOT_DIR (directory of nwboot.rom and the probes).
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nw_boot.h"
#include "nw_handoff.h"

#define IPS             50000000
#define POST_TICKS_MAX  2000000         /* 40 ms; with a boot-key wait it would be 150 million */
#define BIG_MODULE      5500001         /* over several 1 MiB blocks */
#define SMALL_MODULE    77777
#define CPU_WITH_VMX    "corei7_skylake_x"
#define CPU_WITHOUT_VMX "p4_prescott_celeron_336"       /* this BIOS cannot reset a CPU with locked VMX */

static char bochs[PATH_MAX], boot_directory[PATH_MAX];
static const char *bios, *vga_bios;
static char directory[32];
static char *serial, *bochs_log;        /* of the last run; NULL: no such file */

/* ---- Files ------------------------------------------------------------------------------------------- */

static const char *path_in(const char *base, const char *name)
{
	static char path[4][PATH_MAX + 64];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", base, name);
	return p;
}

static char *read_text(const char *name)
{
	FILE *f = fopen(path_in(directory, name), "rb");
	char *text;
	long size;

	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	ck_assert_uint_eq(fread(text, 1, (size_t)size, f), (size_t)size);
	fclose(f);
	return text;
}

/* Writes a file of pseudo-random bytes and returns the sum that the probe computes. */
static uint32_t make_module(const char *path, size_t size, uint32_t seed)
{
	FILE *f = fopen(path, "wb");
	uint32_t sum = 0;

	ck_assert_ptr_nonnull(f);
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		putc((int)(seed >> 24), f);
		sum = sum * 31 + (seed >> 24);
	}
	ck_assert_int_eq(fclose(f), 0);
	return sum;
}

static void set_up(void)
{
	strcpy(directory, "/tmp/test_rom.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void tear_down(void)
{
	static const char *const names[] = {
		"bochsrc", "bochs.log", "output", "com1", "module1", "module2", "nwboot-top.ram",
		"nwboot-handoff.ram", "nwboot-payload.ram",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_in(directory, names[i]));
	rmdir(directory);
	free(serial);
	free(bochs_log);
}

/* ---- Simulator --------------------------------------------------------------------------------------- */

/* The part of the bochsrc that is the same in all tests; the lines of the plan follow. */
static FILE *begin_bochsrc(const char *cpu)
{
	FILE *f = fopen(path_in(directory, "bochsrc"), "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "display_library: nogui\n"
		"plugin_ctrl: unmapped=1\n"
		"cpu: model=%s, count=1, ips=%d, reset_on_triple_fault=0\n"
		"clock: sync=none, time0=946684800\n"
		"romimage: file=\"%s\"\n"
		"vgaromimage: file=\"%s\"\n"
		"com1: enabled=1, mode=file, dev=com1\n"
		"log: bochs.log\n"
		"logprefix: %%t%%e%%d\n"
		"panic: action=fatal\nerror: action=report\ninfo: action=report\ndebug: action=ignore\n",
		cpu, IPS, bios, vga_bios);
	return f;
}

/* For runs in which the BIOS goes on after the ROM: without its wait for a boot key. */
static void add_fastboot(FILE *f)
{
	fprintf(f, "romimage: file=\"%s\", options=fastboot\n", bios);
}

static void run_bochs(void)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		int fd;

		if (chdir(directory))
			_exit(127);
		fd = open("output", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		execl(bochs, bochs, "-q", "-f", "bochsrc", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 127, "simulator ended with status 0x%x", status);
	serial = read_text("com1");
	bochs_log = read_text("bochs.log");
	ck_assert_ptr_nonnull(bochs_log);
}

static void prepare(const struct nw_boot_request *request, struct nw_boot_plan *plan)
{
	char err[NW_BOOT_ERRLEN];

	ck_assert_msg(nw_boot_prepare(request, plan, err) == 0, "%s", err);
}

/* Prepares the request and runs it. */
static void boot(const char *cpu, struct nw_boot_request *request)
{
	FILE *f = begin_bochsrc(cpu);
	struct nw_boot_plan plan;
	char err[NW_BOOT_ERRLEN];

	request->directory = directory;
	if (!strcmp(cpu, CPU_WITHOUT_VMX))
		add_fastboot(f);
	if (!request->memory_bytes)
		request->memory_bytes = 64ull << 20;
	prepare(request, &plan);
	ck_assert_int_eq(nw_boot_write_bochsrc(f, &plan, path_in(boot_directory, "nwboot.rom"), err), 0);
	ck_assert_int_eq(fclose(f), 0);
	run_bochs();
}

/* ---- Expectations ------------------------------------------------------------------------------------ */

static void expect_line(const char *format, ...)
{
	char line[256] = "\n";
	va_list args;

	va_start(args, format);
	vsnprintf(line + 1, sizeof(line) - 2, format, args);
	va_end(args);
	strcat(line, "\n");
	ck_assert_msg(serial && (strstr(serial, line) || !strncmp(serial, line + 1, strlen(line + 1))),
		      "no line %sin\n%s", line + 1, serial ? serial : "(nothing on COM1)");
}

static void expect_log(const char *text)
{
	ck_assert_msg(strstr(bochs_log, text) != NULL, "no \"%s\" in the simulator's log", text);
}

static unsigned count_log(const char *text)
{
	unsigned n = 0;

	for (const char *p = bochs_log; (p = strstr(p, text)); p++)
		n++;
	return n;
}

/* ---- Multiboot --------------------------------------------------------------------------------------- */

START_TEST(multiboot_machine_state)
{
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe.elf"), .cmdline = "one two" };
	const char *eflags;

	boot(CPU_WITH_VMX, &r);
	expect_line("eax=2badb002");
	expect_line("ebx=%08x", NW_HANDOFF_ADDRESS + NW_HO_MBI);
	expect_line("cr0=60000011"); /* protection on, paging off, caches as after reset */
	expect_line("cs=00000010");
	expect_line("ds=00000018");
	expect_line("es=00000018");
	expect_line("ss=00000018");
	expect_line("cmdline=one two");
	expect_line("loader=nwboot");
	expect_line("data=600dda7a");
	expect_line("bss=00000000");
	expect_line("done");
	eflags = strstr(serial, "\neflags=");
	ck_assert_ptr_nonnull(eflags);
	ck_assert_uint_eq(strtoul(eflags + 8, NULL, 16) & 0x20600, 0); /* VM, DF, IF */
}
END_TEST

START_TEST(multiboot_modules_over_several_blocks)
{
	struct nw_boot_module modules[2] = { { path_in(directory, "module1"), "first one" },
					     { path_in(directory, "module2"), "second" } };
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe.elf"), .modules = modules,
				     .module_count = 2 };
	uint32_t sums[2] = { make_module(modules[0].path, BIG_MODULE, 1),
			     make_module(modules[1].path, SMALL_MODULE, 2) };

	boot(CPU_WITH_VMX, &r);
	expect_line("module=first one");
	expect_line("module_size=%08x", BIG_MODULE);
	expect_line("module_sum=%08x", sums[0]);
	expect_line("module=second");
	expect_line("module_size=%08x", SMALL_MODULE);
	expect_line("module_sum=%08x", sums[1]);
	expect_line("done");
}
END_TEST

static const unsigned memory_sizes_mib[] = { 8, 64, 2048 };

START_TEST(memory_map_is_the_bios_one)
{
	uint32_t top = (uint32_t)memory_sizes_mib[_i] << 20;
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe.elf"), .memory_bytes = top };

	boot(CPU_WITH_VMX, &r);
	expect_line("flags=0000024d");
	expect_line("mem_lower=%08x", 0x9f000 / 1024);
	expect_line("mem_upper=%08x", (top - 0x110000) / 1024);
	expect_line("mmap=0000000000000000+000000000009f000 type=00000001");
	expect_line("mmap=0000000000100000+%016x type=00000001", top - 0x110000);
	expect_line("mmap=%016x+0000000000010000 type=00000003", top - 0x10000);
	expect_line("mmap=00000000fffc0000+0000000000040000 type=00000002");
	expect_line("rsdt=%08x", top - 0x10000); /* the ACPI tables are there and survived the images */
	expect_line("rsdt_signature=54445352");
	expect_line("done");
}
END_TEST

/* ---- Boot sector ------------------------------------------------------------------------------------- */

START_TEST(sector_machine_state)
{
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe_sector.bin") };

	boot(CPU_WITH_VMX, &r);
	expect_line("ip=7c00");
	expect_line("dx=0080");
	expect_line("flags=0246"); /* IF set, DF clear */
	expect_line("done");
}
END_TEST

/* ---- Speed, harmlessness, errors --------------------------------------------------------------------- */

START_TEST(no_menu_wait)
{
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe_sector.bin") };
	const char *line;

	boot(CPU_WITH_VMX, &r);
	line = strstr(bochs_log, "i[BIOS  ] nwboot: starting the guest");
	ck_assert_ptr_nonnull(line);
	while (line > bochs_log && line[-1] != '\n')
		line--;
	ck_assert_uint_lt(strtoul(line, NULL, 10), POST_TICKS_MAX);
}
END_TEST

START_TEST(without_hand_off_the_bios_goes_on)
{
	FILE *f = begin_bochsrc(CPU_WITH_VMX);

	add_fastboot(f);
	fprintf(f, "memory: guest=64, host=64\noptromimage1: file=\"%s\", address=0x%x\n",
		path_in(boot_directory, "nwboot.rom"), NW_BOOT_ROM_ADDRESS);
	ck_assert_int_eq(fclose(f), 0);
	run_bochs();
	expect_log(">>PANIC<< No bootable device.");
	ck_assert_uint_eq(count_log("nwboot:"), 0);
}
END_TEST

START_TEST(hand_off_is_used_once)
{
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe.elf"), .cmdline = "reset" };

	boot(CPU_WITHOUT_VMX, &r);
	expect_line("done");
	expect_log(">>PANIC<< No bootable device.");
	ck_assert_uint_eq(count_log("nwboot:"), 1);
}
END_TEST

/* With Bochs's default block size the image is scattered; the simulator may also load it right. Never garbage. */
START_TEST(scattered_image_is_detected)
{
	struct nw_boot_module module = { path_in(directory, "module1"), NULL };
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe.elf"), .modules = &module,
				     .module_count = 1, .memory_bytes = 64ull << 20, .directory = directory };
	uint32_t sum = make_module(module.path, BIG_MODULE, 1);
	FILE *f = begin_bochsrc(CPU_WITH_VMX);
	struct nw_boot_plan plan;

	prepare(&r, &plan);
	fprintf(f, "memory: guest=64, host=64, block_size=128\noptromimage1: file=\"%s\", address=0x%x\n",
		path_in(boot_directory, "nwboot.rom"), NW_BOOT_ROM_ADDRESS);
	for (size_t i = 0; i < plan.image_count; i++)
		fprintf(f, "optramimage%zu: file=%s, address=0x%x\n", i + 1, plan.images[i].path,
			plan.images[i].address);
	ck_assert_int_eq(fclose(f), 0);
	run_bochs();
	if (serial)
		expect_line("module_sum=%08x", sum);
	else
		expect_log(">>PANIC<< nwboot: the guest image is scattered, accepted is memory: block_size=1024");
}
END_TEST

START_TEST(unknown_version_is_refused)
{
	struct nw_boot_request r = { .kernel = path_in(boot_directory, "probe_sector.bin"),
				     .memory_bytes = 64ull << 20, .directory = directory };
	FILE *f = begin_bochsrc(CPU_WITH_VMX), *area;
	struct nw_boot_plan plan;
	char err[NW_BOOT_ERRLEN];

	prepare(&r, &plan);
	area = fopen(plan.images[0].path, "r+b");
	ck_assert_ptr_nonnull(area);
	fseek(area, NW_HO_VERSION, SEEK_SET);
	putc(NW_HANDOFF_VERSION + 1, area);
	ck_assert_int_eq(fclose(area), 0);
	ck_assert_int_eq(nw_boot_write_bochsrc(f, &plan, path_in(boot_directory, "nwboot.rom"), err), 0);
	ck_assert_int_eq(fclose(f), 0);
	run_bochs();
	expect_log(">>PANIC<< nwboot: hand-off area: unknown version, this ROM accepts version 1");
	ck_assert_ptr_null(serial);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("boot_rom");
	TCase *t = tcase_create("boot");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, multiboot_machine_state);
	tcase_add_test(t, multiboot_modules_over_several_blocks);
	tcase_add_loop_test(t, memory_map_is_the_bios_one, 0,
			    sizeof(memory_sizes_mib) / sizeof(memory_sizes_mib[0]));
	tcase_add_test(t, sector_machine_state);
	tcase_add_test(t, no_menu_wait);
	tcase_add_test(t, without_hand_off_the_bios_goes_on);
	tcase_add_test(t, hand_off_is_used_once);
	tcase_add_test(t, scattered_image_is_detected);
	tcase_add_test(t, unknown_version_is_refused);
	suite_add_tcase(s, t);
	return s;
}

static const char *setting(const char *name, const char *value)
{
	const char *text = getenv(name);

	return text && *text ? text : value;
}

int main(void)
{
	SRunner *runner;
	int failed;

	if (getenv("NW_WITHOUT_BOCHS")) {
		printf("1..0 # SKIP configured --without-bochs\n");
		return EXIT_SUCCESS;
	}
	bios = setting("NW_BIOS", "/usr/share/bochs/BIOS-bochs-latest");
	vga_bios = setting("NW_VGABIOS", "/usr/share/vgabios/vgabios-stdvga.bin");
	if (!realpath(setting("NW_BOCHS", "bochs/bochs"), bochs) ||
	    !realpath(setting("NW_BOOT_DIR", "guests/boot"), boot_directory)) {
		printf("Bail out! simulator or boot directory not found: set NW_BOCHS and NW_BOOT_DIR\n");
		return EXIT_FAILURE;
	}
	runner = srunner_create(suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
