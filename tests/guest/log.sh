#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a guest does to the simulator itself: a flood of messages leaves a small log with totals, and nothing of the host
# (time, environment, allocator, address layout) reaches a guest.

. "${srcdir:-.}/tests/guest/lib.sh"

size_below() {
	[ "$(wc -c <"$1")" -lt "$2" ]
}

run flood run log-flood --log="$work/flood.log"
claim "$status" "log-flood: ends as expected"
holds "log-flood: the log of a million messages is below 100 KiB" size_below "$work/flood.log" 102400
holds "log-flood: the totals are in the log" grep -q "more of this kind, 350000 in all" "$work/flood.log"
first=$(grep -c "RDMSR: Unknown register 0x" "$work/flood.log" || true)
holds "log-flood: the first messages of a kind are written ($first)" [ "$first" -ge 20 ]

run first run host-state
claim "$status" "host-state: ends as expected"
NWSIM_X=1 TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 MALLOC_PERTURB_=165 HOME=/nowhere run second run host-state
claim "$status" "host-state: ends as expected in another environment, with perturbed memory"
for name in first second; do
	grep -v "host time" "$work/$name.out" >"$work/$name.text"
done
holds "host-state: same output" cmp -s "$work/first.text" "$work/second.text"
holds "host-state: same trace" cmp -s "$work/first.nwt" "$work/second.nwt"
plan
