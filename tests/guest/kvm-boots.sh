# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The boots of kvm.expected: what nwsim linux is told besides the kernel and the selftests.

# shellcheck disable=SC2034 # read by kvm.sh
KVM_BOOTS='main invalid msrs iret junk length loop'

# boot_options BOOT: the arguments, separated by blanks.
boot_options() {
	case $1 in
	invalid) echo --param=context_invalid=always ;;
	msrs) echo --param=context_invalid=always --param=context_damage=msrs ;;
	iret) echo --stall=phase=iret,nth=1,clocks=1000000 --stall=phase=iret,nth=4,clocks=1000000 --stall=phase=iret,nth=7,clocks=1000000 ;;
	# This seed sets bit 12 in deliveries of all kinds of event.
	junk) echo --param=undefined=junk --param=seed=6 ;;
	length) echo --param=undefined=junk-length ;;
	loop) echo -- kvm_intel.test_no_ac_db_intercept=1 ;;
	esac
}

# test_argument BOOT TEST: the test as --selftests takes it. In this boot the tests that exist for both are told so.
test_argument() {
	case $1-$2 in
	invalid-notify_context_test) echo "$2" ;;
	invalid-*) echo "$2:-i" ;;
	*) echo "$2" ;;
	esac
}
