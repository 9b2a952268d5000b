/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel log, record by record from /dev/kmsg, so that each line still has its level: the format is in the
 * kernel's Documentation/ABI/testing/dev-kmsg. A line fails when it is a warning or worse, or has one of the marks
 * of trouble at any level, and no rule allows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "distro.h"
#include "out.h"

#define RULES		"/kernel-log.rules"
#define RULES_MAX	200
#define LEVEL_WARNING	4

struct rule {
	bool		allow;	/* else: a mark of trouble */
	char		pattern[200];
	unsigned int	hits;
};

struct rules {
	unsigned int	count;
	struct rule	list[RULES_MAX];
};

/* "allow PATTERN" or "mark PATTERN", "#" comments, empty lines; -1 when there is no such file or a line is wrong. */
static int read_rules(struct rules *r)
{
	FILE *f = fopen(RULES, "re");
	char line[256];

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		struct rule *rule = &r->list[r->count];
		char *p = line;

		line[strcspn(line, "\n")] = 0;
		if (!*line || *line == '#')
			continue;
		p += strcspn(p, " ");
		if (r->count == RULES_MAX || !*p || (strncmp(line, "allow ", 6) && strncmp(line, "mark ", 5))) {
			say("# " RULES ": not understood: %s", line);
			fclose(f);
			return -1;
		}
		rule->allow = *line == 'a';
		snprintf(rule->pattern, sizeof(rule->pattern), "%s", p + strspn(p, " "));
		r->count++;
	}
	fclose(f);
	return 0;
}

static bool matches(struct rules *r, bool allow, const char *text)
{
	unsigned int i;

	for (i = 0; i < r->count; i++) {
		if (r->list[i].allow == allow && !fnmatch(r->list[i].pattern, text, 0)) {
			r->list[i].hits++;
			return true;
		}
	}
	return false;
}

/* One record: "priority,sequence,time,flags;text". Is it trouble? */
static bool judge(struct rules *r, char *record, bool show)
{
	unsigned long level = strtoul(record, NULL, 10) & 7;
	unsigned long facility = strtoul(record, NULL, 10) >> 3;
	char *text = strchr(record, ';');

	if (!text || facility)
		return false;
	text++;
	text[strcspn(text, "\n")] = 0;
	if (show)
		say("<%lu> %s", level, text);
	if ((level > LEVEL_WARNING && !matches(r, false, text)) || matches(r, true, text))
		return false;
	say("# kernel log <%lu> %s", level, text);
	return true;
}

void check_kernel_log(bool show)
{
	static struct rules rules;
	unsigned int records = 0, trouble = 0, i, allowed = 0;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	bool lost = false;
	ssize_t n;

	if (read_rules(&rules) || fd < 0) {
		tap(false, "no warning in the kernel log", fd < 0 ? "/dev/kmsg cannot be read" : RULES " cannot be read");
		return;
	}
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE) {
			lost = true;
			continue;
		}
		if (n <= 0)
			break;
		record[n] = 0;
		records++;
		trouble += judge(&rules, record, show);
	}
	close(fd);
	for (i = 0; i < rules.count; i++)
		allowed += rules.list[i].allow ? rules.list[i].hits : 0;
	say("# kernel log: %u records, %u warnings that the rules allow", records, allowed);
	tap(records && !lost && !trouble, "no warning in the kernel log", "%u records, %u unexpected%s", records, trouble,
	    lost ? ", some overwritten before they were read: give log_buf_len=4M" : "");
}
