#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The event window with the alternatives of its parameters: P7 arm, P8 inactive, P13 priority, P16 smm, P17 sum, P21 shadow.
# Each guest is told on its command line what to expect; the oracle checks every trace.

. "${srcdir:-.}/tests/guest/lib.sh"

# says NAME TEXT: the run has met its expectation, and there are notify exits in its trace
says() {
	if [ "$status" -eq 0 ] && deadlines "$1" && [ "$exits" -gt 0 ]; then claim 0 "$2 ($exits)"; else claim 1 "$2"; fi
}

run shadow run window-shadow --param=shadow=closed --append=shadow=1
says shadow "shadow=closed: stalls in shadows time out earlier, by the shadows"
sti=--stall=phase=instruction,opcode=sti,clocks=7
run stalled run window-shadow "$sti" --append=stalled=1
says stalled "shadow=opens: a window between a stalled STI and a stall behind it"
run stalled run window-shadow --param=shadow=closed "$sti" --append=shadow=1 --append=stalled=1
says stalled "shadow=closed: none"

# caused NAME CAUSE: the report calls it so, and none unknown
caused() {
	if grep -q " $2\$" "$work/$1.out" && ! grep -q ' unknown\( \|$\)' "$work/$1.out"; then claim 0 "$1: the cause $2 is in the report"
	else claim 1 "$1: the cause $2 is in the report"; fi
}

for idle in jump step; do
	run inactive run window-inactive --param=inactive=closed --append=inactive=1 --idle=$idle
	says inactive "inactive=closed, idle=$idle: HLT, MWAIT, UMWAIT, TPAUSE and shutdown time out at D"
	caused inactive inactive
done
for quantum in 1 64; do
	run sipi run window-sipi --param=inactive=closed --append=inactive=1 --quantum=$quantum
	says sipi "inactive=closed, quantum=$quantum: so does wait-for-SIPI"
done
run risk run window-inactive --param=inactive=closed --param=start=risk
holds "inactive=closed, start=risk: all exits as the oracle says" deadlines risk

for first in 1 2 3 4; do
	run rep run window-rep --append=first=$first
	claim "$status" "REP, instruction $first stalled: a window after its first iteration"
done

run smm run window-smm --param=smm=count --append=smm=1
says smm "smm=count: an SMI that takes too long is followed by a timeout behind RSM"
caused smm smm

run late run window-inject --param=arm=after-injection --append=late=1
says late "arm=after-injection: the delivery of an injected event is not covered, its handler is"
run hung run ac-loop --param=arm=after-injection --expect=hung
says hung "arm=after-injection: a nested #AC that is injected again hangs the processor"

run traps run window-trap --param=priority=table --append=table=1
says traps "priority=table: INIT and SMI are taken in a loop of debug traps"
run traps run window-trap --param=skip=0
says traps "priority=timeout with every iteration executed"

# 2^32-1 + 9 wraps around to 8: the longest window then is a short one.
run wraps run ac-loop --window=4294967295 --threshold=9crystal --param=sum=32-bit
if deadlines wraps && "$NWSIM" trace dump "$work/wraps.nwt" | grep ' expiry ' | grep -q ' N=8 '; then found=0; else found=1; fi
claim "$found" "sum=32-bit: window and threshold wrap around"
run whole run ac-loop --window=4294967295 --threshold=9crystal
if "$NWSIM" trace dump "$work/whole.nwt" | grep ' expiry ' | grep -q ' N=4294967304 '; then found=0; else found=1; fi
claim "$found" "sum=64-bit: they do not"
run ticks run ac-loop --window=4294967295 --threshold=9tsc --param=sum=32-bit
claim "$status" "sum=32-bit: a threshold in TSC ticks is not part of the sum"
plan
