/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mkinitramfs OUTPUT INIT: writes the initramfs of the L0 kernel, a cpio archive ("newc", as in the
 * kernel's Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * The same INIT gives the same bytes: owner 0, time 0, fixed inode numbers and order. No root rights
 * are needed, the console's device node is only an entry of the archive.
 */
#include <elf.h>
#include <errno.h>
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

static void write_archive(FILE *f, const uint8_t *init, uint32_t size)
{
	const struct entry init_entry = { "init", S_IFREG | 0755, 0, 0 };
	const struct entry trailer = { "TRAILER!!!", 0, 0, 0 };
	uint32_t i;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		write_entry(f, i + 1, &entries[i], NULL, 0);
	write_entry(f, i + 1, &init_entry, init, size);
	write_entry(f, 0, &trailer, NULL, 0);
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
static int write_output(const char *path, const uint8_t *init, uint32_t size)
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
		write_archive(f, init, size);
		ok = !ferror(f);
		if (fclose(f) || !ok || rename(tmp, path)) {
			complain(path, strerror(errno));
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

	if (argc != 3) {
		fprintf(stderr, "usage: mkinitramfs OUTPUT INIT\n");
		return EXIT_USAGE;
	}
	init = read_file(argv[2], &size);
	if (!init)
		return EXIT_FAILURE;
	if (is_static_x86_64(init, size)) {
		status = write_output(argv[1], init, size);
	} else {
		complain(argv[2], "not a statically linked 64-bit x86 program");
		status = EXIT_FAILURE;
	}
	free(init);
	return status;
}
