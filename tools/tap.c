/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.c - Test Anything Protocol, version 12 and 13, as far as our guests use it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tap.h"

static bool has_directive(const char *s, const char *word)
{
	const char *hash = strchr(s, '#');

	if (!hash)
		return false;
	for (hash++; *hash == ' '; hash++)
		;
	return strncasecmp(hash, word, strlen(word)) == 0;
}

static void test_line(struct nws_tap *t, const char *rest, bool ok)
{
	char *end;
	unsigned long number;

	while (*rest == ' ')
		rest++;
	if (isdigit((unsigned char)*rest)) {
		number = strtoul(rest, &end, 10);
		if (number != t->run + 1)
			t->broken = true;
		rest = end;
	}
	t->run++;
	if (ok || has_directive(rest, "TODO")) {
		t->ok++;
		if (has_directive(rest, "SKIP"))
			t->skipped++;
	} else {
		t->not_ok++;
	}
}

static bool plan_line(struct nws_tap *t, const char *line)
{
	unsigned long n;
	char *end;

	if (strncmp(line, "1..", 3) || !isdigit((unsigned char)line[3]))
		return false;
	n = strtoul(line + 3, &end, 10);
	while (*end == ' ')
		end++;
	if (*end && *end != '#')
		return false;
	if (t->plan_seen)
		t->broken = true;
	t->plan_seen = true;
	t->plan = n;
	t->skip_all = n == 0;
	return true;
}

void nws_tap_line(struct nws_tap *t, const char *line)
{
	if (!strncmp(line, "ok", 2) && (line[2] == ' ' || !line[2]))
		test_line(t, line + 2, true);
	else if (!strncmp(line, "not ok", 6) && (line[6] == ' ' || !line[6]))
		test_line(t, line + 6, false);
	else if (!strncmp(line, "Bail out!", 9))
		t->bailed = true;
	else
		plan_line(t, line);
}

enum nws_tap_result nws_tap_result(const struct nws_tap *t)
{
	if (!t->plan_seen && !t->run && !t->bailed)
		return NWS_TAP_NONE;
	if (t->not_ok)
		return NWS_TAP_FAILED;
	if (!t->plan_seen || t->bailed || t->broken || t->run != t->plan)
		return NWS_TAP_INCOMPLETE;
	if (t->skip_all)
		return NWS_TAP_SKIPPED;
	return NWS_TAP_OK;
}

const char *nws_tap_describe(const struct nws_tap *t, char buf[128])
{
	if (nws_tap_result(t) == NWS_TAP_NONE)
		return "no test lines";
	if (!t->plan_seen)
		snprintf(buf, 128, "%lu of %lu tests ok, plan missing", t->ok, t->run);
	else if (t->skip_all && !t->run)
		return "all tests skipped";
	else
		snprintf(buf, 128, "%lu of %lu tests ok%s%s", t->ok, t->plan,
			 t->bailed ? ", bailed out" : "", t->broken ? ", tests out of order" : "");
	return buf;
}
