# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Shared by the tests that run guests: TAP output, a private directory, run() and deadlines().
#
# NWSIM and CHECK_DEADLINES name the programs; the defaults fit `make check` in the build directory.

set -eu

NWSIM=${NWSIM:-$PWD/tools/nwsim}
CHECK_DEADLINES=${CHECK_DEADLINES:-$PWD/tests/guest/check_deadlines}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# claim STATUS TEXT: one TAP line; STATUS 0 is ok.
claim() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# holds TEXT COMMAND...: one TAP line, ok when the command succeeds.
holds() {
	text=$1
	shift
	if "$@"; then claim 0 "$text"; else claim 1 "$text"; fi
}

plan() {
	echo "1..$number"
}

# run NAME COMMAND ARGUMENT...: nwsim with a trace in $work/NAME.nwt and its output in $work/NAME.out; the status in $status.
run() {
	name=$1
	command=$2
	shift 2
	status=0
	"$NWSIM" "$command" --trace="$work/$name.nwt" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null || status=$?
	[ "$status" -eq 0 ] || sed 's/^/# /' "$work/$name.out" "$work/$name.err" | tail -n 25
}

# deadlines NAME: notify exits of the trace, all of them checked, in $exits; status 1 when one is not at its deadline.
# shellcheck disable=SC2034 # read by the callers
deadlines() {
	exits=$("$CHECK_DEADLINES" "$work/$1.nwt" 2>"$work/deadlines.err") || {
		sed 's/^/# /' "$work/deadlines.err"
		return 1
	}
}
