/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parsing of the VMM's options. Every value is checked; a wrong one ends the run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

void options_default(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->user = true;
	o->exits = 5;
}

static bool number(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
	unsigned long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || *end || n < min || n > max)
		return false;
	*value = (uint32_t)n;
	return true;
}

static bool choice(const char *text, const char *off, const char *on, bool *value)
{
	if (strcmp(text, off) && strcmp(text, on))
		return false;
	*value = !strcmp(text, on);
	return true;
}

static bool name(const char *text, char *to, size_t size)
{
	if (!*text || strlen(text) >= size)
		return false;
	strcpy(to, text);
	return true;
}

int options_word(struct options *o, const char *word, char *error, size_t size)
{
	const char *value = strchr(word, '=');
	const char *accepted;
	size_t n;
	bool ok;

	if (strncmp(word, "nw.", 3))
		return 0;
	n = value ? (size_t)(value++ - word) : strlen(word);
	if (!value)
		value = "";
#define IS(key)	(n == sizeof(key) - 1 && !strncmp(word, key, n))
	if (IS("nw.window")) {
		accepted = "0..4294967295 (crystal clocks)";
		ok = number(value, 0, UINT32_MAX, &o->window_crystal);
	} else if (IS("nw.flags")) {
		accepted = "user, kernel";
		ok = choice(value, "kernel", "user", &o->user);
	} else if (IS("nw.exits")) {
		accepted = "1..64";
		ok = number(value, 1, EXITS_MAX, &o->exits);
	} else if (IS("nw.time_ms")) {
		accepted = "1..3600000 (milliseconds)";
		ok = number(value, 1, 3600000, &o->time_ms);
	} else if (IS("nw.context")) {
		accepted = "valid, invalid";
		ok = choice(value, "valid", "invalid", &o->invalid);
	} else if (IS("nw.strict")) {
		accepted = "0, 1";
		ok = choice(value, "0", "1", &o->strict);
	} else if (IS("nw.guest")) {
		accepted = "the name of an attack";
		ok = name(value, o->guest, sizeof(o->guest));
	} else if (IS("nw.scenario")) {
		accepted = "scenario names, separated by commas";
		ok = name(value, o->scenarios, sizeof(o->scenarios));
	} else {
		accepted = "nw.window, nw.flags, nw.exits, nw.time_ms, nw.context, nw.strict, "
			   "nw.guest, nw.scenario";
		ok = false;
	}
#undef IS
	if (ok)
		return 0;
	snprintf(error, size, "option \"%s\": accepted: %s", word, accepted);
	return -1;
}

int options_line(struct options *o, char *line, char *error, size_t size)
{
	char *save, *word;

	for (word = strtok_r(line, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save))
		if (options_word(o, word, error, size))
			return -1;
	return 0;
}
