/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace_names.c - what may be named as a trace file, when the name appears, and other runs that use it too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "test_trace_util.h"

/* ---- Files that change under the writer, and closing that fails ------------------------------------------- */

static void (*before_flock)(void);
static int fail_flock, fail_close;      /* errno of the next call */

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_flock(int fd, int operation)
{
	void (*hook)(void) = before_flock;

	before_flock = NULL;
	if (hook)
		hook();
	if (fail_flock) {
		errno = fail_flock;
		fail_flock = 0;
		return -1;
	}
	return __real_flock(fd, operation);
}

int __wrap_close(int fd)
{
	int rc = __real_close(fd);

	if (fail_close) {
		errno = fail_close;
		fail_close = 0;
		return -1;
	}
	return rc;
}

/* ---- Names ------------------------------------------------------------------------------------------------- */

START_TEST(the_name_appears_at_the_end)
{
	const char *path = util_path("new.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w;

	util_store(path, (const uint8_t *)"old", 3);
	w = nwt_create(path, NULL, 0, err);
	util_check_old(path);
	ck_assert_int_eq(access(util_path("new.nwt.tmp"), F_OK), 0);
	ck_assert_int_eq(nwt_close(w, err), 0);
	ck_assert_int_eq(util_read(path, err), 0);
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

START_TEST(an_unfinished_file_reads_as_truncated)
{
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(util_path("new.nwt"), NULL, 0, err);

	ck_assert_int_eq(util_read(util_path("new.nwt.tmp"), err), -1);
	ck_assert_ptr_nonnull(strstr(err, "truncated"));
	ck_assert_int_eq(nwt_close(w, err), 0);
}
END_TEST

START_TEST(two_runs_with_one_name)
{
	const char *path = util_path("shared.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *first = nwt_create(path, NULL, 0, err);

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(nwt_create(path, NULL, 0, err));
	util_check_error(err, util_path("shared.nwt.tmp"));
	ck_assert_ptr_nonnull(strstr(err, "another run is writing it"));
	ck_assert_int_eq(nwt_close(first, err), 0);
	ck_assert_int_eq(util_read(path, err), 0);
}
END_TEST

START_TEST(leftover_of_a_killed_run)
{
	const char *path = util_path("killed.nwt");
	static uint8_t junk[1000000]; /* longer than the trace */
	char err[NWT_ERRLEN];

	util_store(util_path("killed.nwt.tmp"), junk, sizeof(junk));
	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	ck_assert_int_eq(util_read(path, err), 9000);
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

static void remove_temporary(void)
{
	ck_assert_int_eq(unlink(util_path("race.nwt.tmp")), 0);
}

static void replace_temporary(void)
{
	remove_temporary();
	util_store(util_path("race.nwt.tmp"), (const uint8_t *)"old", 3);
}

/* Between our opening and locking it, the owner of the temporary file finishes: we must not write into its file. */
START_TEST(the_other_run_ends_just_now)
{
	const char *path = util_path("race.nwt");
	char err[NWT_ERRLEN];

	before_flock = _i ? replace_temporary : remove_temporary;
	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	ck_assert_ptr_null(before_flock);
	ck_assert_int_eq(util_read(path, err), 9000);
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

START_TEST(a_file_system_without_locks)
{
	const char *path = util_path("nolock.nwt");
	char err[NWT_ERRLEN];

	fail_flock = ENOLCK;
	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	ck_assert_int_eq(fail_flock, 0);
	ck_assert_int_eq(util_read(path, err), 9000);
}
END_TEST

START_TEST(closing_reports_the_full_disk)
{
	const char *path = util_path("close.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, NULL, 0, err);

	fail_close = EDQUOT;
	ck_assert_int_eq(nwt_close(w, err), -1);
	util_check_error(err, path);
	ck_assert_ptr_nonnull(strstr(err, "quota exceeded"));
	ck_assert_uint_eq(util_count_files(), 0);
}
END_TEST

START_TEST(the_name_has_become_a_directory)
{
	const char *path = util_path("taken.nwt");
	char err[NWT_ERRLEN];
	struct nwt_writer *w = nwt_create(path, NULL, 0, err);

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(nwt_close(w, err), -1);
	util_check_error(err, path);
	ck_assert_ptr_nonnull(strstr(err, "Is a directory"));
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

START_TEST(the_temporary_name_is_taken)
{
	const char *path = util_path("x.nwt"), *tmp = util_path("x.nwt.tmp"), *victim = util_path("victim");
	char err[NWT_ERRLEN];

	util_store(victim, (const uint8_t *)"old", 3);
	switch (_i) {
	case 0: /* a link would redirect the output */
		ck_assert_int_eq(symlink("victim", tmp), 0);
		break;
	case 1: /* a pipe would block */
		ck_assert_int_eq(mkfifo(tmp, 0600), 0);
		break;
	case 2: /* a pipe with a reader would not, but is no file */
		ck_assert_int_eq(mkfifo(tmp, 0600), 0);
		ck_assert_int_ge(open(tmp, O_RDONLY | O_NONBLOCK), 0);
		break;
	default:
		ck_assert_int_eq(mkdir(tmp, 0700), 0);
		break;
	}
	ck_assert_ptr_null(nwt_create(path, NULL, 0, err));
	util_check_error(err, tmp);
	util_check_old(victim);
	ck_assert_uint_eq(util_count_files(), 2);
}
END_TEST

START_TEST(a_link_to_a_file_stays_a_link)
{
	const char *file = util_path("file.nwt"), *link = util_path("link.nwt");
	char err[NWT_ERRLEN];
	struct stat st;

	util_store(file, (const uint8_t *)"old", 3);
	ck_assert_int_eq(symlink("file.nwt", link), 0);
	ck_assert_int_eq(util_write_9000(link, write, err), 0);
	ck_assert_int_eq(lstat(link, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(util_read(file, err), 9000);
}
END_TEST

START_TEST(names_that_cannot_be_written)
{
	static const struct { const char *name, *message; } cases[] = {
		{ "", "No such file" }, { "/nonexistent/x.nwt", "No such file" },
	};
	char err[NWT_ERRLEN] = "";

	ck_assert_ptr_null(nwt_create(cases[_i].name, NULL, 0, err));
	ck_assert_int_eq(strncmp(err, cases[_i].name, strlen(cases[_i].name)), 0);
	ck_assert_msg(strstr(err, cases[_i].message) != NULL, "%s", err);
}
END_TEST

START_TEST(a_directory_cannot_be_written)
{
	const char *path = util_path("dir");
	char err[NWT_ERRLEN];

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_ptr_null(nwt_create(path, NULL, 0, err));
	util_check_error(err, path);
	ck_assert_ptr_nonnull(strstr(err, "Is a directory"));
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

START_TEST(long_and_ugly_names_give_one_line)
{
	char name[3000], err[NWT_ERRLEN];

	memset(name, 'd', sizeof(name));
	memcpy(name + sizeof(name) - 13, "/ug\nly\033.nwt", 12);
	name[sizeof(name) - 1] = '\0';
	ck_assert_ptr_null(nwt_create(name, NULL, 0, err));
	ck_assert_msg(!strncmp(err, "...ddd", 6) && strstr(err, "/ug?ly?.nwt"), "%s", err);
	ck_assert_ptr_nonnull(strstr(err, "File name too long"));
	ck_assert_ptr_null(nwt_open(name, err));
	ck_assert_ptr_nonnull(strstr(err, "File name too long"));
}
END_TEST

/* ---- Devices and pipes --------------------------------------------------------------------------------------- */

/*
 * A device of our own, so that a defect of the writer cannot replace the system's when the tests run as root; other
 * users cannot write to /dev. NULL: root may not make devices here.
 */
static const char *device(const char *name, unsigned number)
{
	const char *path = util_path(name);
	int fd = mknod(path, S_IFCHR | 0600, makedev(1, number)) == 0 ? open(path, O_WRONLY) : -1;

	if (fd >= 0) {
		close(fd);
		return path;
	}
	unlink(path);
	return geteuid() == 0 ? NULL : number == 3 ? "/dev/null" : "/dev/full";
}

START_TEST(a_device_is_written_directly)
{
	const char *null = device("null", 3);
	unsigned files = util_count_files();
	char err[NWT_ERRLEN];
	struct stat st;

	if (!null)
		return;
	ck_assert_int_eq(util_write_9000(null, write, err), 0);
	ck_assert_int_eq(stat(null, &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
	ck_assert_uint_eq(util_count_files(), files);
}
END_TEST

START_TEST(a_full_device)
{
	const char *full = device("full", 7);
	unsigned files = util_count_files();
	char err[NWT_ERRLEN];

	if (!full)
		return;
	ck_assert_ptr_null(nwt_create(full, NULL, 0, err));
	util_check_error(err, full);
	ck_assert_ptr_nonnull(strstr(err, "No space left"));
	ck_assert_uint_eq(util_count_files(), files);
}
END_TEST

START_TEST(a_pipe_is_written_and_read)
{
	const char *path = util_path("pipe");
	char err[NWT_ERRLEN];
	int status;
	pid_t pid;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	pid = fork();
	if (pid == 0)
		_exit(util_read(path, err) == 9000 ? 0 : 1);
	ck_assert_int_eq(util_write_9000(path, write, err), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(util_count_files(), 1);
}
END_TEST

START_TEST(the_reader_of_a_pipe_goes_away)
{
	const char *path = util_path("pipe");
	char err[NWT_ERRLEN];
	int status;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	pid = fork();
	if (pid == 0)
		_exit(close(open(path, O_RDONLY)) == 0 ? 0 : 1);
	ck_assert_int_eq(util_write_9000(path, write, err), -1);
	util_check_error(err, path);
	ck_assert_ptr_nonnull(strstr(err, "Broken pipe"));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace names");
	TCase *tc = tcase_create("names");

	tcase_set_timeout(tc, 60);
	/* Every test finds the directory empty. */
	tcase_add_unchecked_fixture(tc, util_make_dir, util_remove_dir);
	tcase_add_checked_fixture(tc, util_clear_dir, NULL);
	tcase_add_test(tc, the_name_appears_at_the_end);
	tcase_add_test(tc, an_unfinished_file_reads_as_truncated);
	tcase_add_test(tc, two_runs_with_one_name);
	tcase_add_test(tc, leftover_of_a_killed_run);
	tcase_add_loop_test(tc, the_other_run_ends_just_now, 0, 2);
	tcase_add_test(tc, a_file_system_without_locks);
	tcase_add_test(tc, closing_reports_the_full_disk);
	tcase_add_test(tc, the_name_has_become_a_directory);
	tcase_add_loop_test(tc, the_temporary_name_is_taken, 0, 4);
	tcase_add_test(tc, a_link_to_a_file_stays_a_link);
	tcase_add_loop_test(tc, names_that_cannot_be_written, 0, 2);
	tcase_add_test(tc, a_directory_cannot_be_written);
	tcase_add_test(tc, long_and_ugly_names_give_one_line);
	tcase_add_test(tc, a_device_is_written_directly);
	tcase_add_test(tc, a_full_device);
	tcase_add_test(tc, a_pipe_is_written_and_read);
	tcase_add_test(tc, the_reader_of_a_pipe_goes_away);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
