#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Loops of event deliveries under the parameters that concern them: P4 delivery_cost, P5 stalling, P9 vectoring, P18 idt, P22
# hang_limit, skipped against executed iterations. What the guests claim for the defaults: tests/guest/guests.sh.

. "${srcdir:-.}/tests/guest/lib.sh"

# agrees NAME TEXT COMMAND...: runs it; claims its verdict. run() claims what the oracle says.
agrees() {
	name=$1
	text=$2
	shift 2
	run "$name" run "$@"
	claim "$status" "$text"
}

# no_timeouts NAME TEXT
no_timeouts() {
	if deadlines "$1" && [ "$exits" -eq 0 ]; then claim 0 "$2"; else claim 1 "$2 ($exits)"; fi
}

# P9: with the event, a hypervisor that delivers it again has the loop again; without it a #DB is lost.
agrees vectoring "vectoring=0: the #DB loop is over, the #AC loop is not" \
	loop-resume --param=vectoring=0 --append=vectoring=0
run vectoring_db run loop-db --param=vectoring=0
holds "vectoring=0: loop-db misses the IDT-vectoring information" test "$status" -eq 1

# P5: a loop that is not listed has an event window after each delivery.
agrees none "stalling=none: events end both loops" loop-events --param=stalling=none --append=stalls=0
no_timeouts none "and there is no timeout"
agrees delivery "stalling=delivery: events end the #DB loop only" loop-events --param=stalling=delivery --append=stalls=1
agrees trap "stalling=debug-trap: events end the #AC loop only" loop-events --param=stalling=debug-trap --append=stalls=2
agrees none_skip "stalling=none with every iteration executed" loop-events --param=stalling=none --append=stalls=0 \
	--param=skip=0
run none_stall run normal-work --param=stalling=none
claim "$status" "stalling=none: a stall is timed out as ever"

# An open window is none of the hang limit's business; the time limit ends such a run.
run open run ac-attack --param=stalling=none --param=hang_limit=1000 --time-limit=0.1 --expect=time_limit
claim "$status" "stalling=none: the attack in root operation is not hung, and runs into the time limit"
run trap_open run loop-db-root --param=stalling=none --param=hang_limit=1000 --time-limit=0.1 --expect=time_limit
claim "$status" "stalling=none: neither is the #DB loop, whose handler blocks interrupts"

# P18
agrees cached "idt=cached: a write to the gate ends no loop before the deadline" \
	loop-smp-gate --param=idt=cached --append=cached=1
agrees cached_db "idt=cached: the #DB loop is as ever" loop-db --param=idt=cached
agrees cached_alternate "idt=cached: so are loops of two gates" loop-alternate --param=idt=cached

# The delivery of the injected event itself is stalled, on one CPU and on one of several.
for cpus in 1 2; do
	agrees stalled "an injected event whose own delivery is stalled is the one recorded, $cpus CPUs" \
		loop-inject --cpus=$cpus --append=stalled=1 --stall=phase=delivery,vector=31,clocks=20000000
done

# P4: deliveries that take longer than the window, and the frames of a loop at their times.
agrees long "deliveries longer than the window: the loop that would end is timed out" \
	loop-db-bounded --param=delivery_cost=20000000 --append=timeout=1
agrees frames "frames of deliveries of 1 ms, one CPU after the other" \
	loop-smp-frame --param=delivery_cost=2200000 --append=cost=2200000

# P22 in root and non-root operation
for guest in ac-attack ac-loop-off loop-db-root; do
	for limit in 1 777 100000; do
		run hang run "$guest" --param=hang_limit=$limit
		claim "$status" "$guest is hung after $limit us"
	done
done

# Skipped and executed iterations: the same records at the same times.
events() {
	"$NWSIM" trace dump "$work/$1.nwt" | sed -n 's/ skipped=[0-9]*//; / vm_entry \| vm_exit \| expiry \| flow_/p'
}
for guest in loop-db loop-inject loop-alternate loop-db-ac loop-skip-tss; do
	agrees skipped "$guest with iterations skipped" "$guest" --threshold=3000 --param=skip=1
	agrees executed "$guest with every iteration executed" "$guest" --threshold=3000 --param=skip=0
	events skipped >"$work/a"
	events executed >"$work/b"
	holds "$guest: there are events" test -s "$work/a"
	holds "$guest: same ticks, exits and iteration counts either way" cmp "$work/a" "$work/b"
done
plan
