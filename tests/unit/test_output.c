/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_output.c - output files: both kinds of temporary file, what is refused, what is left behind. The command's own
 * outputs are in tests/cli/outputs.sh.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "tap.h"
#include "workdir.h"

static char dir[] = "nwsim-output-XXXXXX";

static void setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
}

static void teardown(void)
{
	ck_assert_int_eq(chdir(".."), 0);
	nws_remove_tree(dir);
	ck_assert_int_ne(access(dir, F_OK), 0);
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void expect(const char *name, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(name, "r");

	ck_assert_ptr_nonnull(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = 0;
	fclose(f);
	ck_assert_str_eq(got, text);
}

static int entries(void)
{
	struct dirent *e;
	DIR *d = opendir(".");
	int n = -2;

	while ((e = readdir(d)))
		n++;
	closedir(d);
	return n;
}

static int begin(int named, struct nws_output *o, const char *name)
{
	return named ? nws_output_open_named(o, "--x", name) : nws_output_open(o, "--x", name);
}

START_TEST(new_and_replaced)
{
	struct nws_output o;
	FILE *f;

	put("from", "content");
	umask(027);
	for (int i = 0; i < 2; i++) {
		struct stat st;

		put("from", i ? "other" : "content");
		ck_assert_int_eq(begin(_i, &o, "to"), 0);
		ck_assert_int_eq(nws_output_copy(&o, "from"), 0);
		if (!i)
			ck_assert_int_ne(access("to", F_OK), 0);
		else
			expect("to", "content");
		ck_assert_int_eq(nws_output_commit(&o), 0);
		expect("to", i ? "other" : "content");
		ck_assert_int_eq(stat("to", &st), 0);
		ck_assert_uint_eq(st.st_mode & 07777, 0640);
		ck_assert_int_eq(entries(), 2);
	}
	ck_assert_int_eq(begin(_i, &o, "to"), 0);
	f = nws_output_stream(&o);
	ck_assert_ptr_nonnull(f);
	fputs("stream", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(nws_output_commit(&o), 0);
	expect("to", "stream");
	nws_output_abandon(&o); /* does nothing */
	ck_assert_int_eq(entries(), 2);
}
END_TEST

START_TEST(abandoned)
{
	struct nws_output o;

	put("to", "old");
	ck_assert_int_eq(begin(_i, &o, "to"), 0);
	ck_assert_int_eq(write(o.fd, "new", 3), 3);
	nws_output_abandon(&o);
	expect("to", "old");
	ck_assert_int_eq(entries(), 1);
}
END_TEST

/* The commit fails: what was there stays, and nothing else. */
START_TEST(target_became_a_directory)
{
	struct nws_output o;

	ck_assert_int_eq(begin(_i, &o, "to"), 0);
	ck_assert_int_eq(mkdir("to", 0777), 0);
	put("to/inside", "old");
	ck_assert_int_eq(nws_output_commit(&o), -1);
	expect("to/inside", "old");
	ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(too_large)
{
	struct rlimit limit = { 4, 4 };
	struct nws_output o;

	put("from", "content");
	put("to", "old");
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(begin(_i, &o, "to"), 0);
	ck_assert_int_eq(nws_output_copy(&o, "from"), -1);
	nws_output_abandon(&o);
	expect("to", "old");
	ck_assert_int_eq(entries(), 2);
}
END_TEST

START_TEST(refused)
{
	static const char *const name[] = {
		"", "/", ".", "..", "sub", "sub/", "new/", "fifo", "dangling", "file/x", "nosuch/x", "/dev/null",
		"/dev/nwsim-new-file", "/proc/nwsim-new-file", "/sys/nwsim-new-file", "devlink/nwsim-new-file", "self",
	};
	struct nws_output o;

	ck_assert_int_eq(mkdir("sub", 0777), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(symlink("nothing", "dangling"), 0);
	ck_assert_int_eq(symlink("/dev", "devlink"), 0);
	ck_assert_int_eq(symlink("self", "self"), 0);
	put("file", "old");
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		ck_assert_msg(begin(_i, &o, name[i]), "'%s' was accepted", name[i]);
		ck_assert_ptr_null(o.path);
		ck_assert_int_eq(o.fd, -1);
	}
	ck_assert_int_eq(entries(), 6);
}
END_TEST

START_TEST(shared_memory_is_no_device)
{
	struct nws_output o;

	if (access("/dev/shm", W_OK))
		return;
	ck_assert_int_eq(begin(_i, &o, "/dev/shm/nwsim-new-file"), 0);
	nws_output_abandon(&o);
}
END_TEST

START_TEST(inputs)
{
	struct nws_output o;

	put("in", "old");
	ck_assert_int_eq(link("in", "hard"), 0);
	ck_assert_int_eq(symlink("in", "soft"), 0);
	put("in2", "old");
	ck_assert_int_eq(mkdir("saved", 0777), 0);
	put("saved/info", "old");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(begin(_i, &o, i == 2 ? "soft" : i ? "hard" : "in"), 0);
		ck_assert_int_eq(nws_output_apart(&o, "it", "in"), -1);
		ck_assert_int_eq(nws_output_apart(&o, "it", "soft"), -1);
		ck_assert_int_eq(nws_output_apart(&o, "it", "in2"), 0);
		ck_assert_int_eq(nws_output_apart(&o, "it", "nosuch"), 0);
		ck_assert_int_eq(nws_output_apart(&o, "it", NULL), 0);
		nws_output_abandon(&o);
		ck_assert_int_eq(nws_output_apart(&o, "it", "in"), 0);
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(begin(_i, &o, i ? "saved/new" : "saved/info"), 0);
		ck_assert_int_eq(nws_output_apart(&o, "the saved run", "saved/"), -1);
		nws_output_abandon(&o);
	}
	ck_assert_int_eq(begin(_i, &o, "saved2"), 0);
	ck_assert_int_eq(nws_output_apart(&o, "the saved run", "saved"), 0);
	nws_output_abandon(&o);
}
END_TEST

START_TEST(two_outputs)
{
	struct nws_output a, b, none = NWS_OUTPUT_NONE;

	put("file", "old");
	ck_assert_int_eq(symlink("file", "soft"), 0);
	ck_assert_int_eq(begin(_i, &a, "file"), 0);
	ck_assert_int_eq(begin(_i, &b, "soft"), 0);
	ck_assert_int_eq(nws_outputs_apart(&a, &b), -1);
	ck_assert_int_eq(nws_outputs_apart(&a, &none), 0);
	nws_output_abandon(&b);
	ck_assert_int_eq(link("file", "hard"), 0);
	ck_assert_int_eq(begin(_i, &b, "hard"), 0);
	ck_assert_int_eq(nws_outputs_apart(&a, &b), -1);
	nws_output_abandon(&b);
	ck_assert_int_eq(begin(_i, &b, "new"), 0);
	ck_assert_int_eq(nws_outputs_apart(&a, &b), 0);
	nws_output_abandon(&a);
	ck_assert_int_eq(begin(_i, &a, "./new"), 0);
	ck_assert_int_eq(nws_outputs_apart(&a, &b), -1);
	nws_output_abandon(&a);
	nws_output_abandon(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("outputs");
	TCase *t = tcase_create("outputs");

	tcase_add_checked_fixture(t, setup, teardown);
	/* _i: 0 = a temporary file without a name, 1 = one with */
	tcase_add_loop_test(t, new_and_replaced, 0, 2);
	tcase_add_loop_test(t, abandoned, 0, 2);
	tcase_add_loop_test(t, target_became_a_directory, 0, 2);
	tcase_add_loop_test(t, too_large, 0, 2);
	tcase_add_loop_test(t, refused, 0, 2);
	tcase_add_loop_test(t, shared_memory_is_no_device, 0, 2);
	tcase_add_loop_test(t, inputs, 0, 2);
	tcase_add_loop_test(t, two_outputs, 0, 2);
	suite_add_tcase(s, t);
	return tap_run(s);
}
