#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Three levels: L0 is 5.10 or 6.1 with our series, L1 in QEMU the same kernel, which runs KVM itself, L2 closes the event window
# for ever: by a stall, and by the #DB on delivery of CVE-2015-8104. With notify VM exiting in L0 the attacker's CPU comes back,
# work on the other CPU never waits, and the soft-lockup detectors of L0 and L1, set to 2 s, stay silent while the attack lasts
# 5 s. Without, stalls of 5 s make the detectors speak, and the #DB loop hangs the machine.
#
# LEVELS_SERIES: the series, else all that "make levels" has built. KVM_SUFFIX=-debug: an L0 that checks its own locks.

. "${srcdir:-.}/tests/guest/lib.sh"

matrix=tests/guest/levels.matrix
mkdir -p tests/guest
found=
for series in ${LEVELS_SERIES:-5.10 6.1}; do
	[ ! -f "guests/linux/levels-$series.cpio" ] || [ ! -f "guests/linux/bzImage-$series${KVM_SUFFIX:-}" ] || found="$found $series"
done
if [ -z "$found" ]; then
	echo "1..0 # SKIP no guests/linux/levels-*.cpio: make levels"
	exit 0
fi

quiet='quiet no_timer_check reboot=t'
detector=watchdog_thresh=1
switch=kvm_intel.test_no_ac_db_intercept=1
lockup='# kernel log <0> watchdog: BUG: soft lockup - CPU#0 stuck for'

# level NAME ARGUMENT...: one boot with QEMU, its status in $status; the words of the kernel's command line come behind "--".
level() {
	what=$1
	shift
	start=$(date +%s)
	run "$series-$what" linux --kernel="guests/linux/bzImage-$series${KVM_SUFFIX:-}" --initrd="guests/linux/levels-$series.cpio" \
		--memory=1024 "$@"
	out=$work/$series-$what.out
	seconds=$(($(date +%s) - start))
	echo "# $series, $what: host time $seconds s"
	sed -n 's/^\(L1| \)*\(not \)\{0,1\}ok [0-9]* - /&/p' "$out" | sed 's/^/# /'
	exits=$(sed -n 's/^ *\([0-9]*\)  reason 75, .*/\1/p' "$out")
}

# silent: both levels have looked through their logs, and there is no lockup in either.
silent() {
	! grep -q 'soft lockup' "$out" && grep -q '^ok [0-9]* - no warning in the kernel log' "$out" &&
		grep -q '^L1| ok [0-9]* - no warning in the kernel log' "$out"
}

# row TEXT YES NO: the line of the matrix; YES if all claims since the last row hold.
row() {
	[ "$bad" -eq 0 ] || set -- "$1" "$3"
	printf '%-5s %-62s %-34s %4s s\n' "$series" "$1" "$2" "$seconds" >>"$matrix"
	bad=0
}

# that TEXT COMMAND...: a claim about this series.
that() {
	text=$1
	shift
	if "$@"; then
		claim 0 "$series: $text"
	else
		bad=1
		claim 1 "$series: $text"
	fi
}

# protected NAME ATTACK: what holds with notify VM exiting in L0.
protected() {
	that "$2 in L2: L1 and L0 get their CPU back" test "$status" -eq 0
	that "$2 in L2: the attacker ran" grep -q "^L1| NW: attack begins: $1" "$out"
	that "$2 in L2: notify VM exits (${exits:-none})" test "${exits:-0}" -gt 0
	that "$2 in L2: work on L0's other CPU goes on" grep -q '^ok [0-9]* - work on the other CPU goes on' "$out"
	that "$2 in L2: the soft-lockup detectors of L0 and L1 stay silent" silent
}

: >"$matrix.new"
matrix=$matrix.new
for series in $found; do
	bad=0
	# L1's own KVM has the feature, and its selftest passes one level deeper. It wants stalls to end that L0's window would not let.
	level feature --cpus=2 -- "$quiet" nw.qemu=1 nw.qemu_s=60 nw.qemu_notify=0 'nw.l1_words=nw.selftests=notify_vmexit_test'
	that "L1: KVM's selftest of the feature passes, one level deeper" test "$status" -eq 0
	row "notify_vmexit_test in L1" passes FAILS

	level stall --cpus=2 -- "$quiet" "$detector" nw.qemu=1 nw.qemu_s=60 "nw.l1_words=nw.attack_ms=5000;$detector"
	protected stall "a stall of 86 s"
	row "stalls of 86 s in L2 for 5 s" "the CPU comes back, $exits exits" "NOT AS EXPECTED"

	level db-loop --cpus=2 -- "$quiet" "$detector" nw.qemu=1 nw.qemu_s=60 $switch \
		"nw.l1_words=nw.attack_ms=5000;nw.attack=db-loop;$detector;$switch"
	protected db-loop "a #DB loop"
	that "a #DB loop in L2: IDT-vectoring information is #DB" grep -qE '^ +[0-9]+ .* 0x80000301  ' "$out"
	row "a #DB loop in L2 for 5 s" "the CPU comes back, $exits exits" "NOT AS EXPECTED"

	# The same without L0's control, for the time that this takes: what "silent" says can be false.
	# Two stalls: the detector forgives a CPU that was idle since it last looked.
	level bare-stall --cpus=2 --expect=fail --param=hang_limit=200000000 -- "$quiet" "$detector" nw.qemu=1 nw.qemu_s=60 \
		nw.qemu_notify=0 "nw.l1_words=nw.attack_ms=5500;nw.stall_clocks=125000000;$detector"
	that "without the control in L0, stalls of 5 s in L2: the run fails" test "$status" -eq 0
	that "without the control in L0, stalls of 5 s in L2: L0's soft-lockup detector says so" grep -q "^$lockup" "$out"
	that "without the control in L0, stalls of 5 s in L2: L1's soft-lockup detector says so" grep -q "^L1| $lockup" "$out"
	that "without the control in L0, stalls of 5 s in L2: no notify VM exit" test "${exits:-0}" -eq 0
	row "L0's control off: two stalls of 5 s in L2" "soft lockups in L0 and in L1" "NOT AS EXPECTED"

	level bare-db-loop --cpus=1 --expect=hung --time-limit=30 -- "$quiet" nw.qemu=1 nw.qemu_s=60 nw.qemu_notify=0 $switch \
		"nw.l1_words=nw.attack_ms=200;nw.attack=db-loop;$switch"
	that "without the control in L0, a #DB loop in L2: the machine hangs" test "$status" -eq 0
	that "without the control in L0, a #DB loop in L2: the attacker ran" grep -q '^L1| NW: attack begins: db-loop' "$out"
	row "L0's control off: a #DB loop in L2" "the machine hangs" "NOT AS EXPECTED"
done
mv "$matrix" "${matrix%.new}"
sed 's/^/# /' "${matrix%.new}"
plan
