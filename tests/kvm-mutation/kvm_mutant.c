/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kvm_mutant.c - reads tests/kvm-mutation/mutants.list for the script kvm-mutate, and applies one of its mutants.
 *
 *   kvm_mutant list LIST          one line for each mutant: its line in the list, patch or file, boot, test, line of the
 *                                 test, "equivalent" or "-", claim; separated by tabs
 *   kvm_mutant apply LIST LINE TREE
 *                                 the mutated file on the standard output
 *   kvm_mutant path LIST LINE TREE
 *                                 the path of that file in the tree
 *
 * Exit status: 0 done; 2 usage, or a mistake in the list; 3 the mutant does not apply.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutant.h"

static _Noreturn void fail(int status, const char *path, unsigned line, const char *what)
{
	fprintf(stderr, "kvm_mutant: %s:%u: %s\n", path, line, what);
	exit(status);
}

/* Cuts the next word out of *text. */
static char *word(char **text)
{
	char *begin = *text, *end = strchr(begin, ' ');

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return begin;
}

static void print(const struct mutants *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		struct mutant *m = &list->m[i];
		char *expect = m->expect, *boot = expect ? word(&expect) : NULL, *test = boot ? word(&expect) : NULL;

		if (!m->claim || !test)
			fail(2, path, m->line, "a mutant needs '? CLAIM' and '! BOOT TEST LINE'");
		printf("%u\t%s\t%s\t%s\t%s\t%s\t%s\n", m->line, m->patch ? m->patch : m->file, boot, test, expect,
		       m->equivalent ? "equivalent" : "-", m->claim);
	}
}

static const struct mutant *find(const struct mutants *list, const char *path, const char *number)
{
	unsigned line = (unsigned)strtoul(number, NULL, 10);

	for (size_t i = 0; i < list->n; i++)
		if (list->m[i].line == line && !list->m[i].patch)
			return &list->m[i];
	fail(2, path, line, "no mutant with a file begins here");
}

/* The file is one of arch/x86/kvm/vmx or of the directory above. */
static char *source(const struct mutant *m, const char *tree, char *path, size_t size)
{
	char *text;

	snprintf(path, size, "%s/arch/x86/kvm/vmx/%s", tree, m->file);
	text = read_text(path);
	if (text)
		return text;
	snprintf(path, size, "%s/arch/x86/kvm/%s", tree, m->file);
	return read_text(path);
}

int main(int argc, char **argv)
{
	struct mutants list;
	const struct mutant *m;
	char path[4096], *text, *mutated;
	const char *why;

	if (!(argc == 3 && !strcmp(argv[1], "list")) && !(argc == 5 && (!strcmp(argv[1], "apply") || !strcmp(argv[1], "path")))) {
		fputs("Usage: kvm_mutant list LIST | apply LIST LINE TREE | path LIST LINE TREE\n", stderr);
		return 2;
	}
	mutants_read(&list, argv[2]);
	if (argc == 3) {
		print(&list, argv[2]);
		return 0;
	}
	m = find(&list, argv[2], argv[3]);
	text = source(m, argv[4], path, sizeof(path));
	if (!text)
		fail(3, argv[2], m->line, "the kernel has no such file");
	if (!strcmp(argv[1], "path")) {
		puts(path);
		return 0;
	}
	mutated = mutant_apply(m, text, &why);
	if (!mutated)
		fail(3, argv[2], m->line, why);
	fputs(mutated, stdout);
	return fflush(stdout) ? 3 : 0;
}
