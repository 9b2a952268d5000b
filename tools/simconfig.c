/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * simconfig.c - configuration entries for the head of a trace.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "nws.h"
#include "simconfig.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* An entry is one line of UTF-8; the only texts that could be something else are names of files. */
static void entry(FILE *f, const char *key, const char *value)
{
	fprintf(f, "%s=", key);
	for (; *value; value++)
		fputc((unsigned char)*value < ' ' || (unsigned char)*value > '~' ? '?' : *value, f);
	fputc('\n', f);
}

static int build_flags(FILE *f, const char *path)
{
	char *line = NULL;
	size_t size = 0;
	unsigned n = 0;
	FILE *in;

	if (!path)
		return 0;
	in = fopen(path, "r");
	if (!in) {
		nws_error("%s: %s", path, strerror(errno));
		return -1;
	}
	while (getline(&line, &size, in) > 0) {
		char key[32];

		line[strcspn(line, "\n")] = 0;
		if (!*line)
			continue;
		snprintf(key, sizeof(key), "build.%u", ++n);
		entry(f, key, line);
	}
	free(line);
	fclose(in);
	return 0;
}

static int hashes(FILE *f, const struct nws_simconfig *c)
{
	char hex[NWS_HASH_LEN];

	for (unsigned i = 0; i < c->n_hashed; i++) {
		if (nws_hash_file(c->hashed[i].path, hex))
			return -1;
		fprintf(f, "hash.%s=%s\n", c->hashed[i].key, hex);
	}
	for (unsigned i = 0; i < c->n_modules; i++) {
		if (nws_hash_file(c->module[i].path, hex))
			return -1;
		fprintf(f, "hash.module.%u=%s\n", i, hex);
	}
	return 0;
}

int nws_simconfig_write(FILE *f, const struct nws_simconfig *c, const struct nws_options *o)
{
	char *options = nws_options_canonical(o);

	entry(f, "version.nwsim", PACKAGE_VERSION);
	entry(f, "command", o->linux_command ? "linux" : "run");
	entry(f, "guest", c->guest);
	entry(f, "options", options);
	free(options);
	entry(f, "append", o->append ? o->append : "");
	entry(f, "cmdline", c->cmdline);
	for (unsigned i = 0; i < o->stall_set.count; i++)
		fprintf(f, "stall.%u=%s\n", i, o->stall[i]);
	for (unsigned i = 0; i < c->n_modules; i++) {
		char key[32];

		snprintf(key, sizeof(key), "module.%u", i);
		entry(f, key, c->module[i].string);
	}
	if (hashes(f, c) || build_flags(f, c->build_flags_file))
		return -1;
	if (fflush(f) || ferror(f)) {
		nws_error("cannot write the trace's configuration: %s", strerror(errno));
		return -1;
	}
	return 0;
}
