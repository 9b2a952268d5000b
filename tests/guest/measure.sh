#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guest that measures a processor finds out what the simulated one was told: threshold, its unit, the ratio of the clocks,
# what exits record.

. "${srcdir:-.}/tests/guest/lib.sh"

# measured TEXT REPORT... -- OPTION...: guest measure with these options prints these lines "report: ..."
measured() {
	what=$1
	shift
	: >"$work/want"
	while [ "$1" != -- ]; do
		echo "$1" >>"$work/want"
		shift
	done
	shift
	run measure run measure "$@"
	claim "$status" "$what: every claim holds"
	while read -r line; do
		holds "$what: $line" grep -q "^# report: $line" "$work/measure.out"
	done <"$work/want"
}

measured "default" 'threshold 131072 crystal' 'threshold_unit crystal' 'slope 88.000000 (88.000000 to 88.000000)' \
	'vectoring 1 (0x80000b11' 'saved_rf image' 'crystal_phase free' 'arm before-injection' 'inactive open' 'sum not measured' --
measured "2000 crystal clocks" 'threshold 2000 crystal' 'threshold_unit crystal' -- --threshold=2000crystal
measured "1 crystal clock" 'threshold 1 crystal' 'threshold_unit crystal' -- --threshold=1crystal
measured "5000 TSC ticks" 'threshold 5000 tsc' 'threshold_unit tsc' -- --threshold=5000tsc
measured "128k TSC ticks" 'threshold 131072 tsc' 'threshold_unit tsc' -- --threshold=131072tsc
measured "another ratio" 'threshold 3001 crystal' 'slope 109.500000 (109.500000 to 109.500000)' 'ratio 219/2 = 109.500000' -- \
	--threshold=3001 --param=crystal_num=219 --param=crystal_den=2
measured "another model" 'threshold 131072 crystal' 'slope 109.000000' -- --cpu=arrow_lake --param=feature=on
measured "another frequency" 'threshold 131072 crystal' 'CPU signature .* TSC 1000000000 Hz' -- --ips=1000000000
measured "no IDT-vectoring information" 'threshold 131072 crystal' 'vectoring 0' -- --param=vectoring=0
measured "RF as before" 'saved_rf before' 'vectoring 1' -- --param=saved_rf=before
# Intervals that vary by a crystal clock, as they do on silicon by more: less can be said about the unit.
measured "edges of the crystal" 'threshold 131072 crystal' 'crystal_phase edge' 'threshold_unit crystal (within 2 %' -- --param=crystal_phase=edge
measured "edges of the crystal, an unknown threshold" 'threshold_unit undecided' -- --param=crystal_phase=edge --threshold=2000
measured "edges of the crystal, 128k TSC ticks" 'threshold_unit tsc (within 2 %' -- --param=crystal_phase=edge \
	--threshold=131072tsc
measured "the longest window" 'sum 64-bit' -- --append=long=1
run skips run measure --param=feature=off --expect=skip
claim "$status" "without the feature there is nothing to measure"
plan
