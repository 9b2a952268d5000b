/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "kernel-log": nothing in the run made L0's kernel warn. The console shows errors only, so a
 * warning of KVM would go unseen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "out.h"
#include "scenario.h"

#define READ_ALL	3	/* syslog(2) actions */
#define BUFFER_SIZE	10

/* Does the text after "<level>" and "[time] " start with a mark of trouble? */
static bool is_trouble(const char *line)
{
	static const char *const marks[] = {
		"WARNING: CPU:", "BUG: ", "kernel BUG at", "Oops: ", "general protection fault", "INFO: ",
	};
	const char *p = line;
	size_t i;

	if (*p == '<')
		p += strcspn(p, ">") + 1;
	if (*p == '[')
		p += strcspn(p, "]") + 2;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!strncmp(p, marks[i], strlen(marks[i])))
			return true;
	return false;
}

static unsigned int count_trouble(char *log)
{
	unsigned int n = 0;
	char *line, *save;

	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!is_trouble(line))
			continue;
		say("NW: kernel-log %s", line);
		n++;
	}
	return n;
}

enum outcome scenario_kernel_log(struct context *c)
{
	int size = klogctl(BUFFER_SIZE, NULL, 0);
	unsigned int trouble;
	char *log;

	if (!c->is_init)
		return because(c, SKIP, "the log of this machine is not only ours");
	log = size > 0 ? calloc(1, (size_t)size + 1) : NULL;
	if (!log || klogctl(READ_ALL, log, size) < 0)
		return because(c, FAIL, "the kernel log cannot be read: %s", strerror(errno));
	trouble = count_trouble(log);
	free(log);
	return trouble ? because(c, FAIL, "%u warnings in the kernel log", trouble) : PASS;
}
