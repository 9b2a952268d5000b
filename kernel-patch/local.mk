# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-patch: nothing to build here; guests/linux applies the series.

EXTRA_DIST += kernel-patch/README.md \
	kernel-patch/5.10/series.sha256 \
	kernel-patch/5.10/0000-cover-letter.patch \
	kernel-patch/5.10/0001-x86-cpu-Name-the-notify-VM-exiting-control-and-its-V.patch \
	kernel-patch/5.10/0002-KVM-VMX-Define-the-exit-reason-of-a-notify-VM-exit.patch \
	kernel-patch/5.10/0003-KVM-x86-Add-a-VM-capability-for-notify-VM-exits.patch \
	kernel-patch/5.10/0004-KVM-x86-Define-the-KVM_EXIT_NOTIFY-exit-to-user-spac.patch \
	kernel-patch/5.10/0005-KVM-VMX-Accept-a-notify-VM-exit-during-event-deliver.patch \
	kernel-patch/5.10/0006-KVM-VMX-Don-t-use-the-instruction-length-of-a-notify.patch \
	kernel-patch/5.10/0007-KVM-VMX-Handle-notify-VM-exits.patch \
	kernel-patch/5.10/0008-KVM-x86-Count-notify-VM-exits.patch \
	kernel-patch/5.10/0009-KVM-nVMX-Keep-notify-VM-exits-in-L0-while-L2-runs.patch \
	kernel-patch/5.10/0010-KVM-VMX-Filter-notify-VM-exiting-for-enlightened-VMC.patch \
	kernel-patch/5.10/0011-KVM-VMX-Enable-notify-VM-exiting-for-the-VMs-that-as.patch \
	kernel-patch/5.10/0012-KVM-Documentation-Describe-KVM_CAP_X86_NOTIFY_VMEXIT.patch \
	kernel-patch/5.10/0013-tools-headers-UAPI-Sync-kvm.h-and-vmx.h-with-the-ker.patch \
	kernel-patch/5.10/0014-KVM-VMX-TEST-ONLY-Let-AC-and-DB-loop-in-the-guest.patch
