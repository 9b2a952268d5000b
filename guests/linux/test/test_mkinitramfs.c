/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mkinitramfs: the archive has the entries the kernel needs, is the same twice, and bad input leaves
 * nothing behind. Runs the built programs from the top build directory.
 */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL		"guests/linux/mkinitramfs"
#define VMM		"guests/linux/vmm/nw-vmm"
#define OUTPUT		"guests/linux/test_mkinitramfs.cpio"
#define OUTPUT_2	"guests/linux/test_mkinitramfs_2.cpio"
#define HEADER		110	/* bytes of a newc header */

static void clean(void)
{
	unlink(OUTPUT);
	unlink(OUTPUT_2);
}

/* Exit status of TOOL with these arguments; its complaint is not shown. */
static int run(const char *output, const char *init)
{
	char command[256];
	int status;

	snprintf(command, sizeof(command), TOOL " %s %s 2>/dev/null", output, init);
	status = system(command);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char *load(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *data;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fstat(fileno(f), &st), 0);
	*size = (size_t)st.st_size;
	data = malloc(*size + 1);
	ck_assert_ptr_nonnull(data);
	ck_assert_uint_eq(fread(data, 1, *size, f), *size);
	fclose(f);
	return data;
}

/* Exit status of a shell command. */
static int shell(const char *command)
{
	int status = system(command);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Field i of the header at p: eight hexadecimal digits after the magic. */
static uint32_t field(const char *p, int i)
{
	char digits[9] = { 0 };

	memcpy(digits, p + 6 + 8 * i, 8);
	return (uint32_t)strtoul(digits, NULL, 16);
}

START_TEST(entries)
{
	static const struct {
		const char	*name;
		uint32_t	mode;
	} expected[] = {
		{ "dev", S_IFDIR | 0755 }, { "dev/console", S_IFCHR | 0600 }, { "proc", S_IFDIR | 0755 },
		{ "sys", S_IFDIR | 0755 }, { "init", S_IFREG | 0755 }, { "TRAILER!!!", 0 },
	};
	size_t size, vmm_size, i, offset = 0;
	char *vmm, *data;

	ck_assert_int_eq(run(OUTPUT, VMM), 0);
	data = load(OUTPUT, &size);
	vmm = load(VMM, &vmm_size);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const char *p = data + offset;
		uint32_t name_size, file_size;

		ck_assert_uint_le(offset + HEADER, size);
		ck_assert_mem_eq(p, "070701", 6);
		file_size = field(p, 6);
		name_size = field(p, 11);
		ck_assert_str_eq(p + HEADER, expected[i].name);
		ck_assert_uint_eq(name_size, strlen(expected[i].name) + 1);
		ck_assert_uint_eq(field(p, 1), expected[i].mode);
		ck_assert_uint_eq(field(p, 2), 0);	/* owner */
		ck_assert_uint_eq(field(p, 3), 0);	/* group */
		ck_assert_uint_eq(field(p, 5), 0);	/* time */
		offset = (offset + HEADER + name_size + 3) & ~(size_t)3;
		if (!strcmp(expected[i].name, "dev/console")) {
			ck_assert_uint_eq(field(p, 9), 5);
			ck_assert_uint_eq(field(p, 10), 1);
		}
		if (S_ISREG(expected[i].mode)) {
			ck_assert_uint_eq(file_size, vmm_size);
			ck_assert_mem_eq(data + offset, vmm, vmm_size);
		} else {
			ck_assert_uint_eq(file_size, 0);
		}
		offset = (offset + file_size + 3) & ~(size_t)3;
	}
	ck_assert_uint_eq(offset, size);
	free(data);
	free(vmm);
}
END_TEST

START_TEST(same_twice)
{
	size_t size, size_2;
	char *a, *b;

	ck_assert_int_eq(run(OUTPUT, VMM), 0);
	ck_assert_int_eq(run(OUTPUT_2, VMM), 0);
	a = load(OUTPUT, &size);
	b = load(OUTPUT_2, &size_2);
	ck_assert_uint_eq(size, size_2);
	ck_assert_mem_eq(a, b, size);
	free(a);
	free(b);
}
END_TEST

#define TREE		"guests/linux/test_mkinitramfs_tree"

static void make_tree(const char *umask_value)
{
	char command[512];

	snprintf(command, sizeof(command), "umask %s && rm -rf " TREE " && mkdir -p " TREE "/b/c && echo b >" TREE
		 "/b/file && echo x >" TREE "/a && chmod u+x " TREE "/a && ln -s ../a " TREE "/b/link", umask_value);
	ck_assert_int_eq(shell(command), 0);
}

/* The names and modes of an archive in their order. */
static void list(const char *path, char *text, size_t size)
{
	size_t length, offset = 0, used = 0;
	char *data = load(path, &length);

	while (offset + HEADER < length && used < size) {
		const char *p = data + offset;

		used += (size_t)snprintf(text + used, size - used, "%s:%o ", p + HEADER, field(p, 1));
		offset = (offset + HEADER + field(p, 11) + 3) & ~(size_t)3;
		offset = (offset + field(p, 6) + 3) & ~(size_t)3;
	}
	free(data);
}

/* Order and modes come from the names and the owner's execute bit, not from the disk and the umask. */
START_TEST(tree)
{
	size_t size, size_2;
	char text[1024], *a, *b;

	make_tree("022");
	ck_assert_int_eq(shell(TOOL " " OUTPUT " " VMM " " TREE), 0);
	make_tree("077");
	ck_assert_int_eq(shell(TOOL " " OUTPUT_2 " " VMM " " TREE), 0);
	list(OUTPUT, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "init:100755 a:100755 b:40755 b/c:40755 b/file:100644 b/link:120777 TRAILER!!!"));
	a = load(OUTPUT, &size);
	b = load(OUTPUT_2, &size_2);
	ck_assert_uint_eq(size, size_2);
	ck_assert_mem_eq(a, b, size);
	free(a);
	free(b);
	ck_assert_int_eq(shell("rm -rf " TREE), 0);
}
END_TEST

START_TEST(no_tree)
{
	ck_assert_int_eq(shell(TOOL " " OUTPUT " " VMM " guests/linux/no-such-directory 2>/dev/null"), 1);
	ck_assert_int_ne(access(OUTPUT, F_OK), 0);
	ck_assert_int_ne(access(OUTPUT ".tmp", F_OK), 0);
}
END_TEST

static const char *const bad_inits[] = {
	"guests/linux/no-such-file", "guests/linux", "/dev/null", TOOL, /* TOOL: not static */
};

START_TEST(bad_init)
{
	ck_assert_int_eq(run(OUTPUT, bad_inits[_i]), 1);
	ck_assert_int_ne(access(OUTPUT, F_OK), 0);
	ck_assert_int_ne(access(OUTPUT ".tmp", F_OK), 0);
}
END_TEST

START_TEST(output_cannot_be_written)
{
	ck_assert_int_eq(run("guests/linux/no-such-directory/x", VMM), 1);
}
END_TEST

START_TEST(usage)
{
	ck_assert_int_eq(run("", ""), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mkinitramfs");
	TCase *tc = tcase_create("mkinitramfs");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, clean, clean);
	tcase_add_test(tc, entries);
	tcase_add_test(tc, same_twice);
	tcase_add_test(tc, tree);
	tcase_add_test(tc, no_tree);
	tcase_add_loop_test(tc, bad_init, 0, (int)(sizeof(bad_inits) / sizeof(bad_inits[0])));
	tcase_add_test(tc, output_cannot_be_written);
	tcase_add_test(tc, usage);
	suite_add_tcase(suite, tc);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
