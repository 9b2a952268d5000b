# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Shared by the tests that run guests: TAP output, a private directory, run() and deadlines().
#
# NWSIM and CHECK_TRACE name the programs; the defaults fit `make check` in the build directory.

set -eu

NWSIM=${NWSIM:-$PWD/tools/nwsim}
CHECK_TRACE=${CHECK_TRACE:-$PWD/tests/oracle/check_trace}
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
# A trace that the oracle does not agree with is a failed claim of its own.
run() {
	name=$1
	command=$2
	shift 2
	status=0
	"$NWSIM" "$command" --trace="$work/$name.nwt" "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null || status=$?
	[ "$status" -eq 0 ] || sed 's/^/# /' "$work/$name.out" "$work/$name.err" | tail -n 25
	[ ! -f "$work/$name.nwt" ] || deadlines "$name" || claim 1 "$name: the trace agrees with the oracle"
}

# deadlines NAME: the number of notify exits of the trace in $exits; status 1 when the oracle finds one that is not at its
# deadline, missing or extra.
# shellcheck disable=SC2034 # read by the callers
deadlines() {
	exits=$("$CHECK_TRACE" "$work/$1.nwt" 2>"$work/deadlines.err") || {
		sed 's/^/# /' "$work/deadlines.err"
		return 1
	}
}
