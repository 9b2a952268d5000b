#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The guest of the speed comparison computes what it should, and marks each round as bench/bench expects.

set -eu

if [ -n "${NW_WITHOUT_BOCHS:-}" ]; then
	echo "1..0 # SKIP configured --without-bochs"
	exit 0
fi
NWSIM=${NWSIM:-$PWD/tools/nwsim}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$NWSIM" run ./bench/cpu-bound.elf --cpu=corei7_skylake_x --append=rounds=2 >"$output" 2>&1 </dev/null || status=$?
tr -d '\r' <"$output" >"$output.lf"
mv "$output.lf" "$output"

echo "1..3"
sed 's/^/# /' "$output"
if [ "$status" -eq 0 ]; then echo "ok 1 - all results are right"; else echo "not ok 1 - all results are right"; fi
if grep -qx '# \.\.' "$output"; then echo "ok 2 - one dot per round"; else echo "not ok 2 - one dot per round"; fi
ticks=$(sed -n 's/^# cpu-bound: ticks=\([0-9]*\)$/\1/p' "$output")
if [ "${ticks:-0}" -gt 15000000 ] && [ "$ticks" -lt 30000000 ]; then
	echo "ok 3 - a round is about 10 million instructions"
else
	echo "not ok 3 - a round is about 10 million instructions"
fi
