/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mkinitramfs OUTPUT INIT [TREE]: writes the initramfs of the L0 kernel, a cpio archive ("newc", as in
 * the kernel's Documentation/driver-api/early-userspace/buffer-format.rst), with the files of the
 * directory TREE if there is one.
 *
 * The same INIT and TREE give the same bytes: owner 0, time 0, fixed inode numbers and order. No root
 * rights are needed, the console's device node is only an entry of the archive.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE	2
#define INIT_MAX	(64 << 20)
#define MODE_DIR	(S_IFDIR | 0755)

struct entry {
	const char	*name;
	uint32_t	mode;
	uint32_t	rdev_major, rdev_minor;
};

static const struct entry entries[] = {
	{ "dev", MODE_DIR, 0, 0 },
	{ "dev/console", S_IFCHR | 0600, 5, 1 },
	{ "proc", MODE_DIR, 0, 0 },
	{ "sys", MODE_DIR, 0, 0 },
};

static void complain(const char *where, const char *what)
{
	fprintf(stderr, "mkinitramfs: %s: %s\n", where, what);
}

/* Header and name are padded to 4 bytes together, the data by itself. */
static void pad(FILE *f, size_t written)
{
	for (; written & 3; written++)
		putc(0, f);
}

static void write_entry(FILE *f, uint32_t inode, const struct entry *e, const uint8_t *data,
			uint32_t size)
{
	uint32_t name_size = (uint32_t)strlen(e->name) + 1;
	uint32_t links = S_ISDIR(e->mode) ? 2 : 1;
	int n;

	n = fprintf(f, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, e->mode,
		    0, 0, links, 0, size, 0, 0, e->rdev_major, e->rdev_minor, name_size, 0);
	fwrite(e->name, 1, name_size, f);
	pad(f, (size_t)n + name_size);
	if (size)
		fwrite(data, 1, size, f);
	pad(f, size);
}

/* The whole file; NULL after a complaint. */
static uint8_t *read_file(const char *path, uint32_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;

	if (!f || fstat(fileno(f), &st)) {
		complain(path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > INIT_MAX) {
		complain(path, "not a regular file of at most 64 MiB");
	} else {
		*size = (uint32_t)st.st_size;
		data = malloc(*size + 1);
		if (!data || fread(data, 1, *size, f) != *size) {
			complain(path, "cannot be read");
			free(data);
			data = NULL;
		}
	}
	if (f)
		fclose(f);
	return data;
}

static bool write_tree(FILE *f, uint32_t *inode, const char *tree, const char *prefix);

/* One file, link or directory of the tree; its mode is 0755 or 0644, whatever the umask was. */
static bool write_tree_entry(FILE *f, uint32_t *inode, const char *path, const char *name)
{
	struct entry e = { name, 0, 0, 0 };
	char target[PATH_MAX];
	struct stat st;
	uint8_t *data;
	uint32_t size;
	ssize_t n;

	if (lstat(path, &st)) {
		complain(path, strerror(errno));
		return false;
	}
	e.mode = (uint32_t)(st.st_mode & S_IFMT) | (st.st_mode & S_IXUSR ? 0755 : 0644);
	if (S_ISDIR(st.st_mode)) {
		write_entry(f, (*inode)++, &e, NULL, 0);
		return write_tree(f, inode, path, name);
	}
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target));
		if (n < 0) {
			complain(path, strerror(errno));
			return false;
		}
		e.mode = S_IFLNK | 0777;
		write_entry(f, (*inode)++, &e, (const uint8_t *)target, (uint32_t)n);
		return true;
	}
	data = read_file(path, &size);
	if (!data)
		return false;
	write_entry(f, (*inode)++, &e, data, size);
	free(data);
	return true;
}

/* The directory's entries in the order of their bytes, which no locale changes. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool write_tree(FILE *f, uint32_t *inode, const char *tree, const char *prefix)
{
	char path[PATH_MAX], name[PATH_MAX];
	struct dirent **list;
	int i, n = scandir(tree, &list, NULL, by_bytes);
	bool ok = n >= 0;

	if (!ok)
		complain(tree, strerror(errno));
	for (i = 0; i < n; i++) {
		const char *entry = list[i]->d_name;

		if (ok && strcmp(entry, ".") && strcmp(entry, "..")) {
			ok = snprintf(path, sizeof(path), "%s/%s", tree, entry) < PATH_MAX &&
			     snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "/" : "", entry) < PATH_MAX;
			if (!ok)
				complain(tree, "path too long");
			ok = ok && write_tree_entry(f, inode, path, name);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return ok;
}

static bool write_archive(FILE *f, const uint8_t *init, uint32_t size, const char *tree)
{
	const struct entry init_entry = { "init", S_IFREG | 0755, 0, 0 };
	const struct entry trailer = { "TRAILER!!!", 0, 0, 0 };
	uint32_t i;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		write_entry(f, i + 1, &entries[i], NULL, 0);
	write_entry(f, ++i, &init_entry, init, size);
	i++;
	if (tree && !write_tree(f, &i, tree, ""))
		return false;
	write_entry(f, 0, &trailer, NULL, 0);
	return true;
}

/* There is no dynamic linker in the initramfs. */
static bool is_static_x86_64(const uint8_t *data, uint32_t size)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	unsigned int i;

	if (size < sizeof(eh))
		return false;
	memcpy(&eh, data, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_machine != EM_X86_64 || eh.e_phentsize != sizeof(ph) || eh.e_phoff > size ||
	    eh.e_phnum > (size - eh.e_phoff) / sizeof(ph))
		return false;
	for (i = 0; i < eh.e_phnum; i++) {
		memcpy(&ph, data + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_INTERP)
			return false;
	}
	return true;
}

/* Written beside the target and renamed, so that the target is whole or untouched. */
static int write_output(const char *path, const uint8_t *init, uint32_t size, const char *tree)
{
	size_t length = strlen(path) + sizeof(".tmp");
	char *tmp = malloc(length);
	bool ok;
	FILE *f;

	if (!tmp) {
		complain(path, "out of memory");
		return EXIT_FAILURE;
	}
	snprintf(tmp, length, "%s.tmp", path);
	f = fopen(tmp, "wb");
	if (f) {
		ok = write_archive(f, init, size, tree);
		if (ok && ferror(f)) {
			complain(path, "cannot be written");
			ok = false;
		}
		if (fclose(f) && ok) {
			complain(path, strerror(errno));
			ok = false;
		}
		if (ok && rename(tmp, path)) {
			complain(path, strerror(errno));
			ok = false;
		}
		if (!ok) {
			unlink(tmp);
			f = NULL;
		}
	} else {
		complain(tmp, strerror(errno));
	}
	free(tmp);
	return f ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	uint32_t size;
	uint8_t *init;
	int status;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: mkinitramfs OUTPUT INIT [TREE]\n");
		return EXIT_USAGE;
	}
	init = read_file(argv[2], &size);
	if (!init)
		return EXIT_FAILURE;
	if (is_static_x86_64(init, size)) {
		status = write_output(argv[1], init, size, argc == 4 ? argv[3] : NULL);
	} else {
		complain(argv[2], "not a statically linked 64-bit x86 program");
		status = EXIT_FAILURE;
	}
	free(init);
	return status;
}
