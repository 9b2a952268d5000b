#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Three levels: L0 is 6.1 with our series, L1 in QEMU the same kernel, which runs KVM itself, L2 closes the event window for ever.
# With notify VM exiting in L0 the attacker's CPU comes back, and work on the other CPU never waits; without, the machine hangs.
# The soft-lockup detectors of L0 and L1, set to 2 s, stay silent while the attack lasts 5 s. That L0's can speak is shown first.

. "${srcdir:-.}/tests/guest/lib.sh"

series=${KVM_SERIES:-6.1}
initrd=guests/linux/levels-$series.cpio
kernel=guests/linux/bzImage-$series
if [ ! -f "$initrd" ]; then
	echo "1..0 # SKIP no $initrd: make $initrd"
	exit 0
fi

# silent FILE: both levels have looked through their logs, and there is no lockup in either.
silent() {
	! grep -q 'soft lockup' "$1" && grep -q '^ok [0-9]* - no warning in the kernel log' "$1" &&
		grep -q '^L1| ok [0-9]* - no warning in the kernel log' "$1"
}

# level NAME ARGUMENT...: one boot with QEMU; the words of the kernel's command line come behind "--".
level() {
	name=$1
	shift
	start=$(date +%s)
	run "$name" linux --kernel="$kernel" --initrd="$initrd" --memory=1024 "$@"
	echo "# $name: host time $(($(date +%s) - start)) s"
	sed -n 's/^\(L1| \)*\(not \)\{0,1\}ok [0-9]* - /&/p' "$work/$name.out" | sed 's/^/# /'
}
quiet='quiet no_timer_check reboot=t'
detector='watchdog_thresh=1'
lockup='BUG: soft lockup - CPU#0 stuck for'

# The attacker under L0 alone, without notify VM exiting: its CPU is away for 86 s. The stall detector of RCU would be faster.
status=0
"$NWSIM" linux --kernel="$kernel" --initrd="$initrd" --memory=1024 --expect=fail --param=hang_limit=100000000 -- "$quiet" "$detector" \
	rcupdate.rcu_cpu_stall_suppress=1 nw.attack_ms=50 >"$work/detector.out" 2>&1 </dev/null || status=$?
[ "$status" -eq 0 ] || tail -n 25 "$work/detector.out" | sed 's/^/# /'
claim "$status" "L0 without notify VM exiting, a stall of 86 s: the run fails"
holds "L0 without notify VM exiting, a stall of 86 s: the soft-lockup detector says so" grep -q "^# kernel log <0> watchdog: $lockup" \
	"$work/detector.out"

# L1's own KVM has the feature, and its selftest passes one level deeper. It wants stalls to end that L0's window would not let.
level feature --cpus=2 -- "$quiet" nw.qemu=1 nw.qemu_s=60 nw.qemu_notify=0 'nw.l1_words=nw.selftests=notify_vmexit_test'
claim "$status" "L1: KVM's selftest of the feature passes, one level deeper"

level protected --cpus=2 -- "$quiet" "$detector" nw.qemu=1 nw.qemu_s=60 "nw.l1_words=nw.attack_ms=5000;$detector"
claim "$status" "L0 with notify VM exiting: L1 and L0 get their CPU back from L2"
holds "L0 with notify VM exiting: the attacker ran" grep -q '^L1| NW: attack begins' "$work/protected.out"
holds "L0 with notify VM exiting: notify VM exits" grep -qE '^ +[0-9]+  reason 75' "$work/protected.out"
holds "L0 with notify VM exiting: the soft-lockup detectors of L0 and L1 stay silent" silent "$work/protected.out"

status=0
"$NWSIM" linux --kernel="$kernel" --initrd="$initrd" --memory=1024 --cpus=1 --expect=hung --time-limit=30 -- "$quiet" nw.qemu=1 nw.qemu_s=60 \
	nw.qemu_notify=0 'nw.l1_words=nw.attack_ms=200' >"$work/hung.out" 2>&1 </dev/null || status=$?
[ "$status" -eq 0 ] || tail -n 25 "$work/hung.out" | sed 's/^/# /'
claim "$status" "L0 without: the machine hangs"
plan
