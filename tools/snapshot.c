/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot.c - saved runs: writing, checking and reading their directories.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guests.h"
#include "nws.h"
#include "output.h"
#include "snapshot.h"

#define FORMAT          "2"

/* ---- Lines key=value ----------------------------------------------------------------------------------- */

/* A copy without control characters. */
static char *printable(const char *text)
{
	char *copy = nws_strdup(text);

	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return copy;
}

/* Value of "key=" in a file of such lines, fit to be printed and to be freed; NULL when there is none. */
static char *value_of(FILE *f, const char *key)
{
	size_t n = strlen(key), size = 0;
	char *line = NULL, *value = NULL;

	rewind(f);
	while (!value && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, key, n) && line[n] == '=')
			value = printable(line + n + 1);
	}
	free(line);
	return value;
}

static uint64_t number_of(FILE *f, const char *key)
{
	char *text = value_of(f, key);
	uint64_t v = 0;

	if (text)
		nws_parse_u64(text, 0, UINT64_MAX, &v);
	free(text);
	return v;
}

/* ---- Writing ----------------------------------------------------------------------------------------- */

static int create_tmp(struct nws_snapshot *s)
{
	char *copy = nws_strdup(s->dir), *parent = realpath(dirname(copy), NULL), *state;
	char *again = nws_strdup(s->dir);
	struct stat st;
	int rc = -1;

	if (!lstat(s->dir, &st)) {
		nws_error("--save %s: it exists; name a new directory", s->dir);
	} else if (!*s->dir || !parent) {
		nws_error("--save %s: no directory to create it in", s->dir);
	} else {
		s->tmp = nws_format("%s/.%s.XXXXXX", parent, basename(again));
		state = NULL;
		if (!mkdtemp(s->tmp)) {
			nws_error("--save %s: cannot write into %s: %s", s->dir, parent, strerror(errno));
			free(s->tmp);
			s->tmp = NULL;
		} else {
			mode_t mask = umask(0);

			umask(mask);
			chmod(s->tmp, 0777 & ~mask);
			state = nws_format("%s/state", s->tmp);
			rc = mkdir(state, 0777);
			if (rc)
				nws_error("%s: %s", state, strerror(errno));
		}
		free(state);
	}
	free(again);
	free(parent);
	free(copy);
	return rc;
}

int nws_snapshot_begin(struct nws_snapshot *s, const char *dir, struct nws_workdir *w)
{
	char *state;
	int rc;

	memset(s, 0, sizeof(*s));
	s->dir = dir;
	if (create_tmp(s) || nws_workdir_guard(w, s->tmp))
		return -1;
	state = nws_format("%s/state", s->tmp);
	rc = nws_workdir_link(w, NWS_F_SAVE, state);
	free(state);
	if (!rc)
		s->serial = nws_snapshot_open(s->tmp, "serial", "w+e");
	return s->serial ? 0 : -1;
}

bool nws_snapshot_taken(const struct nws_snapshot *s)
{
	char *done = nws_format("%s/state/done", s->tmp);
	bool there = !access(done, R_OK);

	free(done);
	return there;
}

static int write_texts(struct nws_snapshot *s, const char *guest, char *const *words, const char *config)
{
	FILE *f = nws_snapshot_open(s->tmp, "info", "we");
	char *to, *name;
	int rc;

	if (!f)
		return -1;
	name = printable(guest);
	fprintf(f, "format=" FORMAT "\nguest=%s\ntick=%" PRIu64 "\nserial_bytes=%" PRIu64 "\n", name, s->tick,
		s->serial_bytes);
	free(name);
	if (nws_snapshot_close(f, s->tmp, "info"))
		return -1;
	f = nws_snapshot_open(s->tmp, "words", "we");
	if (!f)
		return -1;
	for (; *words; words++)
		fwrite(*words, 1, strlen(*words) + 1, f);
	if (nws_snapshot_close(f, s->tmp, "words"))
		return -1;
	to = nws_format("%s/config", s->tmp);
	rc = nws_output_file("--save", config, to);
	free(to);
	return rc;
}

int nws_snapshot_finish(struct nws_snapshot *s, const char *guest, char *const *words, const char *config)
{
	char *state = nws_format("%s/state", s->tmp);
	FILE *done = nws_snapshot_open(state, "done", "re");
	int rc = -1;

	if (done) {
		s->tick = number_of(done, "tick");
		s->serial_bytes = number_of(done, "serial_bytes");
		fclose(done);
		rc = fflush(s->serial) || ferror(s->serial) || ftruncate(fileno(s->serial), (off_t)s->serial_bytes) ? -1 : 0;
		if (rc)
			nws_error("cannot write %s/serial: %s", s->tmp, strerror(errno));
	}
	if (!rc)
		rc = nws_ram_compress(state) || write_texts(s, guest, words, config) || nws_sums_write(s->tmp) ? -1 : 0;
	if (!rc) {
		s->size = nws_snapshot_size(s->tmp) + nws_snapshot_size(state);
		rc = rename(s->tmp, s->dir);
		if (rc)
			nws_error("--save %s: %s", s->dir, strerror(errno));
	}
	if (!rc) {
		free(s->tmp);
		s->tmp = NULL;
	}
	free(state);
	nws_snapshot_abandon(s);
	return rc;
}

void nws_snapshot_abandon(struct nws_snapshot *s)
{
	if (s->serial)
		fclose(s->serial);
	s->serial = NULL;
	if (s->tmp)
		nws_remove_tree(s->tmp);
	free(s->tmp);
	s->tmp = NULL;
}

/* ---- Reading ----------------------------------------------------------------------------------------- */

/* The file info of a directory with nothing missing or changed; NULL after one line. */
static FILE *open_info(const char *dir)
{
	char *path = nws_format("%s/info", dir);
	FILE *f = nws_snapshot_open_path(path);
	char *format = f ? value_of(f, "format") : NULL;

	if (!format) {
		nws_error("%s: not a saved run (no file info in it); --save makes one", dir);
	} else if (strcmp(format, FORMAT)) {
		nws_error("%s: format %s of saved runs; this program reads format " FORMAT ": save the run again", dir, format);
	} else if (!nws_sums_check(dir)) {
		free(format);
		free(path);
		return f;
	}
	if (f)
		fclose(f);
	free(format);
	free(path);
	return NULL;
}

char **nws_snapshot_words(const char *dir, int *n)
{
	FILE *info = open_info(dir), *f = info ? nws_snapshot_open(dir, "words", "re") : NULL;
	char **words = NULL, *line = NULL;
	size_t size = 0;

	if (info)
		fclose(info);
	if (!f)
		return NULL;
	*n = 0;
	words = nws_realloc(NULL, sizeof(*words));
	while (getdelim(&line, &size, 0, f) > 0) {
		words = nws_realloc(words, ((size_t)*n + 2) * sizeof(*words));
		words[(*n)++] = nws_strdup(line);
	}
	words[*n] = NULL;
	free(line);
	fclose(f);
	return words;
}

/* The first line that is not the same in both files: "what the snapshot has; what this run has". */
static int same_config(const char *dir, const char *config)
{
	FILE *a = nws_snapshot_open(dir, "config", "re"), *b = fopen(config, "re");
	char *x = NULL, *y = NULL;
	size_t x_size = 0, y_size = 0;
	int rc = a && b ? 0 : -1;

	while (!rc) {
		ssize_t n = getline(&x, &x_size, a), m = getline(&y, &y_size, b);

		if (n < 0 && m < 0)
			break;
		if (n > 0)
			x[strcspn(x, "\n")] = 0;
		if (m > 0)
			y[strcspn(y, "\n")] = 0;
		if (n > 0 && m > 0 && !strcmp(x, y))
			continue;
		nws_error("--restore %s: the run was saved with \"%.300s\", this one has \"%.300s\"; both must be the same",
			  dir, n > 0 ? x : "", m > 0 ? y : "");
		rc = -1;
	}
	free(x);
	free(y);
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return rc;
}

static int link_state(const char *state, const char *to)
{
	DIR *d = opendir(state);
	struct dirent *e;
	int rc = 0;

	if (!d) {
		nws_error("%s: %s", state, strerror(errno));
		return -1;
	}
	while (!rc && (e = readdir(d))) {
		char *from = nws_format("%s/%s", state, e->d_name), *name = nws_format("%s/%s", to, e->d_name);

		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && symlink(from, name)) {
			nws_error("%s: %s", name, strerror(errno));
			rc = -1;
		}
		free(name);
		free(from);
	}
	closedir(d);
	return rc;
}

int nws_snapshot_restore(const char *dir, const char *config, uint64_t memory_bytes, const struct nws_workdir *w)
{
	char *absolute = realpath(dir, NULL), *state = nws_format("%s/state", absolute ? absolute : dir);
	char *to = nws_workdir_path(w, NWS_F_RESTORE);
	int rc = same_config(dir, config);

	if (!rc && mkdir(to, 0777)) {
		nws_error("%s: %s", to, strerror(errno));
		rc = -1;
	}
	if (!rc)
		rc = link_state(state, to) || nws_ram_expand(state, to, memory_bytes) ? -1 : 0;
	free(to);
	free(state);
	free(absolute);
	return rc;
}

uint64_t nws_snapshot_tick(const char *dir)
{
	FILE *info = nws_snapshot_open(dir, "info", "re");
	uint64_t tick = info ? number_of(info, "tick") : 0;

	if (info)
		fclose(info);
	return tick;
}

FILE *nws_snapshot_serial(const char *dir)
{
	return nws_snapshot_open(dir, "serial", "re");
}

int nws_snapshot_show(const char *dir)
{
	FILE *info = open_info(dir), *config = info ? nws_snapshot_open(dir, "config", "re") : NULL;
	static const char *const keys[] = { "options", "append" };
	char *state = nws_format("%s/state", dir), *guest = info ? value_of(info, "guest") : NULL;

	if (config) {
		printf("%s: %s, saved at tick %" PRIu64 " after %" PRIu64 " bytes of output, %.1f MiB\n", dir,
		       guest ? guest : "?", number_of(info, "tick"), number_of(info, "serial_bytes"),
		       (double)(nws_snapshot_size(dir) + nws_snapshot_size(state)) / (1 << 20));
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			char *value = value_of(config, keys[i]);

			if (value && *value)
				printf("  %-8s %s\n", keys[i], value);
			free(value);
		}
		fclose(config);
	}
	if (info)
		fclose(info);
	free(guest);
	free(state);
	return config ? NWS_EXIT_MET : NWS_EXIT_USAGE;
}
