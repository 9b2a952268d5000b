/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One KVM virtual machine with one vCPU, no in-kernel interrupt controller, and an L1 image in it.
 */
#ifndef NW_VM_H
#define NW_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm_notify.h"
#include "../l1/l1.h"

struct l1_image {
	const uint8_t	*start;
	const uint8_t	*end;
};

struct vm {
	int		kvm;		/* /dev/kvm */
	int		fd;		/* the VM */
	int		vcpu;
	uint8_t		*ram;
	struct kvm_run	*run;
	size_t		run_size;
	char		error[240];	/* what failed, after a function returned -1 */
};

/* Opens /dev/kvm and checks the API version. 0, or -1 with vm->error. */
int vm_open(struct vm *vm);

/* A new VM with its memory. Needs vm_open. 0, or -1 with vm->error. */
int vm_create(struct vm *vm);

/* KVM_CHECK_EXTENSION of KVM_CAP_X86_NOTIFY_VMEXIT on /dev/kvm: true if the kernel offers it. */
bool vm_notify_offered(const struct vm *vm);

/* KVM_ENABLE_CAP with args[0] as given. 0, or the errno value of the call. */
int vm_enable_notify(const struct vm *vm, uint64_t args0);

/* The vCPU, before any image is loaded. 0, or -1 with vm->error. */
int vm_create_vcpu(struct vm *vm);

/* Image, descriptor tables, page tables, registers; rdi is handed to the guest. 0 or -1. */
int vm_load(struct vm *vm, const struct l1_image *image, uint64_t rdi);

/* KVM_GET_REGS, KVM_SET_REGS, KVM_GET_VCPU_EVENTS. 0, or -1 with vm->error. */
int vm_get_regs(struct vm *vm, struct kvm_regs *regs);
int vm_set_regs(struct vm *vm, const struct kvm_regs *regs);
int vm_get_events(struct vm *vm, struct kvm_vcpu_events *events);

/* DR7 = value, the other debug registers as they are. 0, or -1 with vm->error. */
int vm_set_dr7(struct vm *vm, uint64_t value);

/* KVM_RUN. 0 with run->exit_reason, 1 if a signal ended it, -1 with vm->error. */
int vm_run(struct vm *vm);

/* Describes an exit reason that nobody handles in vm->error; always -1. */
int vm_unexpected(struct vm *vm);

/* Everything but /dev/kvm; harmless on a VM that was not created. */
void vm_destroy(struct vm *vm);

#endif
