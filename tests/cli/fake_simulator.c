/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fake_simulator.c - stands in for the simulator in the tests of nwsim's runner; nothing is simulated.
 *
 * Called as the simulator is ("-q -f bochsrc" in the private directory). NWSIM_FAKE says how it behaves: it prints
 * serial output, writes a trace with libnwtrace and ends, or fails to. A word fake=BEHAVIOUR of the guest's command line
 * wins. NWSIM_FAKE_LOG names a file that gets a line when a slow simulator begins and when it ends; it goes on when as many
 * as NWSIM_FAKE_MEET have begun.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nw_trace.h"

#define MAX_CONFIG 128

static char serial_name[256], trace_name[256], config_name[256];
static char config_text[65536];
static struct nwt_config config[MAX_CONFIG];
static size_t n_config;
static char cpu_count[256] = "1";
static FILE *serial;

static void die(const char *what)
{
	fprintf(stderr, "fake simulator: %s\n", what);
	exit(9);
}

static void take(const char *line, const char *before, char to[256])
{
	const char *p = strstr(line, before);

	if (p)
		snprintf(to, 256, "%.*s", (int)strcspn(p + strlen(before), ",\n"), p + strlen(before));
}

static void read_bochsrc(const char *name)
{
	FILE *f = fopen(name, "r");
	char line[600];

	if (!f)
		die("no bochsrc");
	while (fgets(line, sizeof(line), f)) {
		if (strlen(line) > 511)
			die("bochsrc line too long");
		if (!strncmp(line, "com1:", 5))
			take(line, "dev=", serial_name);
		if (!strncmp(line, "cpu:", 4))
			take(line, "count=1:", cpu_count);
		if (!strncmp(line, "nwsim: trace=", 13))
			take(line, "trace=", trace_name);
		if (!strncmp(line, "nwsim: config=", 14))
			take(line, "config=", config_name);
	}
	fclose(f);
}

static void read_config(void)
{
	FILE *f = fopen(config_name, "r");
	size_t n;

	if (!f)
		die("no config");
	n = fread(config_text, 1, sizeof(config_text) - 1, f);
	config_text[n] = 0;
	fclose(f);
	for (char *line = strtok(config_text, "\n"); line; line = strtok(NULL, "\n")) {
		char *eq = strchr(line, '=');

		if (strlen(line) > 4000 || !eq || n_config == MAX_CONFIG - 4)
			die("bad config");
		*eq = 0;
		config[n_config++] = (struct nwt_config){ line, eq + 1 };
	}
}

/* What the simulator knows itself. */
static void add_clock(void)
{
	config[n_config++] = (struct nwt_config){ "clock.tsc_hz", "2200000000" };
	config[n_config++] = (struct nwt_config){ "clock.num", "176" };
	config[n_config++] = (struct nwt_config){ "clock.den", "2" };
	cpu_count[strcspn(cpu_count, ":")] = 0;
	config[n_config++] = (struct nwt_config){ "cpu.count", cpu_count };
}

/* Two VM entries and notify exits, taken at D, the second on the last CPU; and the verdict if kind >= 0. */
static void write_trace(int kind, uint64_t code)
{
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(trace_name, config, n_config, err);
	uint64_t verdict[NWT_VERDICT_FIELDS] = { (uint64_t)kind, code, 0x1000, 5000 };

	if (!w)
		die(err);
	for (uint64_t i = 0; i < 2; i++) {
		uint64_t s = 1000 + i * 20000, d = s + 88 * 128;
		uint64_t entry[NWT_ENTRY_FIELDS] = { 0x7c00, 1, 0, 0 };
		uint64_t expiry[NWT_EXPIRY_FIELDS] = { s,  128,        d,      0,
						       0,  0x80000b11, 0x7c00, NWT_CAUSE_DELIVERY,
						       112 };
		uint64_t gap[NWT_GAP_FIELDS] = { d - s, NWT_CAUSE_DELIVERY, 17, 0x7c00, 1 };
		uint64_t vmexit[NWT_EXIT_FIELDS] = { 75, 0, 0x80000b11, 0x7c00 };
		unsigned cpu = i ? (unsigned)atoi(cpu_count) - 1 : 0;

		nwt_event(w, NWT_VM_ENTRY, cpu, s, entry);
		nwt_event(w, NWT_EXPIRY, cpu, d, expiry);
		nwt_event(w, NWT_GAP, cpu, d, gap);
		nwt_event(w, NWT_VM_EXIT, cpu, d, vmexit);
	}
	if (kind >= 0)
		nwt_event(w, NWT_VERDICT, 0, 50000, verdict);
	if (nwt_close(w, err))
		die(err);
}

/* A notify exit and a gap of each cause that the format has. */
static void write_causes(void)
{
	uint64_t verdict[NWT_VERDICT_FIELDS] = { NWT_VERDICT_GUEST_EXIT };
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(trace_name, config, n_config, err);

	if (!w)
		die(err);
	for (uint64_t cause = 0; cause < NWT_CAUSE_COUNT; cause++) {
		uint64_t s = 1000 + cause * 20000, d = s + 88 * 128;
		uint64_t expiry[NWT_EXPIRY_FIELDS] = { s, 128, d, 0, 0, 0, 0x7c00, cause };
		uint64_t gap[NWT_GAP_FIELDS] = { d - s, cause, 0, 0x7c00, 1 };
		uint64_t vmexit[NWT_EXIT_FIELDS] = { 75, 0, 0, 0x7c00 };

		nwt_event(w, NWT_EXPIRY, 0, d, expiry);
		nwt_event(w, NWT_GAP, 0, d, gap);
		nwt_event(w, NWT_VM_EXIT, 0, d, vmexit);
	}
	nwt_event(w, NWT_VERDICT, 0, 200000, verdict);
	if (nwt_close(w, err))
		die(err);
}

static void say(const char *text)
{
	if (!serial)
		serial = fopen(serial_name, "wb");
	if (!serial)
		die("cannot open the serial device");
	for (; *text; text++)
		fputc(*text, serial);
	fflush(serial);
}

static void guest_end(const char *output, uint64_t code)
{
	say(output);
	write_trace(NWT_VERDICT_GUEST_EXIT, code);
}

static void flood(void)
{
	char line[81];

	memset(line, 'x', 79);
	strcpy(line + 79, "\n");
	for (int i = 0; i < 500000; i++)
		say(line);
	guest_end("1..1\nok 1 - after the flood\n", 0);
}

/* 400 kB of log. */
static void flood_log(void)
{
	for (int i = 0; i < 5000; i++)
		fprintf(stderr, "00000000000i[CPU0  ] line %d %060d\n", i, 0);
	guest_end("1..1\nok 1 - much in the log\n", 0);
}

/* A file that grows until a limit ends it. */
static void grow(void)
{
	FILE *f = fopen("large", "wb");
	char block[4096] = "";

	while (f && fwrite(block, sizeof(block), 1, f) == 1)
		;
	die("the file does not grow");
}

static void child_facts(void)
{
	char text[256];
	int in = open("/dev/stdin", O_RDONLY);
	char c;

	snprintf(text, sizeof(text),
		 "1..4\n%s 1 - stdin is empty\n%s 2 - own process group\n%s 3 - TZ is UTC0\n"
		 "%s 4 - serial device is a plain name\n",
		 in >= 0 && read(in, &c, 1) == 0 ? "ok" : "not ok", getpgrp() == getpid() ? "ok" : "not ok",
		 getenv("TZ") && !strcmp(getenv("TZ"), "UTC0") ? "ok" : "not ok",
		 !strchr(serial_name, '/') ? "ok" : "not ok");
	guest_end(text, 0);
}

static void linux_rows(void)
{
	guest_end(
		"NW: vmm start kernel=5.10.0\r\n1..2\r\n"
		"NW: row kernel=5.10.0 scenario=one window=0 exit_notify=2 notify_window_exits=2 l0_ticks=17\r\n"
		"ok 1 - one\r\n"
		"NW: row kernel=5.10.0 scenario=two window=0 exit_notify=0 notify_window_exits=0 l0_ticks=-1\r\n"
		"ok 2 - two # SKIP no reason\r\n",
		0);
}

/* One write each: simulators that run at the same time do not mix. */
static void log_event(const char *what)
{
	const char *name = getenv("NWSIM_FAKE_LOG");
	int fd = name ? open(name, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;

	if (fd >= 0) {
		if (write(fd, what, strlen(what)) < 0)
			die("log");
		close(fd);
	}
}

/* Simulators that have begun, as the log has it. */
static int begun(void)
{
	const char *name = getenv("NWSIM_FAKE_LOG");
	FILE *f = name ? fopen(name, "r") : NULL;
	char line[16];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += !strcmp(line, "begin\n");
	if (f)
		fclose(f);
	return n;
}

static void slow(void)
{
	const char *meet = getenv("NWSIM_FAKE_MEET");

	log_event("begin\n");
	while (meet && begun() < atoi(meet))
		usleep(10000);
	usleep(300000);
	log_event("end\n");
	guest_end("1..1\nok 1 - slow\n", 0);
}

/* The last of them: options of the user come after the guest's. */
static const char *behaviour(void)
{
	const char *how = getenv("NWSIM_FAKE");

	for (size_t i = 0; i < n_config; i++)
		for (char *w = config[i].value ? strstr(config[i].value, "fake=") : NULL; w; w = strstr(w, "fake=")) {
			static char word[64];

			w += strlen("fake=");
			snprintf(word, sizeof(word), "%.*s", (int)strcspn(w, " "), w);
			how = word;
		}
	return how ? how : "";
}

static int behave(const char *how)
{
	if (!strcmp(how, "pass"))
		guest_end("1..2\nok 1 - first\nok 2 - second\n", 0);
	else if (!strcmp(how, "crlf"))
		guest_end("1..1\r\nok 1 - line ends of a terminal\r\n", 0);
	else if (!strcmp(how, "fail"))
		guest_end("1..2\nok 1 - first\nnot ok 2 - second\n", 1);
	else if (!strcmp(how, "lies"))
		guest_end("1..2\nok 1 - first\nnot ok 2 - second\n", 0);
	else if (!strcmp(how, "lost-test"))
		guest_end("1..3\nok 1 - first\nok 3 - third\n", 0);
	else if (!strcmp(how, "no-plan"))
		guest_end("ok 1 - first\n", 0);
	else if (!strcmp(how, "silent"))
		write_trace(NWT_VERDICT_GUEST_EXIT, 0);
	else if (!strcmp(how, "causes"))
		say("1..1\nok 1 - causes\n"), write_causes();
	else if (!strcmp(how, "error"))
		guest_end("Bail out! no VMX\n", 2);
	else if (!strcmp(how, "skip"))
		guest_end("1..0 # SKIP no feature\n", 3);
	else if (!strcmp(how, "code77"))
		guest_end("hello\n", 77);
	else if (!strcmp(how, "foreign"))
		say("PASS: all\n"), write_trace(NWT_VERDICT_FOREIGN_EXIT, 0);
	else if (!strcmp(how, "foreign-tap"))
		say("1..1\nnot ok 1\n"), write_trace(NWT_VERDICT_FOREIGN_EXIT, 0);
	else if (!strcmp(how, "foreign-3"))
		write_trace(NWT_VERDICT_FOREIGN_EXIT, 3);
	else if (!strcmp(how, "reset"))
		write_trace(NWT_VERDICT_RESET, 0);
	else if (!strcmp(how, "linux-panic"))
		say("[    0.1] Kernel panic - not syncing: VFS: no root\n"), write_trace(NWT_VERDICT_RESET, 0);
	else if (!strcmp(how, "hung"))
		write_trace(NWT_VERDICT_HUNG, 0);
	else if (!strcmp(how, "time-limit"))
		write_trace(NWT_VERDICT_TIME_LIMIT, 0);
	else if (!strcmp(how, "shutdown"))
		write_trace(NWT_VERDICT_SHUTDOWN, 0);
	else if (!strcmp(how, "power-off"))
		write_trace(NWT_VERDICT_POWER_OFF, 0);
	else if (!strcmp(how, "reset"))
		write_trace(NWT_VERDICT_RESET, 0);
	else if (!strcmp(how, "gave-up"))
		fprintf(stderr, "00000123p[CPU0  ] >>PANIC<< exit with error\n"),
			write_trace(NWT_VERDICT_FAULT, 0);
	else if (!strcmp(how, "no-verdict"))
		write_trace(-1, 0);
	else if (!strcmp(how, "no-trace"))
		say("1..1\nok 1 - all is well\n");
	else if (!strcmp(how, "bad-trace"))
		exit(system("echo garbage > trace.nwt"));
	else if (!strcmp(how, "panic"))
		fprintf(stderr, "00000123p[CPU0  ] >>PANIC<< out of ideas\n=====\nlast words\n"), exit(1);
	else if (!strcmp(how, "quits"))
		fprintf(stderr,
			"00000000000i[      ] reading configuration\nno more disk\n=====\n      Banner\n"),
			exit(1);
	else if (!strcmp(how, "crash"))
		raise(SIGSEGV);
	else if (!strcmp(how, "bytes"))
		guest_end("1..1\nok 1 - \xff\xc3\xa4\xed\xa0\x80 end\n", 0);
	else if (!strcmp(how, "flood"))
		flood();
	else if (!strcmp(how, "chatty"))
		flood_log();
	else if (!strcmp(how, "quiet"))
		usleep(4300000), guest_end("1..1\nok 1 - quiet\n", 0);
	else if (!strcmp(how, "grows"))
		grow();
	else if (!strcmp(how, "facts"))
		child_facts();
	else if (!strcmp(how, "slow"))
		slow();
	else if (!strcmp(how, "rows"))
		linux_rows();
	else if (!strcmp(how, "stubborn"))
		signal(SIGTERM, SIG_IGN), say("ready\n"), pause();
	else if (!strcmp(how, "waits"))
		say("ready\n"), pause();
	else
		die("NWSIM_FAKE is not set to a behaviour");
	return 0;
}

int main(int argc, char **argv)
{
	alarm(900); /* a test that waits for it in vain ends, and fails */
	if (argc != 4 || strcmp(argv[1], "-q") || strcmp(argv[2], "-f"))
		die("expected -q -f BOCHSRC");
	read_bochsrc(argv[3]);
	if (!*serial_name || !*trace_name || !*config_name)
		die("bochsrc without serial device, trace or config");
	read_config();
	add_clock();
	return behave(behaviour());
}
