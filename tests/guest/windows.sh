#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Windows and what changes them: the longest window, skipped against executed iterations, another ratio of the clocks,
# the threshold in TSC ticks, the end of a guest that hangs.

. "${srcdir:-.}/tests/guest/lib.sh"

# all_at_d NAME TEXT: claims that there are notify exits and that all are at D
all_at_d() {
	if deadlines "$1" && [ "$exits" -gt 0 ]; then claim 0 "$2 ($exits)"; else claim 1 "$2"; fi
}

run longest run ac-loop --window=4294967295
claim "$status" "ac-loop with the longest window, 2^32-1 crystal clocks"
all_at_d longest "its exits are at their deadlines"

# The records that say when something happened and what it was, without the number of skipped iterations.
events() {
	"$NWSIM" trace dump "$work/$1.nwt" | sed -n 's/ skipped=[0-9]*//; / vm_entry \| vm_exit \| expiry \| flow_/p'
}
for guest in ac-loop np-loop; do
	run skipped run "$guest" --window=3000 --param=skip=1
	claim "$status" "$guest with iterations skipped"
	run executed run "$guest" --window=3000 --param=skip=0
	claim "$status" "$guest with every iteration executed"
	events skipped >"$work/a"
	events executed >"$work/b"
	holds "$guest: there are events" test -s "$work/a"
	holds "$guest: same ticks, exits and iteration counts either way" cmp "$work/a" "$work/b"
	"$NWSIM" trace dump "$work/skipped.nwt" >"$work/dump"
	holds "$guest: iterations were skipped" grep -q 'flow_end.*skipped=[1-9]' "$work/dump"
done

run ratio run ac-loop --window=1000 --param=crystal_num=219 --param=crystal_den=2
claim "$status" "ac-loop with 219/2 TSC ticks for each crystal clock"
all_at_d ratio "its exits are at their deadlines"

run tsc run ac-loop --window=1000 --threshold=5000tsc
claim "$status" "ac-loop with the threshold in TSC ticks"
all_at_d tsc "its exits are at their deadlines"

# Some of these contradict what the guest claims for the defaults: its verdict does not count here, the oracle's does.
for choice in start=risk crystal_phase=edge context_invalid=3 vectoring=0 delivery_cost=7; do
	run choice run ac-loop --window=1000 --param="$choice"
	all_at_d choice "$choice: all exits as the oracle says"
done
run cost run ac-loop --stall=phase=delivery,vector=17,clocks=2
all_at_d cost "with stalls inside the loop: all exits as the oracle says"
run atomic run normal-work --param=atomic=complete
all_at_d atomic "atomic=complete: all exits as the oracle says"

# A stall of the VM entry itself and one of a delivery from the main loop: a window opens at the next boundary.
for rule in phase=instruction,opcode=VMRESUME,clocks=3,mode=root phase=delivery,clocks=2; do
	run stalled run normal-work --stall="$rule"
	holds "normal-work with $rule: each window as the oracle says" deadlines stalled
done

run hangs run ac-attack --expect=pass
holds "a guest that hangs when it should pass: exit status 3" test "$status" -eq 3
plan
