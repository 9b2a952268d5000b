/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * snapshot_sums.c - the file sums of a saved run: the SHA-256 of each of its other files.
 *
 * A line per file, sorted by name, as sha256sum writes them. The text follows from the directory alone: it is made again
 * and has to be the same, byte for byte, so that no bit of any file, the names and this file itself can change unnoticed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hash.h"
#include "nws.h"
#include "snapshot.h"

#define SUMS            "sums"
#define NAME_AT         (NWS_HASH_LEN - 1 + 2)  /* where the name begins in a line */
#define SUMS_MAX        (1u << 20)              /* bytes, far more than the files of any run need */

struct names {
	char **name;
	size_t n;
};

static void add_name(struct names *all, char *name)
{
	all->name = nws_realloc(all->name, (all->n + 1) * sizeof(*all->name));
	all->name[all->n++] = name;
}

static void free_names(struct names *all)
{
	while (all->n)
		free(all->name[--all->n]);
	free(all->name);
}

static int order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is in dir, below and with `prefix`, in no order; of a directory that is not ours its name. */
static int list_files(struct names *all, const char *dir, const char *prefix)
{
	char *path = nws_format("%s/%s", dir, prefix);
	DIR *d = opendir(path);
	struct dirent *e;
	int rc = d ? 0 : -1;

	if (!d)
		nws_error("%s: %s", path, strerror(errno));
	while (!rc && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || (!*prefix && !strcmp(e->d_name, SUMS)))
			continue;
		if (!*prefix && !strcmp(e->d_name, "state"))
			rc = list_files(all, dir, "state/");
		else
			add_name(all, nws_format("%s%s", prefix, e->d_name));
	}
	if (d)
		closedir(d);
	free(path);
	return rc;
}

static int sorted_files(struct names *all, const char *dir)
{
	int rc = list_files(all, dir, "");

	if (!rc && all->n)
		qsort(all->name, all->n, sizeof(*all->name), order);
	return rc;
}

static int add_line(struct nws_buf *text, const char *dir, const char *name)
{
	char *path = nws_format("%s/%s", dir, name), hex[NWS_HASH_LEN];
	int rc = nws_hash_file(path, hex);

	if (!rc)
		nws_buf_printf(text, "%s  %s\n", hex, name);
	free(path);
	return rc;
}

int nws_sums_write(const char *dir)
{
	struct names all = { 0 };
	struct nws_buf text = { 0 };
	FILE *f = NULL;
	int rc = sorted_files(&all, dir);

	for (size_t i = 0; !rc && i < all.n; i++)
		rc = add_line(&text, dir, all.name[i]);
	if (!rc)
		rc = (f = nws_snapshot_open(dir, SUMS, "we")) ? 0 : -1;
	if (!rc) {
		fwrite(text.s, 1, text.len, f);
		rc = nws_snapshot_close(f, dir, SUMS);
	}
	nws_buf_free(&text);
	free_names(&all);
	return rc;
}

/* ---- Checking ---------------------------------------------------------------------------------------- */

static int damaged(const char *dir, const char *name, const char *what)
{
	nws_error("%s: %s %s; save the run again", dir, name, what);
	return -1;
}

/* The lines of the file, without their ends. */
static int read_sums(struct names *lines, const char *dir)
{
	FILE *f = nws_snapshot_open(dir, SUMS, "re");
	char *text = f ? nws_realloc(NULL, SUMS_MAX) : NULL, *line = text, *end;
	size_t n = f ? fread(text, 1, SUMS_MAX, f) : 0;
	bool good = f && !ferror(f) && n && n < SUMS_MAX && text[n - 1] == '\n' && !memchr(text, 0, n);

	for (; good && line < text + n; line = end + 1) {
		end = memchr(line, '\n', (size_t)(text + n - line));
		*end = 0;
		good = (size_t)(end - line) > NAME_AT;
		if (good)
			add_name(lines, nws_strdup(line));
	}
	if (f)
		fclose(f);
	free(text);
	return good ? 0 : f ? damaged(dir, SUMS, "is damaged") : -1;
}

/* Does the file have the content, and the line the form, that it was saved with? */
static int check_line(const char *dir, const char *name, const char *line)
{
	struct nws_buf now = { 0 };
	char *path = nws_format("%s/%s", dir, name);
	struct stat st;
	int rc = 0;

	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		rc = damaged(dir, name, "is not a file");
	else if (add_line(&now, dir, name))
		rc = -1;
	else if (strlen(line) + 1 != now.len || memcmp(now.s, line, now.len - 1))
		rc = damaged(dir, name, "does not have the checksum in " SUMS);
	nws_buf_free(&now);
	free(path);
	return rc;
}

int nws_sums_check(const char *dir)
{
	struct names files = { 0 }, lines = { 0 };
	int rc = read_sums(&lines, dir) || sorted_files(&files, dir) ? -1 : 0;

	for (size_t i = 0; !rc && (i < files.n || i < lines.n); i++) {
		const char *file = i < files.n ? files.name[i] : NULL, *line = i < lines.n ? lines.name[i] : NULL;
		int c = !file ? 1 : !line ? -1 : strcmp(file, line + NAME_AT);

		if (c < 0)
			rc = damaged(dir, file, "does not belong there, or " SUMS " is damaged");
		else if (c > 0)
			rc = damaged(dir, line + NAME_AT, "is missing, or " SUMS " is damaged");
	}
	for (size_t i = 0; !rc && i < files.n; i++)
		rc = check_line(dir, files.name[i], lines.name[i]);
	free_names(&lines);
	free_names(&files);
	return rc;
}
