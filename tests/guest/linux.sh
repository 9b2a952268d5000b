#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Linux with the companion series in the simulator: every scenario of the VMM, and all notify VM exits at D; the same with
# 2 and 4 CPUs, whose clocks the kernel has to find in step.

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

# What a kernel says of CPUs whose clocks differ, or that do not get on.
trouble='TSC warp|TSC unstable|TSC synchronization|TSC ADJUST|unstable clock|clocksource.*(unstable|watchdog|skew)|lockup|rcu.*(stall|starved)|hung task|blocked for more|BUG:|WARNING:|Call Trace|did not come up|failed to (boot|report)'

# clean NAME: status 1, and the lines, when the kernel's log has one of these
clean() {
	if grep -iE "$trouble" "$work/$1.out" >"$work/trouble"; then
		sed 's/^/# /' "$work/trouble"
		return 1
	fi
}

for cpus in 2 4; do
	run smp linux --cpus="$cpus" -- loglevel=8
	claim "$status" "$cpus CPUs: all scenarios of the VMM"
	if deadlines smp && [ "$exits" -gt 0 ]; then
		claim 0 "$cpus CPUs: notify VM exits at their deadlines ($exits)"
	else
		claim 1 "$cpus CPUs: notify VM exits at their deadlines"
	fi
	instructions=$(sed -n 's/^  simulated time .* \([0-9]*\) instructions$/\1/p' "$work/smp.out")
	holds "$cpus CPUs: the instructions of all of them are counted ($instructions)" test "${instructions:-0}" -gt 200000000
	holds "$cpus CPUs: all of them are up" grep -q "smp: Brought up 1 node, $cpus CPUs" "$work/smp.out"
	holds "$cpus CPUs: the clock source is the TSC" grep -qE 'Switched to clocksource tsc([^-]|$)' "$work/smp.out"
	holds "$cpus CPUs: nothing in the kernel's log of clocks, lockups, RCU, bugs" clean smp
done
plan
