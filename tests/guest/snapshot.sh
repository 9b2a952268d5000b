#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A run that is saved, and one that is restored and goes on, equal the one that was never interrupted: trace, output and
# exit status, to the byte. Guests in the middle of loops, stalls, HLT and SMM, with one CPU and several.
#
# SNAPSHOT_GUESTS="NAME..." or "all", SNAPSHOT_POINTS=N: other guests (make check-snapshot), N moments of each.

. "${srcdir:-.}/tests/guest/lib.sh"

first=24000000          # the BIOS is done, about

# output NAME: what the run printed, without the time that the host took
output() {
	grep -v '^  host time ' "$work/$1.out" || true
}

# same NAME: run NAME equals the uninterrupted one, run whole, with status $whole
same() {
	output "$1" >"$work/out.b"
	[ "$status" -eq "$whole" ] && cmp -s "$work/whole.nwt" "$work/$1.nwt" && cmp -s "$work/out.a" "$work/out.b"
}

# at TICK TEXT GUEST OPTIONS...: saves the run at this tick and goes on, then restores it
at() {
	tick=$1
	moment=$2
	shift 2
	rm -rf "$work/saved"
	run saving run "$@" --save="$work/saved" --save-at="${tick}tsc" --save-then=go
	holds "$moment: the run that is saved goes on as if nothing had happened" same saving
	run restored run --restore="$work/saved"
	holds "$moment: the restored run ends as the uninterrupted one" same restored
}

# whole GUEST OPTIONS...: the uninterrupted run; its last tick in $end
whole() {
	run whole run "$@"
	whole=$status
	output whole >"$work/out.a"
	end=$("$NWSIM" trace dump "$work/whole.nwt" | sed -n '$s/^ *\([0-9]*\) .*/\1/p')
}

# moments GUEST OPTIONS...: at $points ticks between the BIOS and the end, from a generator with a fixed seed
moments() {
	whole "$@"
	from=$((end > first ? first : end / 2)) # a slower clock has fewer ticks
	n=0
	while [ "$n" -lt "$points" ]; do
		n=$((n + 1))
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		at $((from + (end - from) * (seed / 256 % 1000) / 1000)) "$1, moment $n of $points" "$@"
	done
}

# tick EVENT: the tick of the first record of this kind in the uninterrupted run
tick() {
	"$NWSIM" trace dump "$work/whole.nwt" | sed -n "s/^ *\([0-9]*\) .* $1 .*/\1/p" | head -n 1
}

seed=1
points=${SNAPSHOT_POINTS:-1}
case ${SNAPSHOT_GUESTS:-some} in
all) guests=$("$NWSIM" list | sed -n 's|^  \([^ ]*\) .*|\1|p') ;;
some) guests="ac-loop np-loop clocks event-halt smm-rsm pmu amx-state posted smp-stall smp-rep" ;;
*) guests=$SNAPSHOT_GUESTS ;;
esac
for guest in $guests; do
	moments "$guest"
done
if [ "${SNAPSHOT_GUESTS:-some}" != some ]; then
	plan
	exit 0
fi

# Moments that chance seldom finds.
whole ac-loop
at $(($(tick flow_begin) + 1234567)) "ac-loop, inside of the iterations that are skipped" ac-loop
whole ac-loop --param=skip=0 --window=0 --threshold=2000crystal
at $(($(tick flow_begin) + 50050)) "ac-loop, inside of an iteration that is executed" ac-loop --param=skip=0 --window=0 \
	--threshold=2000crystal
whole magic-nop
at $(($(tick stall) + 40)) "magic-nop, inside of a stall" magic-nop
whole normal-work --param=atomic=complete
at $(($(tick 'stall clocks=[0-9]*') + 40)) "normal-work, inside of a stall with P20 = complete" normal-work \
	--param=atomic=complete
whole smp-stall
at $(($(tick stall) + 40)) "smp-stall, inside of a stall of one of two CPUs" smp-stall

# What is not accepted, in one line and without leaving anything.
run twice run hello --save="$work/saved" --save-at=0.001
holds "a directory that exists is not replaced" grep -q 'it exists; name a new directory' "$work/twice.err"
holds "... exit status 2" test "$status" -eq 2
rm -rf "$work/saved"
run late run hello --save="$work/saved" --save-at=3000
holds "a run that ends before it is saved: exit status 1" test "$status" -eq 1
holds "... and no directory" test ! -e "$work/saved"
run end run hello --save="$work/saved" --save-at=0.005
holds "a run that ends with being saved: exit status 0" test "$status" -eq 0
run other run --restore="$work/saved" --param=delivery_cost=7
holds "a run with another parameter cannot continue it" grep -q 'both must be the same' "$work/other.err"
holds "... exit status 2" test "$status" -eq 2
truncate -s 20000 "$work/saved/state/memory.ram.zst"
run cut run --restore="$work/saved"
holds "a damaged file is noticed" grep -q 'damaged or cut off' "$work/cut.err"
run none run --restore="$work"
holds "a directory that is no saved run is noticed" grep -q 'not a saved run' "$work/none.err"
holds "nothing is left behind" test -z "$(find "$work" -name '.saved.*')"
plan
