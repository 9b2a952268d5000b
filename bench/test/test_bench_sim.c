/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_bench_sim.c - processes, marks and clocks, with a simulator that is this program itself: called as
 * "PROGRAM -q -f SCRIPT" it does what the file SCRIPT says, one word per line.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nws.h"
#include "sim.h"

static char self[4096];
static char directory[32];
static struct nwb_sim sim;

/* ---- The simulator ----------------------------------------------------------------------------------- */

static void burn_cpu(long ms)
{
	struct timespec t;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

/* "> TEXT": send TEXT; "+ TEXT": send it with the end of the line; "burn MS"; "sleep"; "exit STATUS"; "log TEXT". */
static int simulate(const char *script)
{
	int serial = open(NWB_SERIAL_DEVICE, O_WRONLY);
	FILE *f = fopen(script, "r"), *log = fopen("log", "w");
	char line[256];

	if (serial < 0 || !f || !log)
		return 99;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '>')
			dprintf(serial, "%s", line + 2);
		else if (line[0] == '+')
			dprintf(serial, "%s\r\n", line + 2);
		else if (!strncmp(line, "burn ", 5))
			burn_cpu(atol(line + 5));
		else if (!strncmp(line, "log ", 4))
			fprintf(log, "%s\n", line + 4);
		else if (!strcmp(line, "sleep"))
			pause();
		else if (!strncmp(line, "exit ", 5)) {
			fclose(log);
			exit(atoi(line + 5));
		}
	}
	return 98;
}

/* ---- Tests ------------------------------------------------------------------------------------------- */

static void set_up(void)
{
	strcpy(directory, "/tmp/test_bench.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	memset(&sim, 0, sizeof(sim));
}

static void tear_down(void)
{
	char *command = nws_format("rm -rf %s", directory);

	nwb_sim_end(&sim);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

static void start(const char *script)
{
	char *path = nws_format("%s/script", directory);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(script, f);
	ck_assert_int_eq(fclose(f), 0);
	free(path);
	ck_assert_int_eq(nwb_sim_start(&sim, "fake", self, directory, "script", "log", -1), 0);
}

/* Runs `call`, which has to fail, and returns what it wrote to standard error. */
#define FAILS(call, text) do { \
	char *errors = nws_format("%s/errors", directory); \
	int saved = dup(STDERR_FILENO), rc; \
	ck_assert_ptr_nonnull(freopen(errors, "w", stderr)); \
	rc = (call); \
	fflush(stderr); \
	dup2(saved, STDERR_FILENO); \
	close(saved); \
	ck_assert_int_eq(rc, -1); \
	expect_one_line(errors, (text)); \
	free(errors); \
} while (0)

static void expect_one_line(const char *path, const char *text)
{
	char line[1024] = "", more[16];
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	ck_assert_msg(strstr(line, text), "'%s' is not in: %s", text, line);
	ck_assert_ptr_null(fgets(more, sizeof(more), f));
	fclose(f);
}

START_TEST(marks_in_one_write_and_across_writes)
{
	char line[8];

	start("> begin..\n> ma\nburn 5\n> rk ti\n+ cks=123\n+ a long line that is cut\nsleep\n");
	ck_assert_int_eq(nwb_sim_wait(&sim, "begin", 10), 0);
	ck_assert_int_eq(nwb_sim_wait(&sim, ".", 10), 0);
	ck_assert_int_eq(nwb_sim_wait(&sim, ".", 10), 0);
	ck_assert_int_eq(nwb_sim_wait(&sim, "mark ticks=", 10), 0);
	ck_assert_int_eq(nwb_sim_line(&sim, line, sizeof(line), 10), 0);
	ck_assert_str_eq(line, "123");
	ck_assert_int_eq(nwb_sim_line(&sim, line, sizeof(line), 10), 0);
	ck_assert_str_eq(line, "a long ");
}
END_TEST

START_TEST(a_mark_after_more_text_than_the_buffer_holds)
{
	struct nws_buf script = { 0 };

	for (int i = 0; i < 300; i++)
		nws_buf_printf(&script, "+ %0100d\n", i);
	nws_buf_printf(&script, "> mark\nsleep\n");
	start(script.s);
	nws_buf_free(&script);
	ck_assert_int_eq(nwb_sim_wait(&sim, "mark", 10), 0);
}
END_TEST

START_TEST(cpu_time_is_that_of_the_process)
{
	struct nwb_sample a, b;

	start("burn 30\n> a\nburn 130\n> b\nsleep\n");
	ck_assert_int_eq(nwb_sim_wait(&sim, "a", 60), 0);
	nwb_sim_sample(&sim, &a);
	ck_assert_int_eq(nwb_sim_wait(&sim, "b", 60), 0);
	nwb_sim_sample(&sim, &b);
	ck_assert(a.cpu_s >= 0.029 && b.cpu_s >= 0.129);
	ck_assert(b.cpu_s < 0.129 + 0.1);
	ck_assert(b.wall_s >= b.cpu_s - 0.001);
	usleep(150000);
	nwb_sim_sample(&sim, &a);
	ck_assert(a.cpu_s - b.cpu_s < 0.05);
	ck_assert(a.wall_s - b.wall_s >= 0.149);
}
END_TEST

START_TEST(a_stopped_process_uses_no_cpu_time)
{
	struct nwb_sample a, b;

	start("> a\nburn 100\n> b\nsleep\n");
	ck_assert_int_eq(nwb_sim_wait(&sim, "a", 60), 0);
	ck_assert_int_eq(nwb_sim_stop(&sim), 0);
	nwb_sim_sample(&sim, &a);
	usleep(200000);
	nwb_sim_sample(&sim, &b);
	/* Tick-based accounting may book the last moments late; running on it would use 0.2 s. */
	ck_assert(b.cpu_s - a.cpu_s < 0.1);
	nwb_sim_continue(&sim);
	ck_assert_int_eq(nwb_sim_wait(&sim, "b", 60), 0);
	/* A second stop has to wait for the second one. */
	ck_assert_int_eq(nwb_sim_stop(&sim), 0);
	nwb_sim_sample(&sim, &a);
	ck_assert(a.cpu_s >= 0.099);
}
END_TEST

START_TEST(the_end_kills_even_a_stopped_process)
{
	pid_t pid;

	start("> a\nsleep\n");
	pid = sim.pid;
	ck_assert_int_eq(nwb_sim_wait(&sim, "a", 60), 0);
	ck_assert_int_eq(nwb_sim_stop(&sim), 0);
	nwb_sim_end(&sim);
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(sim.pid, 0);
}
END_TEST

START_TEST(an_exit_before_the_mark_is_told_with_the_last_panic)
{
	start("> nothing\nlog 00000000001p[CPU0  ] >>PANIC<< boom\nlog 00000000001i[CPU0  ] CPU is in real mode\nexit 7\n");
	FAILS(nwb_sim_wait(&sim, "mark", 60), "fake: the simulator exited with status 7 before the guest sent \"mark\"; "
					       "its log ends with: 00000000001p[CPU0  ] >>PANIC<< boom");
}
END_TEST

START_TEST(an_exit_instead_of_a_stop_is_told)
{
	siginfo_t info;

	start("> a\nexit 3\n");
	ck_assert_int_eq(nwb_sim_wait(&sim, "a", 60), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)sim.pid, &info, WEXITED | WNOWAIT), 0);
	FAILS(nwb_sim_stop(&sim), "exited with status 3");
}
END_TEST

START_TEST(the_limit_is_told)
{
	start("sleep\n");
	FAILS(nwb_sim_wait(&sim, "mark", 0.2), "has not sent \"mark\" within");
}
END_TEST

START_TEST(a_simulator_that_cannot_be_executed_is_told)
{
	ck_assert_int_eq(nwb_sim_start(&sim, "fake", "/nonexistent", directory, "script", "log", -1), 0);
	FAILS(nwb_sim_wait(&sim, "mark", 60), "exited with status 127");
}
END_TEST

int main(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	Suite *s = suite_create("bench_sim");
	TCase *t = tcase_create("sim");
	SRunner *r;
	int failed;

	if (argc == 4 && !strcmp(argv[1], "-q") && !strcmp(argv[2], "-f"))
		return simulate(argv[3]);
	if (n <= 0)
		return 99;
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, marks_in_one_write_and_across_writes);
	tcase_add_test(t, a_mark_after_more_text_than_the_buffer_holds);
	tcase_add_test(t, cpu_time_is_that_of_the_process);
	tcase_add_test(t, a_stopped_process_uses_no_cpu_time);
	tcase_add_test(t, the_end_kills_even_a_stopped_process);
	tcase_add_test(t, an_exit_before_the_mark_is_told_with_the_last_panic);
	tcase_add_test(t, an_exit_instead_of_a_stop_is_told);
	tcase_add_test(t, the_limit_is_told);
	tcase_add_test(t, a_simulator_that_cannot_be_executed_is_told);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
