#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Same binary, same inputs: byte-identical traces and serial output, whatever the directory, time zone, locale and load.

. "${srcdir:-.}/tests/guest/lib.sh"

for guest in ac-loop np-loop normal-work clocks; do
	run first run "$guest"
	claim "$status" "$guest: first run"
	mkdir -p "$work/elsewhere/with a long name"
	second=0
	(
		cd "$work/elsewhere/with a long name"
		TZ=Asia/Kathmandu LC_ALL=C.UTF-8 TMPDIR=$PWD nice -n 5 "$NWSIM" run "$guest" --trace="$work/second.nwt" \
			>"$work/second.out" 2>"$work/second.err" </dev/null
	) || second=$?
	claim "$second" "$guest: second run, elsewhere"
	holds "$guest: the traces are byte-identical" cmp "$work/first.nwt" "$work/second.nwt"
	# The only line that speaks of the host.
	sed -i '/^  host time /d' "$work/first.out" "$work/second.out"
	holds "$guest: the output is byte-identical" cmp "$work/first.out" "$work/second.out"
done
plan
