/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that closes its event window for ever ("nw.attack_ms=N"), run without notify VM exiting of its own: 32-bit code of
 * two instructions, one of them the simulator's stall. Whether this kernel gets its CPU back within N milliseconds is up to
 * the hypervisor below it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "distro.h"
#include "nw_abi.h"
#include "out.h"

#define MEMORY		0x10000
#define ENTRY		0x1000

static const unsigned char code[] = {
	0xb8, 0xff, 0xff, 0xff, 0x7f,			/* again: mov $0x7fffffff, %eax: 86 s at 25 MHz */
	0x0f, 0x1f, 0x84, 0x00, NW_MAGIC_STALL & 0xff, NW_MAGIC_STALL >> 8 & 0xff,
	NW_MAGIC_STALL >> 16 & 0xff, NW_MAGIC_STALL >> 24,
	0xeb, 0xf1,					/* jmp again */
};

static void nothing(int number)
{
	(void)number;
}

static void flat(struct kvm_segment *s, unsigned char type)
{
	*s = (struct kvm_segment){
		.limit = 0xffffffff, .selector = 8, .type = type, .present = 1, .db = 1, .s = 1, .g = 1,
	};
}

/* A vCPU at ENTRY in flat 32-bit mode; -1 with errno. */
static int make_vcpu(int kvm, struct kvm_run **run)
{
	void *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY, .userspace_addr = (unsigned long)memory,
	};
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), vcpu;
	struct kvm_regs regs = { .rip = ENTRY, .rflags = 2 };
	struct kvm_sregs sregs;

	if (memory == MAP_FAILED || vm < 0 || size < 0 || ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000) ||
	    ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return -1;
	memcpy((char *)memory + ENTRY, code, sizeof(code));
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return -1;
	sregs.cr0 |= 1;
	flat(&sregs.cs, 11);
	flat(&sregs.ds, 3);
	sregs.es = sregs.ss = sregs.fs = sregs.gs = sregs.ds;
	*run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (*run == MAP_FAILED || ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return -1;
	return vcpu;
}

void run_attack(unsigned int ms)
{
	struct itimerval timer = { .it_value = { ms / 1000, ms % 1000 * 1000 } };
	struct sigaction action = { .sa_handler = nothing };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), rc;
	struct kvm_run *run;
	int vcpu = kvm < 0 ? -1 : make_vcpu(kvm, &run);

	if (vcpu < 0) {
		tap(false, "the attacker starts", "%s", strerror(errno));
		return;
	}
	sigaction(SIGALRM, &action, NULL);
	say("NW: attack begins");
	setitimer(ITIMER_REAL, &timer, NULL);
	rc = ioctl(vcpu, KVM_RUN, 0);
	tap(rc == -1 && errno == EINTR, "attack: a timer ends KVM_RUN", "KVM_RUN: %d, %s, exit reason %u", rc,
	    strerror(errno), run->exit_reason);
	close(vcpu);
	close(kvm);
}
