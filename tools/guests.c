/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guests.c - reads the list of bare-metal guests.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guests.h"
#include "nws.h"
#include "paths.h"
#include "verdict.h"

#define FIELDS 5

static char *trim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		s[--n] = 0;
	return s;
}

static bool name_ok(const char *s)
{
	if (!isalnum((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return true;
}

static int split(char *line, char *field[FIELDS])
{
	for (unsigned i = 0; i < FIELDS; i++) {
		char *bar = strchr(line, '|');

		if (!bar != (i == FIELDS - 1))
			return -1;
		if (bar)
			*bar = 0;
		field[i] = trim(line);
		line = bar ? bar + 1 : line;
	}
	return 0;
}

static int add_line(struct nws_guests *list, char *line, const char *name, unsigned number)
{
	char *field[FIELDS];
	struct nws_guest *g;
	enum nws_verdict v;

	if (split(line, field)) {
		nws_error("%s:%u: expected name|group|options|expect|claim", name, number);
		return -1;
	}
	if (!name_ok(field[0]) || nws_guests_find(list, field[0])) {
		nws_error(
			"%s:%u: guest name '%s' is not unique or not made of letters, digits, '-', '_', '.'",
			name, number, field[0]);
		return -1;
	}
	if (*field[3] && nws_verdict_parse(field[3], &v)) {
		nws_error("%s:%u: expectation '%s' is not one of %s", name, number, field[3],
			  nws_verdict_names());
		return -1;
	}
	list->g = nws_realloc(list->g, (list->n + 1) * sizeof(*list->g));
	g = &list->g[list->n++];
	g->name = nws_strdup(field[0]);
	g->group = nws_strdup(field[1]);
	g->options = nws_strdup(field[2]);
	g->expect = nws_strdup(*field[3] ? field[3] : "pass");
	g->claim = nws_strdup(field[4]);
	return 0;
}

int nws_guests_read(struct nws_guests *list, FILE *f, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	int rc = 0;

	memset(list, 0, sizeof(*list));
	while (!rc && getline(&line, &size, f) >= 0) {
		char *s = trim(line);

		number++;
		if (*s && *s != '#')
			rc = add_line(list, s, name, number);
	}
	if (!rc && ferror(f)) {
		nws_error("%s: read error", name);
		rc = -1;
	}
	free(line);
	if (rc)
		nws_guests_free(list);
	return rc;
}

int nws_guests_load(struct nws_guests *list)
{
	char *path = nws_path_need("list of guests", NWS_GUESTS_LIST, NWS_REMEDY);
	FILE *f;
	int rc;

	if (!path)
		return -1;
	f = fopen(path, "r");
	if (!f) {
		nws_error("%s: %s", path, strerror(errno));
		free(path);
		return -1;
	}
	rc = nws_guests_read(list, f, path);
	fclose(f);
	free(path);
	return rc;
}

const struct nws_guest *nws_guests_find(const struct nws_guests *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->g[i].name, name))
			return &list->g[i];
	return NULL;
}

void nws_guests_free(struct nws_guests *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->g[i].name);
		free(list->g[i].group);
		free(list->g[i].options);
		free(list->g[i].expect);
		free(list->g[i].claim);
	}
	free(list->g);
	memset(list, 0, sizeof(*list));
}

char **nws_words(const char *text, int *argc)
{
	char **argv = nws_realloc(NULL, 2 * sizeof(*argv));
	int n = 1;

	argv[0] = NULL;
	while (*text) {
		size_t len;

		while (isspace((unsigned char)*text))
			text++;
		len = strcspn(text, " \t\r\n\f\v");
		if (!len)
			break;
		argv = nws_realloc(argv, ((size_t)n + 2) * sizeof(*argv));
		argv[n++] = nws_format("%.*s", (int)len, text);
		text += len;
	}
	argv[n] = NULL;
	*argc = n;
	return argv;
}

void nws_words_free(char **argv, int argc)
{
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	free(argv);
}
