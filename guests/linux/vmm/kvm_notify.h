/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User-space interface of KVM's notify VM exit, for kernel headers which do not have it yet.
 *
 * The numbers are those of the upstream interface (Linux 6.0, api.rst "KVM_CAP_X86_NOTIFY_VMEXIT").
 * Whether the running kernel has it is asked through KVM_CHECK_EXTENSION.
 */
#ifndef NW_KVM_NOTIFY_H
#define NW_KVM_NOTIFY_H

#include <linux/kvm.h>
#include <stdint.h>

#ifndef KVM_CAP_X86_NOTIFY_VMEXIT
#define KVM_CAP_X86_NOTIFY_VMEXIT	219
#define KVM_X86_NOTIFY_VMEXIT_ENABLED	(1ULL << 0)
#define KVM_X86_NOTIFY_VMEXIT_USER	(1ULL << 1)
#endif

#ifndef KVM_EXIT_NOTIFY
#define KVM_EXIT_NOTIFY			37
#define KVM_NOTIFY_CONTEXT_INVALID	(1 << 0)
#endif

/* run->notify.flags: the first 32 bits of the exit union, whatever the header calls them. */
static inline uint32_t kvm_notify_flags(const struct kvm_run *run)
{
	return *(const uint32_t *)(const void *)run->padding;
}

/* args[0] of KVM_ENABLE_CAP; the window is in crystal clocks. */
static inline uint64_t kvm_notify_args(uint32_t window_crystal, uint32_t flags)
{
	return (uint64_t)window_crystal << 32 | flags;
}

#endif
