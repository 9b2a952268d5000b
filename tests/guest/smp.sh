#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What several processors do to each other, with two and four of them, exactly in the order of the clocks and with the
# default quantum: bystanders, pending events, windows of each processor, stalls.

. "${srcdir:-.}/tests/guest/lib.sh"

for cpus in 2 4; do
	for quantum in 1 64; do
		run_several "$cpus-$quantum" smp-window smp-pending smp-vmcs smp-stall smp-ipi smp-order smp-rep smp-tsc event-sipi \
			--cpus="$cpus" --quantum="$quantum" --append="quantum=$quantum"
	done
done
# A bystander changes nothing for the processor that is attacked: as many exits, each as long after its s.
for cpus in 2 4; do
	"$NWSIM" trace dump "$work/$cpus-1/smp-window.nwt" | sed -n 's/.* cpu1 expiry .* N=\([0-9]*\) .* window=\([0-9]*\) .*iterations=/\1 \2 /p' \
		>"$work/exits$cpus"
done
holds "CPU 1 has exits" test -s "$work/exits2"
holds "and the same ones with two more bystanders" cmp "$work/exits2" "$work/exits4"
plan
