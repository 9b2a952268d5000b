/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mutate.c - the mutation check of cpu/notify: is there a test that notices each of these small mistakes?
 *
 * Applies one mutant of the list at a time, in a private directory, compiles the changed file, links it with the unit
 * tests and with the oracle's fuzz program and runs them. A mutant is killed when one of them fails, crashes or does not
 * end. Prints a table: who killed it, the unit tests, the oracle, or both. A mutant marked equivalent in the list has
 * to survive. Exit status: 0 all as they should, 1 a mutant survives (or an "equivalent" one is killed), 2 usage, a
 * mutant that does not apply or does not compile, or tests that fail without any mutant.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutant.h"

#define TEST_SECONDS    60
#define LINE            8192

static const char *const sources[] = { "nw_clock", "nw_context", "nw_flow", "nw_param", "nw_stall", "nw_text", "nw_window" };
static const char *const units[] = { "test_clock", "test_context", "test_flow", "test_param", "test_stall", "test_window" };
static const char *const fuzz_parts[] = { "compare", "fuzz", "generate", "model_run", "nw_oracle" };
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct {
	const char *top, *list, *out, *cc, *flags, *libs, *schedules;
	unsigned jobs;
} opt = { .list = NULL, .out = "mutation", .cc = "cc", .flags = "", .libs = "-lcheck", .schedules = "200000" };

/* Exit status of the process that tries one mutant. */
enum { KILLED_BY_UNIT = 1, KILLED_BY_ORACLE = 2, BROKEN = 4 };

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void fail(const char *format, ...)
{
	va_list args;

	fputs("mutate: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* ---- Commands ------------------------------------------------------------------------------------------- */

/* Runs a shell command with output to a file, in a process group of its own. False: status not 0, or too slow. */
static bool run(const char *log, unsigned seconds, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool run(const char *log, unsigned seconds, const char *format, ...)
{
	char command[LINE];
	va_list args;
	pid_t pid;
	int status, len;

	va_start(args, format);
	len = vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(command))
		fail("a command is longer than %d characters", LINE);
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666), null = open("/dev/null", O_RDONLY);

		setpgid(0, 0);
		if (fd < 0 || null < 0)
			_exit(126);
		dup2(null, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		alarm(seconds);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(126);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL); /* what it may have left behind */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool compile(const char *log, const char *source, const char *object)
{
	return run(log, TEST_SECONDS, "exec %s %s -w -O1 -std=gnu11 -I'%s/cpu/notify' -I'%s/tests/unit' -I'%s/tests/oracle' "
		   "-I'%s/include' -c '%s' -o '%s'", opt.cc, opt.flags, opt.top, opt.top, opt.top, opt.top, source, object);
}

/* The model's objects, with the one of this source from dir. */
static void model_objects(char *text, size_t size, const char *changed, const char *dir)
{
	text[0] = '\0';
	for (size_t i = 0; i < COUNT(sources); i++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, " '%s/%s.o'", !strcmp(sources[i], changed) ? dir : opt.out, sources[i]);
	}
}

static bool link_program(const char *dir, const char *changed, const char *name, bool fuzz)
{
	char model[LINE / 4], own[LINE / 4] = "", log[LINE / 8];

	model_objects(model, sizeof(model), changed, dir);
	for (size_t i = 0; fuzz && i < COUNT(fuzz_parts); i++) {
		size_t used = strlen(own);

		snprintf(own + used, sizeof(own) - used, " '%s/%s.o'", opt.out, fuzz_parts[i]);
	}
	if (!fuzz)
		snprintf(own, sizeof(own), "'%s/%s.o'", opt.out, name);
	snprintf(log, sizeof(log), "%s/link.log", dir);
	return run(log, TEST_SECONDS, "exec %s %s -o '%s/%s' %s %s %s", opt.cc, opt.flags, dir, name, own, model,
		   fuzz ? "" : opt.libs);
}

/* True: the program ran and found nothing. */
static bool passes(const char *dir, const char *changed, const char *name, bool fuzz)
{
	char log[LINE / 8];

	if (!link_program(dir, changed, name, fuzz))
		fail("%s does not link; see %s/link.log", name, dir);
	snprintf(log, sizeof(log), "%s/%s.log", dir, name);
	return run(log, TEST_SECONDS, "cd '%s' && CK_DEFAULT_TIMEOUT=20 exec './%s' %s%s", dir, name,
		   fuzz ? "--count=" : "", fuzz ? opt.schedules : "");
}

/* ---- One mutant ----------------------------------------------------------------------------------------- */

/* The unit tests of the file first, then all others until one fails. */
static bool unit_tests_pass(const char *dir, const char *changed)
{
	char own[64];

	snprintf(own, sizeof(own), "test_%s", changed + strlen("nw_"));
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < COUNT(units); i++)
			if (!strcmp(units[i], own) == !others && !passes(dir, changed, units[i], false))
				return false;
	return true;
}

/* Parameters and stall rules are text; the oracle has no rules for them. */
static bool oracle_covers(const char *file)
{
	return strcmp(file, "nw_param.c") && strcmp(file, "nw_stall.c") && strcmp(file, "nw_text.c");
}

static void stem(const struct mutant *m, char name[64])
{
	snprintf(name, 64, "%s", m->file);
	name[strcspn(name, ".")] = '\0';
}

static char *mutated(const struct mutant *m, const char **why)
{
	char path[LINE / 8], *source, *text;

	snprintf(path, sizeof(path), "%s/cpu/notify/%s", opt.top, m->file);
	source = read_text(path);
	*why = "the file cannot be read";
	text = source ? mutant_apply(m, source, why) : NULL;
	free(source);
	return text;
}

static int try_mutant(const struct mutant *m, size_t number)
{
	char dir[LINE / 16], path[LINE / 8], object[LINE / 8], log[LINE / 8], name[64];
	const char *why;
	char *text = mutated(m, &why);
	int result = 0;
	FILE *f;

	stem(m, name);
	snprintf(dir, sizeof(dir), "%s/m%zu", opt.out, number);
	mkdir(dir, 0777);
	snprintf(path, sizeof(path), "%s/%s", dir, m->file);
	f = fopen(path, "w");
	if (!text || !f || fputs(text, f) < 0 || fclose(f))
		return BROKEN;
	snprintf(object, sizeof(object), "%s/%s.o", dir, name);
	snprintf(log, sizeof(log), "%s/compile.log", dir);
	if (!compile(log, path, object))
		return BROKEN;
	if (!unit_tests_pass(dir, name))
		result |= KILLED_BY_UNIT;
	if (oracle_covers(m->file) && !passes(dir, name, "fuzz", true))
		result |= KILLED_BY_ORACLE;
	run("/dev/null", TEST_SECONDS, "rm -f '%s'/test_* '%s/fuzz' '%s'/*.o", dir, dir, dir);
	free(text);
	return result;
}

/* ---- All of them ---------------------------------------------------------------------------------------- */

static void compile_base(void)
{
	char source[LINE / 8], object[LINE / 8], log[LINE / 8];

	snprintf(log, sizeof(log), "%s/compile.log", opt.out);
	for (size_t i = 0; i < COUNT(sources) + COUNT(units) + COUNT(fuzz_parts); i++) {
		const char *name, *room;

		if (i < COUNT(sources))
			name = sources[i], room = "cpu/notify";
		else if (i < COUNT(sources) + COUNT(units))
			name = units[i - COUNT(sources)], room = "tests/unit";
		else
			name = fuzz_parts[i - COUNT(sources) - COUNT(units)], room = "tests/oracle";
		snprintf(source, sizeof(source), "%s/%s/%s.c", opt.top, room, name);
		snprintf(object, sizeof(object), "%s/%s.o", opt.out, name);
		if (!compile(log, source, object))
			fail("%s does not compile; see %s", source, log);
	}
	if (!unit_tests_pass(opt.out, "nw_window") || !passes(opt.out, "nw_window", "fuzz", true))
		fail("the tests fail without any mutant; see the logs in %s", opt.out);
}

static void check_list(const struct mutants *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *why;
		char *text = mutated(&list->m[i], &why);

		if (!text)
			fail("%s:%u: %s, %s: %s", opt.list, list->m[i].line, list->m[i].file, list->m[i].function, why);
		free(text);
	}
}

static void progress(size_t done, size_t n)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, done < n ? "\rmutation: %zu of %zu " : "\r\033[K", done, n);
}

static void try_all(const struct mutants *list, int *result)
{
	pid_t *pid = calloc(list->n, sizeof(*pid));
	size_t next = 0, done = 0, running = 0;

	if (!pid)
		fail("no memory");
	while (done < list->n) {
		while (running < opt.jobs && next < list->n) {
			fflush(NULL);
			pid[next] = fork();
			if (pid[next] < 0)
				fail("fork: %s", strerror(errno));
			if (pid[next] == 0)
				_exit(try_mutant(&list->m[next], next + 1));
			next++;
			running++;
		}
		int status;
		pid_t ended = wait(&status);

		for (size_t i = 0; i < next; i++)
			if (pid[i] == ended)
				result[i] = WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN;
		running--;
		progress(++done, list->n);
	}
	free(pid);
}

static void one_line(const char *text, size_t room)
{
	for (; *text && room > 0; text++, room--)
		putchar(*text == '\t' || *text == '\n' ? ' ' : *text);
}

static int report(const struct mutants *list, const int *result, double seconds)
{
	static const char *const by[] = { "SURVIVES", "unit", "oracle", "unit oracle" };
	unsigned killed = 0, unit = 0, oracle = 0, equivalent = 0, broken = 0, wrong = 0;

	printf("%3s  %-12s  %-13s %-22s  change\n", "#", "killed by", "file", "function");
	for (size_t i = 0; i < list->n; i++) {
		const struct mutant *m = &list->m[i];
		bool dead = result[i] != 0;
		const char *what = result[i] > 3 ? "BROKEN" : m->equivalent && !dead ? "equivalent" : by[result[i]];

		printf("%3zu  %-12s  %-13s %-22s  ", i + 1, what, m->file, m->function);
		one_line(m->from, 60);
		fputs("  ->  ", stdout);
		one_line(m->to, 60);
		putchar('\n');
		if (m->equivalent)
			printf("%*s%s%s\n", 19, "", dead ? "NOT EQUIVALENT: " : "", m->equivalent);
		broken += result[i] > 3;
		killed += dead && result[i] <= 3;
		unit += result[i] <= 3 && (result[i] & KILLED_BY_UNIT);
		oracle += result[i] <= 3 && (result[i] & KILLED_BY_ORACLE);
		equivalent += m->equivalent && !dead;
		wrong += dead == (m->equivalent != NULL);
	}
	printf("%zu mutants: %u killed (%u by unit tests, %u by the oracle), %u equivalent, %u not as they should; %.0f s\n",
	       list->n, killed, unit, oracle, equivalent, wrong, seconds);
	if (broken)
		fprintf(stderr, "mutate: %u mutants do not compile; see the logs in %s\n", broken, opt.out);
	return broken ? 2 : wrong != 0;
}

/* ---- Options -------------------------------------------------------------------------------------------- */

static int usage(FILE *f, int status)
{
	fputs("usage: mutate --top=DIR [--list=FILE] [--out=DIR] [--jobs=N] [--schedules=N] [--cc=CC] [--flags=FLAGS]\n"
	      "              [--libs=LIBS]\n"
	      "  --top=DIR      top directory of the sources\n"
	      "  --list=FILE    the mutants, default DIR/tests/mutation/mutants.list\n"
	      "  --out=DIR      directory to work in, default mutation; logs stay there\n"
	      "  --jobs=N       mutants at a time, 1..64, default one for each processor\n"
	      "  --schedules=N  schedules that the oracle tries on each, default 200000\n"
	      "  --cc, --flags, --libs: compiler, its options, and how to link with check\n", f);
	return status;
}

static const char *value_of(const char *argument, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(argument, name, len) && argument[len] == '=' ? argument + len + 1 : NULL;
}

static void parse(int argc, char **argv)
{
	const char **const text[] = { &opt.top, &opt.list, &opt.out, &opt.schedules, &opt.cc, &opt.flags, &opt.libs };
	static const char *const name[] = { "--top", "--list", "--out", "--schedules", "--cc", "--flags", "--libs" };

	opt.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	for (int i = 1; i < argc; i++) {
		const char *jobs = value_of(argv[i], "--jobs");
		bool known = jobs != NULL;

		if (jobs)
			opt.jobs = (unsigned)strtoul(jobs, NULL, 10);
		for (size_t k = 0; k < COUNT(text) && !known; k++) {
			const char *value = value_of(argv[i], name[k]);

			known = value != NULL;
			if (value)
				*text[k] = value;
		}
		if (!known) {
			fprintf(stderr, "mutate: unknown argument '%s'\n", argv[i]);
			exit(usage(stderr, 2));
		}
	}
	if (!opt.top)
		exit(usage(stderr, 2));
	if (opt.jobs < 1 || opt.jobs > 64)
		fail("--jobs: a number 1..64 is accepted");
	if (strspn(opt.schedules, "0123456789") != strlen(opt.schedules) || !*opt.schedules)
		fail("--schedules: a number is accepted");
}

static char *absolute(const char *path)
{
	char *full = realpath(path, NULL);

	if (!full)
		fail("%s: %s", path, strerror(errno));
	return full;
}

int main(int argc, char **argv)
{
	struct mutants list;
	struct timespec begin, end;
	char default_list[LINE / 8];
	int *result;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	parse(argc, argv);
	opt.top = absolute(opt.top);
	snprintf(default_list, sizeof(default_list), "%s/tests/mutation/mutants.list", opt.top);
	if (!opt.list)
		opt.list = default_list;
	if (mkdir(opt.out, 0777) && errno != EEXIST)
		fail("%s: %s", opt.out, strerror(errno));
	opt.out = absolute(opt.out);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	mutants_read(&list, opt.list);
	check_list(&list);
	compile_base();
	result = calloc(list.n + 1, sizeof(*result));
	if (!result)
		fail("no memory");
	try_all(&list, result);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return report(&list, result, (double)(end.tv_sec - begin.tv_sec));
}
