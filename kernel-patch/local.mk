# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-patch: nothing to build here, guests/linux applies the series. "make kernel-proof" proves
# them commit by commit; KERNEL_PROOF_FLAGS may be "--series 6.1" or "--final". The list of files is
# written by kernel-patch/export.

CLEAN_DIRS += kernel-patch/proof-build

kernel-proof:
	+$(top_srcdir)/kernel-patch/proof --out kernel-patch/proof-build $(KERNEL_PROOF_FLAGS)

.PHONY: kernel-proof

EXTRA_DIST += kernel-patch/README.md kernel-patch/export kernel-patch/proof kernel-patch/proof.config

EXTRA_DIST += kernel-patch/5.10/cover-letter.txt kernel-patch/5.10/series.sha256
EXTRA_DIST += kernel-patch/5.10/0000-cover-letter.patch
EXTRA_DIST += kernel-patch/5.10/0001-KVM-x86-Deliver-a-triple-fault-of-L2-to-L1.patch
EXTRA_DIST += kernel-patch/5.10/0002-KVM-x86-Let-user-space-get-and-set-a-pending-triple-.patch
EXTRA_DIST += kernel-patch/5.10/0003-x86-cpu-Name-the-notify-VM-exiting-control-and-its-V.patch
EXTRA_DIST += kernel-patch/5.10/0004-KVM-VMX-Define-the-exit-reason-of-a-notify-VM-exit.patch
EXTRA_DIST += kernel-patch/5.10/0005-KVM-x86-Add-a-VM-capability-for-notify-VM-exits.patch
EXTRA_DIST += kernel-patch/5.10/0006-KVM-x86-Define-the-KVM_EXIT_NOTIFY-exit-to-user-spac.patch
EXTRA_DIST += kernel-patch/5.10/0007-KVM-VMX-Accept-a-notify-VM-exit-during-event-deliver.patch
EXTRA_DIST += kernel-patch/5.10/0008-KVM-VMX-Don-t-use-the-instruction-length-of-a-notify.patch
EXTRA_DIST += kernel-patch/5.10/0009-KVM-VMX-Remember-that-NMIs-are-blocked-again-after-a.patch
EXTRA_DIST += kernel-patch/5.10/0010-KVM-VMX-Handle-notify-VM-exits.patch
EXTRA_DIST += kernel-patch/5.10/0011-KVM-x86-Count-notify-VM-exits.patch
EXTRA_DIST += kernel-patch/5.10/0012-KVM-nVMX-Keep-notify-VM-exits-in-L0-while-L2-runs.patch
EXTRA_DIST += kernel-patch/5.10/0013-KVM-VMX-Filter-notify-VM-exiting-for-enlightened-VMC.patch
EXTRA_DIST += kernel-patch/5.10/0014-KVM-VMX-Enable-notify-VM-exiting-for-the-VMs-that-as.patch
EXTRA_DIST += kernel-patch/5.10/0015-KVM-Documentation-Describe-KVM_CAP_X86_NOTIFY_VMEXIT.patch
EXTRA_DIST += kernel-patch/5.10/0016-tools-headers-UAPI-Sync-kvm.h-and-vmx.h-with-the-ker.patch
EXTRA_DIST += kernel-patch/5.10/0017-KVM-nVMX-Keep-the-instruction-length-that-goes-with-.patch
EXTRA_DIST += kernel-patch/5.10/0018-KVM-VMX-Accept-an-interrupt-during-event-delivery-if.patch
EXTRA_DIST += kernel-patch/5.10/0019-KVM-nVMX-Put-the-INIT-and-NMI-VM-exits-to-L1-into-fu.patch
EXTRA_DIST += kernel-patch/5.10/0020-KVM-nVMX-Don-t-let-an-L2-that-is-stuck-in-event-deli.patch
EXTRA_DIST += kernel-patch/5.10/0021-KVM-VMX-Don-t-let-an-L2-that-is-stuck-hold-up-the-AP.patch
EXTRA_DIST += kernel-patch/5.10/0022-KVM-nVMX-Write-vmcs02-anew-after-a-notify-VM-exit-wi.patch
EXTRA_DIST += kernel-patch/5.10/0023-KVM-nVMX-Add-the-notify-window-to-vmcs12.patch
EXTRA_DIST += kernel-patch/5.10/0024-KVM-nVMX-Merge-the-notify-windows-of-L0-and-L1-into-.patch
EXTRA_DIST += kernel-patch/5.10/0025-KVM-nVMX-Give-L1-the-notify-VM-exits-that-it-asked-f.patch
EXTRA_DIST += kernel-patch/5.10/0026-KVM-nVMX-Give-L1-its-notify-VM-exit-also-if-L0-s-win.patch
EXTRA_DIST += kernel-patch/5.10/0027-KVM-nVMX-Expose-notify-VM-exiting-to-L1.patch
EXTRA_DIST += kernel-patch/5.10/0028-KVM-Documentation-Describe-notify-VM-exits-of-nested.patch
EXTRA_DIST += kernel-patch/5.10/0029-KVM-selftests-Test-notify-VM-exits.patch
EXTRA_DIST += kernel-patch/5.10/0030-KVM-selftests-Test-notify-VM-exits-of-nested-guests.patch
EXTRA_DIST += kernel-patch/5.10/0031-KVM-selftests-Test-L1-s-notify-VM-exit-if-L0-s-windo.patch
EXTRA_DIST += kernel-patch/5.10/0032-KVM-selftests-Test-notify-VM-exits-in-a-loop-of-DB.patch
EXTRA_DIST += kernel-patch/5.10/0033-KVM-selftests-Test-L1-after-a-notify-VM-exit-with-in.patch
EXTRA_DIST += kernel-patch/5.10/0034-KVM-VMX-TEST-ONLY-Let-AC-and-DB-loop-in-the-guest.patch

EXTRA_DIST += kernel-patch/6.1/cover-letter.txt kernel-patch/6.1/series.sha256
EXTRA_DIST += kernel-patch/6.1/0000-cover-letter.patch
EXTRA_DIST += kernel-patch/6.1/0001-KVM-VMX-Ignore-NMI-unblocking-of-a-notify-VM-exit-in.patch
EXTRA_DIST += kernel-patch/6.1/0002-KVM-VMX-Remember-that-NMIs-are-blocked-again-after-a.patch
EXTRA_DIST += kernel-patch/6.1/0003-KVM-VMX-Don-t-use-the-instruction-length-of-a-notify.patch
EXTRA_DIST += kernel-patch/6.1/0004-KVM-Name-KVM_EXIT_NOTIFY-in-the-kvm_userspace_exit-t.patch
EXTRA_DIST += kernel-patch/6.1/0005-KVM-x86-Don-t-warn-about-a-triple-fault-of-an-L2-tha.patch
EXTRA_DIST += kernel-patch/6.1/0006-KVM-nVMX-Keep-the-instruction-length-that-goes-with-.patch
EXTRA_DIST += kernel-patch/6.1/0007-KVM-VMX-Accept-an-interrupt-during-event-delivery-if.patch
EXTRA_DIST += kernel-patch/6.1/0008-KVM-nVMX-Put-the-INIT-and-NMI-VM-exits-to-L1-into-fu.patch
EXTRA_DIST += kernel-patch/6.1/0009-KVM-nVMX-Don-t-let-an-L2-that-is-stuck-in-event-deli.patch
EXTRA_DIST += kernel-patch/6.1/0010-KVM-VMX-Don-t-let-an-L2-that-is-stuck-hold-up-the-AP.patch
EXTRA_DIST += kernel-patch/6.1/0011-KVM-nVMX-Write-vmcs02-anew-after-a-notify-VM-exit-wi.patch
EXTRA_DIST += kernel-patch/6.1/0012-KVM-nVMX-Add-the-notify-window-to-vmcs12.patch
EXTRA_DIST += kernel-patch/6.1/0013-KVM-nVMX-Merge-the-notify-windows-of-L0-and-L1-into-.patch
EXTRA_DIST += kernel-patch/6.1/0014-KVM-nVMX-Give-L1-the-notify-VM-exits-that-it-asked-f.patch
EXTRA_DIST += kernel-patch/6.1/0015-KVM-nVMX-Give-L1-its-notify-VM-exit-also-if-L0-s-win.patch
EXTRA_DIST += kernel-patch/6.1/0016-KVM-nVMX-Filter-notify-VM-exiting-for-an-L1-with-enl.patch
EXTRA_DIST += kernel-patch/6.1/0017-KVM-nVMX-Expose-notify-VM-exiting-to-L1.patch
EXTRA_DIST += kernel-patch/6.1/0018-KVM-Documentation-Describe-notify-VM-exits-of-nested.patch
EXTRA_DIST += kernel-patch/6.1/0019-KVM-selftests-Test-notify-VM-exits.patch
EXTRA_DIST += kernel-patch/6.1/0020-KVM-selftests-Test-notify-VM-exits-of-nested-guests.patch
EXTRA_DIST += kernel-patch/6.1/0021-KVM-selftests-Test-L1-s-notify-VM-exit-if-L0-s-windo.patch
EXTRA_DIST += kernel-patch/6.1/0022-KVM-selftests-Test-notify-VM-exits-in-a-loop-of-DB.patch
EXTRA_DIST += kernel-patch/6.1/0023-KVM-selftests-Test-L1-after-a-notify-VM-exit-with-in.patch
EXTRA_DIST += kernel-patch/6.1/0024-KVM-VMX-TEST-ONLY-Let-AC-and-DB-loop-in-the-guest.patch
