#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Linux with the companion series in the simulator: every scenario of the VMM, and all notify VM exits at D.

. "${srcdir:-.}/tests/guest/lib.sh"

if [ ! -f guests/linux/bzImage-5.10 ] && [ ! -f guests/linux/bzImage-6.1 ]; then
	echo "1..0 # SKIP no kernel: make linux"
	exit 0
fi

run default linux
claim "$status" "all scenarios of the VMM"
if deadlines default && [ "$exits" -gt 0 ]; then
	claim 0 "notify VM exits at their deadlines ($exits)"
else
	claim 1 "notify VM exits at their deadlines"
fi
sed -n 's/^\(not \)\{0,1\}ok [0-9]* - /\1 /p' "$work/default.out" | sed 's/^/# VMM:/'

# The product patches alone: KVM intercepts #AC and #DB, the stalls of the simulator stand in for the loops.
run product linux -- kvm_intel.test_no_ac_db_intercept=0 nw.strict=1 nw.scenario=caps,intercepted,quiet,stall,delivery-stall
claim "$status" "without the test-only switch: both attacks intercepted, stalls give notify VM exits"
if deadlines product && [ "$exits" -gt 0 ]; then
	claim 0 "notify VM exits at their deadlines ($exits)"
else
	claim 1 "notify VM exits at their deadlines"
fi

run invalid linux --param=context_invalid=always -- nw.scenario=ac-loop nw.context=invalid
claim "$status" "VM_CONTEXT_INVALID: the VMM expects it and stops"
holds "VM_CONTEXT_INVALID: KVM_EXIT_NOTIFY comes with the flag" grep -q '^NW: exit .*flags=0x1' "$work/invalid.out"
plan
