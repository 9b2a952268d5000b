/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mutant.c - reads the list of mutants and applies one to a source text.
 */
#include "mutant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *read_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t len = 0, room = 0, got;

	if (!f)
		return NULL;
	do {
		char *more = realloc(text, room += 65536);

		if (!more) {
			free(text);
			fclose(f);
			return NULL;
		}
		text = more;
		got = fread(text + len, 1, room - len - 1, f);
		len += got;
	} while (got);
	text[len] = '\0';
	fclose(f);
	return text;
}

/* ---- The list ------------------------------------------------------------------------------------------- */

static _Noreturn void mistake(const char *path, unsigned line, const char *what)
{
	fprintf(stderr, "mutate: %s:%u: %s\n", path, line, what);
	exit(2);
}

/* A copy of a line's text; \t and \n stand for tab and newline. */
static char *unescape(const char *text)
{
	char *copy = malloc(strlen(text) + 1), *to = copy;

	for (; copy && *text; text++) {
		if (text[0] == '\\' && (text[1] == 't' || text[1] == 'n'))
			*to++ = *++text == 't' ? '\t' : '\n';
		else
			*to++ = *text;
	}
	if (copy)
		*to = '\0';
	return copy;
}

static struct mutant *add(struct mutants *list, unsigned line)
{
	struct mutant *more = realloc(list->m, (list->n + 1) * sizeof(*more));

	if (!more)
		return NULL;
	list->m = more;
	more[list->n] = (struct mutant){ .line = line };
	return &more[list->n++];
}

static void check_complete(const struct mutants *list, const char *path)
{
	const struct mutant *m = list->n ? &list->m[list->n - 1] : NULL;

	if (!m || m->patch)
		return;
	if (!m->from || !m->to)
		mistake(path, m->line, "a mutant needs a line '- TEXT' and a line '+ TEXT'");
	if (!strcmp(m->from, m->to))
		mistake(path, m->line, "the mutant changes nothing");
}

/* "@ FILE FUNCTION", where the function may be missing. */
static void head(struct mutant *m, const char *path, char *text)
{
	char *file = strtok(text, " "), *function = strtok(NULL, " ");

	if (!file || strchr(file, '/'))
		mistake(path, m->line, "'@' is followed by a file without directory and a function");
	m->file = unescape(file);
	m->function = unescape(function ? function : "");
}

static char **field_of(struct mutant *m, char kind)
{
	switch (kind) {
	case '-': return &m->from;
	case '+': return &m->to;
	case '?': return &m->claim;
	case '!': return &m->expect;
	default: return &m->equivalent;
	}
}

void mutants_read(struct mutants *list, const char *path)
{
	char *text = read_text(path), *at = text, *end;
	struct mutant *m = NULL;

	*list = (struct mutants){ 0 };
	if (!text)
		mistake(path, 0, "cannot be read");
	for (unsigned line = 1; *at; at = end + 1, line++) {
		end = strchr(at, '\n');
		if (!end)
			mistake(path, line, "the last line has no end");
		*end = '\0';
		if (*at == '\0' || *at == '#')
			continue;
		if (at[1] != ' ' || !strchr("@~-+=?!", *at) || (!strchr("@~", *at) && !m))
			mistake(path, line, "a line starts with '@ ', '~ ', '- ', '+ ', '= ', '? ', '! ' or '#'");
		if (strchr("@~", *at)) {
			check_complete(list, path);
			m = add(list, line);
			if (!m)
				mistake(path, line, "no memory");
			if (*at == '@')
				head(m, path, at + 2);
			else
				m->patch = unescape(at + 2);
		} else {
			char **field = field_of(m, *at);

			if (*field)
				mistake(path, line, "a second such line for one mutant");
			*field = unescape(at + 2);
		}
	}
	check_complete(list, path);
	free(text);
}

/* ---- Application ---------------------------------------------------------------------------------------- */

/* Where the function's definition begins: a line that starts in column 0 and has "name(" but no ";" at its end. */
static const char *find_function(const char *source, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = source; (at = strstr(at, name)) != NULL; at += len) {
		const char *line = at, *after = at + len;

		if (*after != '(' || (at > source && at[-1] != ' ' && at[-1] != '*'))
			continue;
		while (line > source && line[-1] != '\n')
			line--;
		if (*line == '\t' || *line == ' ' || *line == '/' || !strstr(after, "\n{"))
			continue;
		if (strchr(after, ';') < strstr(after, "\n{"))
			continue;
		return line;
	}
	return NULL;
}

char *mutant_apply(const struct mutant *m, const char *source, const char **why)
{
	const char *begin = m->function[0] ? find_function(source, m->function) : source;
	const char *end = begin && m->function[0] ? strstr(begin, "\n}") : source + strlen(source), *at, *again;
	size_t from = strlen(m->from), to = strlen(m->to), rest;
	char *text;

	*why = "no such function";
	if (!begin || !end)
		return NULL;
	at = strstr(begin, m->from);
	*why = "the text is not there";
	if (!at || at >= end)
		return NULL;
	again = strstr(at + 1, m->from);
	*why = "the text is there more than once";
	if (again && again < end)
		return NULL;
	*why = "no memory";
	rest = strlen(at + from) + 1;
	text = malloc((size_t)(at - source) + to + rest);
	if (!text)
		return NULL;
	memcpy(text, source, (size_t)(at - source));
	memcpy(text + (at - source), m->to, to);
	memcpy(text + (at - source) + to, at + from, rest);
	return text;
}
