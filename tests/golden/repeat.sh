#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Same binary, same inputs: byte-identical traces and serial output, whatever the directory, time zone, locale and load.

. "${srcdir:-.}/tests/guest/lib.sh"

# twice TEXT COMMAND ARGUMENT...
twice() {
	what=$1
	shift
	run first "$@"
	claim "$status" "$what: first run"
	mkdir -p "$work/elsewhere/with a long name"
	second=0
	(
		cd "$work/elsewhere/with a long name"
		command=$1
		shift
		TZ=Asia/Kathmandu LC_ALL=C.UTF-8 TMPDIR=$PWD nice -n 5 "$NWSIM" "$command" --trace="$work/second.nwt" "$@" \
			>"$work/second.out" 2>"$work/second.err" </dev/null
	) || second=$?
	claim "$second" "$what: second run, elsewhere"
	# Two runs that fail alike, and leave nothing, repeat nothing.
	left=$(find "$work" -maxdepth 1 -size +0 \( -name 'first.nwt' -o -name 'second.nwt' -o -name 'first.out' -o -name 'second.out' \) | wc -l)
	holds "$what: both runs have left a trace and a report" test "$left" -eq 4
	holds "$what: the traces are byte-identical" cmp "$work/first.nwt" "$work/second.nwt"
	# The only line that speaks of the host.
	sed -i '/^  host time /d' "$work/first.out" "$work/second.out"
	holds "$what: the output is byte-identical" cmp "$work/first.out" "$work/second.out"
	rm -f "$work"/first.* "$work"/second.*
}

for guest in ac-loop np-loop normal-work clocks; do
	twice "$guest" run "$guest"
done
twice "context-invalid with random damage" run context-invalid --param=context_damage=random
twice "two CPUs" run smp-window
if [ -f guests/linux/bzImage-5.10 ]; then
	twice linux linux
	twice "linux with 2 CPUs" linux --cpus=2
fi
plan
