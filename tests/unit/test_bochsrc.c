/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_bochsrc.c - the simulator's configuration file says what the options say, within Bochs's limits.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bochsrc.h"
#include "cpumodel.h"
#include "tap.h"

static struct nw_params params;
static struct nws_bochsrc b;
static char *text;
static size_t size;

static void setup(void)
{
	nw_params_init(&params);
	b = (struct nws_bochsrc){
		.cpu_model = "sapphire_rapids",
		.ips = 2200000000u,
		.cpus = 1,
		.quantum = 64,
		.memory_mib = 64,
		.params = &params,
		.time_limit_us = 7,
	};
	text = NULL;
}

static void teardown(void)
{
	free(text);
}

static int write_it(void)
{
	FILE *f = open_memstream(&text, &size);
	int rc = nws_bochsrc_write(f, &b);

	fclose(f);
	return rc;
}

static void expect(const char *line)
{
	char *with_ends = NULL;

	ck_assert_int_gt(asprintf(&with_ends, "\n%s\n", line), 0);
	ck_assert_msg(strstr(text, with_ends) != NULL, "no line: %s", line);
	free(with_ends);
}

START_TEST(default_lines)
{
	ck_assert_int_eq(write_it(), 0);
	expect("display_library: nogui");
	expect("panic: action=fatal");
	expect("error: action=ignore");
	expect("clock: sync=none, time0=946684800, rtc_sync=0");
	expect("cpu: count=1:1:1, quantum=64, model=sapphire_rapids, ips=2200000000, reset_on_triple_fault=0, "
	       "ignore_bad_msrs=0");
	expect("memory: guest=64, host=64");
	expect("ata0: enabled=0");
	expect("com1: enabled=1, mode=file, dev=com1");
	expect("nwsim: trace=trace.nwt");
	expect("nwsim: config=config");
	expect("nwsim: uart=fast");
	expect("nwsim: idle=jump");
	expect("nwsim: time_limit=7");
	ck_assert_ptr_null(strstr(text, "stall="));
}
END_TEST

START_TEST(drives)
{
	b.disk = true;
	ck_assert_int_eq(write_it(), 0);
	expect("ata0-master: type=disk, path=disk.img, mode=volatile, journal=disk.redolog, cylinders=0");
	expect("boot: disk");
	ck_assert_ptr_null(strstr(text, "cdrom"));
	free(text);
	b.disk_write = b.iso = true;
	ck_assert_int_eq(write_it(), 0);
	expect("ata0-master: type=disk, path=disk.img, mode=flat, cylinders=0");
	expect("ata0-slave: type=cdrom, path=cdrom.iso, status=inserted");
	expect("boot: cdrom");
	ck_assert_ptr_null(strstr(text, "volatile"));
}
END_TEST

START_TEST(machine)
{
	ck_assert_int_eq(write_it(), 0);
	ck_assert_ptr_null(strstr(text, "platform"));
	free(text);
	b.test_platform = true;
	b.cpus = 8;
	b.memory_mib = 5000;
	ck_assert_int_eq(write_it(), 0);
	expect("nwsim: platform=test");
	expect("memory: guest=6024, host=6024");
	expect("cpu: count=1:8:1, quantum=64, model=sapphire_rapids, ips=2200000000, reset_on_triple_fault=0, "
	       "ignore_bad_msrs=0");
}
END_TEST

START_TEST(every_parameter_has_a_line)
{
	char line[NW_PARAM_ERRLEN], value[64];

	ck_assert_int_eq(nw_param_set(&params, "threshold", "8tsc", line), 0);
	ck_assert_int_eq(write_it(), 0);
	for (int i = 0; i < NW_PARAM_COUNT; i++) {
		nw_param_format(&params, (enum nw_param_id)i, value, sizeof(value));
		snprintf(line, sizeof(line), "nwsim: param=%s:%s", nw_param_info((enum nw_param_id)i)->name,
			 value);
		expect(line);
	}
	expect("nwsim: param=threshold:8");
	expect("nwsim: param=threshold_unit:tsc");
}
END_TEST

START_TEST(choices)
{
	static const char *const rules[] = { "phase=delivery,vector=17,clocks=9",
					     "phase=instruction,rip=0x1,clocks=1" };

	b.stall = rules;
	b.n_stall = 2;
	b.uart_baud = b.idle_step = b.log_errors = b.memory_from_boot = true;
	b.ignore_bad_msrs = true;
	ck_assert_int_eq(write_it(), 0);
	expect("nwsim: stall=\"phase=delivery,vector=17,clocks=9\"");
	expect("nwsim: stall=\"phase=instruction,rip=0x1,clocks=1\"");
	expect("nwsim: uart=baud");
	expect("nwsim: idle=step");
	expect("error: action=report");
	expect("cpu: count=1:1:1, quantum=64, model=sapphire_rapids, ips=2200000000, reset_on_triple_fault=0, "
	       "ignore_bad_msrs=1");
	ck_assert_ptr_null(strstr(text, "memory:"));
}
END_TEST

START_TEST(iso)
{
	b.iso = true;
	ck_assert_int_eq(write_it(), 0);
	expect("ata0-master: type=cdrom, path=cdrom.iso, status=inserted");
	expect("boot: cdrom");
	ck_assert_ptr_null(strstr(text, "ata0: enabled=0"));
}
END_TEST

/* Bochs reads 510 characters at a time and would take the rest for another line. */
START_TEST(line_limit)
{
	char rule[600];
	const char *const rules[] = { rule };
	const size_t around = strlen("nwsim: stall=\"\"");

	b.stall = rules;
	b.n_stall = 1;
	memset(rule, 'x', sizeof(rule));
	rule[NWS_BOCHSRC_LINE_MAX - around] = 0;
	ck_assert_int_eq(write_it(), 0);
	free(text);
	rule[NWS_BOCHSRC_LINE_MAX - around] = 'x';
	rule[NWS_BOCHSRC_LINE_MAX - around + 1] = 0;
	ck_assert_int_eq(write_it(), -1);
}
END_TEST

START_TEST(write_error)
{
	FILE *f = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(nws_bochsrc_write(f, &b), -1);
	fclose(f);
}
END_TEST

START_TEST(quoted_text)
{
	ck_assert(nws_bochsrc_text_ok("phase=delivery,vector=17 # not a comment"));
	ck_assert(nws_bochsrc_text_ok(""));
	ck_assert(!nws_bochsrc_text_ok("a\"b"));
	ck_assert(!nws_bochsrc_text_ok("a$HOME"));
	ck_assert(!nws_bochsrc_text_ok("a\nb"));
	ck_assert(!nws_bochsrc_text_ok("a\177"));
}
END_TEST

/* TSC frequency = crystal frequency * EBX / EAX of CPUID.15H. */
START_TEST(cpu_clocks_are_consistent)
{
	static const struct {
		const char *name;
		double crystal_hz, ebx, eax;
	} known[] = {
		{ "sapphire_rapids", 25e6, 0xb0, 2 }, { "arrow_lake", 38.4e6, 0xda, 2 },
		{ "tigerlake", 38.4e6, 0x7e, 2 }, { "corei7_icelake_u", 38.4e6, 0x4e, 2 },
		{ "corei3_cnl", 24e6, 0xb8, 2 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct nws_cpumodel *m = nws_cpumodel_find(known[i].name);

		ck_assert_ptr_nonnull(m);
		ck_assert_double_eq(known[i].crystal_hz * known[i].ebx / known[i].eax, m->tsc_hz);
	}
}
END_TEST

START_TEST(cpu_names)
{
	char *names = nws_cpumodel_names(), *save, *name;
	int n = 0;

	for (name = strtok_r(names, ", ", &save); name; name = strtok_r(NULL, ", ", &save), n++) {
		const struct nws_cpumodel *m = nws_cpumodel_find(name);

		ck_assert_ptr_nonnull(m);
		ck_assert_uint_ge(m->tsc_hz, NWS_IPS_MIN);
	}
	ck_assert_int_eq(n, 32); /* as many as Bochs 3.0 has */
	ck_assert_ptr_nonnull(nws_cpumodel_find(NWS_CPU_DEFAULT));
	ck_assert_ptr_null(nws_cpumodel_find("sapphire"));
	ck_assert_ptr_null(nws_cpumodel_find(""));
	free(names);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bochsrc");
	TCase *t = tcase_create("bochsrc"), *c = tcase_create("cpumodel");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, default_lines);
	tcase_add_test(t, drives);
	tcase_add_test(t, machine);
	tcase_add_test(t, every_parameter_has_a_line);
	tcase_add_test(t, choices);
	tcase_add_test(t, iso);
	tcase_add_test(t, line_limit);
	tcase_add_test(t, write_error);
	tcase_add_test(t, quoted_text);
	suite_add_tcase(s, t);
	tcase_add_test(c, cpu_clocks_are_consistent);
	tcase_add_test(c, cpu_names);
	suite_add_tcase(s, c);
	return tap_run(s);
}
