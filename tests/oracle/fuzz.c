/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz.c - random schedules through the oracle and through cpu/notify; both must say the same.
 *
 * A schedule depends on the seed and its number alone: --seed=S --first=K --count=1 repeats schedule K. TAP on standard
 * output. Exit status: 0 no difference, 1 one was found (printed, made small), 2 usage.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schedule.h"

#define DEFAULT_COUNT 10000000

struct options {
	uint64_t count, seed, first;
};

static int usage(FILE *f, int status)
{
	fputs("usage: fuzz [--count=N] [--seed=S] [--first=K]\n"
	      "  --count=N  schedules, default 10000000, or what NW_FUZZ_COUNT says\n"
	      "  --seed=S   default 1\n"
	      "  --first=K  number of the first schedule, default 0\n", f);
	return status;
}

/* A decimal number and nothing else. */
static bool number(const char *what, const char *text, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno)
		return true;
	fprintf(stderr, "fuzz: %s: '%.40s' is not a decimal number below 2^64\n", what, text);
	return false;
}

static bool parse(struct options *o, int argc, char **argv)
{
	const char *count = getenv("NW_FUZZ_COUNT");

	if (count && !number("NW_FUZZ_COUNT", count, &o->count))
		return false;
	for (int i = 1; i < argc; i++) {
		const char *value = strchr(argv[i], '=');
		size_t len = value ? (size_t)(value - argv[i]) : 0;
		uint64_t *v = NULL;

		if (value && len == 7 && !strncmp(argv[i], "--count", len))
			v = &o->count;
		else if (value && len == 6 && !strncmp(argv[i], "--seed", len))
			v = &o->seed;
		else if (value && len == 7 && !strncmp(argv[i], "--first", len))
			v = &o->first;
		if (!v) {
			fprintf(stderr, "fuzz: unknown argument '%.40s'\n", argv[i]);
			usage(stderr, 2);
			return false;
		}
		if (!number(argv[i], value + 1, v))
			return false;
	}
	return true;
}

static void comment_lines(char *text)
{
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
		printf("# %s\n", l);
}

static void report(const struct options *o, uint64_t number_, struct schedule *s, const char *first_difference)
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	printf("not ok 1 - cpu/notify and the oracle agree\n");
	printf("# schedule %" PRIu64 " of seed %" PRIu64 ": %s\n", number_, o->seed, first_difference);
	printf("# again: fuzz --seed=%" PRIu64 " --first=%" PRIu64 " --count=1\n# made small:\n", o->seed, number_);
	schedule_shrink(s);
	if (f) {
		schedule_print(f, s);
		fclose(f);
		comment_lines(text);
	}
	printf("# %s\n", schedule_compare(s));
}

static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

int main(int argc, char **argv)
{
	struct options o = { DEFAULT_COUNT, 1, 0 };
	bool progress = isatty(STDERR_FILENO);
	double took;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	if (!parse(&o, argc, argv))
		return 2;
	printf("1..1\n");
	for (uint64_t i = 0; i < o.count; i++) {
		struct schedule s;
		const char *difference;

		if (progress && i % 100000 == 0)
			fprintf(stderr, "\rfuzz: %" PRIu64 " of %" PRIu64 " schedules ", i, o.count);
		schedule_generate(&s, o.seed, o.first + i);
		difference = schedule_compare(&s);
		if (difference) {
			char copy[512];

			snprintf(copy, sizeof(copy), "%s", difference);
			report(&o, o.first + i, &s, copy);
			return 1;
		}
	}
	if (progress)
		fputs("\r\033[K", stderr);
	took = seconds();
	printf("ok 1 - cpu/notify and the oracle agree on %" PRIu64 " schedules of seed %" PRIu64 "\n", o.count, o.seed);
	if (took > 0)
		printf("# %.1f s of processor time, %.0f schedules per second\n", took, (double)o.count / took);
	return 0;
}
