/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/kvm, and the parameters that kvm-intel has set for itself: with its defaults it switches off what the CPU
 * lacks, so a "N" here is a hole in the CPU model.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "distro.h"
#include "out.h"

#define PARAMETERS	"/sys/module/kvm_intel/parameters/"

/* What Sapphire Rapids has and KVM uses by default. */
static const char *const used[] = {
	"ept", "eptad", "unrestricted_guest", "flexpriority", "vpid", "enable_apicv", "vnmi", "preemption_timer",
	"pml",
};

static void check_parameter(const char *name)
{
	char path[128], what[128], value[32];

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	snprintf(what, sizeof(what), "kvm-intel uses %s", name);
	first_line(path, value, sizeof(value));
	tap(*value == 'Y' || *value == '1', what, "%s is '%s'", path, value);
}

void check_kvm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int version = kvm < 0 ? -1 : ioctl(kvm, KVM_GET_API_VERSION, 0);
	size_t i;

	tap(version == KVM_API_VERSION, "/dev/kvm answers", "open or KVM_GET_API_VERSION: %s", strerror(errno));
	if (kvm < 0)
		return;
	close(kvm);
	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		check_parameter(used[i]);
}
