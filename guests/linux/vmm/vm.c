/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The KVM calls of the VMM. There is no in-kernel interrupt controller: HLT comes back to the VMM,
 * and APIC virtualisation stays off.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm.h"

#define TSS_ADDRESS	0xfffbd000	/* three pages KVM needs on CPUs without unrestricted guest */

static int failed(struct vm *vm, const char *what)
{
	snprintf(vm->error, sizeof(vm->error), "%s: %s", what, strerror(errno));
	return -1;
}

int vm_open(struct vm *vm)
{
	int version;

	memset(vm, 0, sizeof(*vm));
	vm->fd = vm->vcpu = -1;
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO)) {
		snprintf(vm->error, sizeof(vm->error), "no /dev/kvm: the CPU model has no VMX, "
			 "IA32_FEATURE_CONTROL locks it off, or the kernel has no KVM");
		return -1;
	}
	if (vm->kvm < 0)
		return failed(vm, "open /dev/kvm");
	version = ioctl(vm->kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		snprintf(vm->error, sizeof(vm->error), "KVM API version is %d, not %d", version,
			 KVM_API_VERSION);
		return -1;
	}
	return 0;
}

int vm_create(struct vm *vm)
{
	struct kvm_userspace_memory_region region = { .memory_size = L1_RAM_SIZE };

	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return failed(vm, "KVM_CREATE_VM");
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS))
		return failed(vm, "KVM_SET_TSS_ADDR");
	vm->ram = mmap(NULL, L1_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED) {
		vm->ram = NULL;
		return failed(vm, "mmap of the guest memory");
	}
	region.userspace_addr = (uintptr_t)vm->ram;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		return failed(vm, "KVM_SET_USER_MEMORY_REGION");
	return 0;
}

bool vm_notify_offered(const struct vm *vm)
{
	return ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_X86_NOTIFY_VMEXIT) > 0;
}

int vm_enable_notify(const struct vm *vm, uint64_t args0)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_NOTIFY_VMEXIT, .args = { args0 } };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap) ? errno : 0;
}

int vm_create_vcpu(struct vm *vm)
{
	int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run))
		return failed(vm, "KVM_GET_VCPU_MMAP_SIZE");
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0)
		return failed(vm, "KVM_CREATE_VCPU");
	vm->run_size = (size_t)size;
	vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED) {
		vm->run = NULL;
		return failed(vm, "mmap of kvm_run");
	}
	return 0;
}

int vm_get_regs(struct vm *vm, struct kvm_regs *regs)
{
	return ioctl(vm->vcpu, KVM_GET_REGS, regs) ? failed(vm, "KVM_GET_REGS") : 0;
}

int vm_set_regs(struct vm *vm, const struct kvm_regs *regs)
{
	return ioctl(vm->vcpu, KVM_SET_REGS, regs) ? failed(vm, "KVM_SET_REGS") : 0;
}

int vm_get_events(struct vm *vm, struct kvm_vcpu_events *events)
{
	memset(events, 0, sizeof(*events));
	return ioctl(vm->vcpu, KVM_GET_VCPU_EVENTS, events) ? failed(vm, "KVM_GET_VCPU_EVENTS") : 0;
}

int vm_set_dr7(struct vm *vm, uint64_t value)
{
	struct kvm_debugregs dr;

	if (ioctl(vm->vcpu, KVM_GET_DEBUGREGS, &dr))
		return failed(vm, "KVM_GET_DEBUGREGS");
	dr.dr7 = value;
	return ioctl(vm->vcpu, KVM_SET_DEBUGREGS, &dr) ? failed(vm, "KVM_SET_DEBUGREGS") : 0;
}

int vm_run(struct vm *vm)
{
	if (!ioctl(vm->vcpu, KVM_RUN, 0))
		return 0;
	return errno == EINTR ? 1 : failed(vm, "KVM_RUN");
}

/* Suberror and data of KVM_EXIT_INTERNAL_ERROR. */
static void describe_internal(struct vm *vm)
{
	const struct kvm_run *run = vm->run;
	uint32_t i, n = run->internal.ndata;
	size_t used;

	used = (size_t)snprintf(vm->error, sizeof(vm->error), "KVM internal error, suberror %u, data",
				run->internal.suberror);
	for (i = 0; i < n && i < 8 && used < sizeof(vm->error); i++)
		used += (size_t)snprintf(vm->error + used, sizeof(vm->error) - used, " 0x%llx",
					 (unsigned long long)run->internal.data[i]);
}

int vm_unexpected(struct vm *vm)
{
	const struct kvm_run *run = vm->run;
	struct kvm_regs regs = { 0 };

	ioctl(vm->vcpu, KVM_GET_REGS, &regs);
	switch (run->exit_reason) {
	case KVM_EXIT_INTERNAL_ERROR:
		describe_internal(vm);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		snprintf(vm->error, sizeof(vm->error), "VM entry failed, hardware reason 0x%llx",
			 (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_SHUTDOWN:
		snprintf(vm->error, sizeof(vm->error), "the guest shut down (triple fault) at RIP "
			 "0x%llx", (unsigned long long)regs.rip);
		break;
	default:
		snprintf(vm->error, sizeof(vm->error), "unexpected KVM exit %u at RIP 0x%llx",
			 run->exit_reason, (unsigned long long)regs.rip);
	}
	return -1;
}

void vm_destroy(struct vm *vm)
{
	if (vm->run)
		munmap(vm->run, vm->run_size);
	if (vm->vcpu >= 0)
		close(vm->vcpu);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->ram)
		munmap(vm->ram, L1_RAM_SIZE);
	vm->run = NULL;
	vm->ram = NULL;
	vm->fd = vm->vcpu = -1;
}
