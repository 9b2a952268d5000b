/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot.c - saved runs: writing, checking and reading their directories.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guests.h"
#include "nws.h"
#include "snapshot.h"

#define FORMAT          "1"

/* ---- Files ------------------------------------------------------------------------------------------- */

FILE *nws_snapshot_open(const char *dir, const char *name, const char *mode)
{
	char *path = nws_format("%s/%s", dir, name);
	FILE *f = fopen(path, mode);

	if (!f)
		nws_error("%s: %s", path, strerror(errno));
	free(path);
	return f;
}

int nws_snapshot_close(FILE *f, const char *dir, const char *name)
{
	int bad = ferror(f);

	if (fclose(f) || bad) {
		nws_error("cannot write %s/%s: %s", dir, name, strerror(errno ? errno : EIO));
		return -1;
	}
	return 0;
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *entry;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		entry = nws_format("%s/%s", path, e->d_name);
		if (unlink(entry))
			remove_tree(entry);
		free(entry);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static uint64_t tree_size(const char *path)
{
	DIR *d = opendir(path);
	uint64_t sum = 0;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *entry = nws_format("%s/%s", path, e->d_name);
		struct stat st;

		if (!stat(entry, &st) && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
		free(entry);
	}
	if (d)
		closedir(d);
	return sum;
}

/* Value of "key=" in a file of such lines, to be freed; NULL when there is none. */
static char *value_of(FILE *f, const char *key)
{
	size_t n = strlen(key), size = 0;
	char *line = NULL, *value = NULL;

	rewind(f);
	while (!value && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, key, n) && line[n] == '=')
			value = nws_strdup(line + n + 1);
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

int nws_snapshot_begin(struct nws_snapshot *s, const char *dir, const struct nws_workdir *w)
{
	char *state;
	int rc;

	memset(s, 0, sizeof(*s));
	s->dir = dir;
	if (create_tmp(s))
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
	char *to;
	int rc;

	if (!f)
		return -1;
	fprintf(f, "format=" FORMAT "\nguest=%s\ntick=%" PRIu64 "\nserial_bytes=%" PRIu64 "\n", guest, s->tick,
		s->serial_bytes);
	if (nws_snapshot_close(f, s->tmp, "info"))
		return -1;
	f = nws_snapshot_open(s->tmp, "words", "we");
	if (!f)
		return -1;
	for (; *words; words++)
		fprintf(f, "%s\n", *words);
	if (nws_snapshot_close(f, s->tmp, "words"))
		return -1;
	to = nws_format("%s/config", s->tmp);
	rc = nws_output_copy(config, to);
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
		rc = fflush(s->serial) || ftruncate(fileno(s->serial), (off_t)s->serial_bytes) ? -1 : 0;
		if (rc)
			nws_error("cannot write %s/serial: %s", s->tmp, strerror(errno));
	}
	if (!rc)
		rc = nws_ram_compress(state) || write_texts(s, guest, words, config) ? -1 : 0;
	if (!rc) {
		s->size = tree_size(s->tmp) + tree_size(state);
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
		remove_tree(s->tmp);
	free(s->tmp);
	s->tmp = NULL;
}

/* ---- Reading ----------------------------------------------------------------------------------------- */

static FILE *open_info(const char *dir)
{
	char *path = nws_format("%s/info", dir);
	FILE *f = fopen(path, "re");
	char *format = f ? value_of(f, "format") : NULL;

	if (!format) {
		nws_error("%s: not a saved run (no file info in it); --save makes one", dir);
	} else if (strcmp(format, FORMAT)) {
		nws_error("%s: format %s of saved runs; this program reads format " FORMAT, dir, format);
	} else {
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
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
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

int nws_snapshot_restore(const char *dir, const char *config, const struct nws_workdir *w)
{
	char *absolute = realpath(dir, NULL), *state = nws_format("%s/state", absolute ? absolute : dir);
	char *to = nws_workdir_path(w, NWS_F_RESTORE), *done = nws_format("%s/done", state);
	int rc = same_config(dir, config);

	if (!rc && access(done, R_OK)) {
		nws_error("%s: the state is incomplete (no state/done); save the run again", dir);
		rc = -1;
	}
	if (!rc && mkdir(to, 0777)) {
		nws_error("%s: %s", to, strerror(errno));
		rc = -1;
	}
	if (!rc)
		rc = link_state(state, to) || nws_ram_expand(state, to) ? -1 : 0;
	free(done);
	free(to);
	free(state);
	free(absolute);
	return rc;
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
		       (double)(tree_size(dir) + tree_size(state)) / (1 << 20));
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
